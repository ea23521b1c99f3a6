//! "Log entries": making and reading them.

use alloc::vec::Vec;

use super::{edited, marvin};
use crate::base::BaseBlock;
use crate::edit::set_u32;
use crate::layout::{PAGE, SECTOR, base, u32_in, u64_in};

/// The file type of a log of the new format.
pub(super) const FILE_TYPE: u32 = 6;
const SIGNATURE: [u8; 4] = *b"HvLE";
const HEADER: usize = 40;
/// Offsets in an entry.
const SIZE: usize = 4;
const SEQUENCE: usize = 12;
const BINS_SIZE: usize = 16;
const COUNT: usize = 20;
const HASH_1: usize = 24;
const HASH_2: usize = 32;

/// The first sector of a log for a hive.
pub(super) fn base_block(primary: &[u8; SECTOR]) -> [u8; SECTOR] {
    edited(*primary, |sector| set_u32(sector, base::FILE_TYPE, FILE_TYPE))
}

/// Makes an entry of some ranges of the hive bins data.
pub(super) fn entry<'a>(
    sequence: u32,
    bins_size: u32,
    pages: impl Iterator<Item = (u32, &'a [u8])>,
) -> Vec<u8> {
    let (mut references, mut bytes, mut count) = (Vec::new(), Vec::new(), 0_u32);
    for (offset, page) in pages {
        references.extend(offset.to_le_bytes());
        references.extend((page.len() as u32).to_le_bytes());
        bytes.extend_from_slice(page);
        count += 1;
    }
    let size = (HEADER + references.len() + bytes.len()).next_multiple_of(SECTOR);
    let mut body = references;
    body.append(&mut bytes);
    body.resize(size - HEADER, 0);

    let mut entry = SIGNATURE.to_vec();
    for number in [size as u32, 0, sequence, bins_size, count] {
        entry.extend(number.to_le_bytes());
    }
    entry.extend(marvin::hash(&body).to_le_bytes());
    entry.extend(marvin::hash(&entry).to_le_bytes());
    entry.append(&mut body);
    entry
}

/// A log whose base block is right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Log<'a> {
    pub(super) sector: &'a [u8; SECTOR],
    /// What its first entry is numbered with.
    pub(super) sequence: u32,
    entries: &'a [u8],
}

/// An entry whose hashes are right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    pub(super) sequence: u32,
    pub(super) bins_size: u32,
    references: &'a [[u8; 8]],
    pages: &'a [u8],
}

impl<'a> Log<'a> {
    /// Reads a log's base block; nothing if it cannot be used.
    pub(super) fn read(file: &'a [u8]) -> Option<Self> {
        let (sector, entries) = file.split_first_chunk::<SECTOR>()?;
        let base = BaseBlock::from_sector(sector, FILE_TYPE).ok().filter(BaseBlock::is_clean)?;
        Some(Self { sector, sequence: base.primary_sequence, entries })
    }

    /// Its entries up to the first that is not whole, or not numbered as it should be.
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry<'a>> + use<'a> {
        let (mut rest, mut expected) = (self.entries, self.sequence);
        core::iter::from_fn(move || {
            let (entry, size) = Entry::read(rest)?;
            (entry.sequence == expected).then(|| {
                rest = rest.get(size..).unwrap_or_default();
                expected = expected.wrapping_add(1);
                entry
            })
        })
    }
}

impl<'a> Entry<'a> {
    /// Reads an entry: itself and its size.
    fn read(bytes: &'a [u8]) -> Option<(Self, usize)> {
        let header: &[u8; HEADER] = bytes.first_chunk()?;
        let size = u32_in(header, SIZE) as usize;
        if !header.starts_with(&SIGNATURE) || !size.is_multiple_of(SECTOR) {
            return None;
        }
        let body = bytes.get(HEADER..size)?;
        let summed = header.get(..HASH_2)?;
        if u64_in(header, HASH_2) != marvin::hash(summed) || u64_in(header, HASH_1) != marvin::hash(body) {
            return None;
        }
        let (references, pages) = body.split_at_checked((u32_in(header, COUNT) as usize).checked_mul(8)?)?;
        let (references, _) = references.as_chunks();
        let entry = Self {
            sequence: u32_in(header, SEQUENCE),
            bins_size: u32_in(header, BINS_SIZE),
            references,
            pages,
        };
        let is_good = (entry.bins_size as usize).is_multiple_of(PAGE)
            && entry.bins_size <= i32::MAX as u32
            && entry.pages().try_fold((), |(), page| page.map(|_| ())).is_some();
        is_good.then_some((entry, size))
    }

    /// Its pages: where they belong in the hive bins data, and what they hold. `None` for one that does not fit.
    pub(super) fn pages(&self) -> impl Iterator<Item = Option<(usize, &'a [u8])>> + use<'a> {
        let (mut rest, limit) = (self.pages, self.bins_size as usize);
        self.references.iter().map(move |reference| {
            let (offset, len) = (u32_in(reference, 0) as usize, u32_in(reference, 4) as usize);
            let (page, after) = rest.split_at_checked(len)?;
            rest = after;
            (offset + len <= limit).then_some((offset, page))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGES: [(u32, &[u8]); 2] = [(512, &[7; 512]), (7680, &[9; 512])];

    #[test]
    fn entries_are_read_as_they_were_made() {
        let bytes = entry(5, 8192, PAGES.into_iter());
        assert_eq!(bytes.len(), 1536, "header, references and pages, up to the next sector");
        let (read, size) = Entry::read(&bytes).expect("is good");
        assert_eq!((read.sequence, read.bins_size, size), (5, 8192, 1536));
        let pages: Vec<_> = read.pages().flatten().collect();
        assert_eq!(pages, [(512, &[7_u8; 512][..]), (7680, &[9; 512])]);
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let good = entry(5, 8192, PAGES.into_iter());
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            assert!(Entry::read(&bad).is_none(), "{at}");
        }
        assert!(Entry::read(&good[..good.len() - 1]).is_none());
    }

    #[test]
    fn pages_outside_the_hive_are_refused() {
        for (bins_size, offset) in
            [(4096, 7680), (8192, 7681), (8192, u32::MAX), (8191, 512), (0x8000_0000, 512)]
        {
            assert!(Entry::read(&entry(1, bins_size, [(offset, &[0; 512][..])].into_iter())).is_none());
        }
    }
}
