//! Whether files exist, and looking for them along a path.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use core::ptr::with_exposed_provenance_mut;

use nt::NtStatus;
use nt::types::ObjectAttributes;
use rtlcore::Cut;
use rtlcore::path::{Kind, candidates, kind};

use super::{full_name, nt_name};
use crate::rtl::raw::{Scratch, at, free, terminated};
use crate::stubs::NtQueryAttributesFile;

/// OBJ_CASE_INSENSITIVE.
pub(super) const CASE_INSENSITIVE: u32 = 0x40;
/// FILE_BASIC_INFORMATION.
const BASIC_INFORMATION: usize = 0x28;

/// Whether there is a file, even one that must not be looked at.
fn exists(name: &[u16]) -> bool {
    let Ok((string, _)) = nt_name(name) else {
        return false;
    };
    let attributes = ObjectAttributes {
        length: size_of::<ObjectAttributes>() as u32,
        object_name: (&raw const string).expose_provenance() as u64,
        attributes: CASE_INSENSITIVE,
        ..ObjectAttributes::default()
    };
    let mut information = [0_u64; BASIC_INFORMATION / 8];
    // SAFETY: all of them live here; the string's buffer is freed when it is of no use any more.
    let status = unsafe {
        let status = NtQueryAttributesFile(at(&raw const attributes), at((&raw mut information).cast()));
        free(with_exposed_provenance_mut::<u8>(string.buffer as usize));
        status
    };
    status.is_success() || matches!(status, NtStatus::SHARING_VIOLATION | NtStatus::ACCESS_DENIED)
}

/// Whether there is a file of that DOS path.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlDoesFileExists_U(name: *const u16) -> u8 {
    // SAFETY: as the caller says.
    unsafe { exists(terminated(name)).into() }
}

/// Looks for a file in the folders of a path, `;` between them, the extension being added to a name without one. The full
/// path's length in bytes without its NUL or, if it does not fit into `size` bytes, with it; 0 if there is none. A name
/// that is not relative is looked for where it is.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlDosSearchPath_U(
    path: *const u16,
    file: *const u16,
    extension: *const u16,
    size: u32,
    buffer: *mut u16,
    file_part: *mut *mut u16,
) -> u32 {
    // SAFETY: as the caller says.
    unsafe {
        let (path, file, extension) = (terminated(path), terminated(file), terminated(extension));
        if kind(file) != Kind::Relative {
            return if exists(file) { full_name(file, size, buffer, file_part) } else { 0 };
        }
        let longest = candidates(path, file, extension).map(|pieces| length(&pieces)).max().unwrap_or(0);
        let Ok(mut room) = Scratch::<u16>::new(longest) else {
            return 0;
        };
        for pieces in candidates(path, file, extension) {
            let mut out = Cut::new(&mut room);
            pieces.iter().for_each(|piece| out.extend(piece));
            let candidate = room.get(..length(&pieces)).unwrap_or_default();
            if exists(candidate) {
                return full_name(candidate, size, buffer, file_part);
            }
        }
    }
    0
}

fn length(pieces: &[&[u16]]) -> usize {
    pieces.iter().map(|piece| piece.len()).sum()
}
