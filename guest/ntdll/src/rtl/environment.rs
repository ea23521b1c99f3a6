//! Environments: blocks of the process heap, with room for a few variables more. The one that a process begins with is
//! wherever its maker has put it; it is left there when it has to grow.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use core::mem::offset_of;
use core::ptr::{null_mut, with_exposed_provenance_mut};

use nt::NtStatus;
use nt::process::ProcessParameters;
use nt::types::UnicodeString;
use rtlcore::{Cut, environment};

use super::process::{PebLock, parameters};
use super::raw::{allocate, copy, free, slice, slice_mut, store, wide};
use crate::heap::blocks::RtlSizeHeap;
use crate::peb::process_heap;

/// Units of a block up to its last NUL and with it.
///
/// # Safety
/// It is an environment.
pub unsafe fn length(block: *const u16) -> usize {
    let mut len = 0;
    // SAFETY: as the caller says: an empty string ends it.
    unsafe {
        while *block.add(len) != 0 {
            while *block.add(len) != 0 {
                len += 1;
            }
            len += 1;
        }
    }
    len + 1
}

/// The text of an environment; none at NULL.
///
/// # Safety
/// It is an environment, and does not change as long as the text is used.
pub unsafe fn block<'a>(environment: *const u16) -> &'a [u16] {
    // SAFETY: as the caller says.
    unsafe { if environment.is_null() { &[] } else { slice(environment, length(environment)) } }
}

/// Units that a block has room for; 0 if it is no block of the heap.
fn capacity(block: *const u16) -> usize {
    // SAFETY: the process heap's handle; the heap looks whether there is such a block.
    let size = unsafe { RtlSizeHeap(process_heap(), 0, block.expose_provenance() as u64) };
    if size == u64::MAX { 0 } else { size as usize / 2 }
}

/// A block with room for some variables more than `len` units.
fn with_room(len: usize) -> Result<(*mut u16, usize), NtStatus> {
    let capacity = len + len / 4 + 64;
    allocate(capacity).map(|block| (block, capacity)).ok_or(NtStatus::NO_MEMORY)
}

/// The process's environment.
///
/// # Safety
/// The PEB's lock is held as long as it is used.
pub unsafe fn current() -> *mut u16 {
    // SAFETY: the parameters live as long as the process.
    unsafe { with_exposed_provenance_mut((*parameters()).environment as usize) }
}

/// Makes a block the process's environment; gives the one before.
///
/// # Safety
/// The PEB's lock is held.
unsafe fn set_current(block: *mut u16) -> *mut u16 {
    // SAFETY: the parameters live as long as the process.
    unsafe {
        let parameters = parameters();
        let before = current();
        (*parameters).environment = block.expose_provenance() as u64;
        if (*parameters).length as usize >= offset_of!(ProcessParameters, environment_version) {
            (*parameters).environment_size = capacity(block) as u64 * 2;
        }
        before
    }
}

/// Makes an environment: an empty one or a copy of the process's.
#[unsafe(no_mangle)]
pub unsafe extern "win64" fn RtlCreateEnvironment(inherit: u8, environment: *mut *mut u16) -> NtStatus {
    let _lock = PebLock::take();
    // SAFETY: the lock is held; the rest as the caller says.
    unsafe {
        let text: &[u16] = if inherit != 0 { block(current()) } else { &[] };
        let (new, _) = match with_room(text.len() + 2) {
            Ok(new) => new,
            Err(status) => return status,
        };
        new.write_bytes(0, text.len() + 2);
        copy(new, text.as_ptr(), text.len());
        environment.write(new);
    }
    NtStatus::SUCCESS
}

/// Frees an environment.
#[unsafe(no_mangle)]
pub unsafe extern "win64" fn RtlDestroyEnvironment(environment: *mut u16) -> NtStatus {
    // SAFETY: as the caller says.
    if unsafe { free(environment) } { NtStatus::SUCCESS } else { NtStatus::INVALID_PARAMETER }
}

/// Makes an environment the process's; gives the one before, or frees it if nobody wants it.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlSetCurrentEnvironment(
    environment: *mut u16,
    previous: *mut *mut u16,
) -> NtStatus {
    let _lock = PebLock::take();
    // SAFETY: the lock is held; the rest as the caller says.
    unsafe {
        let before = set_current(environment);
        if !previous.is_null() {
            previous.write(before);
        } else if capacity(before) != 0 {
            free(before);
        }
    }
    NtStatus::SUCCESS
}

/// Sets a variable, or takes it away when there is no value: in the process's environment when `environment` is NULL,
/// otherwise in that one, whose address may change.
#[unsafe(no_mangle)]
pub unsafe extern "win64" fn RtlSetEnvironmentVariable(
    environment: *mut *mut u16,
    name: *const UnicodeString,
    value: *const UnicodeString,
) -> NtStatus {
    // SAFETY: as the caller says; the lock is held while the process's environment is changed.
    unsafe {
        let (name, value) = (wide(name), value.as_ref().map(|value| wide(value)));
        if !environment.is_null() {
            return match set(*environment, name, value) {
                Ok(block) => {
                    environment.write(block);
                    NtStatus::SUCCESS
                }
                Err(status) => status,
            };
        }
        let _lock = PebLock::take();
        let before = current();
        match set(before, name, value) {
            Ok(block) => {
                if block != before {
                    set_current(block);
                }
                NtStatus::SUCCESS
            }
            Err(status) => status,
        }
    }
}

/// Sets a variable of a block; gives the block, which is a new one if there was no room.
///
/// # Safety
/// It is an environment, or NULL for an empty one.
unsafe fn set(old: *mut u16, name: &[u16], value: Option<&[u16]>) -> Result<*mut u16, NtStatus> {
    // SAFETY: as the caller says; what is in the block is not used beyond the plan.
    unsafe {
        let change = environment::plan(block(old), name, value)?;
        let len = block(old).len();
        let after = change.len_after(len);
        // Whatever it is, there is memory for the text that is in it.
        let capacity = capacity(old);
        if after <= capacity.max(len) {
            change.apply(slice_mut(old, capacity.max(len)), len, name, value);
            return Ok(old);
        }
        let (new, room) = with_room(after + 2)?;
        copy(new, old, len);
        new.add(len).write_bytes(0, room - len);
        // An empty block without even a NUL gets one.
        change.apply(slice_mut(new, room), len.max(1), name, value);
        if capacity != 0 {
            free(old);
        }
        Ok(new)
    }
}

/// Runs something over an environment's text, NULL being the process's own.
///
/// # Safety
/// It is NULL or an environment.
pub unsafe fn with<R>(environment: *const u16, run: impl FnOnce(&[u16]) -> R) -> R {
    // SAFETY: as the caller says; the lock keeps the process's own from being changed.
    unsafe {
        if environment.is_null() {
            let _lock = PebLock::take();
            run(block(current()))
        } else {
            run(block(environment))
        }
    }
}

/// Reads a variable. The value's length is what it is or, with BUFFER_TOO_SMALL, would be.
#[unsafe(no_mangle)]
pub unsafe extern "win64" fn RtlQueryEnvironmentVariable_U(
    environment: *const u16,
    name: *const UnicodeString,
    value: *mut UnicodeString,
) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe {
        let name = wide(name);
        with(environment, |block| {
            let Some(variable) = environment::find(block, name) else {
                return NtStatus::VARIABLE_NOT_FOUND;
            };
            let text = variable.value;
            let value = &mut *value;
            let bytes = size_of_val(text).min(usize::from(u16::MAX - 1)) as u16;
            value.length = bytes;
            if bytes > value.maximum_length || usize::from(bytes) < size_of_val(text) {
                return NtStatus::BUFFER_TOO_SMALL;
            }
            let to = with_exposed_provenance_mut::<u16>(value.buffer as usize);
            copy(to, text.as_ptr(), text.len());
            if value.maximum_length - bytes >= 2 {
                to.add(text.len()).write(0);
            }
            NtStatus::SUCCESS
        })
    }
}

/// Reads a variable, with lengths in units. What is needed counts the NUL.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlQueryEnvironmentVariable(
    environment: *const u16,
    name: *const u16,
    name_length: usize,
    value: *mut u16,
    value_length: usize,
    returned: *mut usize,
) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe {
        let name = slice(name, name_length);
        with(environment, |block| {
            let Some(variable) = environment::find(block, name) else {
                return NtStatus::VARIABLE_NOT_FOUND;
            };
            let text = variable.value;
            if text.len() > value_length {
                store(returned, text.len() + 1);
                return NtStatus::BUFFER_TOO_SMALL;
            }
            copy(value, text.as_ptr(), text.len());
            if text.len() < value_length {
                value.add(text.len()).write(0);
            }
            store(returned, text.len());
            NtStatus::SUCCESS
        })
    }
}

/// Replaces `%NAME%` in text. `needed`: bytes of the result with its NUL, whether or not it fits.
#[unsafe(no_mangle)]
pub unsafe extern "win64" fn RtlExpandEnvironmentStrings_U(
    environment: *const u16,
    source: *const UnicodeString,
    target: *mut UnicodeString,
    needed: *mut u32,
) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe {
        let (source, target) = (wide(source), &mut *target);
        let buffer = with_exposed_provenance_mut::<u16>(target.buffer as usize);
        let buffer = if target.maximum_length < 2 { null_mut() } else { buffer };
        let mut out = Cut::new(slice_mut(buffer, usize::from(target.maximum_length) / 2));
        with(environment, |block| {
            environment::expand(
                source,
                |name| environment::find(block, name).map(|variable| variable.value),
                &mut out,
            );
        });
        out.push(0);
        store(needed, out.len() as u32 * 2);
        if !out.fits() {
            return NtStatus::BUFFER_TOO_SMALL;
        }
        target.length = (out.len() - 1) as u16 * 2;
    }
    NtStatus::SUCCESS
}
