//! Pages of images that are to be written to for a moment.
#![expect(unsafe_code, reason = "changes protections of the image")]

use nt::NtStatus;
use nt::memory::PAGE_READWRITE;
use nt::types::{Handle, UserPtr};
use pe::Image;

use crate::stubs::NtProtectVirtualMemory;

/// Pages that can be written to as long as this lives.
#[derive(Debug)]
pub struct Writable {
    address: u64,
    size: u64,
    /// What they were before; `None` for pages that could be written to anyway.
    before: Option<u32>,
}

fn protect(mut address: u64, mut size: u64, protection: u32) -> Result<u32, NtStatus> {
    let mut before = 0_u32;
    let place = |value: *mut u64| UserPtr::new(value.expose_provenance() as u64);
    let old = UserPtr::new((&raw mut before).expose_provenance() as u64);
    // SAFETY: the places live through the call; the pages are the image's, whose loader this is.
    let status = unsafe {
        NtProtectVirtualMemory(
            Handle::CURRENT_PROCESS,
            place(&raw mut address),
            place(&raw mut size),
            protection,
            old,
        )
    };
    if status.is_success() { Ok(before) } else { Err(status) }
}

impl Writable {
    /// Makes a range of an image that was loaded to `base` writable. It lies in one section.
    ///
    /// # Errors
    /// What `NtProtectVirtualMemory` says.
    pub fn new(image: &Image<'_>, base: u64, rva: u32, size: u32) -> Result<Self, NtStatus> {
        let section = image.sections().flatten().find(|section| (section.rva..section.end()).contains(&rva));
        let (address, size) = (base + u64::from(rva), size.into());
        let before = match section {
            Some(section) if section.protection().write || image.is_one_piece() => None,
            _ => Some(protect(address, size, PAGE_READWRITE)?),
        };
        Ok(Self { address, size, before })
    }
}

impl Drop for Writable {
    fn drop(&mut self) {
        if let Some(before) = self.before {
            // The pages had this protection already, so they can have it again.
            let _ = protect(self.address, self.size, before);
        }
    }
}
