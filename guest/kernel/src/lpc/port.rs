//! Ports as objects.

use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, Ordering};

use hal::cell::KernelCell;
use lpcport::{Effect, PortId};
use nt::NtStatus;
use nt::types::Handle;

use super::{LPC, view};
use crate::ke::dispatcher::{self, Signal};
use crate::ke::wait;
use crate::ob::body::Kind;
use crate::ob::{self, Body};

/// A port: one that is connected to, or an end of a connection.
#[derive(Debug)]
pub struct Port {
    /// Its number.
    pub(super) id: PortId,
    /// What waiting for it waits for, if it can be waited for: signalled while a message is there.
    signal: Option<Signal>,
}

/// Ports that can be waited for.
static WAITABLE: KernelCell<Vec<Weak<Port>>> = KernelCell::new(Vec::new());
/// Whether there ever was one: most systems never have any.
static ANY_WAITABLE: AtomicBool = AtomicBool::new(false);

impl Port {
    /// A port's object.
    pub(super) fn new(id: PortId) -> Arc<Self> {
        Arc::new(Self { id, signal: None })
    }

    /// A port's object that can be waited for.
    ///
    /// # Errors
    /// NO_MEMORY; the port is closed.
    pub(super) fn waitable(id: PortId) -> Result<Arc<Self>, NtStatus> {
        let port = Arc::new(Self { id, signal: Some(dispatcher::unsignalled()) });
        let mut waitable = WAITABLE.lock();
        waitable.retain(|port| port.strong_count() > 0);
        if waitable.try_reserve(1).is_err() {
            drop(waitable);
            return Err(NtStatus::NO_MEMORY);
        }
        waitable.push(Arc::downgrade(&port));
        ANY_WAITABLE.store(true, Ordering::Relaxed);
        Ok(port)
    }

    /// What waiting for it waits for.
    pub fn signal(&self) -> Option<&Signal> {
        self.signal.as_ref()
    }

    /// The last handle is gone: whoever waits for something from it is told. Closing it again does nothing.
    pub fn close(&self) {
        let mut views: Vec<view::View> = Vec::new();
        LPC.lock().close(self.id, &mut |effect| match effect {
            Effect::Wake(thread) => wait::unpark(&thread),
            Effect::Unmap(view) => views.push(view),
        });
        // Unmapped with the tables free.
        drop(views);
        refresh();
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.close();
    }
}

/// The port of a handle of the current process.
///
/// # Errors
/// INVALID_HANDLE, OBJECT_TYPE_MISMATCH.
pub fn reference(handle: Handle) -> Result<Arc<Port>, NtStatus> {
    match ob::handle::reference(handle, Some(Kind::Port), 0)?.body() {
        Some(Body::Port(port)) => Ok(port.clone()),
        _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
    }
}

/// Signals the ports that have a message, and no others: called after every operation that brings or takes one.
#[inline]
pub fn refresh() {
    if ANY_WAITABLE.load(Ordering::Relaxed) {
        refresh_all();
    }
}

#[cold]
fn refresh_all() {
    let ports: Vec<Arc<Port>> = WAITABLE.lock().iter().filter_map(Weak::upgrade).collect();
    for port in ports {
        let Some(signal) = port.signal() else { continue };
        let has_message = LPC.lock().has_message(port.id).unwrap_or(false);
        if has_message {
            dispatcher::signal(signal);
        } else {
            dispatcher::reset(signal);
        }
    }
}
