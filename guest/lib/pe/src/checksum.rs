//! The image checksum (`CheckSum` of "Optional Header Windows-Specific Fields"): the sum of all
//! 16-bit words with their carries, plus the file's length. Windows checks it for drivers and for
//! libraries that are loaded at boot.

use crate::header::{Image, Layout};

impl Image<'_> {
    /// The checksum that the file should have. `None` for an image that is not a file.
    pub fn checksum(&self) -> Option<u32> {
        if self.layout != Layout::File {
            return None;
        }
        // The field itself counts as zero. It lies on a multiple of 4, so words do not shift.
        let at = self.checksum_offset();
        let (before, after) = (self.bytes.get(..at)?, self.bytes.get(at + 4..)?);
        let mut sum = words(before) + words(after);
        while sum > 0xFFFF {
            sum = (sum & 0xFFFF) + (sum >> 16);
        }
        Some((sum as u32).wrapping_add(self.bytes.len() as u32))
    }

    /// Whether the file's checksum is right. `None` when the header has none.
    pub fn checksum_matches(&self) -> Option<bool> {
        match self.stored_checksum() {
            0 => None,
            stored => Some(self.checksum()? == stored),
        }
    }
}

/// The sum of 32-bit words: the same, once carries are added in, as that of 16-bit ones.
fn words(bytes: &[u8]) -> u64 {
    let (words, tail) = bytes.as_chunks::<4>();
    let sum: u64 = words.iter().map(|word| u64::from(u32::from_le_bytes(*word))).sum();
    sum + tail.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
}
