//! Image sections. Pages of the boot archive are mapped as they are; only what a process may write is
//! copied. All processes of an image share one section.

use alloc::collections::BTreeMap;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;

use hal::cell::KernelCell;
use mmcore::{Create, ImageMap, Protection, Subsection};
use nt::NtStatus;
use nt::memory::{PAGE_EXECUTE, SEC_FILE, SEC_IMAGE};
use nt::process::SectionImageInformation;
use pe::{Fault, Image, PeError};

use super::{Section, Source};
use crate::mm::{PAGE, charge};
use crate::ps::entries;

/// The image sections that there are, by the address of their file.
static IMAGES: KernelCell<BTreeMap<usize, Weak<Section>>> = KernelCell::new(BTreeMap::new());

/// The image section of a file that lies in memory for ever, filled up with zeros to whole pages.
///
/// # Errors
/// INVALID_IMAGE_NOT_MZ, INVALID_IMAGE_FORMAT, INSUFFICIENT_RESOURCES.
pub fn image_from(file: &'static [u8]) -> Result<Arc<Section>, NtStatus> {
    image_with(file, &Create { size: 0, protect: PAGE_EXECUTE, attributes: SEC_IMAGE })
}

/// The same, as a caller asks for it.
///
/// # Errors
/// As [`image_from`].
pub(super) fn image_with(file: &'static [u8], request: &Create) -> Result<Arc<Section>, NtStatus> {
    let key = file.as_ptr().addr();
    // One whose views cannot be changed is a section of its own.
    let shared = request.attributes == SEC_IMAGE;
    if shared && let Some(section) = IMAGES.lock().get(&key).and_then(Weak::upgrade) {
        return Ok(section);
    }
    let section = image_of(Source::Archive(file), request)?;
    if shared {
        IMAGES.lock().insert(key, Arc::downgrade(&section));
    }
    Ok(section)
}

/// An image section of a file.
///
/// # Errors
/// As [`image_from`].
pub(super) fn image_of(source: Source, request: &Create) -> Result<Arc<Section>, NtStatus> {
    let file = source.bytes().ok_or(NtStatus::INVALID_FILE_FOR_SECTION)?;
    let image = Image::parse(file).map_err(status)?;
    let map = layout(&image)?;
    let core = mmcore::Section::create(&mut charge::ledger(), request, mmcore::Source::Image(map))?;
    let known = (information(&image), entries::of_program(&image));
    Ok(Arc::new(Section::new(core, source, request.attributes | SEC_FILE, Some(known))))
}

/// The section of a file is gone.
pub(super) fn forget(file: &'static [u8]) {
    let mut images = IMAGES.lock();
    let key = file.as_ptr().addr();
    if images.get(&key).is_some_and(|section| section.strong_count() == 0) {
        images.remove(&key);
    }
}

fn status(error: PeError) -> NtStatus {
    match error.fault {
        Fault::Signature if error.offset == 0 => NtStatus::INVALID_IMAGE_NOT_MZ,
        _ => NtStatus::INVALID_IMAGE_FORMAT,
    }
}

/// Which part of the file is where in memory.
fn layout(image: &Image<'_>) -> Result<ImageMap, NtStatus> {
    if image.is_one_piece() {
        return one_piece(image);
    }
    // Behind the last byte that counts the linker filled the file up; where that goes to the end of a page, the
    // page can be mapped as it is.
    let paged = u64::from(image.file_alignment()) >= PAGE;
    let filled = |len: u32, pages: u32| match paged {
        true => pages * PAGE as u32,
        false => len,
    };
    let headers = image.size_of_headers();
    let pages = u64::from(headers).div_ceil(PAGE) as u32;
    let mut parts = Vec::new();
    parts.push(Subsection {
        first: 0,
        pages,
        protection: Protection::READ,
        shared: false,
        file_offset: 0,
        file_len: filled(headers, pages).min(image.bytes().len() as u32),
    });
    for section in image.sections() {
        let section = section.map_err(status)?;
        let protection = section.protection();
        let pages = u64::from(section.virtual_size).div_ceil(PAGE) as u32;
        parts.push(Subsection {
            first: (u64::from(section.rva) / PAGE) as u32,
            pages,
            protection: Protection::of_image(protection.write, protection.execute),
            shared: section.is_shared(),
            file_offset: section.file_offset.into(),
            file_len: u64::from(section.file_len).min(u64::from(pages) * PAGE) as u32,
        });
    }
    ImageMap::new(image.image_base(), image.size_of_image(), parts)
}

/// Sections are aligned to less than a page: headers and all sections as they lie in the file, for every use.
fn one_piece(image: &Image<'_>) -> Result<ImageMap, NtStatus> {
    let mut file_len = image.size_of_headers();
    for section in image.sections() {
        let section = section.map_err(status)?;
        file_len = file_len.max(section.rva.saturating_add(section.raw_len));
    }
    let size = image.size_of_image();
    let whole = Subsection {
        first: 0,
        pages: u64::from(size).div_ceil(PAGE) as u32,
        protection: Protection::of_image(true, true),
        shared: false,
        file_offset: 0,
        file_len: file_len.min(image.bytes().len() as u32),
    };
    ImageMap::new(image.image_base(), size, Vec::from([whole]))
}

fn information(image: &Image<'_>) -> SectionImageInformation {
    let (major, minor) = image.subsystem_version();
    let contains_code = image.sections().flatten().any(|section| section.contains_code());
    SectionImageInformation {
        transfer_address: image.image_base() + u64::from(image.entry().unwrap_or(0)),
        maximum_stack_size: image.stack_reserve(),
        committed_stack_size: image.stack_commit(),
        subsystem_type: image.subsystem().into(),
        subsystem_minor: minor,
        subsystem_major: major,
        characteristics: image.characteristics(),
        dll_characteristics: image.dll_characteristics(),
        machine: image.machine(),
        contains_code: contains_code.into(),
        file_size: image.bytes().len() as u32,
        checksum: image.stored_checksum(),
        ..SectionImageInformation::default()
    }
}
