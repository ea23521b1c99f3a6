//! The session manager's protocols: SM, what clients ask of smss at `\SmApiPort`, and SB, what smss asks of a
//! subsystem at the port that it named when it connected. Source: spec/smss.md 3.2–3.5, the published sizes of
//! Server 2003's messages, x64.

use core::mem::offset_of;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::lpc::PortMessage;
use crate::process::UserProcessInformation;
use crate::types::ClientId;

/// UTF-16 units of the name of a subsystem's port, with the NUL.
pub const PORT_NAME_UNITS: usize = 120;
/// UTF-16 units of a deferred subsystem's name.
pub const DEFERED_NAME_UNITS: usize = 32;
/// UTF-16 units of a session's initial command.
pub const COMMAND_UNITS: usize = 128;

/// Kinds of subsystems: the `IMAGE_SUBSYSTEM_*` of the images that they run.
pub mod subsystem {
    /// None: a plain client.
    pub const UNKNOWN: u32 = 0;
    /// Programs that need none.
    pub const NATIVE: u32 = 1;
    /// Windows, graphical.
    pub const WINDOWS_GUI: u32 = 2;
    /// Windows, console.
    pub const WINDOWS_CUI: u32 = 3;
    /// OS/2, console.
    pub const OS2_CUI: u32 = 5;
    /// POSIX, console.
    pub const POSIX_CUI: u32 = 7;
    /// A subsystem that has been started and has not connected yet (-1).
    pub const STARTING: u32 = u32::MAX;
}

/// SB_CONNECTION_INFO: what a client tells smss when it connects.
#[repr(C)]
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SbConnectionInfo {
    /// One of [`subsystem`]; 0 for a plain client.
    pub subsystem_type: u32,
    /// Name of the subsystem's port, ended by a NUL; empty for a plain client.
    pub port_name: [u16; PORT_NAME_UNITS],
}

/// Numbers of SM messages. From [`MAX`](sm_api::MAX) on: NOT_IMPLEMENTED.
pub mod sm_api {
    /// Not implemented; for subsystems.
    pub const CREATE_FOREIGN_SESSION: u32 = 0;
    /// A subsystem tells that an SM session has ended.
    pub const SESSION_COMPLETE: u32 = 1;
    /// Not implemented; for subsystems.
    pub const TERMINATE_FOREIGN_SESSION: u32 = 2;
    /// Starts a suspended process under the subsystem of its image.
    pub const EXEC_PGM: u32 = 3;
    /// Starts an `Optional` subsystem. NT's spelling.
    pub const LOAD_DEFERED_SUBSYSTEM: u32 = 4;
    /// Makes a session: a Windows subsystem with an initial command.
    pub const START_CSR: u32 = 5;
    /// Ends a session.
    pub const STOP_CSR: u32 = 6;
    /// The first number that means nothing.
    pub const MAX: u32 = 7;
}

/// SM_API_MSG: a message to smss, and its reply. The data is one of the structures below, see [`SmData`].
#[repr(C)]
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SmMessage {
    /// The header.
    pub header: PortMessage,
    /// One of [`sm_api`].
    pub api: u32,
    /// NTSTATUS, in the reply.
    pub status: u32,
    /// The data.
    pub data: [u8; 0x118],
}

/// Data of [`sm_api::SESSION_COMPLETE`].
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SessionComplete {
    /// SM session id.
    pub session: u32,
    /// NTSTATUS that it ended with.
    pub status: u32,
}

/// Data of [`sm_api::EXEC_PGM`].
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct ExecPgm {
    /// The process, with handles of the sender.
    pub process: UserProcessInformation,
    /// Not zero: to be debugged.
    pub debug: u8,
    /// Padding.
    pub reserved: [u8; 7],
}

/// Data of [`sm_api::LOAD_DEFERED_SUBSYSTEM`].
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct LoadDefered {
    /// Bytes of the name.
    pub length: u32,
    /// The name of its value under `SubSystems`.
    pub name: [u16; DEFERED_NAME_UNITS],
}

/// Data of [`sm_api::START_CSR`].
#[repr(C)]
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct StartCsr {
    /// Out: MU session id.
    pub mu_session: u32,
    /// Bytes of the command; 0: the default one.
    pub length: u32,
    /// The initial command.
    pub command: [u16; COMMAND_UNITS],
    /// Out: process id of the Windows subsystem.
    pub subsystem_process: u64,
    /// Out: process id of the initial command.
    pub initial_process: u64,
}

/// Data of [`sm_api::STOP_CSR`].
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct StopCsr {
    /// MU session id.
    pub mu_session: u32,
}

/// Numbers of SB messages. From [`MAX`](sb_api::MAX) on: NOT_IMPLEMENTED.
pub mod sb_api {
    /// A process becomes the subsystem's.
    pub const CREATE_SESSION: u32 = 0;
    /// An SM session is to end.
    pub const TERMINATE_SESSION: u32 = 1;
    /// An SM session of another subsystem has ended.
    pub const FOREIGN_SESSION_COMPLETE: u32 = 2;
    /// Makes a process, suspended.
    pub const CREATE_PROCESS: u32 = 3;
    /// The first number that means nothing.
    pub const MAX: u32 = 4;
}

/// Flags of [`SbCreateProcess`].
pub mod process_flags {
    /// To be debugged.
    pub const DEBUG: u32 = 1;
    /// Wait on its first thread.
    pub const WAIT_ON_THREAD: u32 = 2;
    /// Reserve the low megabyte.
    pub const RESERVE_1MB: u32 = 8;
    /// No checks of the image.
    pub const SKIP_CHECKS: u32 = 0x20;
}

/// SB_API_MSG: a message to a subsystem, and its reply. The data is one of the structures below, see [`SbData`].
#[repr(C)]
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SbMessage {
    /// The header.
    pub header: PortMessage,
    /// One of [`sb_api`].
    pub api: u32,
    /// NTSTATUS, in the reply.
    pub status: u32,
    /// The data. So large that an [`SbConnectionInfo`] fits behind the header.
    pub data: [u8; 0xF0],
}

/// Data of [`sb_api::CREATE_SESSION`].
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SbCreateSession {
    /// SM session id.
    pub session: u32,
    /// Padding.
    pub reserved: u32,
    /// The process, with handles of the subsystem.
    pub process: UserProcessInformation,
    /// Zero.
    pub unused: u64,
    /// MU session id.
    pub mu_session: u32,
    /// Padding.
    pub reserved_2: u32,
    /// Who debugs it; zeros for nobody.
    pub debugger: ClientId,
}

/// Data of [`sb_api::TERMINATE_SESSION`] and [`sb_api::FOREIGN_SESSION_COMPLETE`].
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SbSession {
    /// SM session id.
    pub session: u32,
}

/// Data of [`sb_api::CREATE_PROCESS`]: what is asked. Addresses of UNICODE_STRINGs in smss; the subsystem reads
/// them, and what they point at, from there.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SbCreateProcess {
    /// Image, an NT path.
    pub image: u64,
    /// Current directory, a DOS path.
    pub directory: u64,
    /// Command line.
    pub command_line: u64,
    /// Where DLLs are looked for; 0 for the subsystem's own.
    pub dll_path: u64,
    /// [`process_flags`].
    pub flags: u32,
    /// `DebugFlags` of its parameters.
    pub debug_flags: u32,
}

/// Data of [`sb_api::CREATE_PROCESS`]: the answer.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SbProcessCreated {
    /// The process, a handle of the subsystem.
    pub process: u64,
    /// Its first thread, suspended.
    pub thread: u64,
    /// IMAGE_SUBSYSTEM_* of its image.
    pub subsystem_type: u32,
    /// Padding.
    pub reserved: u32,
    /// Their ids.
    pub client_id: ClientId,
}

/// Data of an SM message.
pub trait SmData: FromBytes + IntoBytes + Immutable + KnownLayout {}
impl SmData for SessionComplete {}
impl SmData for ExecPgm {}
impl SmData for LoadDefered {}
impl SmData for StartCsr {}
impl SmData for StopCsr {}

/// Data of an SB message.
pub trait SbData: FromBytes + IntoBytes + Immutable + KnownLayout {}
impl SbData for SbCreateSession {}
impl SbData for SbSession {}
impl SbData for SbCreateProcess {}
impl SbData for SbProcessCreated {}

/// Bytes of API number and status, which count as data.
const PREFIX: u16 = 8;

/// The header of a message of that many bytes, with that many bytes of data behind API number and status.
const fn header(data: usize, total: usize) -> PortMessage {
    PortMessage {
        data_length: data as u16 + PREFIX,
        total_length: total as u16,
        message_type: 0,
        data_info_offset: 0,
        client_id: ClientId { process: 0, thread: 0 },
        message_id: 0,
        reserved: 0,
        client_view_size: 0,
    }
}

impl SmMessage {
    /// A message with its data.
    pub fn new<T: SmData>(api: u32, data: &T) -> Self {
        let mut message = Self::bare(api);
        message.header.data_length += size_of::<T>() as u16;
        message.set(data);
        message
    }

    /// A message that carries no data.
    pub const fn bare(api: u32) -> Self {
        Self { header: header(0, size_of::<Self>()), api, status: 0, data: [0; 0x118] }
    }

    /// Its data as one of the structures.
    pub fn get<T: SmData>(&self) -> Option<T> {
        T::read_from_prefix(&self.data).ok().map(|(data, _)| data)
    }

    /// Writes the data of a reply.
    pub fn set<T: SmData>(&mut self, data: &T) {
        let bytes = data.as_bytes();
        for (to, from) in self.data.iter_mut().zip(bytes) {
            *to = *from;
        }
    }
}

impl SbMessage {
    /// A message with its data.
    pub fn new<T: SbData>(api: u32, data: &T) -> Self {
        let header = header(size_of::<T>(), size_of::<Self>());
        let mut message = Self { header, api, status: 0, data: [0; 0xF0] };
        message.set(data);
        message
    }

    /// Its data as one of the structures.
    pub fn get<T: SbData>(&self) -> Option<T> {
        T::read_from_prefix(&self.data).ok().map(|(data, _)| data)
    }

    /// Writes the data of a reply.
    pub fn set<T: SbData>(&mut self, data: &T) {
        let bytes = data.as_bytes();
        for (to, from) in self.data.iter_mut().zip(bytes) {
            *to = *from;
        }
    }
}

const _: () = {
    assert!(size_of::<SbConnectionInfo>() == 0xF4 && offset_of!(SbConnectionInfo, port_name) == 4);
    assert!(size_of::<SmMessage>() == 0x148);
    assert!(offset_of!(SmMessage, api) == 0x28 && offset_of!(SmMessage, data) == 0x30);
    assert!(size_of::<SessionComplete>() == 8 && size_of::<LoadDefered>() == 0x44);
    assert!(size_of::<ExecPgm>() == 0x70 && offset_of!(ExecPgm, debug) == 0x68);
    assert!(size_of::<StartCsr>() == 0x118 && offset_of!(StartCsr, command) == 8);
    assert!(offset_of!(StartCsr, subsystem_process) == 0x108);
    assert!(size_of::<SbMessage>() == 0x120 && offset_of!(SbMessage, data) == 0x30);
    assert!(size_of::<SbConnectionInfo>() <= size_of::<SbMessage>() - size_of::<PortMessage>());
    assert!(size_of::<SbCreateSession>() == 0x90 && offset_of!(SbCreateSession, process) == 8);
    assert!(offset_of!(SbCreateSession, mu_session) == 0x78 && offset_of!(SbCreateSession, debugger) == 0x80);
    assert!(size_of::<SbCreateProcess>() == 0x28 && offset_of!(SbCreateProcess, flags) == 0x20);
    assert!(size_of::<SbProcessCreated>() == 0x28 && offset_of!(SbProcessCreated, client_id) == 0x18);
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_those_of_server_2003() {
        let message = SmMessage::new(sm_api::STOP_CSR, &StopCsr { mu_session: 3 });
        assert_eq!((message.header.data_length, message.header.total_length), (12, 0x148));
        assert_eq!(message.get::<StopCsr>().map(|data| data.mu_session), Some(3));
        let message = SbMessage::new(sb_api::CREATE_SESSION, &SbCreateSession::default());
        assert_eq!((message.header.data_length, message.header.total_length), (0x98, 0x120));
    }
}
