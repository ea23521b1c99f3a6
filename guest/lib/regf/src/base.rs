//! "Base block": the first sector of a hive file.

use crate::error::{Fault, HiveError};
use crate::layout::{BASE_SIZE, PAGE, SECTOR, base, u32_in, u64_in};
use crate::time::FileTime;

/// What the base block says. It has been checked that it can be used, not that it is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BaseBlock {
    /// Counted up before a write to the hive begins.
    pub primary_sequence: u32,
    /// Counted up after a write to the hive has ended.
    pub secondary_sequence: u32,
    /// When the hive was last written.
    pub last_written: FileTime,
    /// The second number of the format's version, 3 to 6.
    pub minor: u32,
    /// Where the root key's cell is, in bytes from the start of the hive bins data.
    pub root: u32,
    /// Size of the hive bins data in bytes, a multiple of 4096.
    pub bins_size: u32,
    /// Whether the checksum is right.
    pub sum_is_right: bool,
}

impl BaseBlock {
    /// Reads the base block of a primary file.
    ///
    /// # Errors
    /// [`Fault::Truncated`] without a whole base block, [`Fault::Signature`], [`Fault::Version`],
    /// [`Fault::BinsSize`].
    pub fn read(file: &[u8]) -> Result<Self, HiveError> {
        let truncated = HiveError::new(Fault::Truncated, file.len());
        let block: &[u8; BASE_SIZE] = file.first_chunk().ok_or(truncated)?;
        let (sector, _) = block.split_first_chunk::<SECTOR>().ok_or(truncated)?;
        Self::from_sector(sector, 0)
    }

    /// Reads the first sector of a file of a type: 0 for hives, 6 for logs.
    pub(crate) fn from_sector(sector: &[u8; SECTOR], file_type: u32) -> Result<Self, HiveError> {
        if !sector.starts_with(&base::SIGNATURE) {
            return Err(HiveError::new(Fault::Signature, 0));
        }
        let minor = u32_in(sector, base::MINOR);
        if u32_in(sector, base::MAJOR) != 1 || !(3..=6).contains(&minor) {
            return Err(HiveError::new(Fault::Version, base::MAJOR));
        }
        if u32_in(sector, base::FILE_TYPE) != file_type || u32_in(sector, base::FILE_FORMAT) != 1 {
            return Err(HiveError::new(Fault::Version, base::FILE_TYPE));
        }
        let bins_size = u32_in(sector, base::BINS_SIZE);
        if !(bins_size as usize).is_multiple_of(PAGE) || bins_size > i32::MAX as u32 {
            return Err(HiveError::new(Fault::BinsSize, base::BINS_SIZE));
        }
        Ok(Self {
            primary_sequence: u32_in(sector, base::PRIMARY_SEQUENCE),
            secondary_sequence: u32_in(sector, base::SECONDARY_SEQUENCE),
            last_written: FileTime(u64_in(sector, base::LAST_WRITTEN)),
            minor,
            root: u32_in(sector, base::ROOT),
            bins_size,
            sum_is_right: checksum(sector) == u32_in(sector, base::CHECKSUM),
        })
    }

    /// Whether the last write to the hive came to its end ("Dirty state of a hive").
    pub fn is_clean(&self) -> bool {
        self.sum_is_right && self.primary_sequence == self.secondary_sequence
    }
}

/// The checksum of a base block: the exclusive or of its first 127 numbers, but never 0 or −1.
pub fn checksum(sector: &[u8; SECTOR]) -> u32 {
    // Two numbers at a time. The last pair holds the old checksum, which is taken out again.
    let (pairs, _) = sector.as_chunks::<8>();
    let both = pairs.iter().fold(0, |sum, pair| sum ^ u64::from_le_bytes(*pair));
    match (both ^ both >> 32) as u32 ^ u32_in(sector, base::CHECKSUM) {
        0 => 1,
        u32::MAX => u32::MAX - 1,
        sum => sum,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_as_specified() {
        let mut sector = [0; SECTOR];
        assert_eq!(checksum(&sector), 1, "0 becomes 1");
        sector[..4].fill(0xFF);
        assert_eq!(checksum(&sector), u32::MAX - 1, "-1 becomes -2");
        for (index, byte) in sector.iter_mut().enumerate() {
            *byte = (index * 7 + index / 3) as u8;
        }
        let (numbers, _) = sector.as_chunks::<4>();
        let plain = numbers[..127].iter().fold(0, |sum, number| sum ^ u32::from_le_bytes(*number));
        assert_eq!(checksum(&sector), plain);
    }
}
