//! Relocation of images that are not where they were linked for.
#![expect(unsafe_code, reason = "writes to the image")]

use core::ptr::with_exposed_provenance_mut;

use nt::NtStatus;
use pe::Image;

use super::writable::Writable;

/// Relocates an image that lies at `base` and not at the base its headers name.
///
/// # Errors
/// INVALID_IMAGE_FORMAT for malformed relocations, CONFLICTING_ADDRESSES when the image has none, and what making pages
/// writable gives.
pub fn relocate(image: &Image<'_>, base: u64) -> Result<(), NtStatus> {
    let delta = base.wrapping_sub(image.image_base());
    if delta == 0 {
        return Ok(());
    }
    if !image.is_relocatable() {
        return Err(NtStatus::CONFLICTING_ADDRESSES);
    }
    let malformed = |_| NtStatus::INVALID_IMAGE_FORMAT;
    // The section that the last relocation was in: relocations come in order.
    let mut open: Option<(core::ops::Range<u32>, Writable)> = None;
    for block in image.relocations().map_err(malformed)? {
        for rva in block.map_err(malformed)?.fixups() {
            let rva = rva.map_err(malformed)?;
            if !open.as_ref().is_some_and(|(range, _)| range.contains(&rva)) {
                drop(open.take());
                let section =
                    image.sections().flatten().find(|section| (section.rva..section.end()).contains(&rva));
                let section = section.ok_or(NtStatus::INVALID_IMAGE_FORMAT)?;
                let writable = Writable::new(image, base, section.rva, section.virtual_size)?;
                open = Some((section.rva..section.end().saturating_sub(7), writable));
            }
            let place = with_exposed_provenance_mut::<u64>((base + u64::from(rva)) as usize);
            // SAFETY: the eight bytes lie in the image, in a section that can be written to now.
            unsafe { place.write_unaligned(place.read_unaligned().wrapping_add(delta)) };
        }
    }
    Ok(())
}
