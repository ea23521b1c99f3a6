//! "Hive bin": the chain of bins, and the cells that fill each.

use crate::error::{Fault, HiveError};
use crate::hive::Hive;
use crate::layout::{PAGE, hbin, u32_in};

/// A bin: where it begins and ends in the hive bins data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bin {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// A cell as it lies in a bin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) offset: u32,
    /// In bytes, with the four of the size itself.
    pub(crate) size: u32,
    pub(crate) is_free: bool,
}

/// The bins, in order. Ends after an error.
#[derive(Clone, Debug)]
pub(crate) struct Bins<'a> {
    hive: Hive<'a>,
    next: usize,
}

impl<'a> Hive<'a> {
    pub(crate) fn bins(&self) -> Bins<'a> {
        Bins { hive: *self, next: 0 }
    }

    pub(crate) fn cells(&self, bin: Bin) -> Cells<'a> {
        Cells { hive: *self, next: bin.start as usize + hbin::SIZE, end: bin.end as usize }
    }
}

impl Iterator for Bins<'_> {
    type Item = Result<Bin, HiveError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (start, total) = (self.next, self.hive.bins.len());
        let rest = self.hive.bins.get(start..).filter(|rest| !rest.is_empty())?;
        self.next = total;
        let fault = HiveError::cell(Fault::Bin, start as u32);
        let Some(header) = rest.first_chunk::<{ hbin::SIZE }>() else { return Some(Err(fault)) };
        let size = u32_in(header, hbin::LENGTH) as usize;
        let is_good = header.starts_with(&hbin::SIGNATURE)
            && u32_in(header, hbin::OFFSET) as usize == start
            && (PAGE..=rest.len()).contains(&size)
            && size.is_multiple_of(PAGE);
        if !is_good {
            return Some(Err(fault));
        }
        self.next = start + size;
        Some(Ok(Bin { start: start as u32, end: (start + size) as u32 }))
    }
}

/// The cells of a bin, allocated and free, in order. Ends after an error.
#[derive(Clone, Debug)]
pub(crate) struct Cells<'a> {
    hive: Hive<'a>,
    next: usize,
    end: usize,
}

impl Iterator for Cells<'_> {
    type Item = Result<Cell, HiveError>;

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.next;
        let rest = self.hive.bins.get(at..self.end).filter(|rest| !rest.is_empty())?;
        self.next = self.end;
        let size = rest.first_chunk().map_or(0, |size| i32::from_le_bytes(*size));
        let len = size.unsigned_abs() as usize;
        if len == 0 || !len.is_multiple_of(8) || len > rest.len() {
            return Some(Err(HiveError::cell(Fault::CellSize, at as u32)));
        }
        self.next = at + len;
        Some(Ok(Cell { offset: at as u32, size: len as u32, is_free: size > 0 }))
    }
}
