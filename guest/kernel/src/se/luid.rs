//! Numbers that are given once.

use core::sync::atomic::{AtomicU64, Ordering};

use nt::NtStatus;
use nt::security::Luid;
use nt::types::UserPtr;
use zerocopy::IntoBytes;

use crate::ke::service::NtResult;
use crate::mm::user;

static NEXT: AtomicU64 = AtomicU64::new(Luid::FIRST.number());

/// A number that nobody has had since the system started.
pub fn allocate() -> Luid {
    Luid::new(NEXT.fetch_add(1, Ordering::Relaxed))
}

/// `NtAllocateLocallyUniqueId`.
pub fn allocate_locally_unique_id(luid: UserPtr<u64>) -> NtResult {
    user::write(luid.address, allocate().as_bytes())?;
    Ok(NtStatus::SUCCESS)
}
