//! System services that every program uses, made safe: what they point to lives through the call.
#![expect(unsafe_code, reason = "calls system services")]

use nt::security::{TOKEN_ADJUST_PRIVILEGES, privilege, privilege_attributes};
use nt::types::{Boolean, Handle, TraceFields, UnicodeString, UserPtr};
use nt::{NtStatus, events};

pub(crate) use crate::syscall;

/// What [`shutdown`] does in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShutdownAction {
    /// Halt.
    NoReboot = 0,
    /// Reboot.
    Reboot = 1,
    /// Power off.
    PowerOff = 2,
}

/// The kernel reads through it, so its provenance is exposed.
pub(crate) fn pointer_to<T: ?Sized, U>(target: &T) -> UserPtr<U> {
    UserPtr::new(core::ptr::from_ref(target).expose_provenance() as u64)
}

/// The kernel writes through it, as long as the target is borrowed by the caller.
pub(crate) fn pointer_to_mut<T: ?Sized, U>(target: &mut T) -> UserPtr<U> {
    UserPtr::new(core::ptr::from_mut(target).expose_provenance() as u64)
}

/// Drops a handle.
pub fn close(handle: Handle) -> NtStatus {
    // SAFETY: it takes no pointers.
    unsafe { syscall::NtClose(handle) }
}

/// Waits until an object is signalled.
pub fn wait(handle: Handle) -> NtStatus {
    // SAFETY: no time-out, so no pointer.
    unsafe { syscall::NtWaitForSingleObject(handle, Boolean(0), UserPtr::new(0)) }
}

/// The performance counter and its frequency in Hz; zeros when it cannot be read.
pub fn performance_counter() -> (i64, i64) {
    let (mut counter, mut frequency) = (0_i64, 0_i64);
    let to = |place: &mut i64| UserPtr::new(core::ptr::from_mut(place).expose_provenance() as u64);
    // SAFETY: both places outlive the call.
    unsafe { syscall::NtQueryPerformanceCounter(to(&mut counter), to(&mut frequency)) };
    (counter, frequency)
}

/// Ends the process.
pub fn exit(status: NtStatus) -> ! {
    loop {
        // SAFETY: it takes no pointers.
        unsafe { syscall::NtTerminateProcess(Handle::CURRENT_PROCESS, status) };
    }
}

/// Enables or disables a privilege of the process's token; [`nt::security::privilege`].
///
/// # Errors
/// NOT_ALL_ASSIGNED: the token does not have it; what opening the token gives.
pub fn adjust_privilege(number: u32, enable: bool) -> Result<(), NtStatus> {
    let mut token = Handle::NULL;
    let place = UserPtr::new(core::ptr::from_mut(&mut token).expose_provenance() as u64);
    // SAFETY: the handle outlives the call.
    unsafe { syscall::NtOpenProcessToken(Handle::CURRENT_PROCESS, TOKEN_ADJUST_PRIVILEGES, place) }.ok()?;
    let attributes = if enable { privilege_attributes::ENABLED } else { 0 };
    // TOKEN_PRIVILEGES: a count, and a LUID with attributes.
    let state = [1, number, 0, attributes];
    let nowhere = UserPtr::new(0);
    // SAFETY: the new state outlives the call, and the old one is not asked for.
    let status = unsafe {
        syscall::NtAdjustPrivilegesToken(token, Boolean(0), pointer_to(&state), 16, nowhere, UserPtr::new(0))
    };
    close(token);
    if status == NtStatus::SUCCESS { Ok(()) } else { Err(status) }
}

/// Shuts the system down, with the privilege for it enabled. Does not return if that succeeds.
pub fn shutdown(action: ShutdownAction) -> NtStatus {
    if let Err(status) = adjust_privilege(privilege::SHUTDOWN, true) {
        return status;
    }
    // SAFETY: it takes no pointers.
    unsafe { syscall::NtShutdownSystem(action as u32) }
}

/// Waits for that long, in units of 100 ns.
pub fn delay(ticks: u32) -> NtStatus {
    let interval = -i64::from(ticks);
    // SAFETY: the interval outlives the call.
    unsafe { syscall::NtDelayExecution(Boolean(0), pointer_to(&interval)) }
}

/// Never goes on.
pub fn wait_for_ever() -> ! {
    loop {
        delay(u32::MAX);
    }
}

/// Records a boot event: `phase` is `b'B'` (begin), `b'E'` (end) or `b'I'` (instant), see
/// [`nt::events`] for the arguments. Text beyond 64 bytes is cut.
pub fn trace(event: u16, phase: u8, args: [u64; 2], text: &str) {
    debug_assert!(events::by_id(event).is_some());
    let mut fields = TraceFields { event, phase, text_len: 0, reserved: 0, args, text: [0; 64] };
    for (to, from) in fields.text.iter_mut().zip(text.bytes()) {
        *to = from;
        fields.text_len += 1;
    }
    let size = size_of::<TraceFields>() as u32;
    // SAFETY: the fields outlive the call. A trace that is not taken is no reason to fail.
    unsafe { syscall::NtTraceEvent(Handle::NULL, 0, size, pointer_to(&fields)) };
}

/// Writes text to the boot screen.
pub fn display(text: &str) {
    let mut rest = text.chars().peekable();
    while rest.peek().is_some() {
        let (mut units, mut count) = ([0_u16; 128], 0);
        // A character takes at most two units.
        while let Some(char) = rest.next_if(|_| count + 2 <= units.len()) {
            count += char.encode_utf16(&mut units[count..]).len();
        }
        let length = (count * size_of::<u16>()) as u16;
        let buffer = units.as_ptr().expose_provenance() as u64;
        let string = UnicodeString { length, maximum_length: length, reserved: 0, buffer };
        // SAFETY: the string and its text outlive the call.
        unsafe { syscall::NtDisplayString(pointer_to(&string)) };
    }
}
