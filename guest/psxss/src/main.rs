//! A stand-in for the POSIX subsystem: it is to the session manager what a subsystem is (spec/smss.md 3.2, 3.5), lets the
//! POSIX programs run that it is given, and tells when they have ended. It has no services for them.
#![cfg_attr(target_os = "windows", no_std, no_main)]

extern crate alloc;

mod sessions;

use alloc::vec::Vec;

use nt::NtStatus;
use nt::lpc::{PORT_ALL_ACCESS, message_type};

use nt::sm::{PORT_NAME_UNITS, SbConnectionInfo, SbCreateSession, SbMessage, SbSession, sb_api, subsystem};
use nt::types::Handle;
use rt::lpc::{Message, Port};
use zerocopy::FromZeros;

rt::program!(start);

/// The port that the session manager calls back at, in session 0.
const SB_PORT: &[u16] = nt::wide!(r"\PsxSbApiPort");
/// The session manager's.
const SM_PORT: &[u16] = nt::wide!(r"\SmApiPort");
/// How many messages the port's pool holds.
const POOL: usize = 32;
/// A self-relative SECURITY_DESCRIPTOR: SYSTEM may do everything, nobody else anything.
const DESCRIPTOR: [u32; 12] =
    [0x8004_0001, 0, 0, 0, 20, 28 << 16 | 2, 1, 20 << 16, PORT_ALL_ACCESS, 0x0101, 0x0500_0000, 18];

fn start(_peb: usize) -> NtStatus {
    match begin() {
        Ok(port) => serve(&port),
        Err(status) => status,
    }
}

/// The own port first, then the connection to the session manager, which names it.
fn begin() -> Result<Port<SbMessage>, NtStatus> {
    let mut information =
        SbConnectionInfo { subsystem_type: subsystem::POSIX_CUI, ..SbConnectionInfo::new_zeroed() };
    let len = name(&mut information.port_name, rt::process::session(Handle::CURRENT_PROCESS)?);
    let own = information.port_name.get(..len).unwrap_or_default();
    let port = Port::create(own, &DESCRIPTOR, 0, POOL)?;
    sessions::set_manager(Port::connect(SM_PORT, &mut information)?);
    Ok(port)
}

/// The port's name, which has the session's number behind it in all but the first.
fn name(to: &mut [u16; PORT_NAME_UNITS], session: u32) -> usize {
    let mut digits = Vec::new();
    let mut rest = session;
    while rest > 0 {
        digits.insert(0, u16::from(b'0') + (rest % 10) as u16);
        rest /= 10;
    }
    let mut len = 0;
    for (to, from) in to.iter_mut().zip(SB_PORT.iter().chain(&digits)) {
        *to = *from;
        len += 1;
    }
    len
}

/// Answers the session manager for ever.
fn serve(port: &Port<SbMessage>) -> NtStatus {
    let (mut message, mut reply) = (SbMessage::new_zeroed(), SbMessage::new_zeroed());
    // The session manager's end, kept open.
    let mut manager = None;
    let mut answered = false;
    loop {
        let received = port.receive(answered.then_some(&reply), &mut message);
        answered = false;
        match (received, message.header().message_type) {
            (Ok(_), message_type::CONNECTION_REQUEST) => {
                if let Ok(Some(accepted)) = Port::accept(&message, 0, true) {
                    accepted.complete();
                    manager = Some(accepted);
                }
            }
            (Ok(_), message_type::REQUEST) => {
                message.status = request(&message).0;
                reply = message;
                answered = true;
            }
            (Ok(_), message_type::PORT_CLOSED) => drop(manager.take()),
            (Ok(_) | Err(_), _) => {}
        }
    }
}

/// Does what the session manager asks.
fn request(message: &SbMessage) -> NtStatus {
    let done = match message.api {
        sb_api::CREATE_SESSION => message.get().map(|data: SbCreateSession| sessions::begin(&data)),
        sb_api::TERMINATE_SESSION => message.get().map(|data: SbSession| sessions::end(data.session)),
        _ => None,
    };
    done.unwrap_or(Err(NtStatus::NOT_IMPLEMENTED)).map_or_else(|status| status, |()| NtStatus::SUCCESS)
}
