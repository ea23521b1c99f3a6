//! Receiving and replying.

use lpcport::Received;
use nt::NtStatus;
use nt::kd::wait_kind;
use nt::lpc::PortMessage;
use nt::types::{Handle, UserPtr};

use super::message::{capture, deliver};
use super::port::{Port, reference, refresh};
use super::{LPC, current, park, wake};
use crate::ke::service::NtResult;
use crate::mm::user;

/// `NtReplyPort`.
pub fn reply(port: Handle, reply: UserPtr<PortMessage>) -> NtResult {
    let port = reference(port)?;
    let message = capture(reply)?;
    let woken = LPC.lock().reply(port.id, message);
    wake(woken?);
    Ok(NtStatus::SUCCESS)
}

/// `NtReplyWaitReceivePort`.
pub fn reply_wait_receive(
    port: Handle,
    context: UserPtr<u64>,
    reply: UserPtr<PortMessage>,
    message: UserPtr<PortMessage>,
) -> NtResult {
    receive(port, context, reply, message, None)
}

/// `NtReplyWaitReceivePortEx`: the same with a time-out, TIMEOUT when it is over.
pub fn reply_wait_receive_ex(
    port: Handle,
    context: UserPtr<u64>,
    reply: UserPtr<PortMessage>,
    message: UserPtr<PortMessage>,
    timeout: UserPtr<i64>,
) -> NtResult {
    let timeout = user::read_timeout(timeout)?;
    receive(port, context, reply, message, timeout)
}

fn receive(
    port: Handle,
    context: UserPtr<u64>,
    reply: UserPtr<PortMessage>,
    message: UserPtr<PortMessage>,
    timeout: Option<i64>,
) -> NtResult {
    let port = reference(port)?;
    let reply = if reply.is_null() { None } else { Some(capture(reply)?) };
    let received = LPC.lock().reply_wait_receive(port.id, current(), reply)?;
    wake(received.wake);
    take(received.then?, context, message, timeout)
}

/// Takes the message that is there, or waits for it, and hands it to the caller.
pub(super) fn take(
    mut received: Received,
    context: UserPtr<u64>,
    message: UserPtr<PortMessage>,
    timeout: Option<i64>,
) -> NtResult {
    let delivery = loop {
        match received {
            Received::Deliver(delivery) => break delivery,
            Received::Wait(wait) => {
                let why = park(wait_kind::MESSAGE, 0, timeout);
                let end = LPC.lock().end_receive(wait, why, current());
                wake(end.wake);
                received = end.result?;
            }
        }
    };
    refresh();
    let given = deliver(message, &delivery.message)
        .and_then(|()| user::write_optional(context, &delivery.context.to_le_bytes()));
    if let Err(fault) = given {
        // Somebody else may get it.
        let woken = LPC.lock().put_back(delivery);
        wake(woken);
        refresh();
        return Err(fault);
    }
    Ok(NtStatus::SUCCESS)
}

/// What `NtListenPort` does.
pub(super) fn listen(port: &Port, request: UserPtr<PortMessage>) -> NtResult {
    let received = LPC.lock().listen(port.id, current())?;
    take(received, UserPtr::new(0), request, None)
}
