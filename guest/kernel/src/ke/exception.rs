//! Exceptions of user mode: to ntdll's `KiUserExceptionDispatcher` with a CONTEXT and an EXCEPTION_RECORD on the
//! user's stack (`nt::dispatch`). Where there is none, where the stack cannot take them, or when nobody has handled
//! the exception, it ends the process.

use hal::trap::{FAULT_FETCH, FAULT_WRITE, TrapFrame, UserFrame};
use nt::NtStatus;
use nt::dispatch::{self, Entry, context_flags};
use nt::types::{Boolean, Context, ExceptionRecord, UserPtr};
use zerocopy::IntoBytes;

use super::context::{self, CapturedContext};
use super::sched;
use super::service::NtResult;
use crate::mm::user;
use crate::ps;

/// EXCEPTION_MAXIMUM_PARAMETERS.
const PARAMETERS: u32 = 15;

/// What kind of access an access violation was, as its first parameter says.
pub fn access_kind(error: u64) -> u64 {
    match error {
        error if error & FAULT_FETCH != 0 => 8,
        error if error & FAULT_WRITE != 0 => 1,
        _ => 0,
    }
}

/// Raises an exception where the current thread is in user mode.
pub fn raise(frame: UserFrame<'_>, status: NtStatus, parameters: &[u64]) {
    let mut record = ExceptionRecord { code: status.0, address: frame.rip(), ..ExceptionRecord::default() };
    for (slot, &parameter) in record.information.iter_mut().zip(parameters) {
        *slot = parameter;
        record.parameters += 1;
    }
    dispatch(frame, &record);
}

/// First chance: the process's own dispatcher.
fn dispatch(frame: UserFrame<'_>, record: &ExceptionRecord) {
    let thread = sched::current();
    let delivered = ps::user_entry(thread.process(), Entry::KiUserExceptionDispatcher).is_some_and(|entry| {
        let old = frame.load();
        let stack = old.rsp.wrapping_sub(dispatch::EXCEPTION_SIZE) & !15;
        let mut registers = context::capture(&old, context_flags::FULL | context_flags::SEGMENTS);
        let pushed = context::push(&thread, stack + dispatch::CONTEXT, &mut registers)
            .and_then(|()| user::write(stack + dispatch::EXCEPTION_RECORD, record.as_bytes()))
            .and_then(|()| context::push_machine_frame(stack + dispatch::EXCEPTION_MACHINE_FRAME, &old));
        if pushed.is_ok() {
            frame.store(&TrapFrame { rip: entry, rsp: stack, ..TrapFrame::default() });
        }
        pushed.is_ok()
    });
    if !delivered {
        ps::exit::unhandled_exception(NtStatus(record.code), record.address);
    }
}

/// `NtRaiseException`: the caller's exception, in the context that it gives. Not the first chance means that
/// nobody has handled it.
pub fn raise_exception(
    record: UserPtr<ExceptionRecord>,
    context: UserPtr<Context>,
    first_chance: Boolean,
) -> NtResult {
    let mut record: ExceptionRecord = user::read(record)?;
    let captured = CapturedContext::new(context)?;
    if record.parameters > PARAMETERS {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    record.reserved = 0;
    let thread = sched::current();
    captured.set(&thread);
    match first_chance.0 {
        0 => ps::exit::unhandled_exception(NtStatus(record.code), record.address),
        _ => dispatch(thread.task().user_frame(), &record),
    }
    Ok(NtStatus::SUCCESS)
}
