//! The beginning and the end of threads and processes.
#![expect(unsafe_code, reason = "exports by name; calls thread routines")]

use nt::NtStatus;
use nt::types::{Handle, UserPtr};

use crate::ldr::lock::Loader;
use crate::ldr::shutdown::{LdrShutdownProcess, LdrShutdownThread};
use crate::stubs::{NtQueryInformationThread, NtTerminateProcess, NtTerminateThread};

/// ThreadAmILastThread.
const AM_I_LAST_THREAD: u32 = 12;

/// A thread's routine.
pub type Start = unsafe extern "win64" fn(argument: u64) -> u32;

/// First code of a thread behind the loader: calls its routine, and ends it with what that returns.
///
/// # Safety
/// `start` can be called with `argument`. The thread was made to begin here.
#[unsafe(no_mangle)]
pub unsafe extern "win64" fn RtlUserThreadStart(start: Start, argument: u64) -> ! {
    // SAFETY: as the caller says.
    let status = unsafe { start(argument) };
    RtlExitUserThread(NtStatus(status))
}

fn am_i_last() -> bool {
    let mut last = 0_u32;
    let place = UserPtr::new((&raw mut last).expose_provenance() as u64);
    // SAFETY: the place lives through the call.
    let status = unsafe {
        NtQueryInformationThread(
            Handle::CURRENT_THREAD,
            AM_I_LAST_THREAD,
            place,
            size_of::<u32>() as u32,
            UserPtr::new(0),
        )
    };
    status.is_success() && last != 0
}

/// Ends the calling thread; DLLs hear of it. The last thread ends the process.
#[unsafe(no_mangle)]
pub extern "win64" fn RtlExitUserThread(status: NtStatus) -> ! {
    if am_i_last() {
        RtlExitUserProcess(status);
    }
    LdrShutdownThread();
    loop {
        // SAFETY: it takes no pointers.
        unsafe { NtTerminateThread(Handle::CURRENT_THREAD, status) };
    }
}

/// Ends the process: first its other threads, then DLLs hear of it, then it is no more.
#[unsafe(no_mangle)]
pub extern "win64" fn RtlExitUserProcess(status: NtStatus) -> ! {
    // No other thread may end in the middle of the loader.
    Loader::lock().keep();
    // SAFETY: it takes no pointers. The threads have no say in it.
    unsafe { NtTerminateProcess(Handle::NULL, status) };
    LdrShutdownProcess();
    loop {
        // SAFETY: it takes no pointers.
        unsafe { NtTerminateProcess(Handle::CURRENT_PROCESS, status) };
    }
}
