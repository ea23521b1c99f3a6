//! The states of a section's pages: what the page table is for a process's own.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::state::PageState;

const CHUNK: u32 = 64;

/// A state for each page, untouched to begin with. Memory is used for neighbourhoods of pages that
/// were touched.
#[derive(Debug, Default)]
pub struct PageStates {
    /// In order: number of the chunk and its encoded states.
    chunks: Vec<(u32, Box<[u64; CHUNK as usize]>)>,
}

impl PageStates {
    /// All untouched.
    pub const fn new() -> Self {
        Self { chunks: Vec::new() }
    }

    /// The state of a page.
    pub fn get(&self, page: u32) -> PageState {
        let chunk = self.find(page).ok().and_then(|index| self.chunks.get(index));
        let entry = chunk.map_or(0, |(_, states)| states[(page % CHUNK) as usize]);
        PageState::decode(entry).unwrap_or(PageState::Untouched)
    }

    /// Changes the state of a page and returns the old one.
    pub fn set(&mut self, page: u32, state: PageState) -> PageState {
        let index = match self.find(page) {
            Ok(index) => index,
            Err(_) if state == PageState::Untouched => return state,
            Err(index) => {
                self.chunks.insert(index, (page / CHUNK, Box::new([0; CHUNK as usize])));
                index
            }
        };
        let entry = &mut self.chunks[index].1[(page % CHUNK) as usize];
        let old = core::mem::replace(entry, state.encode());
        PageState::decode(old).unwrap_or(PageState::Untouched)
    }

    /// The pages that are not untouched, in order.
    pub fn touched(&self) -> impl Iterator<Item = (u32, PageState)> + '_ {
        self.chunks.iter().flat_map(|&(chunk, ref states)| {
            let states = states.iter().enumerate().filter(|(_, entry)| **entry != 0);
            states.filter_map(move |(index, &entry)| {
                PageState::decode(entry).map(|state| (chunk * CHUNK + index as u32, state))
            })
        })
    }

    fn find(&self, page: u32) -> Result<usize, usize> {
        self.chunks.binary_search_by_key(&(page / CHUNK), |&(chunk, _)| chunk)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_touched_takes_memory() {
        let mut states = PageStates::new();
        assert_eq!(states.set(u32::MAX, PageState::Untouched), PageState::Untouched);
        assert!(states.chunks.is_empty());
        assert_eq!(states.set(u32::MAX, PageState::Own { frame: 9 }), PageState::Untouched);
        states.set(3, PageState::Transition { frame: 0 });
        states.set(4, PageState::Own { frame: 1 });
        assert_eq!(states.set(4, PageState::Untouched), PageState::Own { frame: 1 });
        assert_eq!(
            (states.get(3), states.get(2)),
            (PageState::Transition { frame: 0 }, PageState::Untouched)
        );
        let touched: Vec<_> = states.touched().collect();
        assert_eq!(
            touched,
            [(3, PageState::Transition { frame: 0 }), (u32::MAX, PageState::Own { frame: 9 })]
        );
    }
}
