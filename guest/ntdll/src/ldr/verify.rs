//! Checking image files before they are used (spec/smss.md 1.3 step 8).
#![expect(unsafe_code, reason = "exports by name; maps files and calls back")]

use core::ptr::with_exposed_provenance;

use nt::NtStatus;
use nt::types::{Handle, IoStatusBlock, UserPtr};
use pe::Image;

use super::handle::into;
use super::map::{map_data, section_of_data, unmap};
use crate::stubs::NtQueryInformationFile;

/// FileStandardInformation.
const STANDARD_INFORMATION: u32 = 5;

/// FILE_STANDARD_INFORMATION.
#[repr(C)]
#[derive(Default)]
struct StandardInformation {
    allocation_size: i64,
    end_of_file: i64,
    number_of_links: u32,
    delete_pending: u8,
    directory: u8,
}

/// What is told the names of the DLLs that an image imports from.
type ImportCallback = unsafe extern "win64" fn(parameter: u64, module: *const u8);

/// Compares an image file with the checksum in its headers; one without is right. Then tells the names of the DLLs it
/// imports from, unless `callback` is NULL, and its characteristics. IMAGE_CHECKSUM_MISMATCH, INVALID_IMAGE_FORMAT, and what
/// mapping the file gives.
///
/// # Safety
/// `callback` can be called with `parameter`; `characteristics` is NULL or can be written to.
#[unsafe(no_mangle)]
unsafe extern "win64" fn LdrVerifyImageMatchesChecksum(
    file: Handle,
    callback: Option<ImportCallback>,
    parameter: u64,
    characteristics: *mut u16,
) -> NtStatus {
    // SAFETY: as the caller says.
    match unsafe { verify(file, callback, parameter, characteristics) } {
        Ok(()) => NtStatus::SUCCESS,
        Err(status) => status,
    }
}

/// # Safety
/// As for [`LdrVerifyImageMatchesChecksum`].
unsafe fn verify(
    file: Handle,
    callback: Option<ImportCallback>,
    parameter: u64,
    characteristics: *mut u16,
) -> Result<(), NtStatus> {
    let view = map_data(&section_of_data(file)?)?;
    let length = length_of(file).map(|length| length.min(view.size));
    let result = length.and_then(|length| {
        let start = with_exposed_provenance::<u8>(view.base as usize);
        // SAFETY: the view is as long as the file, or is all that is looked at.
        let bytes = unsafe { core::slice::from_raw_parts(start, length as usize) };
        let image = Image::parse(bytes).map_err(|_| NtStatus::INVALID_IMAGE_FORMAT)?;
        if image.checksum_matches() == Some(false) {
            return Err(NtStatus::IMAGE_CHECKSUM_MISMATCH);
        }
        if let Some(callback) = callback {
            for module in image.imports().map_err(|_| NtStatus::INVALID_IMAGE_FORMAT)? {
                let module = module.map_err(|_| NtStatus::INVALID_IMAGE_FORMAT)?;
                // SAFETY: as the caller says; the name has its NUL in the file.
                unsafe { callback(parameter, module.name.as_ptr()) };
            }
        }
        // SAFETY: as the caller says.
        if let Some(place) = unsafe { characteristics.as_mut() } {
            *place = image.characteristics();
        }
        Ok(())
    });
    // SAFETY: nobody else knows of the view.
    unsafe { unmap(view.base) };
    result
}

/// A file's length in bytes.
fn length_of(file: Handle) -> Result<u64, NtStatus> {
    let (mut information, mut io_status) = (StandardInformation::default(), IoStatusBlock::default());
    let place = UserPtr::new((&raw mut information).expose_provenance() as u64);
    let size = size_of::<StandardInformation>() as u32;
    // SAFETY: both places live through the call and have those sizes.
    unsafe { NtQueryInformationFile(file, into(&mut io_status), place, size, STANDARD_INFORMATION) }.ok()?;
    Ok(information.end_of_file.cast_unsigned())
}
