//! Mapping PE images: pages of the boot archive are mapped as they are, and only what a process may
//! write is copied.

use hal::address_space::Access;
use hal::frames;
use nt::NtStatus;
use pe::{Image, Section};

use super::space::{Kind, MapError, UserSpace};
use super::{PAGE, pages_up};

/// Maps an image whose file is `file`, for ever in memory and zero-padded to whole pages.
///
/// # Errors
/// CONFLICTING_ADDRESSES when its base is taken, INVALID_IMAGE_FORMAT for an image that is none,
/// NO_MEMORY.
pub fn map(space: &mut UserSpace, file: &'static [u8], image: &Image<'static>) -> Result<u64, MapError> {
    let base = image.image_base();
    space.reserve(base, image.size_of_image().into(), Kind::Image)?;
    for page in (0..image.size_of_headers() as usize).step_by(PAGE as usize) {
        let bytes = file.get(page..).ok_or(MapError(NtStatus::INVALID_IMAGE_FORMAT))?;
        space.tables.map_shared(base + page as u64, bytes, false)?;
    }
    for section in image.sections() {
        let section = section.map_err(|_| MapError(NtStatus::INVALID_IMAGE_FORMAT))?;
        map_section(space, file, image, base, &section)?;
    }
    Ok(base)
}

fn map_section(
    space: &mut UserSpace,
    file: &'static [u8],
    image: &Image<'static>,
    base: u64,
    section: &Section,
) -> Result<(), MapError> {
    let protection = section.protection();
    let access = Access { write: protection.write, execute: protection.execute };
    let raw = file
        .get(section.file_offset as usize..)
        .and_then(|rest| rest.get(..section.raw_len as usize))
        .ok_or(MapError(NtStatus::INVALID_IMAGE_FORMAT))?;
    // A file laid out in pages has zeros after the section's data, so its last page can be shared too.
    let whole_pages = u64::from(image.file_alignment()) >= PAGE;
    for offset in (0..pages_up(section.virtual_size.into())).step_by(PAGE as usize) {
        let address = base + u64::from(section.rva) + offset;
        let bytes = raw.get(offset as usize..).unwrap_or(&[]);
        let aligned = (bytes.as_ptr().addr() as u64).is_multiple_of(PAGE);
        if !access.write && aligned && (bytes.len() as u64 >= PAGE || whole_pages && !bytes.is_empty()) {
            space.tables.map_shared(address, bytes, access.execute)?;
            continue;
        }
        let frame = frames::allocate_zeroed().ok_or(MapError(NtStatus::NO_MEMORY))?;
        hal::phys::write(&frame, 0, &bytes[..bytes.len().min(PAGE as usize)]);
        space.tables.map(address, frame, access)?;
    }
    Ok(())
}
