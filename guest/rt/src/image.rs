//! Image files.
#![expect(unsafe_code, reason = "is called back by ntdll")]

use core::ffi::CStr;

use nt::NtStatus;

use crate::handle::Owned;
use crate::ntdll::LdrVerifyImageMatchesChecksum;

/// Checks an image file's checksum, calls with the name of each DLL that it imports from, and gives its
/// characteristics (IMAGE_FILE_*).
///
/// # Errors
/// IMAGE_CHECKSUM_MISMATCH, INVALID_IMAGE_FORMAT, and what mapping the file gives.
pub fn verify(file: &Owned, mut import: impl FnMut(&[u8])) -> Result<u16, NtStatus> {
    let mut import: &mut dyn FnMut(&[u8]) = &mut import;
    let parameter = (&raw mut import).expose_provenance() as u64;
    let mut characteristics = 0;
    // SAFETY: the function that is called back lives through the call, as does the place.
    unsafe { LdrVerifyImageMatchesChecksum(file.get(), Some(imported), parameter, &raw mut characteristics) }
        .ok()?;
    Ok(characteristics)
}

/// # Safety
/// `parameter` is what [`verify`] passed; `module` is a text with a NUL.
unsafe extern "system" fn imported(parameter: u64, module: *const u8) {
    let import = core::ptr::with_exposed_provenance_mut::<&mut dyn FnMut(&[u8])>(parameter as usize);
    // SAFETY: as the caller says; nobody else calls it meanwhile.
    unsafe { (*import)(CStr::from_ptr(module.cast()).to_bytes()) }
}
