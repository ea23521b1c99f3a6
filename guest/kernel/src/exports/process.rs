//! Processes and threads, their memory, and what win32k tells the kernel about itself.

use hal::driver;
use hal::usercopy::USER_LIMIT;
use nt::NtStatus;

use super::Word;
use crate::ke::sched;
use crate::mm::session::Callouts;
use crate::mm::user;
use crate::ps::win32;
use crate::se;

/// Most bytes of a copy: what an image needs is a structure.
const COPY_MAX: u64 = 0x1_0000;

/// `IoGetCurrentProcess()`: a number that tells processes apart.
pub extern "win64" fn current() -> Word {
    win32::address_of_process(sched::current().process())
}

/// `PsGetCurrentProcessId()`.
pub extern "win64" fn current_id() -> Word {
    sched::current_process_id().into()
}

/// `PsGetCurrentThreadId()`.
pub extern "win64" fn current_thread_id() -> Word {
    sched::current().id().into()
}

/// `PsGetCurrentThreadTeb()`.
pub extern "win64" fn current_teb() -> Word {
    sched::current().task().teb()
}

/// `PsGetCurrentProcessSessionId()`.
pub extern "win64" fn current_session() -> Word {
    sched::current().process().attributes().lock().session.into()
}

/// `PsGetCurrentProcessWin32Process()`.
pub extern "win64" fn win32_process() -> Word {
    sched::current().process().win32()
}

/// `PsGetCurrentThreadWin32Thread()`.
pub extern "win64" fn win32_thread() -> Word {
    sched::current().win32()
}

/// `PsSetProcessWin32Process(Process, Win32Process, Previous)`, of the current process.
pub extern "win64" fn set_win32_process(process: u64, value: u64, _previous: u64) -> Word {
    if process != current() {
        return NtStatus::INVALID_PARAMETER.0.into();
    }
    sched::current().process().set_win32(value);
    NtStatus::SUCCESS.0.into()
}

/// `PsSetThreadWin32Thread(Thread, Win32Thread, Previous)`, of the current thread.
pub extern "win64" fn set_win32_thread(thread: u64, value: u64, _previous: u64) -> Word {
    let own = sched::current();
    if thread != win32::address_of_thread(&own) {
        return NtStatus::INVALID_PARAMETER.0.into();
    }
    own.set_win32(value);
    NtStatus::SUCCESS.0.into()
}

/// `PsEstablishWin32Callouts(Callouts)`: the process and the thread call-out begin the structure, and are all that
/// is called here.
pub extern "win64" fn establish_callouts(callouts: u64) {
    if let (Some(session), &[process, thread]) =
        (sched::current().process().session(), driver::words(callouts, 2))
    {
        session.establish(Callouts { process, thread });
    }
}

/// `KeAddSystemServiceTable(Base, Count, Limit, Number, Index)`: FALSE when the table cannot be added.
pub extern "win64" fn add_system_service_table(
    base: u64,
    _counts: u64,
    limit: u32,
    arguments: u64,
    index: u32,
) -> Word {
    let session = sched::current().process().session();
    session.is_some_and(|session| session.add_table(base, limit, arguments, index)).into()
}

/// `SeSinglePrivilegeCheck(PrivilegeValue, PreviousMode)`, of who acts.
pub extern "win64" fn single_privilege_check(luid: u64, _mode: u8) -> Word {
    u32::try_from(luid).is_ok_and(se::has).into()
}

/// `MmCopyVirtualMemory(FromProcess, From, ToProcess, To, Size, PreviousMode, *Copied)`, between the image's memory and
/// that of the current process. ACCESS_VIOLATION for a bad user address, INVALID_PARAMETER for anything else.
pub extern "win64" fn copy_virtual_memory(
    from_process: u64,
    from: u64,
    to_process: u64,
    to: u64,
    size: u64,
    _mode: u8,
    copied: u64,
) -> Word {
    let result = copy([from_process, to_process], from, to, size);
    let (Ok(status) | Err(status)) = result.map(|()| NtStatus::SUCCESS);
    driver::write(copied, &if status.is_success() { size } else { 0 }.to_le_bytes());
    status.0.into()
}

fn copy(processes: [u64; 2], from: u64, to: u64, size: u64) -> Result<(), NtStatus> {
    if processes != [current(); 2] || size > COPY_MAX {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    match (from < USER_LIMIT, to < USER_LIMIT) {
        (false, true) => user::write(to, driver::bytes(from, size as usize)),
        (true, false) => {
            driver::write(to, &user::read_bytes(from, size as usize)?);
            Ok(())
        }
        _ => Err(NtStatus::INVALID_PARAMETER),
    }
}
