//! The session manager: the port that it calls (SB messages, spec/smss.md 3.5), and the connection on which it is told of sessions
//! that have ended (3.4).

use alloc::vec::Vec;

use csrlib::api::TOP_LEVEL;
use csrlib::descriptor;
use csrlib::process;
use nt::NtStatus;
use nt::layout::parameters;
use nt::lpc::message_type;
use nt::sm::{
    PORT_NAME_UNITS, SbConnectionInfo, SbCreateProcess, SbCreateSession, SbMessage, SbProcessCreated,
    SbSession, SessionComplete, SmMessage, process_flags, sb_api, sm_api,
};
use nt::types::{ClientId, Handle};
use rt::handle::Owned;
use rt::lpc::Port;
use rt::process::Start;
use rt::sync::Mutex;

use crate::client::{self, New};
use crate::state::STATE;

/// PORT_ALL_ACCESS.
const ALL: u32 = 0x1F_0001;
/// PROCESS_VM_READ.
const VM_READ: u32 = 0x10;
/// SB messages that the port's pool is to have room for.
const POOL_MESSAGES: usize = 32;

descriptor! {
    /// Only the system talks to a subsystem's port.
    SYSTEM_ONLY = (0, System, ALL)
}

static PORT: Mutex<Option<Port<SbMessage>>> = Mutex::new(None);
static MANAGER: Mutex<Option<Port<SmMessage>>> = Mutex::new(None);

/// Makes the port of that name with its thread, and tells the session manager of it.
///
/// # Errors
/// NAME_TOO_LONG; what making port and thread, and connecting, give.
pub fn start(name: &[u16], subsystem_type: u32) -> Result<(), NtStatus> {
    let mut information = SbConnectionInfo { subsystem_type, port_name: [0; PORT_NAME_UNITS] };
    if name.len() >= PORT_NAME_UNITS {
        return Err(NtStatus::NAME_TOO_LONG);
    }
    information.port_name[..name.len()].copy_from_slice(name);
    *PORT.lock() = Some(Port::create(name, &SYSTEM_ONLY, size_of::<SbConnectionInfo>(), POOL_MESSAGES)?);
    rt::start_thread(serve, 0)?;
    let manager = Port::connect(nt::wide!(r"\SmApiPort"), &mut information)?;
    *MANAGER.lock() = Some(manager);
    Ok(())
}

/// An SM session has lost its last process. Whether anybody minds is the session manager's business.
pub fn complete(session: u32, status: NtStatus) {
    if let Some(manager) = &*MANAGER.lock() {
        let data = SessionComplete { session, status: status.0 };
        let _ = manager.request(&mut SmMessage::new(sm_api::SESSION_COMPLETE, &data));
    }
}

extern "win64" fn serve(_: u64) -> u32 {
    // The port is this thread's from here on.
    let Some(port) = PORT.lock().take() else { return NtStatus::UNSUCCESSFUL.0 };
    // The session manager's connections: it never takes one back.
    let mut connections = Vec::new();
    let mut message = SbMessage::new(0, &SbSession { session: 0 });
    let mut reply = None;
    loop {
        let received = port.receive(reply.as_ref(), &mut message);
        reply = None;
        if received.is_err() {
            continue;
        }
        match message.header.message_type & !message_type::KERNELMODE_MESSAGE {
            message_type::CONNECTION_REQUEST => {
                if let Ok(Some(connection)) = Port::accept(&message, 0, true) {
                    connection.complete();
                    connections.push(connection);
                }
            }
            message_type::REQUEST => {
                message.status = handle(&mut message).err().unwrap_or(NtStatus::SUCCESS).0;
                reply = Some(message);
            }
            _ => {}
        }
    }
}

fn handle(message: &mut SbMessage) -> Result<(), NtStatus> {
    const SHORT: NtStatus = NtStatus::INVALID_PARAMETER;
    match message.api {
        sb_api::CREATE_SESSION => create_session(&message.get().ok_or(SHORT)?),
        sb_api::TERMINATE_SESSION => terminate_session(message.get::<SbSession>().ok_or(SHORT)?.session),
        // Sessions of other subsystems leave no trace here.
        sb_api::FOREIGN_SESSION_COMPLETE => Ok(()),
        sb_api::CREATE_PROCESS => {
            let created = create_process(message.header.client_id, &message.get().ok_or(SHORT)?)?;
            message.set(&created);
            Ok(())
        }
        _ => Err(NtStatus::NOT_IMPLEMENTED),
    }
}

/// A process that the session manager hands over becomes a client and runs. The handles are csrss's own.
fn create_session(new: &SbCreateSession) -> Result<(), NtStatus> {
    let thread = Handle(new.process.thread);
    client::add(New {
        client_id: new.process.client_id,
        process: Owned::new(Handle(new.process.process)),
        thread: Owned::new(thread),
        session: new.session,
        flags: TOP_LEVEL,
    })?;
    process::resume(thread).ok()
}

/// Ends all processes of an SM session; `SessionComplete` follows when the last of them is gone.
fn terminate_session(session: u32) -> Result<(), NtStatus> {
    let mut found = false;
    for own in STATE.lock().processes.iter().filter(|process| process.session == session) {
        found = true;
        process::terminate(own.handle.get(), NtStatus::DBG_TERMINATE_PROCESS);
    }
    client::reap();
    if found { Ok(()) } else { Err(NtStatus::OBJECT_NAME_NOT_FOUND) }
}

/// Makes a process for the session manager out of texts that lie there. The handles stay here for it to copy.
fn create_process(manager: ClientId, wanted: &SbCreateProcess) -> Result<SbProcessCreated, NtStatus> {
    let manager = process::open(manager.process, VM_READ)?;
    let text = |address| process::read_text(manager.get(), address);
    let (image, command_line, dll_path) =
        (text(wanted.image)?, text(wanted.command_line)?, text(wanted.dll_path)?);
    let low = wanted.flags & process_flags::RESERVE_1MB != 0;
    let child = rt::process::create(&Start {
        image: &image,
        command_line: &command_line,
        dll_path: &dll_path,
        flags: if low { parameters::FLAG_RESERVE_1MB } else { 0 },
        debug_flags: wanted.debug_flags,
        ..Start::default()
    })?;
    let created = SbProcessCreated {
        process: child.process().0,
        thread: child.thread().0,
        subsystem_type: child.subsystem(),
        reserved: 0,
        client_id: child.information().client_id,
    };
    core::mem::forget(child);
    Ok(created)
}
