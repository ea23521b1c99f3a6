//! Serving a call: who it is, where its captured arguments are, and which routine it goes to.
#![expect(unsafe_code, reason = "memory shared with a client; routines of other modules")]

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ptr::with_exposed_provenance;

use csrcore::capture;
use csrlib::api::{ApiRoutine, Caller};
use csrlib::memory;
use nt::NtStatus;
use nt::csr::{ApiMessage, csr_api, server};
use zerocopy::IntoBytes;

use crate::client::Connection;
use crate::request;
use crate::state::STATE;

/// Serves it; the status goes into the message.
pub fn serve(message: &mut ApiMessage, context: u64) {
    let status = match find_caller(message, context) {
        Some((caller, connection)) => with_arguments(message, &caller, &connection),
        None => NtStatus::ILLEGAL_FUNCTION,
    };
    message.status = status.0;
}

/// The thread that calls, and its process's connection. A thread that is not known may only make itself known.
fn find_caller(message: &ApiMessage, context: u64) -> Option<(Caller, Arc<Connection>)> {
    let id = message.header.client_id;
    let introduction = message.api == nt::csr::api_number(server::CSR, csr_api::THREAD_CONNECT);
    let mut state = STATE.lock();
    let process = state.process(id.process).filter(|process| process.sequence == context)?;
    let connection = process.connection.clone()?;
    (introduction || process.knows(id.thread)).then(|| (process.caller(id.thread), connection))
}

fn with_arguments(message: &mut ApiMessage, caller: &Caller, view: &Connection) -> NtStatus {
    let there = message.capture;
    if there == 0 {
        return call(message, caller);
    }
    let Some(mut copy) = copy_of(there, view) else { return NtStatus::INVALID_PARAMETER };
    let here = copy.as_ptr().expose_provenance() as u64;
    match capture::adopt(message, copy.as_bytes(), there, here) {
        Ok(pointers) => {
            message.capture = here;
            let status = call(message, caller);
            message.capture = there;
            pointers.restore(message);
            // What the arguments hold now is what comes back; the head stays the client's.
            let start = capture::HEAD;
            if let Some(bytes) = copy.as_mut_bytes().get(start..) {
                // SAFETY: the copy's size was checked to lie in the view, which the connection keeps.
                unsafe { memory::copy_to(there + start as u64, bytes) };
            }
            status
        }
        Err(status) => status,
    }
}

/// A copy of what a client has captured, if all of it lies in the memory that it shares. Its size is read once.
fn copy_of(there: u64, view: &Connection) -> Option<Vec<u64>> {
    let offset = there.checked_sub(view.base).filter(|offset| offset % 8 == 0)?;
    let room = view.size.checked_sub(offset).filter(|&room| room >= capture::HEAD as u64)?;
    // SAFETY: the head lies in the view, which stays as long as the connection that the caller holds.
    let length = unsafe { with_exposed_provenance::<u32>(there as usize).read_volatile() };
    if !(capture::HEAD as u64..=room).contains(&length.into()) || length % 8 != 0 {
        return None;
    }
    let mut copy = alloc::vec![0_u64; length as usize / 8];
    // SAFETY: as above.
    unsafe { memory::copy_from(there, copy.as_mut_bytes()) };
    // The client may have written another size since.
    copy.as_mut_bytes()[..4].copy_from_slice(&length.to_le_bytes());
    Some(copy)
}

/// Calls the routine that a number means.
fn call(message: &mut ApiMessage, caller: &Caller) -> NtStatus {
    let (id, api) = (message.api >> 16, message.api & 0xFFFF);
    let dll = STATE.lock().servers.get(id as usize).copied().flatten();
    let Some(dll) = dll.filter(|dll| api < dll.api_count) else { return NtStatus::ILLEGAL_FUNCTION };
    // csrsrv's own calls never wait for anybody.
    if id != server::CSR {
        request::need_thread();
    }
    let table = with_exposed_provenance::<ApiRoutine>(dll.dispatch_table as usize);
    // SAFETY: the server DLL has given a table of so many routines.
    let routine = unsafe { table.add(api as usize).read() };
    routine(message, caller)
}
