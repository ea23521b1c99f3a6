//! `NtNotifyChangeKey`: who is told when a key changes.
//!
//! The first call through an open key says what is of interest, for as long as that is open. What happens while nobody
//! waits is remembered, and the next call ends at once.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use hal::cell::KernelCell;
use hal::dma::Pages;
use mmcore::Access;
use nt::NtStatus;
use nt::registry::{access, notify};
use nt::security::EVENT_MODIFY_STATE;
use nt::types::{Boolean, Handle, IoStatusBlock, UserPtr};
use zerocopy::IntoBytes;

use super::key::Key;
use super::object;
use super::tree::registry;
use crate::ke::apc::{self, Apc};
use crate::ke::dispatcher::{self, Signal};
use crate::ke::event::{self, Event};
use crate::ke::sched;
use crate::ke::service::NtResult;
use crate::ke::wait::{self, Mode};
use crate::mm::copy::keep_pages;
use crate::mm::user;
use crate::ps::Thread;

/// Every key that is watched.
static WATCHES: KernelCell<Vec<Arc<Watch>>> = KernelCell::new(Vec::new());

/// What is of interest to who has a key open.
#[derive(Debug)]
pub struct Watch {
    key: Arc<Key>,
    filter: u32,
    subtree: bool,
    state: KernelCell<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Something has happened that nobody has been told of.
    changed: bool,
    waiters: Vec<Waiter>,
}

/// Somebody who is to be told.
#[derive(Debug)]
enum Waiter {
    /// He waits.
    Here(Arc<Stay>),
    /// He goes on.
    Away { io_status: Pages, event: Option<Arc<Event>>, apc: Option<(Arc<Thread>, Apc)> },
}

/// A wait, and how it ends.
#[derive(Debug)]
struct Stay {
    signal: Signal,
    status: AtomicU32,
}

/// A key has changed in some way ([`notify`]).
pub fn changed(key: &Arc<Key>, what: u32) {
    let concerned: Vec<Arc<Watch>> = {
        let watches = WATCHES.lock();
        if watches.is_empty() {
            return;
        }
        watches.iter().filter(|watch| watch.filter & what != 0 && watch.covers(key)).cloned().collect()
    };
    concerned.iter().for_each(|watch| watch.tell(NtStatus::NOTIFY_ENUM_DIR));
}

/// A key is gone, and nothing more will happen to it.
pub fn deleted(key: &Arc<Key>) {
    let concerned: Vec<Arc<Watch>> =
        WATCHES.lock().iter().filter(|watch| Arc::ptr_eq(&watch.key, key)).cloned().collect();
    concerned.iter().for_each(|watch| watch.tell(NtStatus::NOTIFY_CLEANUP));
}

/// The last handle of an open key is gone.
pub fn closed(watch: &Arc<Watch>) {
    WATCHES.lock().retain(|other| !Arc::ptr_eq(other, watch));
    watch.tell(NtStatus::NOTIFY_CLEANUP);
}

impl Watch {
    fn covers(&self, key: &Arc<Key>) -> bool {
        let mut next = Some(key);
        while let Some(key) = next {
            if Arc::ptr_eq(key, &self.key) {
                return true;
            }
            next = key.parent().filter(|_| self.subtree);
        }
        false
    }

    fn tell(&self, status: NtStatus) {
        let waiters = {
            let mut state = self.state.lock();
            state.changed = state.waiters.is_empty();
            core::mem::take(&mut state.waiters)
        };
        for waiter in waiters {
            match waiter {
                Waiter::Here(stay) => {
                    stay.status.store(status.0, Relaxed);
                    dispatcher::signal(&stay.signal);
                }
                Waiter::Away { io_status, event, apc } => {
                    io_status.write(0, block(status).as_bytes());
                    if let Some(event) = event {
                        event.set();
                    }
                    if let Some((thread, apc)) = apc {
                        // A thread that is ending gets none.
                        let _ = apc::queue(&thread, apc);
                    }
                }
            }
        }
    }
}

fn block(status: NtStatus) -> IoStatusBlock {
    IoStatusBlock { status: status.0.into(), information: 0 }
}

/// `NtNotifyChangeKey`. PENDING for who does not wait; NOTIFY_ENUM_DIR when something has changed, NOTIFY_CLEANUP when
/// the key has been deleted or closed. Nothing is ever told in the buffer.
#[expect(clippy::too_many_arguments, reason = "NT's signature")]
pub fn notify_change_key(
    handle: Handle,
    event: Handle,
    routine: u64,
    context: u64,
    io_status: UserPtr<IoStatusBlock>,
    filter: u32,
    subtree: Boolean,
    _buffer: UserPtr<u8>,
    _length: u32,
    asynchronous: Boolean,
) -> NtResult {
    let object = object::reference(handle, access::NOTIFY)?;
    let open = object::open_of(&object)?;
    if filter == 0 || filter & !notify::LEGAL != 0 {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let event = match event {
        Handle::NULL => None,
        handle => Some(event::by_handle(handle, EVENT_MODIFY_STATE)?),
    };
    // What cannot be written later is found now.
    user::write(io_status.address, block(NtStatus::PENDING).as_bytes())?;
    registry().live(open.key())?;
    if let Some(event) = &event {
        event.reset();
    }
    let watch = open.watch(|key| {
        let watch = Watch { key: key.clone(), filter, subtree: subtree.0 != 0, state: KernelCell::default() };
        let watch = Arc::new(watch);
        WATCHES.lock().push(watch.clone());
        watch
    });
    let thread = sched::current();
    if asynchronous.0 != 0 {
        let apc = Apc { routine, arguments: [context, io_status.address, 0], source: 0 };
        let io_status =
            keep_pages(thread.process(), io_status.address, size_of::<IoStatusBlock>(), Access::Write)?;
        let apc = (routine != 0).then_some((thread, apc));
        watch.add(Waiter::Away { io_status, event, apc });
        return Ok(NtStatus::PENDING);
    }
    drop(thread);
    let stay = Arc::new(Stay { signal: dispatcher::unsignalled(), status: AtomicU32::new(0) });
    watch.add(Waiter::Here(stay.clone()));
    let ended = wait::wait_for_any(&[&stay.signal], None, Mode::User);
    if ended != NtStatus::SUCCESS {
        let is_other = |waiter: &Waiter| !matches!(waiter, Waiter::Here(other) if Arc::ptr_eq(other, &stay));
        watch.state.lock().waiters.retain(is_other);
        return Err(ended);
    }
    let status = NtStatus(stay.status.load(Relaxed));
    user::write(io_status.address, block(status).as_bytes())?;
    if let Some(event) = event {
        event.set();
    }
    Ok(status)
}

impl Watch {
    /// Adds somebody, who is told at once of what has happened before.
    fn add(&self, waiter: Waiter) {
        let changed = {
            let mut state = self.state.lock();
            state.waiters.push(waiter);
            core::mem::take(&mut state.changed)
        };
        if changed {
            self.tell(NtStatus::NOTIFY_ENUM_DIR);
        }
    }
}
