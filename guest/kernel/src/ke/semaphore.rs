//! Semaphores.

use alloc::sync::Arc;

use nt::NtStatus;
use nt::types::{Handle, ObjectAttributes, UserPtr};

use super::dispatcher::{self, HeaderKind, Signal, header};
use super::service::NtResult;
use super::{event, query};
use crate::ob::body::Kind;
use crate::ob::{self, Body, Captured, namespace};

/// SEMAPHORE_QUERY_STATE.
const QUERY_STATE: u32 = 1;
/// SEMAPHORE_MODIFY_STATE.
pub(super) const MODIFY_STATE: u32 = 2;

/// A semaphore.
#[derive(Debug)]
pub struct Semaphore {
    signal: Signal,
    limit: i32,
}

impl Semaphore {
    /// A semaphore with that count.
    pub const fn new(count: i32, limit: i32) -> Self {
        Self { signal: header(HeaderKind::Semaphore, count), limit }
    }

    /// What waiting for it waits for.
    pub fn signal(&self) -> &Signal {
        &self.signal
    }

    /// Adds to the count. Returns what it was.
    ///
    /// # Errors
    /// SEMAPHORE_LIMIT_EXCEEDED; the count is then as it was.
    pub fn release(&self, count: i32) -> Result<i32, NtStatus> {
        let before = {
            let mut header = self.signal.lock();
            let before = header.state;
            header.state = before
                .checked_add(count)
                .filter(|&sum| sum <= self.limit)
                .ok_or(NtStatus::SEMAPHORE_LIMIT_EXCEEDED)?;
            before
        };
        dispatcher::release(&self.signal);
        Ok(before)
    }
}

pub(super) fn by_handle(handle: Handle, access: u32) -> Result<Arc<Semaphore>, NtStatus> {
    match ob::handle::reference(handle, Some(Kind::Semaphore), access)?.body() {
        Some(Body::Semaphore(semaphore)) => Ok(semaphore.clone()),
        _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
    }
}

/// `NtCreateSemaphore`.
pub fn create(
    semaphore: UserPtr<Handle>,
    access: u32,
    attributes: UserPtr<ObjectAttributes>,
    initial: i32,
    maximum: i32,
) -> NtResult {
    if maximum <= 0 || !(0..=maximum).contains(&initial) {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let captured = Captured::new(attributes)?;
    let body = Body::Semaphore(Arc::new(Semaphore::new(initial, maximum)));
    namespace::create_named(semaphore, access, &captured, event::object(body, &captured))
}

/// `NtOpenSemaphore`.
pub fn open(semaphore: UserPtr<Handle>, access: u32, attributes: UserPtr<ObjectAttributes>) -> NtResult {
    namespace::open_by_name(semaphore, access, attributes, Kind::Semaphore)?;
    Ok(NtStatus::SUCCESS)
}

/// `NtReleaseSemaphore`.
pub fn release(semaphore: Handle, count: i32, previous: UserPtr<i32>) -> NtResult {
    if count <= 0 {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let before = by_handle(semaphore, MODIFY_STATE)?.release(count)?;
    event::tell(previous, before)
}

/// `NtQuerySemaphore`: SEMAPHORE_BASIC_INFORMATION.
pub fn query(
    semaphore: Handle,
    class: u32,
    information: UserPtr<u8>,
    length: u32,
    returned: UserPtr<u32>,
) -> NtResult {
    query::check(class, length, &[8])?;
    let semaphore = by_handle(semaphore, QUERY_STATE)?;
    let count = semaphore.signal.lock().state;
    query::answer(information, returned, &query::pair(count, semaphore.limit))
}
