//! Threads whose end a server wants to hear of.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use hal::cell::KernelCell;
use lpcport::Termination;
use nt::NtStatus;
use nt::types::Handle;

use super::port::{reference, refresh};
use super::{LPC, caller, current, wake};
use crate::ke::clock;
use crate::ke::service::NtResult;
use crate::ps::Thread;

/// By thread.
static WISHES: KernelCell<BTreeMap<u32, Vec<Termination>>> = KernelCell::new(BTreeMap::new());

/// `NtRegisterThreadTerminatePort`: the server of a client's port gets LPC_CLIENT_DIED when the caller ends.
pub fn register(port: Handle) -> NtResult {
    let port = reference(port)?;
    let thread = current();
    let wish = LPC.lock().register_termination(port.id, caller(&thread))?;
    WISHES.lock().entry(thread.id()).or_default().push(wish);
    Ok(NtStatus::SUCCESS)
}

/// A thread has come to its end, and its handles are still open.
pub fn thread_ended(thread: &Thread) {
    let wishes = {
        let mut all = WISHES.lock();
        if all.is_empty() {
            return;
        }
        all.remove(&thread.id())
    };
    // Only who asks for it pays for the conversion.
    let create_time = clock::system_time_at(thread.attributes().lock().create_tsc);
    for wish in wishes.into_iter().flatten() {
        let woken = LPC.lock().thread_ended(wish, create_time);
        wake(woken);
    }
    refresh();
}
