//! Pages that the guest reads like memory, while each write to them is an exit: registers that a device can tell beforehand, and
//! for which nothing happens when they are read.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use vm_memory::mmap::{MmapRegion, MmapRegionBuilder};
use vm_memory::{Bytes, VolatileMemory};

use super::Error;
use crate::boot::PAGE;

/// The pages. Clones are the same pages.
#[derive(Clone, Debug)]
pub struct Window {
    region: Arc<MmapRegion>,
    /// Guest-physical address of the first one.
    pub(super) start: u64,
}

impl Window {
    /// Makes pages for a guest-physical address. Their bytes are zero.
    ///
    /// # Errors
    /// [`Error::Map`] when the host refuses.
    pub fn new(start: u64, pages: usize) -> Result<Self, Error> {
        let size = pages * PAGE as usize;
        let region = MmapRegionBuilder::new(size)
            .with_mmap_prot(libc::PROT_READ | libc::PROT_WRITE)
            .with_mmap_flags(libc::MAP_PRIVATE | libc::MAP_ANONYMOUS)
            .build()
            .map_err(|error| Error::Map { size: size as u64, reason: error.to_string(), errno: 0 })?;
        Ok(Self { region: Arc::new(region), start })
    }

    /// Sets the 32 bits at an offset, which is a multiple of four, at once. Nothing behind the last page.
    pub fn set(&self, offset: usize, value: u32) {
        let _ = self.region.as_volatile_slice().store(value.to_le(), offset, Ordering::Release);
    }

    /// Bytes of all pages.
    pub(super) fn len(&self) -> u64 {
        self.region.len() as u64
    }

    /// Where they are in this process.
    pub(super) fn address(&self) -> u64 {
        self.region.as_ptr() as u64
    }
}
