//! The exception directory: RUNTIME_FUNCTIONs in order of address.

use crate::{Memory, image_u32};

/// Size of an entry in bytes.
const ENTRY: u32 = 12;
/// In the unwind RVA: it is that of another entry, whose data counts.
const INDIRECT: u32 = 1;

/// A RUNTIME_FUNCTION: part of a function with its own unwind data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function {
    /// RVA of the entry in the directory.
    pub entry: u32,
    /// RVA of the first byte.
    pub begin: u32,
    /// RVA behind the last byte.
    pub end: u32,
    /// RVA of the unwind data.
    pub unwind: u32,
}

impl Function {
    /// Reads the entry at an RVA.
    pub fn read(memory: &impl Memory, entry: u32) -> Option<Self> {
        let word = |offset| image_u32(memory, entry.checked_add(offset)?);
        Some(Self { entry, begin: word(0)?, end: word(4)?, unwind: word(8)? })
    }

    /// The entry whose data counts.
    pub(crate) fn resolved(self, memory: &impl Memory) -> Option<Self> {
        if self.unwind & INDIRECT == 0 { Some(self) } else { Self::read(memory, self.unwind & !INDIRECT) }
    }
}

/// Finds the function that an RVA lies in, in the directory of `size` bytes at `directory`. `None`: it has no data, so it
/// calls nobody and its frame is a return address.
pub fn find(memory: &impl Memory, directory: u32, size: u32, rva: u32) -> Option<Function> {
    let (mut low, mut high) = (0, size / ENTRY);
    while low < high {
        let middle = low + (high - low) / 2;
        let function = Function::read(memory, directory.checked_add(middle.checked_mul(ENTRY)?)?)?;
        if rva < function.begin {
            high = middle;
        } else if rva >= function.end {
            low = middle + 1;
        } else {
            return Some(function);
        }
    }
    None
}
