//! The master boot record: the four primary partitions. Source: UEFI specification 2.10, 5.2.

use super::file::FileDisk;
use crate::error::Error;

/// Sectors before the first partition, as partitioning programs have it: 1 MiB.
pub const FIRST: u64 = 2048;
const TABLE: usize = 446;
const ENTRY: usize = 16;

/// A partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// From 1 on.
    pub number: u32,
    /// First sector, of 512 bytes.
    pub first: u64,
    /// How many.
    pub sectors: u64,
}

/// The partitions of a disk; none where there is no table.
pub fn read(disk: &FileDisk) -> Result<Vec<Partition>, Error> {
    let sector = disk
        .first_sector()
        .map_err(|source| Error::Input { path: "the first sector of the image".into(), source })?;
    Ok(parse(&sector))
}

fn parse(sector: &[u8; 512]) -> Vec<Partition> {
    if sector[510..] != [0x55, 0xAA] {
        return Vec::new();
    }
    let long = |at: usize| u64::from(u32::from_le_bytes([0, 1, 2, 3].map(|n| sector[at + n])));
    let entries = (0..4).map(|n| (n as u32 + 1, TABLE + n * ENTRY));
    entries
        .filter(|&(_, at)| sector[at + 4] != 0 && long(at + 12) != 0)
        .map(|(number, at)| Partition { number, first: long(at + 8), sectors: long(at + 12) })
        .collect()
}

/// A record with one partition from [`FIRST`] on.
pub fn with_one(sectors: u32, kind: u8, signature: u32) -> [u8; 512] {
    let mut sector = [0; 512];
    sector[440..444].copy_from_slice(&signature.to_le_bytes());
    // Active. Cylinders, heads and sectors say that they do not say it.
    let entry = &mut sector[TABLE..TABLE + ENTRY];
    entry[0] = 0x80;
    entry[1..4].copy_from_slice(&[0xFE, 0xFF, 0xFF]);
    entry[4] = kind;
    entry[5..8].copy_from_slice(&[0xFE, 0xFF, 0xFF]);
    entry[8..12].copy_from_slice(&(FIRST as u32).to_le_bytes());
    entry[12..].copy_from_slice(&sectors.to_le_bytes());
    sector[510..].copy_from_slice(&[0x55, 0xAA]);
    sector
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_says_where_its_partition_is() {
        let record = with_one(5000, 0x0C, 7);
        assert_eq!(parse(&record), [Partition { number: 1, first: FIRST, sectors: 5000 }]);
        assert_eq!(parse(&[0; 512]), []);
    }
}
