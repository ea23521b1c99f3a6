//! The current directory.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use core::ptr::with_exposed_provenance_mut;

use nt::NtStatus;
use nt::file::{access, option, share};
use nt::types::{Handle, IoStatusBlock, ObjectAttributes, UnicodeString};
use rtlcore::path::is_separator;

use super::nt_name;
use super::search::CASE_INSENSITIVE;
use crate::rtl::process::{PebLock, parameters};
use crate::rtl::raw::{Scratch, allocate, at, copy, free, wide};
use crate::stubs::{NtClose, NtOpenFile};

/// Units of the buffer that a current directory has: MAX_PATH.
const ROOM: usize = 260;
const BACKSLASH: u16 = b'\\' as u16;

/// The current directory in a buffer of `size` bytes, without a slash at its end unless it is a drive's root. Its
/// length in bytes without the NUL or, if it does not fit, with it.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlGetCurrentDirectory_U(size: u32, buffer: *mut u16) -> u32 {
    let _lock = PebLock::take();
    // SAFETY: the parameters live as long as the process, and the lock keeps them as they are.
    let text = unsafe { wide(&raw const (*parameters()).current_directory) };
    let text = match text {
        [before @ .., last] if is_separator(last) && before.last() != Some(&u16::from(b':')) => before,
        _ => text,
    };
    let bytes = size_of_val(text) as u32;
    if bytes + 2 > size {
        return bytes + 2;
    }
    // SAFETY: it has room for the text and a NUL, as the caller says.
    unsafe {
        copy(buffer, text.as_ptr(), text.len());
        buffer.add(text.len()).write(0);
    }
    bytes
}

/// Changes the current directory, and holds it open.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlSetCurrentDirectory_U(name: *const UnicodeString) -> NtStatus {
    // SAFETY: as the caller says.
    match unsafe { set(wide(name)) } {
        Ok(()) => NtStatus::SUCCESS,
        Err(status) => status,
    }
}

fn set(name: &[u16]) -> Result<(), NtStatus> {
    let handle = open(name)?;
    let changed = full(name).and_then(|path| change(&path, handle));
    if changed.is_err() {
        // SAFETY: it takes no pointers.
        unsafe { NtClose(handle) };
    }
    changed
}

/// Opens a folder.
fn open(name: &[u16]) -> Result<Handle, NtStatus> {
    let (string, _) = nt_name(name)?;
    let attributes = ObjectAttributes {
        length: size_of::<ObjectAttributes>() as u32,
        object_name: (&raw const string).expose_provenance() as u64,
        attributes: CASE_INSENSITIVE,
        ..ObjectAttributes::default()
    };
    let (mut handle, mut io_status) = (Handle::NULL, IoStatusBlock::default());
    // SAFETY: all of them live here; the string's buffer is freed when it is of no use any more.
    let status = unsafe {
        let status = NtOpenFile(
            at(&raw mut handle),
            access::EXECUTE | access::SYNCHRONIZE,
            at(&raw const attributes),
            at(&raw mut io_status),
            share::READ | share::WRITE,
            option::DIRECTORY_FILE | option::SYNCHRONOUS_IO_NONALERT,
        );
        free(with_exposed_provenance_mut::<u8>(string.buffer as usize));
        status
    };
    status.ok().map(|()| handle)
}

/// The full path, with a separator at its end.
fn full(name: &[u16]) -> Result<Scratch<u16>, NtStatus> {
    super::with_directories(|directories| {
        let full = rtlcore::path::Full::new(name, directories).ok_or(NtStatus::OBJECT_NAME_INVALID)?;
        let mut path = Scratch::<u16>::new(full.len())?;
        full.write(&mut path);
        if path.last().is_some_and(is_separator) {
            return Ok(path);
        }
        let mut ended = Scratch::<u16>::new(path.len() + 1)?;
        for (slot, &unit) in ended.iter_mut().zip(path.iter().chain(&[BACKSLASH])) {
            *slot = unit;
        }
        Ok(ended)
    })
}

/// Puts path and handle into the parameters, in a larger buffer if it must be.
fn change(path: &[u16], handle: Handle) -> Result<(), NtStatus> {
    let bytes = u16::try_from(size_of_val(path) + 2).map_err(|_| NtStatus::NAME_TOO_LONG)?;
    let _lock = PebLock::take();
    // SAFETY: the parameters live as long as the process, and the lock keeps others from them. A buffer that has
    // become too small is left, because it may be a part of the parameters.
    let before = unsafe {
        let current = &raw mut (*parameters()).current_directory;
        if bytes > (*current).maximum_length {
            let room = ROOM.max(bytes.div_ceil(2).into());
            let buffer = allocate::<u16>(room).ok_or(NtStatus::NO_MEMORY)?;
            (*current).buffer = buffer.expose_provenance() as u64;
            (*current).maximum_length = room as u16 * 2;
        }
        let buffer = with_exposed_provenance_mut::<u16>((*current).buffer as usize);
        copy(buffer, path.as_ptr(), path.len());
        buffer.add(path.len()).write(0);
        (*current).length = bytes - 2;
        let handle_place = &raw mut (*parameters()).current_directory_handle;
        let before = handle_place.read();
        handle_place.write(handle.0);
        before
    };
    // The lowest bits of the handle are flags for C programs.
    if before & !3 != 0 {
        // SAFETY: it takes no pointers.
        unsafe { NtClose(Handle(before & !3)) };
    }
    Ok(())
}
