//! Lines of PagingFiles, and which files are made of them (spec/smss.md 2.4). Sizes are in bytes unless they are said to
//! be in MB.

use alloc::vec::Vec;

use nt::NtStatus;

use crate::list::same;

mod line;
mod make;

pub use line::{Line, SizeError, Sizes};
pub use make::{System, make};

/// Bytes of a megabyte.
pub const MB: u64 = 1 << 20;
/// Most paging files.
pub const MAX_FILES: usize = 16;
/// What is left free on a volume.
pub const MARGIN: u64 = 32 * MB;
/// Smallest file that is tried for when there is little room, and by how much a size is lowered each time.
pub const STEP: u64 = 16 * MB;
/// Largest file without physical address extensions.
pub const MAX_WITHOUT_PAE: u64 = 4095 * MB;

/// A volume that paging files can be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Volume {
    /// Its letter, a capital.
    pub letter: u16,
    /// Free bytes on it.
    pub free: u64,
}

/// The memory of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Bytes of RAM; nothing when they are not known.
    pub ram: Option<u64>,
    /// There are physical address extensions: files may be larger than 4095 MB.
    pub pae: bool,
}

impl Memory {
    /// Sizes that the system chooses: min 1.5 times the RAM (once from 1 GB on), max three times.
    pub fn managed(self) -> (u64, u64) {
        let (min, max) = match self.ram {
            None => (128 * MB, 128 * MB),
            Some(ram) if ram >= 1024 * MB => (ram, ram.saturating_mul(3)),
            Some(ram) => (ram + ram / 2, ram * 3),
        };
        self.limit(min, max)
    }

    /// Sizes as large as files may be, the maximum no less than the minimum.
    pub fn limit(self, min: u64, max: u64) -> (u64, u64) {
        let most = if self.pae { u64::MAX } else { MAX_WITHOUT_PAE };
        let min = min.min(most);
        (min, max.min(most).max(min))
    }
}

/// The lines that count: at most sixteen, one of them for any drive, none twice. What does not count comes with the
/// reason.
pub fn usable<'a>(
    lines: impl Iterator<Item = &'a [u16]>,
    mut skipped: impl FnMut(&[u16], NtStatus),
) -> Vec<Line<'a>> {
    let mut all: Vec<Line<'a>> = Vec::new();
    for text in lines {
        let line = match Line::parse(text) {
            Ok(line) => line,
            Err(_) => {
                skipped(text, NtStatus::INVALID_PARAMETER);
                continue;
            }
        };
        let twice =
            |other: &Line<'_>| other.is_any_drive() && line.is_any_drive() || same(other.path, line.path);
        if all.len() == MAX_FILES {
            skipped(text, NtStatus::TOO_MANY_PAGING_FILES);
        } else if all.iter().any(twice) {
            skipped(text, NtStatus::OBJECT_NAME_COLLISION);
        } else {
            all.push(line);
        }
    }
    all
}
