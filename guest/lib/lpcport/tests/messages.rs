//! Requests, replies, datagrams, notices: one test for each status and each way a wait can end.

mod common;

use common::*;
use lpcport::*;
use nt::NtStatus;
use nt::lpc::{PortDataEntry, message_type};

#[test]
fn a_reply_goes_to_the_request_it_names() {
    let mut lpc = Ports::new();
    let (port, server, client) = connected(&mut lpc, caller(5, 6), 42);
    let one = lpc.request(client, caller(5, 6), 6, message(b"one"), Origin::User).unwrap();
    let two = lpc.request(client, caller(5, 7), 7, message(b"two"), Origin::User).unwrap();
    // First in, first out; by the server's end as well as by the connection port.
    let first = take(&mut lpc, server);
    let second = take(&mut lpc, port);
    assert_eq!((first.message.data(), second.message.data()), (b"one".as_slice(), b"two".as_slice()));
    assert_eq!((first.context, first.message.header().message_type), (42, message_type::REQUEST));
    assert_eq!(lpc.reply(server, reply_to(second.message.header(), b"2")), Ok(Some(7)));
    assert_eq!(lpc.reply(port, reply_to(first.message.header(), b"1")), Ok(Some(6)));
    for (wait, data, thread) in [(one.wait, b"1", 6), (two.wait, b"2", 7)] {
        let reply = lpc.end_request(wait, WaitEnd::Woken).result.unwrap();
        assert_eq!(reply.data(), data);
        assert_eq!(reply.header().message_type, message_type::REPLY);
        assert_eq!(reply.header().client_id.thread, thread);
    }
}

#[test]
fn stale_and_forged_replies_match_nothing() {
    let mut lpc = Ports::new();
    let (port, _server, client) = connected(&mut lpc, caller(5, 6), 0);
    let other = lpc.create(SERVER, limits()).unwrap();
    let sent = lpc.request(client, caller(5, 6), 6, message(b"?"), Origin::User).unwrap();
    let mismatch = Err(NtStatus::REPLY_MESSAGE_MISMATCH);
    let request = *take(&mut lpc, port).message.header();
    for forge in [
        |header: &mut nt::lpc::PortMessage| header.message_id += 1 << 12,
        |header: &mut nt::lpc::PortMessage| header.message_id = 0,
        |header: &mut nt::lpc::PortMessage| header.message_id = u32::MAX,
        |header: &mut nt::lpc::PortMessage| header.client_id.process += 1,
        |header: &mut nt::lpc::PortMessage| header.client_id.thread |= 1 << 32,
    ] {
        let mut forged = request;
        forge(&mut forged);
        assert_eq!(lpc.reply(port, reply_to(&forged, b"!")), mismatch);
    }
    assert_eq!(lpc.reply(other, reply_to(&request, b"!")), mismatch, "not received from that port");
    assert_eq!(lpc.reply(client, reply_to(&request, b"!")), mismatch, "not to oneself");
    assert_eq!(lpc.reply(port, reply_to(&request, &[0; 0x148])), Err(NtStatus::PORT_MESSAGE_TOO_LONG));
    assert_eq!(lpc.reply(port, reply_to(&request, b"!")), Ok(Some(6)));
    assert_eq!(lpc.reply(port, reply_to(&request, b"!")), mismatch, "only once");
    let _ = lpc.end_request(sent.wait, WaitEnd::Woken);
    assert_eq!(lpc.reply(port, reply_to(&request, b"!")), mismatch, "nor later");
}

#[test]
fn a_request_still_in_the_queue_cannot_be_answered() {
    let mut lpc = Ports::new();
    let (port, _server, client) = connected(&mut lpc, caller(5, 6), 0);
    let sent = lpc.request(client, caller(5, 6), 6, message(b"a"), Origin::User).unwrap();
    let first = *take(&mut lpc, port).message.header();
    assert_eq!(lpc.reply(port, reply_to(&first, b"")), Ok(Some(6)));
    let _ = lpc.end_request(sent.wait, WaitEnd::Woken);
    let _sent = lpc.request(client, caller(5, 6), 6, message(b"b"), Origin::User).unwrap();
    let mut guess = first;
    guess.message_id += 1 << 12;
    assert_eq!(lpc.reply(port, reply_to(&guess, b"")), Err(NtStatus::REPLY_MESSAGE_MISMATCH));
    assert_eq!(take(&mut lpc, port).message.header().message_id, guess.message_id);
}

#[test]
fn a_dead_client_is_disconnected() {
    let mut lpc = Ports::new();
    let (port, server, client) = connected(&mut lpc, caller(5, 6), 0);
    let received = lpc.request(client, caller(5, 6), 6, message(b"got"), Origin::User).unwrap();
    let request = *take(&mut lpc, port).message.header();
    let queued = lpc.request(client, caller(5, 7), 7, message(b"queued"), Origin::User).unwrap();
    for wait in [received.wait, queued.wait] {
        let end = lpc.end_request(wait, WaitEnd::Terminating);
        assert_eq!(end.result.unwrap_err(), NtStatus::THREAD_IS_TERMINATING);
    }
    assert!(!lpc.has_message(port).unwrap(), "what was queued is gone");
    assert_eq!(lpc.reply(server, reply_to(&request, b"")), Err(NtStatus::PORT_DISCONNECTED));
    assert_eq!(lpc.reply(server, reply_to(&request, b"")), Err(NtStatus::REPLY_MESSAGE_MISMATCH));
}

#[test]
fn closing_an_end_ends_the_requests_of_the_other() {
    for close_connection_port in [false, true] {
        let mut lpc = Ports::new();
        let (port, server, client) = connected(&mut lpc, caller(5, 6), 0);
        let one = lpc.request(client, caller(5, 6), 6, message(b"1"), Origin::User).unwrap();
        let _received = take(&mut lpc, port);
        let two = lpc.request(client, caller(5, 7), 7, message(b"2"), Origin::User).unwrap();
        let at_client = waiting(lpc.receive(client, 8).unwrap());
        let closed = if close_connection_port { port } else { server };
        let (mut woken, _) = close(&mut lpc, closed);
        woken.sort_unstable();
        assert_eq!(woken, if close_connection_port { vec![6, 7] } else { vec![6, 7, 8] });
        for wait in [one.wait, two.wait] {
            let end = lpc.end_request(wait, WaitEnd::Woken);
            assert_eq!(end.result.unwrap_err(), NtStatus::PORT_DISCONNECTED);
        }
        let again = lpc.request(client, caller(5, 6), 6, message(b"3"), Origin::User);
        assert_eq!(again.unwrap_err(), NtStatus::PORT_DISCONNECTED);
        if close_connection_port {
            assert_eq!(lpc.receive(server, 9).unwrap_err(), NtStatus::PORT_DISCONNECTED);
            close(&mut lpc, server);
        } else {
            assert_eq!(lpc.receive(client, 9).unwrap_err(), NtStatus::PORT_DISCONNECTED);
        }
        let end = lpc.end_receive(at_client, WaitEnd::Woken, 8);
        assert_eq!(end.result.unwrap_err(), NtStatus::PORT_DISCONNECTED);
        for port in [client, port] {
            close(&mut lpc, port);
        }
        assert_eq!(lpc.census(), (0, 0, 0));
    }
}

#[test]
fn datagrams_go_both_ways_and_a_closed_client_comes_after_them() {
    let mut lpc = Ports::new();
    let (port, server, client) = connected(&mut lpc, caller(5, 6), 3);
    assert_eq!(lpc.datagram(server, caller(SERVER, 1), message(b"down"), Origin::User), Ok(None));
    assert_eq!(take(&mut lpc, client).message.data(), b"down");
    assert_eq!(lpc.datagram(client, caller(5, 6), message(b"up"), Origin::User), Ok(None));
    let termination = lpc.register_termination(client, caller(5, 6)).unwrap();
    assert_eq!(lpc.thread_ended(termination, 0x1234), None);
    close(&mut lpc, client);
    for (message_type, len) in
        [(message_type::DATAGRAM, 0x2A), (message_type::CLIENT_DIED, 0x30), (message_type::PORT_CLOSED, 0x30)]
    {
        let delivery = take(&mut lpc, port);
        assert_eq!((delivery.message.header().message_type, delivery.message.len()), (message_type, len));
        assert_eq!(delivery.context, 3);
        if message_type == message_type::CLIENT_DIED {
            assert_eq!(delivery.message.data(), 0x1234u64.to_le_bytes());
        }
        let answer = reply_to(delivery.message.header(), b"");
        assert_eq!(lpc.reply(port, answer), Err(NtStatus::REPLY_MESSAGE_MISMATCH));
    }
    assert_eq!(lpc.register_termination(port, caller(5, 6)), Err(NtStatus::INVALID_PORT_HANDLE));
}

#[test]
fn programs_cannot_send_what_only_the_kernel_sends() {
    let mut lpc = Ports::new();
    let (port, _server, client) = connected(&mut lpc, caller(5, 6), 0);
    for kind in [4, 5, 6, 7, 8, 9, 10, 11, 0x8001, 0xFFFF] {
        let forged = with_header(b"", |header| header.message_type = kind).unwrap();
        let sent = lpc.datagram(client, caller(5, 6), forged, Origin::User);
        assert_eq!(sent, Err(NtStatus::INVALID_PARAMETER), "{kind}");
    }
    // The kernel reports through the connection port; there is no connection and no context.
    let event = with_header(b"fault", |header| header.message_type = message_type::EXCEPTION).unwrap();
    let sent = lpc.request(port, caller(5, 6), 6, event, Origin::Kernel).unwrap();
    let delivery = take(&mut lpc, port);
    assert_eq!((delivery.message.header().message_type, delivery.context), (message_type::EXCEPTION, 0));
    let header = *delivery.message.header();
    assert_eq!(lpc.client(port, &header).unwrap_err(), NtStatus::CANNOT_IMPERSONATE);
    assert_eq!(lpc.reply(port, reply_to(&header, b"")), Ok(Some(6)));
    assert!(lpc.end_request(sent.wait, WaitEnd::Woken).result.is_ok());
    let forged = with_header(b"", |header| header.message_type = message_type::PORT_CLOSED).unwrap();
    assert_eq!(lpc.datagram(port, caller(4, 4), forged, Origin::Kernel), Err(NtStatus::INVALID_PARAMETER));
}

#[test]
fn a_server_acts_as_its_client_and_reads_what_it_offers() {
    let mut lpc = Ports::new();
    let (_port, server, client) = connected(&mut lpc, caller(5, 6), 0);
    let mut data = vec![0; 8];
    data.extend(1u32.to_le_bytes());
    data.extend([0; 4]);
    data.extend(0xABC0u64.to_le_bytes());
    data.extend(0x30u64.to_le_bytes());
    let offer = |change: u16, count: u8| {
        let mut data = data.clone();
        data[8] = count;
        with_header(&data, |header| header.data_info_offset = 0x30 + change).unwrap()
    };
    for (change, count) in [(1, 1), (8, 1), (0, 2), (0, 255), (0x7F00, 1)] {
        let sent = lpc.request(client, caller(5, 6), 6, offer(change, count), Origin::User);
        assert_eq!(sent.unwrap_err(), NtStatus::INVALID_PARAMETER, "{change} {count}");
    }
    let sent = lpc.request(client, caller(5, 6), 6, offer(0, 1), Origin::User).unwrap();
    let header = *take(&mut lpc, server).message.header();
    let entry = lpc.data(server, &header, 0).unwrap();
    assert_eq!(
        (entry.thread, PortDataEntry { base: entry.base, size: entry.size, reserved: 0 }),
        (6, PortDataEntry { base: 0xABC0, size: 0x30, reserved: 0 })
    );
    assert_eq!(lpc.data(server, &header, 1).unwrap_err(), NtStatus::INVALID_PARAMETER);
    let identity = lpc.client(server, &header).unwrap();
    assert_eq!((identity.caller, identity.thread, *identity.security), (caller(5, 6), 6, 7));
    assert_eq!(lpc.client(client, &header).unwrap_err(), NtStatus::REPLY_MESSAGE_MISMATCH);
    let _ = lpc.end_request(sent.wait, WaitEnd::Terminating);
    assert_eq!(lpc.client(server, &header).unwrap_err(), NtStatus::PORT_DISCONNECTED);
}

#[test]
fn a_reply_can_ask_for_a_reply() {
    let mut lpc = Ports::new();
    let (_port, server, client) = connected(&mut lpc, caller(5, 6), 0);
    let sent = lpc.request(client, caller(5, 6), 6, message(b"?"), Origin::User).unwrap();
    let answer = reply_to(take(&mut lpc, server).message.header(), b"which?");
    let asked = lpc.reply_wait_reply(server, caller(SERVER, 1), 1, answer).unwrap();
    assert_eq!(asked.wake, Some(6));
    let question = lpc.end_request(sent.wait, WaitEnd::Woken).result.unwrap();
    assert_eq!(question.header().client_id.thread, 1);
    assert_eq!(lpc.reply(client, reply_to(question.header(), b"that")), Ok(Some(1)));
    assert_eq!(lpc.end_request(asked.wait, WaitEnd::Woken).result.unwrap().data(), b"that");

    // The client dies before it has seen the question.
    let sent = lpc.request(client, caller(5, 6), 6, message(b"?"), Origin::User).unwrap();
    let answer = reply_to(take(&mut lpc, server).message.header(), b"which?");
    let asked = lpc.reply_wait_reply(server, caller(SERVER, 1), 1, answer).unwrap();
    assert_eq!(lpc.end_request(sent.wait, WaitEnd::Terminating).wake, Some(1));
    let end = lpc.end_request(asked.wait, WaitEnd::Woken);
    assert_eq!(end.result.unwrap_err(), NtStatus::PORT_DISCONNECTED);
}

#[test]
fn waiting_ends_in_time_and_loses_nothing() {
    let mut lpc = Ports::new();
    let (port, _server, client) = connected(&mut lpc, caller(5, 6), 0);
    let wait = waiting(lpc.receive(port, 1).unwrap());
    assert_eq!(lpc.end_receive(wait, WaitEnd::TimedOut, 1).result.unwrap_err(), NtStatus::TIMEOUT);

    // A message given to a thread that is to end goes to the next one.
    let one = waiting(lpc.receive(port, 1).unwrap());
    let two = waiting(lpc.receive(port, 2).unwrap());
    assert_eq!(lpc.datagram(client, caller(5, 6), message(b"x"), Origin::User), Ok(Some(1)));
    assert_eq!(lpc.end_receive(one, WaitEnd::Terminating, 1).wake, Some(2));
    let delivery = delivered(lpc.end_receive(two, WaitEnd::TimedOut, 2).result.unwrap());
    assert_eq!(delivery.message.data(), b"x");

    // A receiver woken for a request that is withdrawn meanwhile waits again.
    let one = waiting(lpc.receive(port, 1).unwrap());
    let sent = lpc.request(client, caller(5, 6), 6, message(b"y"), Origin::User).unwrap();
    assert_eq!(sent.wake, Some(1));
    let _ = lpc.end_request(sent.wait, WaitEnd::Terminating);
    let one = waiting(lpc.end_receive(one, WaitEnd::Woken, 1).result.unwrap());
    assert_eq!(lpc.datagram(client, caller(5, 6), message(b"z"), Origin::User), Ok(Some(1)));
    let _ = lpc.end_receive(one, WaitEnd::Woken, 1);
}

#[test]
fn a_request_that_could_not_be_copied_out_is_received_by_the_next() {
    let mut lpc = Ports::new();
    let (port, _server, client) = connected(&mut lpc, caller(5, 6), 0);
    let _one = lpc.request(client, caller(5, 6), 6, message(b"1"), Origin::User).unwrap();
    let _two = lpc.request(client, caller(5, 7), 7, message(b"2"), Origin::User).unwrap();
    let delivery = take(&mut lpc, port);
    assert_eq!(lpc.put_back(delivery), None);
    assert_eq!(take(&mut lpc, port).message.data(), b"1");
    assert_eq!(take(&mut lpc, port).message.data(), b"2");
}

#[test]
fn listening_leaves_messages_where_they_are() {
    let mut lpc = Ports::new();
    let (port, _server, client) = connected(&mut lpc, caller(5, 6), 0);
    let listening = waiting(lpc.listen(port, 1).unwrap());
    assert_eq!(lpc.datagram(client, caller(5, 6), message(b"x"), Origin::User), Ok(None));
    let sent = lpc.connect(port, caller(8, 9), 9, proposal(b"c")).unwrap();
    assert_eq!(sent.wake, Some(1));
    let request = delivered(lpc.end_receive(listening, WaitEnd::Woken, 1).result.unwrap());
    assert_eq!(request.message.data(), b"c");
    assert_eq!(take(&mut lpc, port).message.data(), b"x");
}

#[test]
fn a_hostile_client_fills_its_share_and_no_more() {
    let mut lpc = Ports::new();
    let (port, _server, client) = connected(&mut lpc, caller(5, 6), 0);
    let mut sent = 0;
    let status = loop {
        match lpc.datagram(client, caller(5, 6), message(&[0; 0x100]), Origin::User) {
            Ok(_) => sent += 1,
            Err(status) => break status,
        }
    };
    assert_eq!(status, NtStatus::NO_MEMORY);
    assert_eq!(sent, Limits::DEFAULT_POOL / 4 / (0x28 + 0x100 + 128));
    // Others get through.
    let sent = lpc.connect(port, caller(8, 9), 9, proposal(b"")).unwrap();
    let long = lpc.datagram(client, caller(5, 6), message(&[0; 0x148]), Origin::User);
    assert_eq!(long, Err(NtStatus::PORT_MESSAGE_TOO_LONG));
    while lpc.has_message(port).unwrap() {
        let _ = take(&mut lpc, port);
    }
    assert_eq!(lpc.datagram(client, caller(5, 6), message(b""), Origin::User), Ok(None));
    let _ = end_connect(&mut lpc, sent.wait, WaitEnd::Terminating);
}

#[test]
fn what_is_done_costs_the_pool_nothing() {
    let mut lpc = Ports::new();
    let (port, server, client) = connected(&mut lpc, caller(5, 6), 0);
    for round in 0..2000 {
        let sent = lpc.request(client, caller(5, 6), 6, message(&[0; 0x100]), Origin::User).unwrap();
        if round % 3 != 0 {
            let request = take(&mut lpc, port);
            if round % 3 == 1 {
                lpc.reply(server, reply_to(request.message.header(), b"")).unwrap();
            }
        }
        let _ = lpc.end_request(sent.wait, WaitEnd::Terminating);
        lpc.datagram(server, caller(SERVER, 1), message(b"down"), Origin::User).unwrap();
        let _ = take(&mut lpc, client);
    }
    for thread in 10..500 {
        let (server, client) = connect_to(&mut lpc, port, caller(5, thread), 0);
        lpc.datagram(client, caller(5, 6), message(&[0; 0x100]), Origin::User).unwrap();
        close(&mut lpc, if thread % 2 == 0 { server } else { client });
        close(&mut lpc, if thread % 2 == 0 { client } else { server });
        assert!(!lpc.has_message(port).unwrap(), "nobody hears what comes by a closed connection");
    }
}

#[test]
fn information_class_zero_is_all_there_is() {
    let mut lpc = Ports::new();
    let port = lpc.create(SERVER, limits()).unwrap();
    assert_eq!(lpc.query(port, 0), Ok(0));
    assert_eq!(lpc.query(port, 1), Err(NtStatus::INVALID_INFO_CLASS));
    close(&mut lpc, port);
    assert_eq!(lpc.query(port, 0), Err(NtStatus::INVALID_PORT_HANDLE));
    assert_eq!(lpc.receive(port, 1).unwrap_err(), NtStatus::INVALID_PORT_HANDLE);
    let sent = lpc.datagram(port, caller(1, 2), message(b""), Origin::User);
    assert_eq!(sent, Err(NtStatus::INVALID_PORT_HANDLE));
}
