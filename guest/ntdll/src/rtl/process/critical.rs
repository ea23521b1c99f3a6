//! Critical processes and threads: the system stops when they end.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use nt::NtStatus;
use nt::psinfo::{process_class, thread_class};
use nt::types::{Handle, UserPtr};

use crate::peb::peb;
use crate::rtl::raw::{at, store};
use crate::stubs::{
    NtQueryInformationProcess, NtQueryInformationThread, NtSetInformationProcess, NtSetInformationThread,
};

/// FLG_ENABLE_SYSTEM_CRIT_BREAKS.
const SYSTEM_CRITICAL_BREAKS: u32 = 0x10_0000;
const SIZE: u32 = size_of::<u32>() as u32;

/// Whether a caller that wants it so may set the flag at all.
fn refused(check: u8) -> bool {
    // SAFETY: the PEB lives as long as the process.
    check != 0 && unsafe { (*peb()).nt_global_flag } & SYSTEM_CRITICAL_BREAKS == 0
}

/// Makes the process critical, or not; tells what it was. With `check`, only if the global flags say so.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlSetProcessIsCritical(new: u8, old: *mut u8, check: u8) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe { store(old, 0) };
    if refused(check) {
        return NtStatus::UNSUCCESSFUL;
    }
    let (process, class) = (Handle::CURRENT_PROCESS, process_class::BREAK_ON_TERMINATION);
    // SAFETY: the numbers live here; the rest as the caller says.
    unsafe {
        if !old.is_null() {
            let mut was = 0_u32;
            let place = at((&raw mut was).cast::<u8>());
            if NtQueryInformationProcess(process, class, place, SIZE, UserPtr::new(0)).is_success() {
                old.write((was != 0).into());
            }
        }
        let new = u32::from(new != 0);
        NtSetInformationProcess(process, class, at((&raw const new).cast::<u8>()), SIZE)
    }
}

/// Makes the calling thread critical, or not; tells what it was. With `check`, only if the global flags say so.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlSetThreadIsCritical(new: u8, old: *mut u8, check: u8) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe { store(old, 0) };
    if refused(check) {
        return NtStatus::UNSUCCESSFUL;
    }
    let (thread, class) = (Handle::CURRENT_THREAD, thread_class::BREAK_ON_TERMINATION);
    // SAFETY: the numbers live here; the rest as the caller says.
    unsafe {
        if !old.is_null() {
            let mut was = 0_u32;
            let place = at((&raw mut was).cast::<u8>());
            if NtQueryInformationThread(thread, class, place, SIZE, UserPtr::new(0)).is_success() {
                old.write((was != 0).into());
            }
        }
        let new = u32::from(new != 0);
        NtSetInformationThread(thread, class, at((&raw const new).cast::<u8>()), SIZE)
    }
}
