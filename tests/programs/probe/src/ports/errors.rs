//! What ports refuse, and what time-outs and waitable ports do.

use core::sync::atomic::{AtomicU64, Ordering};

use nt::NtStatus as S;
use nt::lpc::message_type;
use nt::types::Handle;

use super::{CONTEXT, accept_one, client_of};
use crate::checks::verdict;
use crate::files::expect;
use crate::lpc::{self, Message};

const NAME: &str = r"\ProbeErrorPort";

static CLIENT: AtomicU64 = AtomicU64::new(0);

extern "win64" fn ask(_: u64) -> ! {
    lpc::request(Handle(CLIENT.load(Ordering::Relaxed)), &mut Message::new(b"?"));
    rt::exit_thread()
}

fn status(result: Result<Handle, S>) -> S {
    match result {
        Ok(handle) => {
            rt::close(handle);
            S::SUCCESS
        }
        Err(status) => status,
    }
}

/// Names, limits, lengths, handles, addresses.
pub fn errors() {
    expect("info-limit", status(lpc::create_with(NAME, false, [513, 0, 0])), S::INVALID_PARAMETER);
    expect("message-limit", status(lpc::create_with(NAME, false, [0, 0x2B1, 0])), S::INVALID_PARAMETER);
    let port = lpc::create(NAME, false).unwrap_or(Handle::NULL);
    expect("collision", status(lpc::create(NAME, false)), S::OBJECT_NAME_COLLISION);
    expect("no-port", status(lpc::connect(r"\Device", b"").map(|c| c.port)), S::OBJECT_TYPE_MISMATCH);
    expect("no-name", status(lpc::connect(r"\NoPort", b"").map(|c| c.port)), S::OBJECT_NAME_NOT_FOUND);
    rt::close(port);

    let port = lpc::create_with(NAME, false, [16, 0x40, 0]).unwrap_or(Handle::NULL);
    expect("longer-info", status(lpc::connect(NAME, &[0; 17]).map(|c| c.port)), S::PORT_MESSAGE_TOO_LONG);
    let Some((client, server)) = connected(port) else { return verdict("connected", false, "not") };
    expect("complete-again", lpc::complete(server), S::INVALID_PARAMETER);
    expect("complete-client", lpc::complete(client), S::INVALID_PORT_HANDLE);
    expect("complete-port", lpc::complete(port), S::INVALID_PORT_HANDLE);
    expect("too-long", lpc::send(client, &Message::new(&[0; 25])), S::PORT_MESSAGE_TOO_LONG);
    expect("long", lpc::send(client, &Message::new(&[0; 24])), S::SUCCESS);
    let mut message = Message::new(b"x");
    for (data, total) in [(1, 0x28), (0, 0), (0xFFFF, 0xFFFF), (0, 0x8000), (8, 0x2F)] {
        (message.header.data_length, message.header.total_length) = (data, total);
        expect("lengths", lpc::send(client, &message), S::INVALID_PARAMETER);
    }
    message = Message::new(b"x");
    message.header.message_type = message_type::ERROR_EVENT;
    expect("forged-type", lpc::send(client, &message), S::INVALID_PARAMETER);
    message.header.message_type = message_type::NEW;
    message.header.message_id = 0x1234;
    expect("reply-to-nothing", lpc::reply(server, &message), S::REPLY_MESSAGE_MISMATCH);
    expect("accept-nothing", lpc::accept_with(0, &message, true, None, None).0, S::REPLY_MESSAGE_MISMATCH);
    expect("not-a-port", lpc::send(Handle::CURRENT_PROCESS, &message), S::OBJECT_TYPE_MISMATCH);
    expect("no-handle", lpc::send(Handle(0x4444), &message), S::INVALID_HANDLE);
    expect("query", lpc::query(port, 0), S::SUCCESS);
    expect("query-class", lpc::query(port, 1), S::INVALID_INFO_CLASS);
    expect("register-server", lpc::register_termination(server), S::INVALID_PORT_HANDLE);
    expect("wait", rt::wait(port), S::OBJECT_TYPE_MISMATCH);

    let (status, _) = lpc::receive(port, None, &mut message, Some(0));
    verdict("datagram", status == S::SUCCESS && message.data().len() == 24, "lost");
    CLIENT.store(client.0, Ordering::Relaxed);
    let asker = rt::spawn(ask, 0).unwrap_or(Handle::NULL);
    super::until(|| super::has_message(port));
    // The request stays there if it cannot be copied.
    for address in [0, 0x7FFE_0000, 0x7FF_FFFF_0000, 0x4000_0000_0000] {
        expect("hostile", lpc::receive_at_address(port, 0, address), S::ACCESS_VIOLATION);
    }
    let here = (&raw const message).expose_provenance() as u64;
    expect("hostile-reply", lpc::receive_at_address(port, 0x4000_0000_0000, here), S::ACCESS_VIOLATION);
    let (status, context) = lpc::receive(port, None, &mut message, Some(0));
    verdict("put-back", status == S::SUCCESS && context == CONTEXT && message.data() == b"?", "lost");
    expect("reply", lpc::reply(server, &message), S::SUCCESS);
    rt::wait(asker);
    rt::close(asker);
    let (status, _) = lpc::receive(port, None, &mut message, Some(0));
    expect("no-more", status, S::TIMEOUT);
    let (status, _) = lpc::receive(port, None, &mut message, Some(-20_000));
    expect("time-out", status, S::TIMEOUT);
    // Without a context a connection is called by the value of its handle.
    let Some(second) = client_of(NAME) else { return verdict("second", false, "no thread") };
    let listened = lpc::listen(port, &mut message);
    message.set(b"");
    let called = lpc::accept(0, &message).unwrap_or(Handle::NULL);
    let second = second.end().unwrap_or(Handle::NULL);
    lpc::send(second, &Message::new(b"x"));
    let (status, context) = lpc::receive(port, None, &mut message, Some(0));
    let good = listened == S::SUCCESS && status == S::SUCCESS && context == called.0;
    verdict("context", good, "not the handle");
    for handle in [client, server, second, called, port] {
        rt::close(handle);
    }
}

/// A connection to a port, both ends of it here.
fn connected(port: Handle) -> Option<(Handle, Handle)> {
    let client = client_of(NAME)?;
    let server = accept_one(port)?;
    Some((client.end()?, server))
}

/// A port that is signalled while a message is there.
pub fn waitable() {
    let port = lpc::create(NAME, true).unwrap_or(Handle::NULL);
    let Some((client, server)) = connected(port) else { return verdict("connected", false, "not") };
    let mut message = Message::new(b"x");
    verdict("silent", !super::is_signalled(port), "signalled");
    expect("send", lpc::send(client, &message), S::SUCCESS);
    expect("send-second", lpc::send(client, &message), S::SUCCESS);
    expect("signalled", rt::wait(port), S::SUCCESS);
    let (status, _) = lpc::receive(port, None, &mut message, None);
    verdict("one-left", status == S::SUCCESS && super::is_signalled(port), "silent");
    let (status, _) = lpc::receive(port, None, &mut message, None);
    verdict("none-left", status == S::SUCCESS && !super::is_signalled(port), "signalled");
    rt::close(client);
    verdict("closed", super::is_signalled(port), "silent");
    let (status, context) = lpc::receive(port, None, &mut message, None);
    let told = message.header.message_type == message_type::PORT_CLOSED && context == CONTEXT;
    verdict("notice", status == S::SUCCESS && told, "another message");
    rt::close(server);
    rt::close(port);
}
