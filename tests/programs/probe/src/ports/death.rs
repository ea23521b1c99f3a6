//! What becomes of requests when a side goes.

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use nt::NtStatus as S;
use nt::lpc::message_type;
use nt::types::Handle;

use super::{CONTEXT, accept_one, client_of, until};
use crate::checks::verdict;
use crate::files::expect;
use crate::lpc::{self, Message};

const NAME: &str = r"\ProbeDeathPort";
/// The client's end that the threads below use.
static CLIENT: AtomicU64 = AtomicU64::new(0);
/// What became of their request.
static RESULT: AtomicU32 = AtomicU32::new(0);
const NOT_YET: u32 = 0xDEAD_DEAD;

extern "win64" fn ask(registers: u64) -> ! {
    let client = Handle(CLIENT.load(Ordering::Relaxed));
    if registers != 0 {
        lpc::register_termination(client);
    }
    let mut message = Message::new(b"question");
    let status = lpc::request(client, &mut message);
    RESULT.store(status.0, Ordering::Relaxed);
    rt::exit_thread()
}

extern "win64" fn connect(_: u64) -> ! {
    let (status, _) = lpc::connect_with(NAME, b"", None, None);
    RESULT.store(status.0, Ordering::Relaxed);
    rt::exit_thread()
}

fn start(entry: extern "win64" fn(u64) -> !, argument: u64) -> Handle {
    RESULT.store(NOT_YET, Ordering::Relaxed);
    rt::spawn(entry, argument).unwrap_or(Handle::NULL)
}

fn result() -> S {
    until(|| RESULT.load(Ordering::Relaxed) != NOT_YET);
    S(RESULT.load(Ordering::Relaxed))
}

fn end(thread: Handle) {
    super::terminate(thread);
    rt::wait(thread);
    rt::close(thread);
}

/// Receives a message of that type.
fn got(name: &str, port: Handle, kind: u16, message: &mut Message) {
    let (status, context) = lpc::receive(port, None, message, Some(-10_000_000));
    let good = status == S::SUCCESS && message.header.message_type == kind && context == CONTEXT;
    verdict(name, good, "another message, or none");
}

/// Clients that die while they wait, servers that go without an answer.
pub fn deaths() {
    let port = lpc::create(NAME, false).unwrap_or(Handle::NULL);
    let Some(connecting) = client_of(NAME) else { return verdict("client", false, "no thread") };
    let server = accept_one(port).unwrap_or(Handle::NULL);
    let client = connecting.end().unwrap_or(Handle::NULL);
    CLIENT.store(client.0, Ordering::Relaxed);
    let mut message = Message::new(b"");

    // Terminated with the request in the queue: it is gone.
    let thread = start(ask, 0);
    until(|| super::has_message(port));
    end(thread);
    let (status, _) = lpc::receive(port, None, &mut message, Some(0));
    expect("withdrawn", status, S::TIMEOUT);

    // Terminated while the server has it: the reply finds nobody.
    let thread = start(ask, 1);
    got("request", port, message_type::REQUEST, &mut message);
    let asked = message.header;
    end(thread);
    expect("reply-late", lpc::reply(server, &message), S::PORT_DISCONNECTED);
    expect("reply-later", lpc::reply(server, &message), S::REPLY_MESSAGE_MISMATCH);
    got("died", port, message_type::CLIENT_DIED, &mut message);
    let is_its = message.header.client_id.thread == asked.client_id.thread;
    let made = u64::from_le_bytes(message.data[..8].try_into().unwrap_or_default());
    // After 2000, in 100 ns since 1601.
    verdict("who-died", is_its && made > 125_911_584_000_000_000, "another thread or time");
    verdict("no-result", RESULT.load(Ordering::Relaxed) == NOT_YET, "the dead thread went on");

    // The server's end goes with the request.
    let thread = start(ask, 0);
    got("second-request", port, message_type::REQUEST, &mut message);
    rt::close(server);
    expect("server-gone", result(), S::PORT_DISCONNECTED);
    rt::wait(thread);
    rt::close(thread);
    rt::close(client);

    // The connection port goes while somebody wants to be connected.
    let thread = start(connect, 0);
    until(|| super::has_message(port));
    rt::close(port);
    expect("port-gone", result(), S::PORT_CONNECTION_REFUSED);
    rt::wait(thread);
    rt::close(thread);

    // Somebody is terminated while he wants to be connected.
    let port = lpc::create(NAME, false).unwrap_or(Handle::NULL);
    let thread = start(connect, 0);
    let status = lpc::listen(port, &mut message);
    end(thread);
    expect("listen", status, S::SUCCESS);
    expect("accept-late", lpc::accept_with(0, &message, true, None, None).0, S::PORT_DISCONNECTED);

    // An accepted connection that is never completed is refused when its server's end goes.
    let thread = start(connect, 0);
    expect("listen-again", lpc::listen(port, &mut message), S::SUCCESS);
    let (status, server) = lpc::accept_with(0, &message, true, None, None);
    expect("accept", status, S::SUCCESS);
    rt::close(server);
    expect("not-completed", result(), S::PORT_CONNECTION_REFUSED);
    rt::wait(thread);
    rt::close(thread);
    rt::close(port);
}
