//! Exceptions of user mode: to ntdll's `KiUserExceptionDispatcher` with a CONTEXT and an EXCEPTION_RECORD on the
//! user's stack (`nt::dispatch`). Where there is none, where the stack cannot take them, or when nobody has handled
//! the exception, the process's exception port is asked; it ends the process, unless that port says otherwise.

use hal::trap::{FAULT_FETCH, FAULT_WRITE, TrapFrame, UserFrame};
use nt::NtStatus;
use nt::dbgk::{self, ExceptionMessage};
use nt::dispatch::{self, Entry, context_flags};
use nt::lpc::message_type;
use nt::types::{Boolean, Context, ExceptionRecord, UserPtr};
use zerocopy::{FromBytes, IntoBytes};

use super::context::{self, CapturedContext};
use super::sched;
use super::service::NtResult;
use crate::lpc;
use crate::mm::user;
use crate::ob::Body;
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
        last_chance(record);
    }
}

/// Second chance: nobody in the process has handled it.
fn last_chance(record: &ExceptionRecord) {
    if !told_to_go_on(record) {
        ps::exit::unhandled_exception(NtStatus(record.code), record.address);
    }
}

/// Tells the process's exception port, which csrss gives to its clients, and waits for the answer.
fn told_to_go_on(record: &ExceptionRecord) -> bool {
    let port = sched::current().process().attributes().lock().exception_port.clone();
    let Some(Body::Port(port)) = port.as_ref().and_then(|object| object.body()) else { return false };
    let message = ExceptionMessage {
        api: dbgk::EXCEPTION_API,
        status: NtStatus::PENDING.0,
        record: *record,
        ..ExceptionMessage::default()
    };
    lpc::ask_for_kernel(port, message_type::EXCEPTION, message.as_bytes()).is_ok_and(|reply| {
        let status = ExceptionMessage::read_from_prefix(&reply).map_or(0, |(reply, _)| reply.status);
        matches!(NtStatus(status), NtStatus::DBG_CONTINUE | NtStatus::DBG_EXCEPTION_HANDLED)
    })
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
        0 => last_chance(&record),
        _ => dispatch(thread.task().user_frame(), &record),
    }
    Ok(NtStatus::SUCCESS)
}
