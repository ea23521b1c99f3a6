//! DOS paths: full ones, NT names, the current directory, and looking for files.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

mod current;
mod search;

use core::ptr::null_mut;

use nt::NtStatus;
use nt::types::UnicodeString;
use rtlcore::environment;
use rtlcore::path::{self, Directories, Full, NtPath};

use super::environment::{block, current as current_environment};
use super::process::{PebLock, parameters};
use super::raw::{MAX_BYTES, allocate, slice_mut, store, terminated, wide};

/// RTL_RELATIVE_NAME_U: a name as it is from the current directory. Here names are always whole.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
struct RelativeName {
    relative_name: UnicodeString,
    containing_directory: u64,
    current_directory: u64,
}

/// Calls with the directories that relative paths begin in.
fn with_directories<'a, R>(run: impl FnOnce(Directories<'a, fn(u16) -> Option<&'a [u16]>>) -> R) -> R {
    /// The variable `=X:`.
    fn of_drive<'a>(letter: u16) -> Option<&'a [u16]> {
        let name = [b'='.into(), letter, b':'.into()];
        // SAFETY: whoever calls this holds the PEB's lock.
        unsafe { environment::find(block(current_environment()), &name).map(|variable| variable.value) }
    }
    let _lock = PebLock::take();
    // SAFETY: the parameters live as long as the process, and the lock keeps them as they are.
    let current = unsafe { wide(&raw const (*parameters()).current_directory) };
    run(Directories { current, of_drive })
}

/// The kind of a path, a number from 1 on.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlDetermineDosPathNameType_U(name: *const u16) -> u32 {
    // SAFETY: as the caller says.
    unsafe { path::kind(terminated(name)) as u32 }
}

/// Where a device's name is in a path: start above, length below, in bytes; 0 if there is none.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlIsDosDeviceName_U(name: *const u16) -> u32 {
    // SAFETY: as the caller says.
    unsafe { path::device_name(terminated(name)).map_or(0, path::DeviceName::packed) }
}

/// The full path of a name in a buffer of `size` bytes. Its length in bytes without the NUL or, if it does not fit, with
/// it; 0 if there is none.
#[unsafe(no_mangle)]
pub unsafe extern "win64" fn RtlGetFullPathName_U(
    name: *const u16,
    size: u32,
    buffer: *mut u16,
    file_part: *mut *mut u16,
) -> u32 {
    // SAFETY: as the caller says.
    unsafe { full_name(terminated(name), size, buffer, file_part) }
}

/// The same for text.
///
/// # Safety
/// As [`RtlGetFullPathName_U`].
unsafe fn full_name(name: &[u16], size: u32, buffer: *mut u16, file_part: *mut *mut u16) -> u32 {
    with_directories(|directories| {
        let Some(full) = Full::new(name, directories) else {
            return 0;
        };
        let bytes = full.len() as u32 * 2;
        if bytes + 2 > size {
            return bytes + 2;
        }
        // SAFETY: it has room for the path and a NUL, as the caller says.
        unsafe {
            full.write(slice_mut(buffer, full.len()));
            buffer.add(full.len()).write(0);
            store(file_part, full.file_part().map_or(null_mut(), |at| buffer.add(at)));
        }
        bytes
    })
}

/// The NT name of a path on the heap, with a NUL, and where its last part begins.
fn nt_name(name: &[u16]) -> Result<(UnicodeString, *mut u16), NtStatus> {
    with_directories(|directories| {
        let path = NtPath::new(name, directories).ok_or(NtStatus::OBJECT_NAME_INVALID)?;
        if path.len() * 2 > MAX_BYTES {
            return Err(NtStatus::NAME_TOO_LONG);
        }
        let buffer = allocate::<u16>(path.len() + 1).ok_or(NtStatus::NO_MEMORY)?;
        // SAFETY: the block has that size.
        unsafe {
            path.write(slice_mut(buffer, path.len()));
            buffer.add(path.len()).write(0);
        }
        let length = path.len() as u16 * 2;
        let string = UnicodeString {
            length,
            maximum_length: length + 2,
            reserved: 0,
            buffer: buffer.expose_provenance() as u64,
        };
        // SAFETY: in the block.
        Ok((string, path.file_part().map_or(null_mut(), |at| unsafe { buffer.add(at) })))
    })
}

/// The NT name of a path, which the caller frees; perhaps where its last part begins, and a relative name, which is
/// always empty. Whether there is one: a BOOLEAN, and a whole register for those who take it for a BOOL.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlDosPathNameToNtPathName_U(
    name: *const u16,
    nt: *mut UnicodeString,
    file_part: *mut *mut u16,
    relative: *mut RelativeName,
) -> u32 {
    // SAFETY: as the caller says.
    unsafe { RtlDosPathNameToNtPathName_U_WithStatus(name, nt, file_part, relative).is_success().into() }
}

/// The same, and says what is wrong.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlDosPathNameToNtPathName_U_WithStatus(
    name: *const u16,
    nt: *mut UnicodeString,
    file_part: *mut *mut u16,
    relative: *mut RelativeName,
) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe {
        match nt_name(terminated(name)) {
            Ok((string, last)) => {
                nt.write(string);
                store(file_part, last);
                store(relative, RelativeName::default());
                NtStatus::SUCCESS
            }
            Err(status) => status,
        }
    }
}

/// Gives a relative name up, which costs nothing here.
#[unsafe(no_mangle)]
extern "win64" fn RtlReleaseRelativeName(_: *mut RelativeName) {}

/// Most units of an NT name that a DOS path of 260 units can have.
#[unsafe(no_mangle)]
extern "win64" fn RtlGetLongestNtPathLength() -> u32 {
    // MAX_PATH and `\??\UNC` instead of one of the two slashes before a server.
    269
}
