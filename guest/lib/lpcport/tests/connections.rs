//! Making and ending connections.

mod common;

use common::*;
use lpcport::*;
use nt::NtStatus;
use nt::lpc::message_type;

#[test]
fn a_connection_is_asked_for_accepted_completed_and_closed() {
    let mut lpc = Ports::new();
    let port = lpc.create(SERVER, limits()).unwrap();
    let listening = waiting(lpc.listen(port, 11).unwrap());
    let offer = Proposal { view: Some(("client's section", 0x2000)), ..proposal(b"type 2") };
    let sent = lpc.connect(port, caller(5, 6), 6, offer).unwrap();
    assert_eq!(sent.wake, Some(11));

    let request = delivered(lpc.end_receive(listening, WaitEnd::Woken, 11).result.unwrap());
    let header = *request.message.header();
    assert_eq!(header.message_type, message_type::CONNECTION_REQUEST);
    assert_eq!((header.client_id.process, header.client_id.thread), (5, 6));
    assert_eq!(header.client_view_size, 0x2000);
    assert_eq!(request.message.data(), b"type 2");

    let connecting = lpc.connecting(SERVER, &header).unwrap();
    assert_eq!((connecting.client, connecting.thread), (caller(5, 6), Some(6)));
    assert_eq!(connecting.views[0], Some("client's section"));
    connecting.views[1] = Some("server's section in the client");
    let views = [Some("server's section"), Some("client's section in the server")];
    let accepted = lpc.accept(SERVER, reply_to(&header, b"session 0"), true, 0xC0FFEE, views).unwrap();
    let server = accepted.port.unwrap();
    assert_eq!(accepted.wake, None);
    assert_eq!(lpc.complete(server).unwrap(), Some(6));
    assert_eq!(lpc.complete(server), Err(NtStatus::INVALID_PARAMETER));

    let (end, ..) = end_connect(&mut lpc, sent.wait, WaitEnd::Woken);
    let client = end.result.unwrap();
    assert_eq!(end.info.data(), b"session 0");
    assert_eq!(lpc.kind(client), Ok(PortKind::Client));
    assert_eq!(lpc.views(client).unwrap()[1], Some("server's section in the client"));

    let (woken, unmapped) = close(&mut lpc, client);
    assert!(woken.is_empty());
    assert_eq!(unmapped, ["client's section", "server's section in the client"]);
    let closed = take(&mut lpc, port);
    assert_eq!(closed.message.header().message_type, message_type::PORT_CLOSED);
    assert_eq!((closed.message.len(), closed.context), (0x30, 0xC0FFEE));
    assert_eq!(close(&mut lpc, server).1, ["server's section", "client's section in the server"]);
    close(&mut lpc, port);
    assert_eq!(lpc.census(), (0, 0, 0));
}

#[test]
fn a_server_calls_a_connection_by_another_context_from_then_on() {
    let mut lpc = Ports::new();
    let (port, server, client) = connected(&mut lpc, caller(5, 6), 0);
    lpc.datagram(client, caller(5, 6), message(b"a"), Origin::User).unwrap();
    lpc.set_context(server, 0x1234).unwrap();
    assert_eq!(take(&mut lpc, port).context, 0x1234);
    assert_eq!(lpc.set_context(client, 1), Err(NtStatus::INVALID_PORT_HANDLE));
    close(&mut lpc, server);
    assert_eq!(lpc.set_context(server, 1), Err(NtStatus::INVALID_PORT_HANDLE));
}

#[test]
fn a_refused_client_gets_the_servers_answer_and_its_view_back() {
    let mut lpc = Ports::new();
    let port = lpc.create(SERVER, limits()).unwrap();
    let offer = Proposal { view: Some(("view", 0x1000)), ..proposal(b"?") };
    let sent = lpc.connect(port, caller(5, 6), 6, offer).unwrap();
    let request = take(&mut lpc, port);
    let answer = reply_to(request.message.header(), b"no");
    let refused = lpc.accept(SERVER, answer, false, 0, [None, None]).unwrap();
    assert_eq!((refused.port, refused.wake), (None, Some(6)));
    let (end, _, unmapped) = end_connect(&mut lpc, sent.wait, WaitEnd::Woken);
    assert_eq!(end.result, Err(NtStatus::PORT_CONNECTION_REFUSED));
    assert_eq!(end.info.data(), b"no");
    assert_eq!(unmapped, ["view"]);
    assert_eq!(lpc.census(), (1, 0, 0));
}

#[test]
fn only_the_process_that_owns_the_port_accepts_and_only_what_was_received() {
    let mut lpc = Ports::new();
    let port = lpc.create(SERVER, limits()).unwrap();
    let sent = lpc.connect(port, caller(5, 6), 6, proposal(b"")).unwrap();
    let early = reply_to(&{ *message(b"").header() }, b"");
    let status = |result: Result<Accepted<Fake>, NotTaken<_>>| result.unwrap_err().status;
    assert_eq!(status(lpc.accept(SERVER, early, true, 0, [None, None])), NtStatus::REPLY_MESSAGE_MISMATCH);
    let header = *take(&mut lpc, port).message.header();
    let stolen = lpc.accept(SERVER + 1, reply_to(&header, b""), true, 0, [Some("mine"), None]).unwrap_err();
    assert_eq!((stolen.status, stolen.views[0]), (NtStatus::REPLY_MESSAGE_MISMATCH, Some("mine")));
    let mut forged = header;
    forged.client_id.thread = 7;
    assert_eq!(
        status(lpc.accept(SERVER, reply_to(&forged, b""), true, 0, [None, None])),
        NtStatus::REPLY_MESSAGE_MISMATCH
    );
    let long = reply_to(&header, &[0; 65]);
    assert_eq!(status(lpc.accept(SERVER, long, true, 0, [None, None])), NtStatus::PORT_MESSAGE_TOO_LONG);
    // NtReplyPort is no way to accept.
    assert_eq!(lpc.reply(port, reply_to(&header, b"")), Err(NtStatus::REPLY_MESSAGE_MISMATCH));
    // The client dies: its request is known, but nobody is there.
    let (end, ..) = end_connect(&mut lpc, sent.wait, WaitEnd::Terminating);
    assert_eq!(end.result, Err(NtStatus::THREAD_IS_TERMINATING));
    assert_eq!(
        status(lpc.accept(SERVER, reply_to(&header, b""), true, 0, [None, None])),
        NtStatus::PORT_DISCONNECTED
    );
    assert_eq!(lpc.census(), (1, 0, 0));
}

#[test]
fn a_client_that_dies_between_accept_and_complete_leaves_nothing() {
    let mut lpc = Ports::new();
    let port = lpc.create(SERVER, limits()).unwrap();
    let sent = lpc.connect(port, caller(5, 6), 6, proposal(b"")).unwrap();
    let answer = reply_to(take(&mut lpc, port).message.header(), b"");
    let server = lpc.accept(SERVER, answer, true, 1, [None, None]).unwrap().port.unwrap();
    let _ = end_connect(&mut lpc, sent.wait, WaitEnd::Terminating);
    assert_eq!(lpc.complete(server), Err(NtStatus::PORT_DISCONNECTED));
    close(&mut lpc, server);
    assert_eq!(lpc.census(), (1, 0, 0));
}

#[test]
fn a_client_that_dies_after_complete_is_reported_closed() {
    let mut lpc = Ports::new();
    let port = lpc.create(SERVER, limits()).unwrap();
    let sent = lpc.connect(port, caller(5, 6), 6, proposal(b"")).unwrap();
    let answer = reply_to(take(&mut lpc, port).message.header(), b"");
    let server = lpc.accept(SERVER, answer, true, 9, [None, None]).unwrap().port.unwrap();
    lpc.complete(server).unwrap();
    let receiver = waiting(lpc.receive(port, 12).unwrap());
    let (_, woken, _) = end_connect(&mut lpc, sent.wait, WaitEnd::Terminating);
    assert_eq!(woken, [12]);
    let notice = delivered(lpc.end_receive(receiver, WaitEnd::Woken, 12).result.unwrap());
    assert_eq!((notice.message.header().message_type, notice.context), (message_type::PORT_CLOSED, 9));
}

#[test]
fn a_server_that_gives_up_refuses() {
    let mut lpc = Ports::new();
    let port = lpc.create(SERVER, limits()).unwrap();
    let first = lpc.connect(port, caller(5, 6), 6, proposal(b"")).unwrap();
    let second = lpc.connect(port, caller(5, 7), 7, proposal(b"")).unwrap();
    let answer = reply_to(take(&mut lpc, port).message.header(), b"");
    let server = lpc.accept(SERVER, answer, true, 9, [None, None]).unwrap().port.unwrap();
    assert_eq!(close(&mut lpc, server).0, [6]);
    assert_eq!(close(&mut lpc, port).0, [7]);
    for wait in [first.wait, second.wait] {
        let (end, ..) = end_connect(&mut lpc, wait, WaitEnd::Woken);
        assert_eq!(end.result, Err(NtStatus::PORT_CONNECTION_REFUSED));
    }
    assert_eq!(lpc.census(), (0, 0, 0));
}

#[test]
fn connecting_to_what_is_no_connection_port_fails_and_the_view_comes_back() {
    let mut lpc = Ports::new();
    let (port, server, client) = connected(&mut lpc, caller(5, 6), 1);
    for wrong in [server, client] {
        let offer = Proposal { view: Some(("view", 1)), ..proposal(b"") };
        let refused = lpc.connect(wrong, caller(5, 6), 6, offer).unwrap_err();
        assert_eq!((refused.status, refused.views[0]), (NtStatus::INVALID_PORT_HANDLE, Some("view")));
        assert_eq!(lpc.listen(wrong, 1).unwrap_err(), NtStatus::INVALID_PORT_HANDLE);
    }
    assert_eq!(lpc.complete(client), Err(NtStatus::INVALID_PORT_HANDLE));
    assert_eq!(
        lpc.connect(port, caller(5, 6), 6, proposal(&[0; 65])).unwrap_err().status,
        NtStatus::PORT_MESSAGE_TOO_LONG
    );
    close(&mut lpc, port);
    assert_eq!(
        lpc.connect(port, caller(5, 6), 6, proposal(b"")).unwrap_err().status,
        NtStatus::INVALID_PORT_HANDLE
    );
}

#[test]
fn limits_are_those_of_lpc() {
    assert_eq!(Limits::new(513, 0x148, 0), Err(NtStatus::INVALID_PARAMETER));
    assert_eq!(Limits::new(0, 0x2B1, 0), Err(NtStatus::INVALID_PARAMETER));
    assert_eq!(Limits::new(u32::MAX, u32::MAX, u32::MAX), Err(NtStatus::INVALID_PARAMETER));
    // What smss asks for: connection data with a name of 119 characters.
    let smss = Limits::new(0xF4, 0x148, 32 * 0x120).unwrap();
    assert_eq!((smss.max_connection_info, smss.max_message), (0xF4, 0x148));
    assert_eq!(smss.max_pool, Limits::MINIMUM_POOL);
    assert_eq!(Limits::new(0, 0, u32::MAX).unwrap().max_pool, Limits::MAXIMUM_POOL);
}

#[test]
fn the_session_manager_connects_to_itself() {
    // spec/smss.md 3.2: two listener threads, and the main thread as a client of the same process.
    let mut lpc = Ports::new();
    let port = lpc.create(SERVER, limits()).unwrap();
    let one = waiting(lpc.receive(port, 1).unwrap());
    let two = waiting(lpc.receive(port, 2).unwrap());
    let sent = lpc.connect(port, caller(SERVER, 3), 3, proposal(b"type 0")).unwrap();
    assert_eq!(sent.wake, Some(1));
    let request = delivered(lpc.end_receive(one, WaitEnd::Woken, 1).result.unwrap());
    let header = *request.message.header();
    let server = lpc.accept(SERVER, reply_to(&header, b""), true, 5, [None, None]).unwrap().port.unwrap();
    assert_eq!(lpc.complete(server).unwrap(), Some(3));
    let client = end_connect(&mut lpc, sent.wait, WaitEnd::Woken).0.result.unwrap();

    let sent = lpc.request(client, caller(SERVER, 3), 3, message(b"ExecPgm"), Origin::User).unwrap();
    assert_eq!(sent.wake, Some(2));
    let request = delivered(lpc.end_receive(two, WaitEnd::Woken, 2).result.unwrap());
    assert_eq!((request.context, request.message.data()), (5, b"ExecPgm".as_slice()));
    let answer = reply_to(request.message.header(), b"done");
    let replied = lpc.reply_wait_receive(port, 2, Some(answer)).unwrap();
    assert_eq!(replied.wake, Some(3));
    let two = waiting(replied.then.unwrap());
    let end = lpc.end_request(sent.wait, WaitEnd::Woken);
    assert_eq!(end.result.unwrap().data(), b"done");

    for port in [client, server, port] {
        close(&mut lpc, port);
    }
    assert_eq!(
        lpc.end_receive(two, WaitEnd::Terminating, 2).result.unwrap_err(),
        NtStatus::THREAD_IS_TERMINATING
    );
    assert_eq!(lpc.census(), (0, 0, 0));
}
