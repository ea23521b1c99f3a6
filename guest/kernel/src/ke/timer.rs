//! Timer objects: due once or again and again; whoever set one may get an APC each time.

use alloc::sync::{Arc, Weak};

use hal::cell::KernelCell;
use nt::NtStatus;
use nt::types::{Boolean, Handle, ObjectAttributes, UserPtr};

use super::apc::{self, Apc};
use super::dispatcher::{self, HeaderKind, Signal, header};
use super::due::{self, Due, Place, What};
use super::service::NtResult;
use super::{clock, event, query, sched};
use crate::mm::user;
use crate::ob::body::Kind;
use crate::ob::{self, Body, Captured, namespace};
use crate::ps::Thread;

/// TIMER_QUERY_STATE.
const QUERY_STATE: u32 = 1;
/// TIMER_MODIFY_STATE.
const MODIFY_STATE: u32 = 2;
/// 100 ns units in a millisecond.
const MILLISECOND: u64 = 10_000;

/// A timer.
#[derive(Debug)]
pub struct Timer {
    signal: Signal,
    own: Weak<Self>,
    set: KernelCell<Set>,
}

/// What a timer is set to.
#[derive(Debug, Default)]
struct Set {
    /// Where it stands among what is due.
    place: Option<Place>,
    /// Interrupt time at which it is or was due; 0 after it has been cancelled.
    due: u64,
    /// In 100 ns; 0 for once.
    period: u64,
    /// Who gets an APC, and its routine and first argument.
    apc: Option<(Weak<Thread>, u64, u64)>,
}

impl Timer {
    /// A timer that wakes one thread and is not signalled any more (`synchronization`), or stays signalled.
    pub fn new(synchronization: bool) -> Arc<Self> {
        let kind = if synchronization { HeaderKind::Synchronization } else { HeaderKind::Notification };
        Arc::new_cyclic(|own| Self { signal: header(kind, 0), own: own.clone(), set: KernelCell::default() })
    }

    /// What waiting for it waits for.
    pub fn signal(&self) -> &Signal {
        &self.signal
    }

    /// Names its APCs.
    fn source(&self) -> usize {
        core::ptr::from_ref(self).addr()
    }

    /// Starts it anew. Returns whether it was signalled.
    fn start(&self, time: i64, period: u64, apc: Option<(Arc<Thread>, u64, u64)>) -> i32 {
        self.stop();
        let before = dispatcher::reset(&self.signal);
        if let Some((thread, ..)) = &apc {
            thread.tcb.sets(self.own.clone());
        }
        let (due, now) = (due::due(time), clock::interrupt_time());
        let interrupt_time = due::interrupt_time_of(due);
        {
            let mut set = self.set.lock();
            let apc = apc.map(|(thread, routine, context)| (Arc::downgrade(&thread), routine, context));
            *set = Set { place: None, due: interrupt_time, period, apc };
        }
        match interrupt_time <= now {
            true => self.expire(due, now),
            false => self.set.lock().place = Some(due::enter(due, What::Timer(self.own.clone()))),
        }
        before
    }

    /// It is not due any more, and its APC not to come.
    fn stop(&self) {
        let Set { place, apc, .. } = core::mem::take(&mut *self.set.lock());
        if let Some(place) = place {
            due::cancel(place);
        }
        if let Some(thread) = apc.and_then(|(thread, ..)| thread.upgrade()) {
            apc::remove(&thread, self.source());
        }
    }

    /// Stops it if that thread has set it, which ends.
    pub(super) fn stop_of(&self, thread: &Thread) {
        let is_its =
            matches!(&self.set.lock().apc, Some((owner, ..)) if core::ptr::eq(owner.as_ptr(), thread));
        if is_its {
            self.stop();
        }
    }

    /// It is due.
    pub(super) fn expire(&self, due: Due, now: u64) {
        let (period, apc) = {
            let mut set = self.set.lock();
            set.place = None;
            (set.period, set.apc.clone())
        };
        if period > 0 {
            // What fell due while nothing ran is not made up for.
            let mut next = due::after(due::interrupt_time_of(due), period);
            if due::interrupt_time_of(next) <= now {
                next = due::after(now, period);
            }
            let place = due::enter(next, What::Timer(self.own.clone()));
            let mut set = self.set.lock();
            set.place = Some(place);
            set.due = due::interrupt_time_of(next);
        }
        dispatcher::signal(&self.signal);
        if let Some((thread, routine, context)) = apc
            && let Some(thread) = thread.upgrade()
        {
            let time = clock::system_time();
            let arguments = [context, time & 0xFFFF_FFFF, time >> 32];
            // A thread that has no room for it, or ends, does without.
            let _ = apc::queue(&thread, Apc { routine, arguments, source: self.source() });
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.stop();
    }
}

fn by_handle(handle: Handle, access: u32) -> Result<Arc<Timer>, NtStatus> {
    match ob::handle::reference(handle, Some(Kind::Timer), access)?.body() {
        Some(Body::Timer(timer)) => Ok(timer.clone()),
        _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
    }
}

/// `NtCreateTimer`.
pub fn create(
    timer: UserPtr<Handle>,
    access: u32,
    attributes: UserPtr<ObjectAttributes>,
    timer_type: u32,
) -> NtResult {
    if timer_type > 1 {
        return Err(NtStatus::INVALID_PARAMETER_4);
    }
    let captured = Captured::new(attributes)?;
    let body = Body::Timer(Timer::new(timer_type == 1));
    namespace::create_named(timer, access, &captured, event::object(body, &captured))
}

/// `NtOpenTimer`.
pub fn open(timer: UserPtr<Handle>, access: u32, attributes: UserPtr<ObjectAttributes>) -> NtResult {
    namespace::open_by_name(timer, access, attributes, Kind::Timer)?;
    Ok(NtStatus::SUCCESS)
}

/// `NtSetTimer`. TIMER_RESUME_IGNORED when the machine is to be woken by it: this one does not sleep.
pub fn set(
    timer: Handle,
    due: UserPtr<i64>,
    routine: u64,
    context: u64,
    resume: Boolean,
    period: i32,
    previous: UserPtr<u8>,
) -> NtResult {
    let period = u64::try_from(period).map_err(|_| NtStatus::INVALID_PARAMETER_6)? * MILLISECOND;
    let due = user::read_i64(due)?;
    let timer = by_handle(timer, MODIFY_STATE)?;
    let apc = (routine != 0).then(|| (sched::current(), routine, context));
    let before = timer.start(due, period, apc);
    user::write_optional(previous, &[before as u8])?;
    match resume.0 {
        0 => Ok(NtStatus::SUCCESS),
        _ => Ok(NtStatus::TIMER_RESUME_IGNORED),
    }
}

/// `NtCancelTimer`: the timer keeps its signal, which the caller may ask for.
pub fn cancel(timer: Handle, state: UserPtr<u8>) -> NtResult {
    let timer = by_handle(timer, MODIFY_STATE)?;
    timer.stop();
    let signalled = timer.signal.lock().state as u8;
    user::write_optional(state, &[signalled])?;
    Ok(NtStatus::SUCCESS)
}

/// `NtQueryTimer`: TIMER_BASIC_INFORMATION; the time left is negative once it is over.
pub fn query(
    timer: Handle,
    class: u32,
    information: UserPtr<u8>,
    length: u32,
    returned: UserPtr<u32>,
) -> NtResult {
    query::check(class, length, &[16])?;
    let timer = by_handle(timer, QUERY_STATE)?;
    let left = timer.set.lock().due.wrapping_sub(clock::interrupt_time());
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&left.to_le_bytes());
    bytes[8] = timer.signal.lock().state as u8;
    query::answer(information, returned, &bytes)
}
