//! Mutants: mutexes with an owner, who may take them again and again, and who may end without giving them up.

use alloc::sync::Arc;

use nt::NtStatus;
use nt::types::{Boolean, ClientId, Handle, ObjectAttributes, UserPtr};
use zerocopy::IntoBytes;

use super::dispatcher::{self, HeaderKind, Signal, header};
use super::service::NtResult;
use super::{event, query, sched};
use crate::ob::body::Kind;
use crate::ob::{self, Body, Captured, namespace};
use crate::ps::{Thread, cid};

/// MUTANT_QUERY_STATE.
const QUERY_STATE: u32 = 1;

/// A mutant.
#[derive(Debug)]
pub struct Mutant {
    signal: Signal,
}

impl Mutant {
    /// A mutant that nobody owns.
    pub fn new() -> Arc<Self> {
        Arc::new_cyclic(|own| Self {
            signal: header(HeaderKind::Mutant { own: own.clone(), owner: 0, abandoned: false }, 1),
        })
    }

    /// What waiting for it waits for.
    pub fn signal(&self) -> &Signal {
        &self.signal
    }

    /// Gives it up once. Returns its state before that: 0, or less when it was owned more than once.
    ///
    /// # Errors
    /// MUTANT_NOT_OWNED.
    pub fn release(self: &Arc<Self>, thread: &Thread) -> Result<i32, NtStatus> {
        let before = {
            let mut header = self.signal.lock();
            let before = header.state;
            match &mut header.kind {
                HeaderKind::Mutant { owner, .. } if *owner == thread.id() => {
                    if before == 0 {
                        *owner = 0;
                    }
                }
                _ => return Err(NtStatus::MUTANT_NOT_OWNED),
            }
            header.state = before + 1;
            before
        };
        if before == 0 {
            thread.tcb.disowns(self);
            dispatcher::release(&self.signal);
        }
        Ok(before)
    }

    /// Its owner has ended: whoever gets it next is told.
    pub(super) fn abandon(&self, thread: &Thread) {
        {
            let mut header = self.signal.lock();
            match &mut header.kind {
                HeaderKind::Mutant { owner, abandoned, .. } if *owner == thread.id() => {
                    *owner = 0;
                    *abandoned = true;
                }
                _ => return,
            }
            header.state = 1;
        }
        dispatcher::release(&self.signal);
    }
}

fn by_handle(handle: Handle, access: u32) -> Result<Arc<Mutant>, NtStatus> {
    match ob::handle::reference(handle, Some(Kind::Mutant), access)?.body() {
        Some(Body::Mutant(mutant)) => Ok(mutant.clone()),
        _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
    }
}

/// `NtCreateMutant`.
pub fn create(
    mutant: UserPtr<Handle>,
    access: u32,
    attributes: UserPtr<ObjectAttributes>,
    owned: Boolean,
) -> NtResult {
    let captured = Captured::new(attributes)?;
    let new = Mutant::new();
    if owned.0 != 0 {
        new.signal.lock().satisfy(&sched::current());
    }
    namespace::create_named(mutant, access, &captured, event::object(Body::Mutant(new), &captured))
}

/// `NtOpenMutant`.
pub fn open(mutant: UserPtr<Handle>, access: u32, attributes: UserPtr<ObjectAttributes>) -> NtResult {
    namespace::open_by_name(mutant, access, attributes, Kind::Mutant)?;
    Ok(NtStatus::SUCCESS)
}

/// `NtReleaseMutant`.
pub fn release(mutant: Handle, previous: UserPtr<i32>) -> NtResult {
    let before = by_handle(mutant, 0)?.release(&sched::current())?;
    event::tell(previous, before)
}

/// `NtQueryMutant`: MUTANT_BASIC_INFORMATION, MUTANT_OWNER_INFORMATION.
pub fn query(
    mutant: Handle,
    class: u32,
    information: UserPtr<u8>,
    length: u32,
    returned: UserPtr<u32>,
) -> NtResult {
    query::check(class, length, &[8, size_of::<ClientId>() as u32])?;
    let mutant = by_handle(mutant, QUERY_STATE)?;
    let (state, owner, abandoned) = {
        let header = mutant.signal.lock();
        match header.kind {
            HeaderKind::Mutant { owner, abandoned, .. } => (header.state, owner, abandoned),
            _ => return Err(NtStatus::INTERNAL_ERROR),
        }
    };
    if class == 0 {
        let flags = i32::from(owner == sched::current().id()) | i32::from(abandoned) << 8;
        return query::answer(information, returned, &query::pair(state, flags));
    }
    let client = match cid::thread(owner) {
        Some(thread) => ClientId { process: thread.process().id().into(), thread: owner.into() },
        None => ClientId::default(),
    };
    query::answer(information, returned, client.as_bytes())
}
