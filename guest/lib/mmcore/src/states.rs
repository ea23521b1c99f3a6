//! The pages of a section: what the page table is for a process's own.

use alloc::boxed::Box;
use alloc::vec::Vec;

use nt::NtStatus;

const CHUNK: u32 = 16;

/// Something for each page, nothing to begin with. Memory is used for neighbourhoods of pages that have
/// something.
#[derive(Debug)]
pub struct SectionPages<T> {
    /// In order: number of the chunk and what its pages have.
    chunks: Vec<(u32, Box<[Option<T>; CHUNK as usize]>)>,
}

impl<T> Default for SectionPages<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> SectionPages<T> {
    /// Nothing for any page.
    pub const fn new() -> Self {
        Self { chunks: Vec::new() }
    }

    /// What a page has.
    pub fn get(&self, page: u32) -> Option<&T> {
        let (_, chunk) = self.find(page).ok().and_then(|index| self.chunks.get(index))?;
        chunk[(page % CHUNK) as usize].as_ref()
    }

    /// The place for a page, to be filled.
    ///
    /// # Errors
    /// INSUFFICIENT_RESOURCES.
    pub fn place(&mut self, page: u32) -> Result<&mut Option<T>, NtStatus> {
        let index = match self.find(page) {
            Ok(index) => index,
            Err(index) => {
                self.chunks.try_reserve(1).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
                self.chunks.insert(index, (page / CHUNK, Box::new([const { None }; CHUNK as usize])));
                index
            }
        };
        Ok(&mut self.chunks[index].1[(page % CHUNK) as usize])
    }

    /// The pages that have something, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &T)> + '_ {
        self.chunks.iter().flat_map(|&(chunk, ref pages)| {
            let pages = pages.iter().enumerate();
            pages.filter_map(move |(index, page)| Some((chunk * CHUNK + index as u32, page.as_ref()?)))
        })
    }

    /// Works on what each page has that has something, in order. Neighbourhoods in which nothing is left give their memory back.
    pub fn for_each(&mut self, mut work: impl FnMut(&mut Option<T>)) {
        self.chunks.retain_mut(|(_, pages)| {
            pages.iter_mut().filter(|page| page.is_some()).for_each(&mut work);
            pages.iter().any(Option::is_some)
        });
    }

    fn find(&self, page: u32) -> Result<usize, usize> {
        self.chunks.binary_search_by_key(&(page / CHUNK), |&(chunk, _)| chunk)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_used_takes_memory() {
        let mut pages = SectionPages::new();
        assert_eq!(pages.get(u32::MAX), None);
        assert!(pages.chunks.is_empty());
        assert_eq!(pages.place(u32::MAX).unwrap().replace('c'), None);
        *pages.place(3).unwrap() = Some('a');
        *pages.place(4).unwrap() = Some('x');
        assert_eq!(pages.place(4).unwrap().take(), Some('x'));
        *pages.place(15).unwrap() = Some('b');
        assert_eq!((pages.get(3), pages.get(4), pages.get(2)), (Some(&'a'), None, None));
        assert_eq!(pages.iter().collect::<Vec<_>>(), [(3, &'a'), (15, &'b'), (u32::MAX, &'c')]);
        assert_eq!(pages.chunks.len(), 2);
        pages.for_each(|page| *page = page.filter(|&page| page == 'c'));
        assert_eq!((pages.iter().collect::<Vec<_>>(), pages.chunks.len()), (vec![(u32::MAX, &'c')], 1));
    }
}
