//! The wait services.

use alloc::vec::Vec;

use hal::waits as noted;
use nt::NtStatus;
use nt::kd::wait_kind;
use nt::types::{Boolean, Handle, UserPtr};

use super::object::signal_of;
use super::service::NtResult;
use super::wait::{self, Mode};
use super::{event, sched, semaphore};
use crate::mm::user;
use crate::ob::{self, Body, Object};

/// SYNCHRONIZE.
const SYNCHRONIZE: u32 = 0x10_0000;
/// MAXIMUM_WAIT_OBJECTS.
const MAXIMUM: usize = 64;

fn mode(alertable: Boolean) -> Mode {
    match alertable.0 {
        0 => Mode::User,
        _ => Mode::Alertable,
    }
}

/// `NtWaitForSingleObject`.
pub fn single(handle: Handle, alertable: Boolean, time: UserPtr<i64>) -> NtResult {
    let timeout = user::read_timeout(time)?;
    let object = ob::handle::reference(handle, None, SYNCHRONIZE)?;
    let signal = signal_of(&object)?;
    let (kind, target) = told(&object);
    noted::note(1, false, [kind, 0], [target, 0]);
    let status = wait::wait_for_any(&[signal], timeout, mode(alertable));
    noted::forget();
    Ok(status)
}

/// What the monitor is told of an object that is waited for.
fn told(object: &Object) -> (u32, u64) {
    match object.body() {
        Some(Body::Process(process)) => (wait_kind::PROCESS, process.id().into()),
        Some(Body::Thread(thread)) => {
            (wait_kind::THREAD, u64::from(thread.process().id()) << 32 | u64::from(thread.id()))
        }
        Some(Body::Event(_)) => (wait_kind::EVENT, object.address()),
        Some(Body::Semaphore(_)) => (wait_kind::SEMAPHORE, object.address()),
        Some(Body::Mutant(_)) => (wait_kind::MUTANT, object.address()),
        Some(Body::Timer(_)) => (wait_kind::TIMER, object.address()),
        Some(Body::File(_)) => (wait_kind::FILE, object.address()),
        Some(Body::Port(_)) => (wait_kind::MESSAGE, object.address()),
        _ => (wait_kind::UNKNOWN, object.address()),
    }
}

/// `NtWaitForMultipleObjects`: of all (0) or any (1) of up to 64 objects, which for all are different ones.
pub fn multiple(
    count: u32,
    handles: UserPtr<Handle>,
    wait_type: u32,
    alertable: Boolean,
    time: UserPtr<i64>,
) -> NtResult {
    let count = count as usize;
    if !(1..=MAXIMUM).contains(&count) {
        return Err(NtStatus::INVALID_PARAMETER_1);
    }
    if wait_type > 1 {
        return Err(NtStatus::INVALID_PARAMETER_3);
    }
    let timeout = user::read_timeout(time)?;
    let mut numbers = Vec::with_capacity(count);
    user::append_words(&mut numbers, handles.address, 8 * count)?;
    let mut objects: Vec<Object> = Vec::with_capacity(count);
    for number in numbers {
        let object = ob::handle::reference(Handle(number), None, SYNCHRONIZE)?;
        signal_of(&object)?;
        objects.push(object);
    }
    let mode = mode(alertable);
    let first = objects.first().map_or((0, 0), told);
    let second = objects.get(1).map_or((0, 0), told);
    noted::note(count as u32, wait_type == 0, [first.0, second.0], [first.1, second.1]);
    let status = several(objects, wait_type, timeout, mode);
    noted::forget();
    status
}

fn several(objects: Vec<Object>, wait_type: u32, timeout: Option<i64>, mode: Mode) -> NtResult {
    if wait_type == 0 {
        let twice = |(n, object): (usize, &Object)| objects[..n].iter().any(|other| other.is(object));
        if objects.iter().enumerate().any(twice) {
            return Err(NtStatus::INVALID_PARAMETER_MIX);
        }
        return Ok(wait::wait_for_all(objects, timeout, mode));
    }
    let signals = objects.iter().map(signal_of).collect::<Result<Vec<_>, _>>()?;
    Ok(wait::wait_for_any(&signals, timeout, mode))
}

/// `NtSignalAndWaitForSingleObject`: sets an event, releases a semaphore once, or gives a mutant up; nobody runs
/// between that and the wait.
pub fn signal_and_wait(signal: Handle, object: Handle, alertable: Boolean, time: UserPtr<i64>) -> NtResult {
    let timeout = user::read_timeout(time)?;
    let to_signal = ob::handle::reference(signal, None, 0)?;
    let to_wait_for = ob::handle::reference(object, None, SYNCHRONIZE)?;
    let waited_for = signal_of(&to_wait_for)?;
    match to_signal.body() {
        Some(Body::Event(_)) => {
            event::by_handle(signal, event::MODIFY_STATE)?.set();
        }
        Some(Body::Semaphore(_)) => {
            semaphore::by_handle(signal, semaphore::MODIFY_STATE)?.release(1)?;
        }
        Some(Body::Mutant(mutant)) => {
            mutant.release(&sched::current())?;
        }
        _ => return Err(NtStatus::OBJECT_TYPE_MISMATCH),
    }
    Ok(wait::wait_for_any(&[waited_for], timeout, mode(alertable)))
}

/// `NtDelayExecution`. A time of 0 lets another thread run.
pub fn delay_execution(alertable: Boolean, interval: UserPtr<i64>) -> NtResult {
    let interval = user::read_i64(interval)?;
    noted::note(1, false, [wait_kind::DELAY, 0], [interval.unsigned_abs(), 0]);
    let status = wait::delay(interval, mode(alertable));
    noted::forget();
    match status {
        NtStatus::SUCCESS if interval == 0 => sched::yield_execution(),
        status => Ok(status),
    }
}
