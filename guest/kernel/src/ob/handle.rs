//! Handles of the current process: from a number to an object and back.

use alloc::sync::Arc;

use nt::NtStatus;
use nt::types::{Handle, UserPtr};
use obns::{Attributes, Closed};
use zerocopy::IntoBytes;

use super::body::{Body, Kind, Object};
use super::namespace;
use crate::ke::sched;
use crate::mm::{mapped, user};
use crate::ps::{self, Process};

/// The object that a handle of the current process stands for, pseudo-handles included. It must be of
/// the type, if one is given, and the handle must grant all the access (which pseudo-handles do).
///
/// # Errors
/// INVALID_HANDLE, OBJECT_TYPE_MISMATCH, ACCESS_DENIED.
pub fn reference(handle: Handle, kind: Option<Kind>, access: u32) -> Result<Object, NtStatus> {
    let thread = sched::current();
    // Pseudo-handles may come as 32-bit numbers that were not extended, as NT lets them.
    match handle.0 as i32 {
        -1 | -2 if handle.0 >> 32 == 0 || handle.0 as i64 >= -2 => {
            let object = match handle.0 as i32 {
                -1 => ps::object_of_process(thread.process()),
                _ => ps::object_of_thread(&thread),
            };
            let object = object.ok_or(NtStatus::INVALID_HANDLE)?;
            if kind.is_some_and(|kind| kind != object.kind()) {
                return Err(NtStatus::OBJECT_TYPE_MISMATCH);
            }
            Ok(object)
        }
        _ => Ok(thread.process().handles().lock().lookup(handle.0, kind, access)?.clone()),
    }
}

/// The process of a handle.
///
/// # Errors
/// As [`reference`].
pub fn process(handle: Handle, access: u32) -> Result<Arc<Process>, NtStatus> {
    if handle == Handle::CURRENT_PROCESS {
        return Ok(sched::current().process().clone());
    }
    match reference(handle, Some(Kind::Process), access)?.body() {
        Some(Body::Process(process)) => Ok(process.clone()),
        _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
    }
}

/// The thread of a handle.
///
/// # Errors
/// As [`reference`].
pub fn thread(handle: Handle, access: u32) -> Result<Arc<ps::Thread>, NtStatus> {
    if handle == Handle::CURRENT_THREAD {
        return Ok(sched::current());
    }
    match reference(handle, Some(Kind::Thread), access)?.body() {
        Some(Body::Thread(thread)) => Ok(thread.clone()),
        _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
    }
}

/// Makes a handle in the current process. The access is granted: who calls has checked it.
///
/// # Errors
/// What `obns` says of exclusive objects, INSUFFICIENT_RESOURCES.
pub fn insert(object: Object, access: u32, attributes: Attributes) -> Result<Handle, NtStatus> {
    insert_into(sched::current().process(), object, access, attributes)
}

/// The same in any process.
///
/// # Errors
/// As [`insert`].
pub fn insert_into(
    process: &Process,
    object: Object,
    access: u32,
    attributes: Attributes,
) -> Result<Handle, NtStatus> {
    let inserted = process.handles().lock().insert(object.clone(), access, attributes);
    inserted.map(Handle).map_err(|error| {
        namespace::settle(&object);
        error.into()
    })
}

/// Makes a handle and writes it to the caller; nothing is left behind when that fails.
///
/// # Errors
/// As [`insert`], and ACCESS_VIOLATION.
pub fn give(
    to: UserPtr<Handle>,
    object: Object,
    access: u32,
    attributes: Attributes,
) -> Result<(), NtStatus> {
    let handle = insert(object, access, attributes)?;
    let written = user::write(to.address, handle.as_bytes());
    if written.is_err() {
        let _ = close(handle);
    }
    written
}

/// Closes a handle of the current process.
///
/// # Errors
/// INVALID_HANDLE, HANDLE_NOT_CLOSABLE.
pub fn close(handle: Handle) -> Result<(), NtStatus> {
    let closed = sched::current().process().handles().lock().close(handle.0)?;
    finish(closed);
    Ok(())
}

/// Closes every handle of a process that ends.
pub fn close_all(process: &Process) {
    loop {
        // The guard must be gone before the object is: what goes with it may want the table.
        let Some(closed) = process.handles().lock().close_next() else { return };
        finish(closed);
    }
}

/// What follows a closed handle: the name may have to go, and the type has its say at the last one.
pub fn finish(closed: Closed<Body>) {
    if closed.needs_settling() {
        namespace::settle(closed.object());
    }
    if closed.is_last() {
        let object = closed.into_object();
        last_handle_closed(&object);
        let is_section = matches!(object.body(), Some(Body::Section(_)));
        drop(object);
        if is_section {
            mapped::settle();
        }
    }
}

/// The type's close routine: the last handle of an object is gone.
fn last_handle_closed(object: &Object) {
    match object.body() {
        Some(Body::File(file)) => file.cleanup(),
        Some(Body::Process(process)) => ps::exit::last_handle_closed(process),
        Some(Body::Port(port)) => port.close(),
        Some(Body::Key(open)) => open.close(),
        // The others have nothing to do.
        _ => {}
    }
}
