//! The services, made safe: what they point to lives through the call.
#![expect(unsafe_code, reason = "calls system services")]

use nt::NtStatus;
use nt::types::{Boolean, Context, Handle, UserPtr};
use rt::syscall;

use crate::reg::{CASE_INSENSITIVE, from, to, with_name};

/// EVENT_ALL_ACCESS and its like.
pub const ALL: u32 = 0x1F_0003;
/// MUTANT_ALL_ACCESS.
pub const MUTANT_ALL: u32 = 0x1F_0001;
/// OBJ_OPENIF.
pub const OPENIF: u32 = 0x80;
/// Event and timer types.
pub const NOTIFICATION: u32 = 0;
pub const SYNCHRONIZATION: u32 = 1;

fn null<T>() -> UserPtr<T> {
    UserPtr::new(0)
}

/// Whether a call succeeded, and the handle it gave.
type Made = (NtStatus, Handle);

/// A nameless event.
pub fn event(kind: u32, signalled: bool) -> Handle {
    let mut handle = Handle::NULL;
    // SAFETY: the handle's place outlives the call.
    unsafe { syscall::NtCreateEvent(to(&mut handle), ALL, null(), kind, Boolean(signalled.into())) };
    handle
}

/// An event with a name.
pub fn named_event(name: &str, attributes: u32, kind: u32, signalled: bool) -> Made {
    let mut handle = Handle::NULL;
    let status = with_name(Handle::NULL, name, attributes | CASE_INSENSITIVE, |attributes| {
        // SAFETY: all pointers outlive the call.
        unsafe { syscall::NtCreateEvent(to(&mut handle), ALL, attributes, kind, Boolean(signalled.into())) }
    });
    (status, handle)
}

/// The four kinds of objects that can be opened by name.
#[derive(Clone, Copy)]
pub enum Kind {
    Event,
    Semaphore,
    Mutant,
    Timer,
}

/// Opens one by name.
pub fn open(kind: Kind, name: &str, access: u32) -> Made {
    let mut handle = Handle::NULL;
    let call = match kind {
        Kind::Event => syscall::NtOpenEvent,
        Kind::Semaphore => syscall::NtOpenSemaphore,
        Kind::Mutant => syscall::NtOpenMutant,
        Kind::Timer => syscall::NtOpenTimer,
    };
    let status = with_name(Handle::NULL, name, CASE_INSENSITIVE, |attributes| {
        // SAFETY: all pointers outlive the call.
        unsafe { call(to(&mut handle), access, attributes) }
    });
    (status, handle)
}

/// `NtSetEvent`: how it ended, and the state before.
pub fn set(event: Handle) -> (NtStatus, i32) {
    let mut before = -1;
    // SAFETY: all pointers outlive the call.
    let status = unsafe { syscall::NtSetEvent(event, to(&mut before)) };
    (status, before)
}

/// `NtResetEvent`, likewise.
pub fn reset(event: Handle) -> (NtStatus, i32) {
    let mut before = -1;
    // SAFETY: all pointers outlive the call.
    let status = unsafe { syscall::NtResetEvent(event, to(&mut before)) };
    (status, before)
}

/// `NtPulseEvent`, likewise.
pub fn pulse(event: Handle) -> (NtStatus, i32) {
    let mut before = -1;
    // SAFETY: all pointers outlive the call.
    let status = unsafe { syscall::NtPulseEvent(event, to(&mut before)) };
    (status, before)
}

/// `NtClearEvent`.
pub fn clear(event: Handle) -> NtStatus {
    // SAFETY: it takes no pointers.
    unsafe { syscall::NtClearEvent(event) }
}

/// Queries of all kinds.
pub fn query(kind: Kind, handle: Handle, class: u32, buffer: &mut [u8]) -> (NtStatus, u32) {
    let mut returned = 0xDEAD_u32;
    let call = match kind {
        Kind::Event => syscall::NtQueryEvent,
        Kind::Semaphore => syscall::NtQuerySemaphore,
        Kind::Mutant => syscall::NtQueryMutant,
        Kind::Timer => syscall::NtQueryTimer,
    };
    let length = buffer.len() as u32;
    // SAFETY: all pointers outlive the call.
    let status = unsafe { call(handle, class, to(buffer), length, to(&mut returned)) };
    (status, returned)
}

/// A semaphore, nameless or not.
pub fn semaphore(name: &str, initial: i32, maximum: i32) -> Made {
    let mut handle = Handle::NULL;
    let status = match name {
        // SAFETY: the handle's place outlives the call.
        "" => unsafe { syscall::NtCreateSemaphore(to(&mut handle), ALL, null(), initial, maximum) },
        _ => with_name(Handle::NULL, name, CASE_INSENSITIVE, |attributes| {
            // SAFETY: all pointers outlive the call.
            unsafe { syscall::NtCreateSemaphore(to(&mut handle), ALL, attributes, initial, maximum) }
        }),
    };
    (status, handle)
}

/// `NtReleaseSemaphore`.
pub fn release(semaphore: Handle, count: i32) -> (NtStatus, i32) {
    let mut before = -1;
    // SAFETY: all pointers outlive the call.
    let status = unsafe { syscall::NtReleaseSemaphore(semaphore, count, to(&mut before)) };
    (status, before)
}

/// A mutant, nameless or not.
pub fn mutant(name: &str, owned: bool) -> Made {
    let mut handle = Handle::NULL;
    let owned = Boolean(owned.into());
    let status = match name {
        // SAFETY: the handle's place outlives the call.
        "" => unsafe { syscall::NtCreateMutant(to(&mut handle), ALL, null(), owned) },
        _ => with_name(Handle::NULL, name, CASE_INSENSITIVE, |attributes| {
            // SAFETY: all pointers outlive the call.
            unsafe { syscall::NtCreateMutant(to(&mut handle), ALL, attributes, owned) }
        }),
    };
    (status, handle)
}

/// `NtReleaseMutant`.
pub fn give_up(mutant: Handle) -> (NtStatus, i32) {
    let mut before = 99;
    // SAFETY: all pointers outlive the call.
    let status = unsafe { syscall::NtReleaseMutant(mutant, to(&mut before)) };
    (status, before)
}

/// A timer, nameless or not.
pub fn timer(name: &str, kind: u32) -> Made {
    let mut handle = Handle::NULL;
    let status = match name {
        // SAFETY: the handle's place outlives the call.
        "" => unsafe { syscall::NtCreateTimer(to(&mut handle), ALL, null(), kind) },
        _ => with_name(Handle::NULL, name, CASE_INSENSITIVE, |attributes| {
            // SAFETY: all pointers outlive the call.
            unsafe { syscall::NtCreateTimer(to(&mut handle), ALL, attributes, kind) }
        }),
    };
    (status, handle)
}

/// A routine of an APC.
pub type ApcRoutine = extern "win64" fn(u64, u64, u64);

/// `NtSetTimer`: how it ended, and whether the timer was signalled.
pub fn set_timer(timer: Handle, due: i64, apc: Option<(ApcRoutine, u64)>, period: i32) -> (NtStatus, u8) {
    let mut before = 99_u8;
    let (routine, context) = apc.map_or((0, 0), |(routine, context)| (routine as *const () as u64, context));
    // SAFETY: all pointers outlive the call.
    let status = unsafe {
        syscall::NtSetTimer(timer, from(&due), routine, context, Boolean(0), period, to(&mut before))
    };
    (status, before)
}

/// `NtCancelTimer`.
pub fn cancel(timer: Handle) -> (NtStatus, u8) {
    let mut state = 99_u8;
    // SAFETY: all pointers outlive the call.
    let status = unsafe { syscall::NtCancelTimer(timer, to(&mut state)) };
    (status, state)
}

fn time_pointer(timeout: &Option<i64>) -> UserPtr<i64> {
    timeout.as_ref().map_or(null(), from)
}

/// Waits for one object, not alertably.
pub fn wait(object: Handle, timeout: Option<i64>) -> NtStatus {
    // SAFETY: all pointers outlive the call.
    unsafe { syscall::NtWaitForSingleObject(object, Boolean(0), time_pointer(&timeout)) }
}

/// Waits alertably.
pub fn wait_alertably(object: Handle, timeout: Option<i64>) -> NtStatus {
    // SAFETY: all pointers outlive the call.
    unsafe { syscall::NtWaitForSingleObject(object, Boolean(1), time_pointer(&timeout)) }
}

/// Looks whether an object is signalled, which takes it.
pub fn poll(object: Handle) -> NtStatus {
    wait(object, Some(0))
}

/// Waits for any of several objects.
pub fn wait_any(objects: &[Handle], timeout: Option<i64>) -> NtStatus {
    wait_several(objects.len() as u32, objects, 1, timeout)
}

/// Waits for all of several objects.
pub fn wait_all(objects: &[Handle], timeout: Option<i64>) -> NtStatus {
    wait_several(objects.len() as u32, objects, 0, timeout)
}

/// The same with any count and type.
pub fn wait_several(count: u32, objects: &[Handle], kind: u32, timeout: Option<i64>) -> NtStatus {
    // SAFETY: the kernel reads `count` handles, or says that it does not.
    unsafe {
        syscall::NtWaitForMultipleObjects(count, from(objects), kind, Boolean(0), time_pointer(&timeout))
    }
}

/// `NtSignalAndWaitForSingleObject`.
pub fn signal_and_wait(signal: Handle, object: Handle, timeout: Option<i64>) -> NtStatus {
    // SAFETY: all pointers outlive the call.
    unsafe { syscall::NtSignalAndWaitForSingleObject(signal, object, Boolean(0), time_pointer(&timeout)) }
}

/// `NtDelayExecution`.
pub fn delay(alertable: bool, interval: i64) -> NtStatus {
    // SAFETY: all pointers outlive the call.
    unsafe { syscall::NtDelayExecution(Boolean(alertable.into()), from(&interval)) }
}

/// `NtQueueApcThread`.
pub fn queue_apc(thread: Handle, routine: ApcRoutine, arguments: [u64; 3]) -> NtStatus {
    let [first, second, third] = arguments;
    // SAFETY: the routine takes what it is given.
    unsafe { syscall::NtQueueApcThread(thread, routine as *const () as u64, first, second, third) }
}

/// `NtTestAlert`.
pub fn test_alert() -> NtStatus {
    // SAFETY: it takes no pointers.
    unsafe { syscall::NtTestAlert() }
}

/// `NtAlertThread`.
pub fn alert(thread: Handle) -> NtStatus {
    // SAFETY: it takes no pointers.
    unsafe { syscall::NtAlertThread(thread) }
}

/// `NtAlertResumeThread`.
pub fn alert_resume(thread: Handle) -> (NtStatus, u32) {
    let mut before = 999;
    // SAFETY: all pointers outlive the call.
    let status = unsafe { syscall::NtAlertResumeThread(thread, to(&mut before)) };
    (status, before)
}

/// `NtSuspendThread`.
pub fn suspend(thread: Handle) -> (NtStatus, u32) {
    let mut before = 999;
    // SAFETY: all pointers outlive the call.
    let status = unsafe { syscall::NtSuspendThread(thread, to(&mut before)) };
    (status, before)
}

/// `NtResumeThread`.
pub fn resume(thread: Handle) -> (NtStatus, u32) {
    let mut before = 999;
    // SAFETY: all pointers outlive the call.
    let status = unsafe { syscall::NtResumeThread(thread, to(&mut before)) };
    (status, before)
}

/// `NtTerminateThread`.
pub fn terminate(thread: Handle, status: NtStatus) -> NtStatus {
    // SAFETY: the thread holds nothing that somebody waits for.
    unsafe { syscall::NtTerminateThread(thread, status) }
}

/// Sets a thread's priority (ThreadPriority).
pub fn set_priority(thread: Handle, priority: u32) -> NtStatus {
    // SAFETY: all pointers outlive the call.
    unsafe { syscall::NtSetInformationThread(thread, 2, from(&priority), 4) }
}

/// Sets a thread's priority relative to its process's (ThreadBasePriority).
pub fn set_base_priority(thread: Handle, increment: i32) -> NtStatus {
    // SAFETY: all pointers outlive the call.
    unsafe { syscall::NtSetInformationThread(thread, 3, from(&increment), 4) }
}

/// `NtGetContextThread`.
pub fn get_context(thread: Handle, context: &mut Context) -> NtStatus {
    // SAFETY: all pointers outlive the call.
    unsafe { syscall::NtGetContextThread(thread, to(context)) }
}

/// `NtSetContextThread`.
pub fn set_context(thread: Handle, context: &Context) -> NtStatus {
    // SAFETY: what the thread is made to do is harmless.
    unsafe { syscall::NtSetContextThread(thread, from(context)) }
}

/// `NtContinue`; returns only when it fails.
pub fn continue_with(context: &Context) -> NtStatus {
    // SAFETY: where it goes on is the check's business.
    unsafe { syscall::NtContinue(from(context), Boolean(0)) }
}

/// `NtQuerySystemTime`.
pub fn system_time() -> i64 {
    let mut time = 0_i64;
    // SAFETY: all pointers outlive the call.
    unsafe { syscall::NtQuerySystemTime(to(&mut time)) };
    time
}

/// `NtSetSystemTime`: how it ended, and the time before.
pub fn set_system_time(time: i64) -> (NtStatus, i64) {
    let mut before = 0_i64;
    // SAFETY: all pointers outlive the call.
    let status = unsafe { syscall::NtSetSystemTime(from(&time), to(&mut before)) };
    (status, before)
}

/// A word of `KUSER_SHARED_DATA`.
pub fn shared(offset: usize) -> u64 {
    let address = nt::kuser::USER_ADDRESS as usize + offset;
    // SAFETY: the page is mapped for reading in every process; the kernel writes to it, hence volatile.
    unsafe {
        let half =
            |n: usize| u64::from(core::ptr::with_exposed_provenance::<u32>(address + 4 * n).read_volatile());
        half(0) | half(1) << 32
    }
}
