//! A server and clients in processes of their own: views, memory of requests, identity, hard errors.
#![expect(unsafe_code, reason = "memory that another process sees, and services without a wrapper")]

use nt::NtStatus as S;
use nt::harderror::HardErrorMessage;
use nt::lpc::{PortDataEntry, PortView, RemotePortView, message_type};
use nt::memory::{PAGE_READWRITE, SEC_COMMIT};
use nt::types::{Boolean, Handle};
use rt::syscall;

use super::{CONTEXT, accept_one};
use crate::checks::verdict;
use crate::files::expect;
use crate::lpc::{self, Message};
use crate::memory::call::{self, peek, poke};
use crate::memory::spawn;
use crate::reg::{from, to};

const NAME: &str = r"\ProbeProcessPort";
const ROUNDS: u8 = 100;
const VIEW: u64 = 0x2000;
/// S-1-5-18 and S-1-5-19.
const LOCAL_SYSTEM: [u8; 12] = [1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0];
const LOCAL_SERVICE: [u8; 12] = [1, 1, 0, 0, 0, 0, 0, 5, 19, 0, 0, 0];
/// STATUS_DLL_NOT_FOUND, an error like another.
const ERROR: u32 = 0xC000_0135;

fn client_process(entry: extern "win64" fn(u64) -> !) -> Handle {
    match spawn(entry, 0) {
        Ok((process, thread)) => {
            rt::close(thread);
            process
        }
        Err(_) => Handle::NULL,
    }
}

/// How a process ended, once it has.
fn end_of(process: Handle) -> S {
    let status = crate::ports::exit_status(process);
    rt::close(process);
    status
}

/// Asks its hundred questions and dies without closing anything.
extern "win64" fn ask(_: u64) -> ! {
    let Ok(connected) = lpc::connect(NAME, b"") else { rt::exit(S::PORT_CONNECTION_REFUSED) };
    for round in 0..ROUNDS {
        let mut message = Message::new(&[round]);
        let status = lpc::request(connected.port, &mut message);
        if status != S::SUCCESS || message.data() != [round + 1] {
            rt::exit(S::UNSUCCESSFUL);
        }
    }
    rt::exit(S::SUCCESS)
}

/// Ping-pong with a process that then dies.
pub fn talk() {
    let port = lpc::create(NAME, false).unwrap_or(Handle::NULL);
    let process = client_process(ask);
    let Some(server) = accept_one(port) else { return verdict("accept", false, "nobody came") };
    let (mut message, mut reply, mut answered) = (Message::new(b""), None, 0);
    loop {
        let (status, context) = lpc::receive(port, reply.take().as_ref(), &mut message, Some(-100_000_000));
        if status != S::SUCCESS || context != CONTEXT {
            break verdict("talk", false, "no message");
        }
        match message.header.message_type {
            message_type::REQUEST => {
                message.data[0] += 1;
                reply = Some(message);
                answered += 1;
            }
            kind => {
                break verdict("talk", kind == message_type::PORT_CLOSED && answered == ROUNDS, "other end");
            }
        }
    }
    expect("client", end_of(process), S::SUCCESS);
    rt::close(server);
    rt::close(port);
}

/// Offers a view, looks into the server's, and offers memory with a request.
extern "win64" fn share(_: u64) -> ! {
    let check = |good: bool, number: u32| {
        if !good {
            rt::exit(S(number))
        }
    };
    let section = call::section(0x1_0000, PAGE_READWRITE, SEC_COMMIT, Handle::NULL).unwrap_or(Handle::NULL);
    let length = size_of::<PortView>() as u32;
    let view = PortView { length, section_handle: section.0, view_size: VIEW, ..PortView::default() };
    let (status, _) = lpc::connect_with(NAME, b"", Some(PortView { length: 8, ..view }), None);
    check(status == S::INVALID_PARAMETER, 1);
    let (status, _) = lpc::connect_with(NAME, b"", Some(PortView { section_handle: 0x4444, ..view }), None);
    check(status == S::INVALID_HANDLE, 2);
    let (status, connected) = lpc::connect_with(NAME, b"", Some(view), None);
    check(status == S::SUCCESS, 3);
    let (own, remote) = (connected.own, connected.remote);
    check(own.view_base != 0 && own.view_size == VIEW && own.view_remote_base != 0, 4);
    check(remote.view_base != 0 && remote.view_size == VIEW, 5);
    poke(own.view_base + 0x1FFF, 0x11);
    check(peek(remote.view_base) == 0x22, 6);

    // The server reads the first and writes to the second; a third is not there.
    let (question, mut answer) = (*b"What is six times seven?", [0_u8; 8]);
    let mut message = Message::new(&[0; 8 + 2 * 16]);
    message.header.data_info_offset = 0x28;
    message.data[0] = 2;
    let entries = [
        PortDataEntry { base: from::<_, ()>(&question).address, size: question.len() as u32, reserved: 0 },
        PortDataEntry { base: to::<_, ()>(&mut answer).address, size: answer.len() as u32, reserved: 0 },
    ];
    for (entry, place) in entries.iter().zip(message.data[8..].chunks_exact_mut(16)) {
        place[..8].copy_from_slice(&entry.base.to_le_bytes());
        place[8..12].copy_from_slice(&entry.size.to_le_bytes());
    }
    check(lpc::request(connected.port, &mut message) == S::SUCCESS, 7);
    // SAFETY: the server may have written to it, the compiler does not know.
    let answer = unsafe { (&raw const answer).read_volatile() };
    check(answer.starts_with(b"42"), 8);
    // Its views go with the connection.
    rt::close(connected.port);
    check(call::unmap(own.view_base) == S::NOT_MAPPED_VIEW, 9);
    check(call::unmap(remote.view_base) == S::NOT_MAPPED_VIEW, 10);
    rt::exit(S::SUCCESS)
}

/// Views of both sides, and memory of a request.
pub fn views() {
    let port = lpc::create(NAME, false).unwrap_or(Handle::NULL);
    let process = client_process(share);
    let mut message = Message::new(b"");
    expect("listen", lpc::listen(port, &mut message), S::SUCCESS);
    verdict("told-size", message.header.client_view_size == VIEW, "another size");
    let section = call::section(VIEW, PAGE_READWRITE, SEC_COMMIT, Handle::NULL).unwrap_or(Handle::NULL);
    let length = size_of::<PortView>() as u32;
    let mut own = PortView { length, section_handle: section.0, view_size: VIEW, ..PortView::default() };
    let mut remote = RemotePortView { length: 7, ..RemotePortView::default() };
    message.set(b"");
    let (status, _) = lpc::accept_with(CONTEXT, &message, true, Some(&mut own), Some(&mut remote));
    expect("remote-length", status, S::INVALID_PARAMETER);
    remote.length = size_of::<RemotePortView>() as u32;
    let (status, server) = lpc::accept_with(CONTEXT, &message, true, Some(&mut own), Some(&mut remote));
    expect("accept", status, S::SUCCESS);
    let placed = own.view_base != 0 && own.view_remote_base != 0 && remote.view_size == VIEW;
    verdict("views", placed && remote.view_base != 0, "not told");
    poke(own.view_base, 0x22);
    expect("complete", lpc::complete(server), S::SUCCESS);

    let (status, _) = lpc::receive(port, None, &mut message, Some(-100_000_000));
    expect("request", status, S::SUCCESS);
    verdict("client-wrote", peek(remote.view_base + 0x1FFF) == 0x11, "not seen");
    let mut buffer = [0; 64];
    let (status, done) = lpc::data(server, &message, 0, &mut buffer[..24], false);
    verdict(
        "read-data",
        (status, done) == (S::SUCCESS, 24) && buffer.starts_with(b"What is six"),
        "other data",
    );
    expect("read-too-much", lpc::data(server, &message, 0, &mut buffer[..25], false).0, S::INVALID_PARAMETER);
    expect("no-entry", lpc::data(server, &message, 2, &mut buffer[..1], false).0, S::INVALID_PARAMETER);
    let (status, done) = lpc::data(server, &message, 1, &mut b"42 exact".clone(), true);
    verdict("write-data", (status, done) == (S::SUCCESS, 8), "not written");
    message.set(b"");
    expect("reply", lpc::reply(server, &message), S::SUCCESS);
    expect("data-late", lpc::data(server, &message, 0, &mut buffer[..1], false).0, S::REPLY_MESSAGE_MISMATCH);
    expect("client", end_of(process), S::SUCCESS);
    rt::close(server);
    expect("unmapped", call::unmap(own.view_base), S::NOT_MAPPED_VIEW);
    expect("unmapped-too", call::unmap(remote.view_base), S::NOT_MAPPED_VIEW);
    rt::close(section);
    rt::close(port);
}

/// Connects with the server's SID and with another one, asks, and raises a hard error.
extern "win64" fn identify(_: u64) -> ! {
    let check = |good: bool, number: u32| {
        if !good {
            rt::exit(S(number))
        }
    };
    check(lpc::connect_with(NAME, b"", None, Some(&LOCAL_SERVICE)).0 == S::SERVER_SID_MISMATCH, 1);
    check(lpc::connect_with(NAME, b"", None, Some(&[9; 12])).0 == S::INVALID_SID, 2);
    let (status, connected) = lpc::connect_with(NAME, b"", None, Some(&LOCAL_SYSTEM));
    check(status == S::SUCCESS, 3);
    let mut message = Message::new(b"who am I?");
    check(lpc::request(connected.port, &mut message) == S::SUCCESS, 4);
    let (values, mut response) = ([0x1234_u64], 0xDEAD_u32);
    // SAFETY: both places outlive the call.
    let status = unsafe { syscall::NtRaiseHardError(S(ERROR), 1, 0, from(&values), 1, to(&mut response)) };
    check(status == S::SUCCESS && response == 6, 5);
    rt::exit(S::SUCCESS)
}

fn open_thread_token() -> S {
    let mut token = Handle::NULL;
    // SAFETY: the handle outlives the call.
    let status = unsafe { syscall::NtOpenThreadToken(Handle::CURRENT_THREAD, 8, Boolean(1), to(&mut token)) };
    rt::close(token);
    status
}

/// A server that acts as its client, and that is told of hard errors.
pub fn identity() {
    let port = lpc::create(NAME, false).unwrap_or(Handle::NULL);
    // SAFETY: it takes no pointers.
    let set = || unsafe { syscall::NtSetDefaultHardErrorPort(port) };
    expect("error-port", set(), S::SUCCESS);
    expect("error-port-again", set(), S::UNSUCCESSFUL);
    let process = client_process(identify);
    let Some(server) = accept_one(port) else { return verdict("accept", false, "nobody came") };
    let mut message = Message::new(b"");
    let (status, _) = lpc::receive(port, None, &mut message, Some(-100_000_000));
    expect("request", status, S::SUCCESS);
    expect("no-token", open_thread_token(), S::NO_TOKEN);
    // SAFETY: the message outlives the call.
    let impersonate =
        |message: &Message| unsafe { syscall::NtImpersonateClientOfPort(server, from(message)) };
    expect("impersonate", impersonate(&message), S::SUCCESS);
    expect("token", open_thread_token(), S::SUCCESS);
    let none = Handle::NULL;
    // SAFETY: the handle outlives the call.
    let status = unsafe { syscall::NtSetInformationThread(Handle::CURRENT_THREAD, 5, from(&none), 8) };
    expect("revert", status, S::SUCCESS);
    expect("reverted", open_thread_token(), S::NO_TOKEN);
    expect("reply", lpc::reply(server, &message), S::SUCCESS);
    expect("impersonate-late", impersonate(&message), S::REPLY_MESSAGE_MISMATCH);

    let (status, context) = lpc::receive(port, None, &mut message, Some(-100_000_000));
    let is_error = message.header.message_type == message_type::ERROR_EVENT && context == 0;
    verdict("error", status == S::SUCCESS && is_error, "another message");
    let word = |at: usize| u32::from_le_bytes(message.data[at..at + 4].try_into().unwrap_or_default());
    let told = (word(0), word(16), word(24), word(32));
    verdict("error-told", told == (ERROR, 1, 1, 0x1234), "other numbers");
    let at = core::mem::offset_of!(HardErrorMessage, response);
    message.data[at..at + 4].copy_from_slice(&6_u32.to_le_bytes());
    expect("error-reply", lpc::reply(port, &message), S::SUCCESS);
    expect("client", end_of(process), S::SUCCESS);
    rt::close(server);
    rt::close(port);
}
