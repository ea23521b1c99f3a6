//! Ports: a thread of the probe is the server, another one the client, or a process of its own.
#![expect(unsafe_code, reason = "services without a wrapper")]

mod death;
mod errors;
mod process;

pub use death::deaths;
pub use errors::{errors, waitable};
pub use process::{identity, talk, views};

use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use nt::NtStatus;
use nt::lpc::message_type;
use nt::types::{Boolean, Handle, UserPtr};
use rt::syscall;

use crate::checks::verdict;
use crate::costs::measure;
use crate::files::expect;
use crate::lpc::{self, Message};
use crate::reg::{from, to};

const NAME: &str = r"\ProbeApiPort";
const CONTEXT: u64 = 0xC0FFEE;

/// Handle of the connection port, for the server's threads.
static PORT: AtomicU64 = AtomicU64::new(0);
/// How many messages the server has answered.
static ANSWERED: AtomicU32 = AtomicU32::new(0);
/// Notices that the server got, by type.
static NOTICES: [AtomicU32; 8] = [const { AtomicU32::new(0) }; 8];
/// What went wrong in the server.
static WRONG: AtomicU32 = AtomicU32::new(0);
static STOPPED: AtomicBool = AtomicBool::new(false);

fn wrong() {
    WRONG.fetch_add(1, Ordering::Relaxed);
}

/// Answers requests with their data, each byte plus one. A connection that says "no" is refused; "stop" ends it.
extern "win64" fn serve(_: u64) -> ! {
    let port = Handle(PORT.load(Ordering::Relaxed));
    let mut message = Message::new(b"");
    let mut answer = None;
    loop {
        let (status, context) = lpc::receive(port, answer.as_ref(), &mut message, None);
        answer = None;
        if status != NtStatus::SUCCESS {
            break;
        }
        match message.header.message_type {
            message_type::CONNECTION_REQUEST if message.data() == b"no" => {
                message.set(b"go away");
                lpc::accept_with(0, &message, false, None, None);
            }
            message_type::CONNECTION_REQUEST => {
                message.set(b"welcome");
                if lpc::accept(CONTEXT, &message).is_err() {
                    wrong();
                }
            }
            message_type::REQUEST => {
                if context != CONTEXT {
                    wrong();
                }
                ANSWERED.fetch_add(1, Ordering::Relaxed);
                if message.data() == b"back" {
                    // The client is asked in turn, and its answer is the last word.
                    message.set(b"why?");
                    let status = lpc::reply_wait_reply(port, &mut message);
                    if status != NtStatus::SUCCESS || message.data() != b"because" {
                        wrong();
                    }
                    continue;
                }
                let is_stop = message.data() == b"stop";
                message.data.iter_mut().for_each(|byte| *byte = byte.wrapping_add(1));
                if is_stop {
                    lpc::reply(port, &message);
                    break;
                }
                answer = Some(message);
            }
            notice @ 0..8 => drop(NOTICES[usize::from(notice)].fetch_add(1, Ordering::Relaxed)),
            _ => wrong(),
        }
    }
    STOPPED.store(true, Ordering::Relaxed);
    rt::exit_thread()
}

/// Creates the port and starts a server for it.
fn start() -> Handle {
    let port = lpc::create(NAME, false).unwrap_or(Handle::NULL);
    PORT.store(port.0, Ordering::Relaxed);
    STOPPED.store(false, Ordering::Relaxed);
    verdict("server", port != Handle::NULL && rt::spawn(serve, 0).is_ok(), "not started");
    port
}

/// Waits, but not for ever, until something is so.
fn until(what: impl Fn() -> bool) -> bool {
    for _ in 0..400 {
        if what() {
            return true;
        }
        rt::delay(50_000);
    }
    false
}

/// A client that waits to be connected, in a thread of its own.
struct Connecting {
    thread: Handle,
}

/// The client's end that a thread has got.
static CONNECTED: AtomicU64 = AtomicU64::new(0);
/// The name that it is to connect to.
static TARGET: [AtomicU64; 2] = [const { AtomicU64::new(0) }; 2];

extern "win64" fn connect(_: u64) -> ! {
    let [start, len] = [0, 1].map(|n: usize| TARGET[n].load(Ordering::Relaxed) as usize);
    // SAFETY: `client_of` has put a `&'static str` there.
    let name = unsafe {
        core::str::from_utf8_unchecked(core::slice::from_raw_parts(
            core::ptr::with_exposed_provenance(start),
            len,
        ))
    };
    let port = lpc::connect(name, b"").map_or(Handle::NULL, |connected| connected.port);
    CONNECTED.store(port.0, Ordering::Relaxed);
    rt::exit_thread()
}

/// Lets a thread connect to a port.
fn client_of(name: &'static str) -> Option<Connecting> {
    TARGET[0].store(name.as_ptr().expose_provenance() as u64, Ordering::Relaxed);
    TARGET[1].store(name.len() as u64, Ordering::Relaxed);
    rt::spawn(connect, 0).ok().map(|thread| Connecting { thread })
}

impl Connecting {
    /// The client's end of the connection, once it is there.
    fn end(self) -> Option<Handle> {
        rt::wait(self.thread);
        rt::close(self.thread);
        match CONNECTED.swap(0, Ordering::Relaxed) {
            0 => None,
            port => Some(Handle(port)),
        }
    }
}

/// Accepts and completes the next connection that is asked for.
fn accept_one(port: Handle) -> Option<Handle> {
    let mut message = Message::new(b"");
    if lpc::listen(port, &mut message) != NtStatus::SUCCESS {
        return None;
    }
    message.set(b"");
    lpc::accept(CONTEXT, &message).ok()
}

/// Whether an object is signalled now.
fn is_signalled(object: Handle) -> bool {
    let now = 0_i64;
    // SAFETY: the time-out outlives the call.
    unsafe { syscall::NtWaitForSingleObject(object, Boolean(0), from(&now)) == NtStatus::SUCCESS }
}

/// Whether a message waits at a port: one that cannot be copied stays there.
fn has_message(port: Handle) -> bool {
    let (now, nowhere) = (0_i64, UserPtr::new(0));
    // SAFETY: the time-out outlives the call; the message goes nowhere.
    let status = unsafe {
        syscall::NtReplyWaitReceivePortEx(port, UserPtr::new(0), UserPtr::new(0), nowhere, from(&now))
    };
    status == NtStatus::ACCESS_VIOLATION
}

fn terminate(thread: Handle) {
    // SAFETY: it takes no pointers.
    unsafe { syscall::NtTerminateThread(thread, NtStatus::SUCCESS) };
}

/// How a process ended, once it has.
fn exit_status(process: Handle) -> NtStatus {
    rt::wait(process);
    let (mut basic, mut returned) = ([0_u64; 6], 0_u32);
    // SAFETY: both places outlive the call.
    unsafe { syscall::NtQueryInformationProcess(process, 0, to(&mut basic), 48, to(&mut returned)) };
    NtStatus(basic[0] as u32)
}

fn notices(kind: u16) -> u32 {
    NOTICES[usize::from(kind)].load(Ordering::Relaxed)
}

fn stop(client: Handle) {
    let mut message = Message::new(b"stop");
    expect("stop", lpc::request(client, &mut message), NtStatus::SUCCESS);
    let stopped = until(|| STOPPED.load(Ordering::Relaxed));
    verdict("stopped", stopped && WRONG.load(Ordering::Relaxed) == 0, "not well");
}

/// What a request and its reply cost, both sides and the switches between them together.
pub fn costs() {
    let port = start();
    let client = lpc::connect(NAME, b"").map_or(Handle::NULL, |connected| connected.port);
    let mut message = Message::new(&[0; 8]);
    measure("round trip, 8 bytes", || {
        lpc::request(client, &mut message);
    });
    let mut message = Message::new(&[0; 256]);
    measure("round trip, 256 bytes", || {
        lpc::request(client, &mut message);
    });
    measure("datagram", || {
        lpc::send(client, &message);
    });
    rt::close(client);
    rt::close(port);
}

/// Requests and replies, datagrams, refusals, the end of a client's port.
pub fn conversation() {
    let port = start();
    let (status, refused) = lpc::connect_with(NAME, b"no", None, None);
    expect("refused", status, NtStatus::PORT_CONNECTION_REFUSED);
    let told = &refused.info[..refused.info_length as usize];
    // No more comes back than there is room for.
    verdict("refusal-info", told == b"go", "other information");
    let connected = lpc::connect(NAME, b"hello there");
    verdict("connected", connected.is_ok(), "not connected");
    let Ok(connected) = connected else { return };
    let info = &connected.info[..connected.info_length as usize];
    verdict("info", info == b"welcome" && connected.max_message == 0x148, "other information");
    let client = connected.port;
    for round in 0..100_u8 {
        let mut message = Message::new(&[round, 100, 255]);
        let status = lpc::request(client, &mut message);
        let good = status == NtStatus::SUCCESS
            && message.data() == [round + 1, 101, 0]
            && message.header.message_type == message_type::REPLY;
        if !good {
            verdict("round", false, "another answer");
        }
    }
    verdict("rounds", ANSWERED.load(Ordering::Relaxed) == 100, "not all answered");
    let mut message = Message::new(b"back");
    expect("ask-back", lpc::request(client, &mut message), NtStatus::SUCCESS);
    verdict("asked-back", message.data() == b"why?", "another question");
    message.set(b"because");
    expect("answer-back", lpc::reply(client, &message), NtStatus::SUCCESS);
    expect("datagram", lpc::send(client, &Message::new(b"x")), NtStatus::SUCCESS);
    verdict("datagram-got", until(|| notices(message_type::DATAGRAM) == 1), "not got");

    let second = lpc::connect(NAME, b"").map_or(Handle::NULL, |connected| connected.port);
    expect("register", lpc::register_termination(second), NtStatus::SUCCESS);
    rt::close(second);
    verdict("port-closed", until(|| notices(message_type::PORT_CLOSED) == 1), "no notice");
    stop(client);
    expect("still-open", lpc::send(client, &Message::new(b"x")), NtStatus::SUCCESS);
    rt::close(port);
    expect("server-gone", lpc::send(client, &Message::new(b"x")), NtStatus::PORT_DISCONNECTED);
    let mut message = Message::new(b"x");
    expect("no-reply", lpc::request(client, &mut message), NtStatus::PORT_DISCONNECTED);
    rt::close(client);
    expect(
        "nobody",
        lpc::connect(NAME, b"").err().unwrap_or(NtStatus::SUCCESS),
        NtStatus::OBJECT_NAME_NOT_FOUND,
    );
}
