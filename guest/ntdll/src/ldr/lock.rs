//! The loader lock. Whoever has it is a [`Loader`]; everything that looks at or changes modules is a method of that.
#![expect(unsafe_code, reason = "exports by name")]

use nt::NtStatus;

use crate::peb::thread_id;
use crate::sync::CriticalSection;

/// The lock; `PEB.LoaderLock` points to it.
pub static LOADER_LOCK: CriticalSection = CriticalSection::new();

/// LDR_LOCK_LOADER_LOCK_FLAG_RAISE_ON_ERRORS: failures are raised.
const RAISE_ON_ERRORS: u32 = 1;
/// LDR_LOCK_LOADER_LOCK_FLAG_TRY_ONLY: who does not get it at once does not get it.
const TRY_ONLY: u32 = 2;
/// LDR_LOCK_LOADER_LOCK_DISPOSITION_LOCK_ACQUIRED.
const ACQUIRED: u32 = 1;
/// LDR_LOCK_LOADER_LOCK_DISPOSITION_LOCK_NOT_ACQUIRED.
const NOT_ACQUIRED: u32 = 2;
/// Cookies: this, and the thread's id.
const COOKIE: u64 = 0x4C44_0000_0000_0000;

/// The right to look at and change modules. Threads may have it several times: entry points of DLLs, which are called with it,
/// load others.
#[derive(Debug)]
pub struct Loader(());

impl Loader {
    /// Waits for the loader lock.
    pub fn lock() -> Self {
        LOADER_LOCK.enter();
        Self(())
    }

    /// Keeps the lock for the rest of the thread's life.
    pub fn keep(self) {
        core::mem::forget(self);
    }
}

impl Drop for Loader {
    fn drop(&mut self) {
        LOADER_LOCK.leave();
    }
}

/// Takes the loader lock. The cookie is for [`LdrUnlockLoaderLock`].
///
/// # Safety
/// `disposition`, unless NULL, and `cookie` can be written to.
#[unsafe(no_mangle)]
unsafe extern "win64" fn LdrLockLoaderLock(flags: u32, disposition: *mut u32, cookie: *mut u64) -> NtStatus {
    if flags & !(RAISE_ON_ERRORS | TRY_ONLY) != 0 {
        return failed(flags, NtStatus::INVALID_PARAMETER_1);
    }
    if cookie.is_null() {
        return failed(flags, NtStatus::INVALID_PARAMETER_3);
    }
    if flags & TRY_ONLY != 0 && disposition.is_null() {
        return failed(flags, NtStatus::INVALID_PARAMETER_2);
    }
    let acquired = if flags & TRY_ONLY != 0 {
        LOADER_LOCK.try_enter()
    } else {
        LOADER_LOCK.enter();
        true
    };
    // SAFETY: as the caller says.
    unsafe {
        if !disposition.is_null() {
            *disposition = if acquired { ACQUIRED } else { NOT_ACQUIRED };
        }
        *cookie = if acquired { COOKIE | thread_id() } else { 0 };
    }
    NtStatus::SUCCESS
}

/// Gives the loader lock up. A cookie of 0 stands for a lock that was not got.
#[unsafe(no_mangle)]
extern "win64" fn LdrUnlockLoaderLock(flags: u32, cookie: u64) -> NtStatus {
    if flags & !RAISE_ON_ERRORS != 0 {
        return failed(flags, NtStatus::INVALID_PARAMETER_1);
    }
    if cookie == 0 {
        return NtStatus::SUCCESS;
    }
    if cookie != COOKIE | thread_id() || !LOADER_LOCK.leave() {
        return failed(flags, NtStatus::INVALID_PARAMETER_2);
    }
    NtStatus::SUCCESS
}

fn failed(flags: u32, status: NtStatus) -> NtStatus {
    if flags & RAISE_ON_ERRORS != 0 {
        crate::thread::raise::raise_status(status);
    }
    status
}
