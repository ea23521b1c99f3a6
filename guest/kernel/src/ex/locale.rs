//! The locale: a number that programs agree on.

use core::sync::atomic::{AtomicU32, Ordering};

use nt::NtStatus;
use nt::types::{Boolean, UserPtr};

use crate::ke::service::NtResult;
use crate::mm::user;

/// English (United States).
const EN_US: u32 = 0x409;

static SYSTEM: AtomicU32 = AtomicU32::new(EN_US);
static USER: AtomicU32 = AtomicU32::new(EN_US);

fn place(of_user: Boolean) -> &'static AtomicU32 {
    if of_user.0 == 0 { &SYSTEM } else { &USER }
}

/// `NtQueryDefaultLocale`: the system's, or the user's.
pub fn query(of_user: Boolean, locale: UserPtr<u32>) -> NtResult {
    user::write(locale.address, &place(of_user).load(Ordering::Relaxed).to_le_bytes())?;
    Ok(NtStatus::SUCCESS)
}

/// `NtSetDefaultLocale`.
pub fn set(of_user: Boolean, locale: u32) -> NtResult {
    // A locale is a language and a sort order; the upper bits are reserved.
    if locale & 0xFFF0_0000 != 0 {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    place(of_user).store(locale, Ordering::Relaxed);
    Ok(NtStatus::SUCCESS)
}
