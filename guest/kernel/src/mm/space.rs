//! The user half of a process's address space: what each range is, and the page tables for it.

use alloc::vec::Vec;

use hal::address_space::{Access, AddressSpace, OutOfMemory};
use hal::frames;
use nt::NtStatus;

use super::{PAGE, pages_up};

/// Lowest address a process can have: NT keeps the first 64 KiB free to catch bad pointers.
const LOWEST: u64 = 0x1_0000;
/// First address that no process can have: below it lies `KUSER_SHARED_DATA`, mapped for all.
const HIGHEST: u64 = 0x7FF_FFFF_0000;

/// What a range of addresses is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Zero pages, made when they are touched.
    DemandZero(Access),
    /// An image: all its pages are mapped.
    Image,
    /// The end of a stack: who touches it has used the stack up.
    StackGuard,
}

/// A virtual address descriptor: addresses `start..end`, in whole pages.
#[derive(Clone, Copy, Debug)]
pub struct Vad {
    /// First address.
    pub start: u64,
    /// First address after it.
    pub end: u64,
    /// What it is.
    pub kind: Kind,
}

/// A process's user address space.
#[derive(Debug)]
pub struct UserSpace {
    /// Its page tables.
    pub tables: AddressSpace,
    /// In order of address, not overlapping.
    vads: Vec<Vad>,
}

impl From<OutOfMemory> for MapError {
    fn from(_: OutOfMemory) -> Self {
        Self(NtStatus::NO_MEMORY)
    }
}

/// Why something could not be mapped.
#[derive(Clone, Copy, Debug)]
pub struct MapError(pub NtStatus);

impl From<MapError> for NtStatus {
    fn from(error: MapError) -> Self {
        error.0
    }
}

impl UserSpace {
    /// An empty space.
    pub fn new() -> Result<Self, MapError> {
        Ok(Self { tables: AddressSpace::new()?, vads: Vec::new() })
    }

    /// What an address is.
    pub fn find(&self, address: u64) -> Option<&Vad> {
        let after = self.vads.partition_point(|vad| vad.start <= address);
        self.vads[..after].last().filter(|vad| address < vad.end)
    }

    /// Takes a range of addresses.
    pub fn reserve(&mut self, start: u64, len: u64, kind: Kind) -> Result<(), MapError> {
        let end = start.saturating_add(pages_up(len));
        if !start.is_multiple_of(PAGE) || start < LOWEST || end > HIGHEST || len == 0 {
            return Err(MapError(NtStatus::INVALID_PARAMETER));
        }
        let place = self.vads.partition_point(|vad| vad.start < start);
        let free_before = place == 0 || self.vads[place - 1].end <= start;
        let free_after = place == self.vads.len() || end <= self.vads[place].start;
        if !free_before || !free_after {
            return Err(MapError(NtStatus::CONFLICTING_ADDRESSES));
        }
        self.vads.insert(place, Vad { start, end, kind });
        Ok(())
    }

    /// Maps a zero page now.
    pub fn map_zero(&mut self, address: u64, access: Access) -> Result<(), MapError> {
        let frame = frames::allocate_zeroed().ok_or(MapError(NtStatus::NO_MEMORY))?;
        Ok(self.tables.map(address & !(PAGE - 1), frame, access)?)
    }

    /// Writes into a mapped page of this space, whoever's tables are loaded.
    pub fn poke(&mut self, address: u64, bytes: &[u8]) {
        let written = self.tables.write(address, bytes);
        debug_assert!(written, "no page to write to");
    }
}
