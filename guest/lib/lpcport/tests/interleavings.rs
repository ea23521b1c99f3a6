//! Random interleavings of clients, servers, deaths and closes under a small scheduler.
//!
//! What must hold: each wait ends exactly once; nobody is woken who does not wait; no message waits while
//! somebody waits for it; a reply reaches the request it names; nothing is received twice or by the
//! dead; closing everything leaves nothing.
#![expect(clippy::unwrap_used, reason = "the scheduler is a test too")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::*;
use lpcport::*;
use nt::NtStatus;
use nt::lpc::{PortMessage, message_type};
use proptest::prelude::*;

const SERVERS: u32 = 3;
const THREADS: u32 = 9;

#[derive(Debug)]
enum Wait {
    Receive(Receive, PortId),
    Request(Request, u32),
    Connect(Connect),
}

#[derive(Debug, Default)]
struct Thread {
    wait: Option<Wait>,
    woken: bool,
    port: Option<PortId>,
    termination: Option<Termination>,
}

#[derive(Default)]
struct World {
    lpc: Ports,
    port: Option<PortId>,
    threads: BTreeMap<u32, Thread>,
    /// Requests that the server has and has not answered.
    held: Vec<PortMessage>,
    tags: BTreeMap<u32, u32>,
    accepted: Vec<PortId>,
    completed: Vec<PortId>,
    sent: u32,
    seen: BTreeSet<u32>,
}

fn id(thread: u32) -> Caller {
    caller(if thread < SERVERS { SERVER } else { 200 + thread / 2 }, thread)
}

impl World {
    fn new() -> Self {
        let mut world = Self::default();
        world.port = Some(world.lpc.create(SERVER, limits()).unwrap());
        world.threads = (0..THREADS).map(|thread| (thread, Thread::default())).collect();
        world
    }

    fn wake(&mut self, thread: Option<u32>) {
        if let Some(thread) = thread {
            let thread = self.threads.get_mut(&thread).expect("the dead are not woken");
            assert!(thread.wait.is_some() && !thread.woken, "woken without need: {thread:?}");
            thread.woken = true;
        }
    }

    fn effects(&mut self, effects: Vec<u32>) {
        for thread in effects {
            self.wake(Some(thread));
        }
    }

    fn close(&mut self, port: PortId) {
        let (woken, _) = close(&mut self.lpc, port);
        self.effects(woken);
        self.accepted.retain(|&other| other != port);
        self.completed.retain(|&other| other != port);
    }

    fn tag(&mut self) -> (u32, Message) {
        self.sent += 1;
        (self.sent, message(&self.sent.to_le_bytes()))
    }

    fn received(&mut self, thread: u32, port: PortId, received: Received) {
        match received {
            Received::Wait(wait) => {
                let thread = self.threads.get_mut(&thread).expect("alive");
                thread.wait = Some(Wait::Receive(wait, port));
                thread.woken = false;
            }
            Received::Deliver(delivery) => {
                let header = *delivery.message.header();
                let tag = delivery.message.data().first_chunk().map_or(0, |tag| u32::from_le_bytes(*tag));
                if matches!(header.message_type, message_type::REQUEST | message_type::DATAGRAM) {
                    assert!(self.seen.insert(tag), "{tag} is received twice");
                }
                if matches!(header.message_type, message_type::REQUEST | message_type::CONNECTION_REQUEST) {
                    self.tags.insert(header.message_id, tag);
                    self.held.push(header);
                }
            }
        }
    }

    /// A request was refused its answer: its client must be gone. The ports say so of the last few.
    fn gone(&self, status: NtStatus, tag: u32) {
        let waits = |thread: &Thread| {
            !thread.woken && matches!(&thread.wait, Some(Wait::Request(_, waits)) if *waits == tag)
        };
        assert!(!self.threads.values().any(waits), "{status} although {tag} waits");
        assert!(matches!(status, NtStatus::PORT_DISCONNECTED | NtStatus::REPLY_MESSAGE_MISMATCH));
    }

    /// A reply that asks for one in turn mostly gets it.
    fn answer_question(&mut self, thread: u32, header: &PortMessage, tag: u32) {
        if header.client_id.thread == u64::from(thread) || tag.is_multiple_of(4) {
            return;
        }
        let Some(port) = self.threads[&thread].port else { return };
        match self.lpc.reply(port, reply_to(header, &tag.to_le_bytes())) {
            Ok(wake) => self.wake(wake),
            Err(status) => assert!(self.port.is_none() || status == NtStatus::PORT_DISCONNECTED, "{status}"),
        }
    }

    /// A waiting thread goes on.
    fn resume(&mut self, thread: u32, why: WaitEnd) {
        let Some(state) = self.threads.get_mut(&thread) else { return };
        let Some(wait) = state.wait.take() else { return };
        let woken = std::mem::take(&mut state.woken);
        match wait {
            Wait::Receive(wait, port) => {
                let end = self.lpc.end_receive(wait, why, thread);
                self.wake(end.wake);
                match end.result {
                    Ok(received) => self.received(thread, port, received),
                    Err(NtStatus::TIMEOUT) => assert!(why == WaitEnd::TimedOut),
                    Err(NtStatus::THREAD_IS_TERMINATING) => assert!(why == WaitEnd::Terminating),
                    Err(status) => assert!(woken && status == NtStatus::PORT_DISCONNECTED),
                }
            }
            Wait::Request(wait, tag) => {
                let end = self.lpc.end_request(wait, why);
                self.wake(end.wake);
                match end.result {
                    Ok(reply) => {
                        assert_eq!(reply.data(), tag.to_le_bytes(), "somebody else's reply");
                        self.answer_question(thread, reply.header(), tag);
                    }
                    Err(NtStatus::THREAD_IS_TERMINATING) => assert!(why == WaitEnd::Terminating),
                    Err(status) => assert!(woken && status == NtStatus::PORT_DISCONNECTED, "{status}"),
                }
            }
            Wait::Connect(wait) => {
                let (end, effects, _) = end_connect(&mut self.lpc, wait, why);
                self.effects(effects);
                match end.result {
                    Ok(port) => self.threads.get_mut(&thread).expect("alive").port = Some(port),
                    Err(NtStatus::THREAD_IS_TERMINATING) => assert!(why == WaitEnd::Terminating),
                    Err(status) => assert!(woken && status == NtStatus::PORT_CONNECTION_REFUSED, "{status}"),
                }
            }
        }
    }

    fn die(&mut self, thread: u32) {
        self.resume(thread, WaitEnd::Terminating);
        if let Some(state) = self.threads.remove(&thread) {
            if let Some(termination) = state.termination {
                let wake = self.lpc.thread_ended(termination, 1);
                self.wake(wake);
            }
            if let Some(port) = state.port {
                self.close(port);
            }
        }
    }

    fn server(&mut self, thread: u32, action: u8, pick: usize) {
        let Some(port) = self.port else { return };
        let through = self.completed.get(pick).copied().unwrap_or(port);
        let held = (!self.held.is_empty()).then(|| self.held.remove(pick % self.held.len()));
        let connect = held.is_some_and(|held| held.message_type == message_type::CONNECTION_REQUEST);
        let answer =
            held.map(|header| (header, reply_to(&header, &self.tags[&header.message_id].to_le_bytes())));
        match (action, answer) {
            (0..=2, Some((header, answer))) if connect => {
                let result = self.lpc.accept(SERVER, answer, action != 0, pick as u64, [None, None]);
                match result {
                    Ok(accepted) => {
                        self.wake(accepted.wake);
                        self.accepted.extend(accepted.port);
                    }
                    Err(error) => self.gone(error.status, self.tags[&header.message_id]),
                }
            }
            (0, Some((header, answer))) => match self.lpc.reply(through, answer) {
                Ok(wake) => {
                    assert!(wake.is_some());
                    self.wake(wake);
                }
                Err(status) => self.gone(status, self.tags[&header.message_id]),
            },
            (1, Some((header, answer))) => match self.lpc.reply_wait_receive(through, thread, Some(answer)) {
                Ok(replied) => {
                    self.wake(replied.wake);
                    self.received(thread, port, replied.then.unwrap());
                }
                Err(status) => self.gone(status, self.tags[&header.message_id]),
            },
            (2, Some((header, answer))) => {
                let tag = self.tags[&header.message_id];
                match self.lpc.reply_wait_reply(through, id(thread), thread, answer) {
                    Ok(sent) => {
                        self.wake(sent.wake);
                        self.threads.get_mut(&thread).expect("alive").wait =
                            Some(Wait::Request(sent.wait, tag));
                    }
                    Err(NtStatus::NO_MEMORY) => self.held.push(header),
                    Err(status) => self.gone(status, tag),
                }
            }
            (3..=4, held) => {
                self.held.extend(held.map(|(header, _)| header));
                if let Some(server) = self.accepted.pop() {
                    match self.lpc.complete(server) {
                        Ok(wake) => {
                            assert!(wake.is_some());
                            self.wake(wake);
                            self.completed.push(server);
                        }
                        Err(status) => {
                            assert_eq!(status, NtStatus::PORT_DISCONNECTED);
                            self.close(server);
                        }
                    }
                }
            }
            (5, Some((mut header, _))) => {
                header.client_id.thread ^= 1 << pick;
                let forged = self.lpc.reply(through, reply_to(&header, b""));
                assert_eq!(forged, Err(NtStatus::REPLY_MESSAGE_MISMATCH));
                header.client_id.thread ^= 1 << pick;
                self.held.push(header);
            }
            (_, held) => {
                self.held.extend(held.map(|(header, _)| header));
                let received = self.lpc.receive(through, thread).unwrap();
                self.received(thread, port, received);
            }
        }
    }

    fn client(&mut self, thread: u32, action: u8) {
        let Some(port) = self.threads.get(&thread).expect("alive").port else {
            let Some(port) = self.port else { return };
            let (_, info) = self.tag();
            let sent =
                self.lpc.connect(port, id(thread), thread, Proposal { info, view: None, security: None });
            let sent = sent.unwrap();
            self.threads.get_mut(&thread).expect("alive").wait = Some(Wait::Connect(sent.wait));
            return self.wake(sent.wake);
        };
        let (tag, message) = self.tag();
        match action {
            0..=3 => match self.lpc.request(port, id(thread), thread, message, Origin::User) {
                Ok(sent) => {
                    self.threads.get_mut(&thread).expect("alive").wait = Some(Wait::Request(sent.wait, tag));
                    self.wake(sent.wake);
                }
                Err(status) => assert_eq!(status, NtStatus::PORT_DISCONNECTED),
            },
            4 | 5 => match self.lpc.datagram(port, id(thread), message, Origin::User) {
                Ok(wake) => self.wake(wake),
                Err(status) => assert!(matches!(status, NtStatus::PORT_DISCONNECTED | NtStatus::NO_MEMORY)),
            },
            6 => {
                let state = self.threads.get_mut(&thread).expect("alive");
                if state.termination.is_none() {
                    state.termination = self.lpc.register_termination(port, id(thread)).ok();
                }
            }
            _ => {
                self.threads.get_mut(&thread).expect("alive").port = None;
                self.close(port);
            }
        }
    }

    fn step(&mut self, thread: u32, action: u8, pick: usize) {
        match self.threads.get(&thread) {
            None => {}
            Some(_) if action == 15 && pick < 2 => self.die(thread),
            Some(Thread { wait: Some(_), woken: true, .. }) => self.resume(thread, WaitEnd::Woken),
            Some(Thread { wait: Some(Wait::Receive(..)), .. }) if action == 14 => {
                self.resume(thread, WaitEnd::TimedOut);
            }
            Some(Thread { wait: Some(_), .. }) => {}
            Some(_) if thread < SERVERS && action == 13 && pick == 0 => {
                if let Some(server) = self.completed.pop() {
                    self.close(server);
                }
            }
            Some(_) if thread < SERVERS => self.server(thread, action % 8, pick),
            Some(_) => self.client(thread, action % 8),
        }
        if let Some(port) = self.port {
            let lost = |thread: &Thread| matches!(thread.wait, Some(Wait::Receive(..))) && !thread.woken;
            let lost = self.threads.values().any(lost);
            assert!(
                !lost || !self.lpc.has_message(port).unwrap(),
                "a message and a receiver wait for each other"
            );
        }
    }

    fn end(mut self, port_first: bool) {
        let mut ports: Vec<_> = self.port.take().into_iter().collect();
        ports.extend(self.accepted.clone());
        ports.extend(self.completed.clone());
        ports.extend(self.threads.values_mut().filter_map(|thread| thread.port.take()));
        if !port_first {
            ports.reverse();
        }
        for port in ports {
            self.close(port);
        }
        for thread in 0..THREADS {
            if let Some(state) = self.threads.get(&thread) {
                assert!(state.wait.is_none() || state.woken, "{thread} waits for ever: {state:?}");
            }
            self.resume(thread, WaitEnd::Woken);
        }
        // Whoever was woken for a message or a connection that has gone since.
        for thread in 0..THREADS {
            self.resume(thread, WaitEnd::Woken);
            self.die(thread);
        }
        assert_eq!(self.lpc.census(), (0, 0, 0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(effort::times(2000)))]

    #[test]
    fn every_wait_ends_once_and_nothing_is_left(
        steps in prop::collection::vec((0..THREADS, 0u8..16, 0usize..5), 0..300),
        port_first: bool,
    ) {
        let mut world = World::new();
        for (thread, action, pick) in steps {
            world.step(thread, action, pick);
        }
        world.end(port_first);
    }

    #[test]
    fn no_header_is_trusted(
        data in prop::collection::vec(any::<u8>(), 0..64),
        words in any::<[u16; 4]>(),
        ids in any::<[u64; 4]>(),
        reply: bool,
    ) {
        let mut lpc = Ports::new();
        let (port, server, client) = connected(&mut lpc, caller(5, 6), 0);
        let wait = lpc.request(client, caller(5, 6), 6, message(b"?"), Origin::User).unwrap().wait;
        let real = *take(&mut lpc, port).message.header();
        let hostile = with_header(&data, |header| {
            *header = PortMessage {
                data_length: words[0],
                total_length: words[1],
                message_type: words[2],
                data_info_offset: words[3],
                client_id: nt::types::ClientId { process: ids[0], thread: ids[1] },
                message_id: ids[2] as u32,
                reserved: 0,
                client_view_size: ids[3],
            };
        });
        let coherent = usize::from(words[1]) >= usize::from(words[0]) + 0x28 && words[1] < 0x8000;
        prop_assert_eq!(hostile.is_ok(), coherent);
        if let Ok(hostile) = hostile {
            let bytes = hostile.as_bytes().len();
            prop_assert_eq!(bytes, usize::from(words[1]));
            if reply {
                prop_assert!(lpc.reply(server, hostile).is_err());
            } else if lpc.datagram(client, caller(5, 6), hostile, Origin::User).is_ok() {
                prop_assert!(bytes <= 0x148);
                let delivery = take(&mut lpc, port);
                prop_assert_eq!(delivery.message.header().client_id.process, 5);
                prop_assert_eq!(delivery.message.as_bytes().len(), bytes);
            }
        }
        prop_assert_eq!(lpc.reply(server, reply_to(&real, b"")), Ok(Some(6)));
        prop_assert!(lpc.end_request(wait, WaitEnd::Woken).result.is_ok());
    }
}
