//! Sending: datagrams, requests, and replies that are requests.

use alloc::vec::Vec;

use lpcport::{Message, Origin, PortId, Request};
use nt::NtStatus;
use nt::kd::wait_kind;
use nt::lpc::{PORT_MESSAGE_SIZE, PortMessage};
use nt::types::{Handle, UserPtr};

use super::message::{capture, deliver};
use super::port::{Port, reference, refresh};
use super::{LPC, caller, current, park, wake};
use crate::ke::service::NtResult;

/// `NtRequestPort`: sends a message that nobody answers.
pub fn request(port: Handle, message: UserPtr<PortMessage>) -> NtResult {
    let port = reference(port)?;
    let message = capture(message)?;
    let sent = LPC.lock().datagram(port.id, caller(&current()), message, Origin::User);
    wake(sent?);
    refresh();
    Ok(NtStatus::SUCCESS)
}

/// `NtRequestWaitReplyPort`.
pub fn request_wait_reply(
    port: Handle,
    request: UserPtr<PortMessage>,
    reply: UserPtr<PortMessage>,
) -> NtResult {
    let port = reference(port)?;
    let message = capture(request)?;
    let answer = ask(&port, message, Origin::User)?;
    deliver(reply, &answer)?;
    Ok(NtStatus::SUCCESS)
}

/// `NtReplyWaitReplyPort`: answers a request with a message that is to be answered in turn.
pub fn reply_wait_reply(port: Handle, reply: UserPtr<PortMessage>) -> NtResult {
    let port = reference(port)?;
    let message = capture(reply)?;
    let thread = current();
    let sent = LPC.lock().reply_wait_reply(port.id, caller(&thread), thread, message)?;
    wake(sent.wake);
    refresh();
    deliver(reply, &answer_to(port.id, sent.wait)?)?;
    Ok(NtStatus::SUCCESS)
}

/// Sends a request and waits for its reply.
///
/// # Errors
/// As [`lpcport::Lpc::request`]; PORT_DISCONNECTED, THREAD_IS_TERMINATING.
pub(super) fn ask(port: &Port, message: Message, origin: Origin) -> Result<Message, NtStatus> {
    let thread = current();
    let sent = LPC.lock().request(port.id, caller(&thread), thread, message, origin)?;
    wake(sent.wake);
    refresh();
    answer_to(port.id, sent.wait)
}

/// Sends a request of the kernel's own in the name of the current thread, and waits for its reply: the data behind the
/// reply's header.
///
/// # Errors
/// As [`ask`].
pub fn ask_for_kernel(port: &Port, message_type: u16, data: &[u8]) -> Result<Vec<u8>, NtStatus> {
    let data_length = data.len() as u16;
    let total_length = data_length + PORT_MESSAGE_SIZE as u16;
    let header = PortMessage { data_length, total_length, message_type, ..PortMessage::default() };
    let first: [u64; PORT_MESSAGE_SIZE / 8] = zerocopy::transmute!(header);
    let mut words = Vec::from(first);
    words.extend(
        data.chunks_exact(8).map(|word| word.iter().rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte))),
    );
    let answer = ask(port, Message::from_words(words)?, Origin::Kernel)?;
    Ok(answer.data().into())
}

fn answer_to(port: PortId, wait: Request) -> Result<Message, NtStatus> {
    let server = LPC.lock().server(port);
    let why = park(wait_kind::REPLY, server, None);
    let end = LPC.lock().end_request(wait, why);
    wake(end.wake);
    end.result
}
