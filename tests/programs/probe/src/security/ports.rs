//! Servers that act as their clients, and clients that ask who serves.

use core::sync::atomic::{AtomicU64, Ordering};

use nt::NtStatus;
use nt::lpc::{PORT_ALL_ACCESS, PORT_CONNECT, SecurityQualityOfService, message_type};
use nt::security::{TOKEN_QUERY, token_class as class};
use nt::types::Handle;

use super::build::{SYSTEM, USER, WORLD, allow, number, protected};
use super::call::{self, Named};
use super::{as_user, ends, fails, works};
use crate::checks::verdict;
use crate::lpc::{self, Message};

const OPEN: &str = r"\ProbeOpenPort";
const CLOSED: &str = r"\ProbeClosedPort";

static PORT: AtomicU64 = AtomicU64::new(0);

/// Answers each request with whom it came from: status, level, SID.
extern "win64" fn serve(_: u64) -> ! {
    let port = Handle(PORT.load(Ordering::Relaxed));
    let (mut message, mut answer) = (Message::new(b""), None);
    loop {
        let (status, _) = lpc::receive(port, answer.as_ref(), &mut message, None);
        answer = None;
        if status != NtStatus::SUCCESS {
            break;
        }
        match message.header.message_type {
            message_type::CONNECTION_REQUEST => drop(lpc::accept(0, &message)),
            message_type::REQUEST => {
                let mut told = [0; 40];
                let status = client(port, &message, &mut told);
                told[..4].copy_from_slice(&status.0.to_le_bytes());
                message.set(&told);
                answer = Some(message);
            }
            _ => {}
        }
    }
    rt::exit_thread()
}

/// Who a request is from.
fn client(port: Handle, message: &Message, told: &mut [u8; 40]) -> NtStatus {
    let status = call::impersonate_client(port, message);
    if status != NtStatus::SUCCESS {
        return status;
    }
    let opened = call::thread_token(TOKEN_QUERY, true);
    call::act_as(Handle::NULL);
    let token = match opened {
        Ok(token) => token,
        Err(status) => return status,
    };
    let mut user = [0; 64];
    call::query(token, class::IMPERSONATION_LEVEL, &mut told[4..8]);
    let (status, len) = call::query(token, class::USER, &mut user);
    told[8..][..len as usize - 16].copy_from_slice(&user[16..len as usize]);
    rt::close(token);
    status
}

/// What the server says of who asks.
fn ask(port: Handle) -> (NtStatus, u32, [u8; 28]) {
    let mut message = Message::new(&[0; 40]);
    let status = lpc::request(port, &mut message);
    if status != NtStatus::SUCCESS {
        return (status, 0, [0; 28]);
    }
    let mut sid = [0; 28];
    sid.copy_from_slice(&message.data()[8..36]);
    (NtStatus(number(message.data(), 0)), number(message.data(), 4), sid)
}

fn quality(level: u32, dynamic: bool) -> SecurityQualityOfService {
    SecurityQualityOfService { context_tracking_mode: dynamic.into(), ..call::quality(level) }
}

pub fn checks() {
    let everybody = protected(&[allow(PORT_ALL_ACCESS, SYSTEM), allow(PORT_CONNECT, WORLD)]);
    let Some(port) = works("port", call::create_port(Named::with(OPEN, &everybody))) else { return };
    PORT.store(port.0, Ordering::Relaxed);
    verdict("port-server", rt::spawn(serve, 0).is_ok(), "not started");
    let connect = |level, dynamic| call::connect(OPEN, &quality(level, dynamic), None);
    let say = |name: &str, port: call::Result<Handle>, expected: (NtStatus, u32, &[u8])| {
        let Some(port) = works(name, port) else { return };
        let (status, level, sid) = ask(port);
        ends(name, status, expected.0);
        let as_expected = level == expected.1 && sid.starts_with(expected.2);
        verdict(name, as_expected, "somebody else");
        rt::close(port);
    };
    let good = NtStatus::SUCCESS;
    say("port-system", connect(2, false), (good, 2, SYSTEM.bytes()));
    say("port-identify", connect(1, true), (good, 1, SYSTEM.bytes()));
    say("port-anonymous", connect(0, false), (NtStatus::CANT_OPEN_ANONYMOUS, 0, &[]));
    fails("port-level", connect(4, false), NtStatus::BAD_IMPERSONATION_LEVEL);
    as_user(|| say("port-user", connect(2, true), (good, 2, USER.bytes())));
    if let Some(port) = as_user(|| connect(2, false)) {
        say("port-static", port, (good, 2, USER.bytes()));
    }
    if let Some(port) = as_user(|| connect(2, true)) {
        say("port-dynamic", port, (good, 2, SYSTEM.bytes()));
    }
    servers(port);
    rt::close(port);
}

/// Ports that not everybody may connect to, and servers that are not who they should be.
fn servers(port: Handle) {
    let quality = quality(2, false);
    let connect = |sid| call::connect(OPEN, &quality, sid);
    works("server-sid", connect(Some(&SYSTEM)).map(rt::close));
    fails("server-other", connect(Some(&USER)), NtStatus::SERVER_SID_MISMATCH);
    let Some(closed) = works("port-closed", call::create_port(Named::new(CLOSED))) else { return };
    as_user(|| {
        let connected = call::connect(CLOSED, &quality, None);
        fails("port-denied", connected, NtStatus::ACCESS_DENIED);
    });
    rt::close(closed);
    let nothing = Message::new(b"");
    let status = call::impersonate_client(port, &nothing);
    ends("no-client", status, NtStatus::REPLY_MESSAGE_MISMATCH);
}
