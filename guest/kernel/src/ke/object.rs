//! Objects of the object manager as things to wait for.

use nt::NtStatus;

use super::dispatcher::{Signal, satisfied};
use crate::ob::{Body, Object};
use crate::ps::Thread;

/// What waiting for an object waits for.
///
/// # Errors
/// OBJECT_TYPE_MISMATCH for objects of types that are never signalled.
pub fn signal_of(object: &Object) -> Result<&Signal, NtStatus> {
    match object.body() {
        Some(Body::Process(process)) => Ok(process.signal()),
        Some(Body::Thread(thread)) => Ok(thread.signal()),
        Some(Body::Event(event)) => Ok(event.signal()),
        Some(Body::Semaphore(semaphore)) => Ok(semaphore.signal()),
        Some(Body::Mutant(mutant)) => Ok(mutant.signal()),
        Some(Body::Timer(timer)) => Ok(timer.signal()),
        Some(Body::File(file)) => Ok(file.signal()),
        Some(Body::Port(port)) => port.signal().ok_or(NtStatus::OBJECT_TYPE_MISMATCH),
        // The others cannot be waited for.
        _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
    }
}

/// Takes all of the objects for a thread, or none of them.
pub(super) fn take_all(objects: &[Object], thread: &Thread) -> Option<NtStatus> {
    let signals = || objects.iter().filter_map(|object| signal_of(object).ok());
    if !signals().all(|signal| signal.lock().is_signalled_for(thread)) {
        return None;
    }
    let abandoned = signals().fold(false, |before, signal| before | signal.lock().satisfy(thread));
    Some(satisfied(0, abandoned))
}
