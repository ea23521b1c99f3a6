//! A kernel that is nothing but numbers, and shorthand.
#![allow(dead_code, clippy::allow_attributes, clippy::unwrap_used, reason = "each test uses a part")]

use lpcport::*;
use nt::NtStatus;
use nt::lpc::PortMessage;

#[derive(Debug)]
pub struct Fake;

impl Host for Fake {
    type Thread = u32;
    type View = &'static str;
    type Security = u8;
}

pub type Ports = Lpc<Fake>;

pub const SERVER: u32 = 100;

pub fn caller(process: u32, thread: u32) -> Caller {
    Caller { process, thread }
}

pub fn message(data: &[u8]) -> Message {
    Message::new(data).unwrap()
}

/// A message with the ids of another one: a reply.
pub fn reply_to(request: &PortMessage, data: &[u8]) -> Message {
    let plain = message(data);
    let header = PortMessage {
        client_id: request.client_id,
        message_id: request.message_id,
        message_type: request.message_type,
        ..*plain.header()
    };
    Message::capture(header, |rest| {
        rest.copy_from_slice(data);
        Ok(())
    })
    .unwrap()
}

/// A message whose header says this.
pub fn with_header(data: &[u8], change: impl FnOnce(&mut PortMessage)) -> Result<Message, NtStatus> {
    let mut header = *message(data).header();
    change(&mut header);
    Message::capture(header, |rest| {
        let len = rest.len().min(data.len());
        rest[..len].copy_from_slice(&data[..len]);
        Ok(())
    })
}

pub fn limits() -> Limits {
    Limits::new(64, 0x148, 0).unwrap()
}

pub fn proposal(info: &[u8]) -> Proposal<Fake> {
    Proposal { info: message(info), view: None, security: Some(7) }
}

pub fn delivered(received: Received) -> Delivery {
    match received {
        Received::Deliver(delivery) => delivery,
        Received::Wait(_) => panic!("nothing to receive"),
    }
}

pub fn waiting(received: Received) -> Receive {
    match received {
        Received::Wait(wait) => wait,
        Received::Deliver(delivery) => panic!("unexpected {delivery:?}"),
    }
}

/// Receives what must be there.
pub fn take(lpc: &mut Ports, port: PortId) -> Delivery {
    delivered(lpc.receive(port, 1).unwrap())
}

/// What closing did: who was woken, what was unmapped.
pub fn close(lpc: &mut Ports, port: PortId) -> (Vec<u32>, Vec<&'static str>) {
    let (mut woken, mut unmapped) = (Vec::new(), Vec::new());
    lpc.close(port, &mut |effect| match effect {
        Effect::Wake(thread) => woken.push(thread),
        Effect::Unmap(view) => unmapped.push(view),
    });
    (woken, unmapped)
}

pub fn end_connect(
    lpc: &mut Ports,
    wait: Connect,
    why: WaitEnd,
) -> (ConnectEnd, Vec<u32>, Vec<&'static str>) {
    let (mut woken, mut unmapped) = (Vec::new(), Vec::new());
    let end = lpc.end_connect(wait, why, &mut |effect| match effect {
        Effect::Wake(thread) => woken.push(thread),
        Effect::Unmap(view) => unmapped.push(view),
    });
    (end, woken, unmapped)
}

/// A connection: connection port, server's end (with this context), client's end.
pub fn connected(lpc: &mut Ports, client: Caller, context: u64) -> (PortId, PortId, PortId) {
    let port = lpc.create(SERVER, limits()).unwrap();
    let (server, client) = connect_to(lpc, port, client, context);
    (port, server, client)
}

pub fn connect_to(lpc: &mut Ports, port: PortId, client: Caller, context: u64) -> (PortId, PortId) {
    let sent = lpc.connect(port, client, client.thread, proposal(b"hello")).unwrap();
    let request = take(lpc, port);
    let answer = reply_to(request.message.header(), b"welcome");
    let accepted = lpc.accept(SERVER, answer, true, context, [None, None]).unwrap();
    let server = accepted.port.unwrap();
    assert_eq!(lpc.complete(server).unwrap(), Some(client.thread));
    let (end, woken, _) = end_connect(lpc, sent.wait, WaitEnd::Woken);
    assert_eq!(end.info.data(), b"welcome");
    assert!(woken.is_empty());
    (server, end.result.unwrap())
}
