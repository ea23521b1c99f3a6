//! The protocol between csrss and its clients, x64: what travels through `\Windows\ApiPort`. Source: spec/smss.md 3.1,
//! 5.3, 5.4, 6.2; layouts of CSR_API_MESSAGE, CSR_API_CONNECTINFO and CSR_CAPTURE_BUFFER as published for NT 5.2. Numbers
//! of server APIs change with every release of Windows: those here are this system's.

use core::mem::offset_of;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::lpc::PortMessage;
use crate::types::ClientId;

/// Name of the port for clients, behind the object directory of the subsystem.
pub const API_PORT: &str = r"\ApiPort";
/// Name of the port for the session manager, behind the object directory of the subsystem.
pub const SB_API_PORT: &str = r"\SbApiPort";
/// Where the subsystem of session 0 has its ports, unless its command line says otherwise.
pub const OBJECT_DIRECTORY: &str = r"\Windows";
/// Bytes of the section that a client shares with csrss for captured arguments.
pub const PORT_SECTION_SIZE: u32 = 0x1_0000;
/// Most server DLLs, csrsrv itself (0) among them.
pub const SERVER_DLLS: usize = 5;
/// Words of arguments of a call.
pub const DATA_WORDS: usize = 39;
/// Shutdown level of a process that has not asked for another.
pub const DEFAULT_SHUTDOWN_LEVEL: u32 = 0x280;

/// Numbers of server DLLs.
pub mod server {
    /// csrsrv itself.
    pub const CSR: u32 = 0;
    /// basesrv.
    pub const BASE: u32 = 1;
    /// The console part of winsrv.
    pub const CONSOLE: u32 = 2;
    /// The user part of winsrv.
    pub const USER: u32 = 3;
}

/// The number of a call: the server DLL and its API.
pub const fn api_number(server: u32, api: u32) -> u32 {
    server << 16 | api & 0xFFFF
}

/// CSR_API_MESSAGE.
#[repr(C)]
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct ApiMessage {
    /// The header.
    pub header: PortMessage,
    /// Address of the [`CaptureBuffer`]; 0 for none. In a message on its way it is the server's.
    pub capture: u64,
    /// [`api_number`].
    pub api: u32,
    /// NTSTATUS, in the reply.
    pub status: u32,
    /// Zero.
    pub reserved: u32,
    /// Padding.
    pub padding: u32,
    /// The arguments, and in the reply what comes back: one of the structures below.
    pub data: [u64; DATA_WORDS],
}

/// CSR_API_CONNECTINFO: what a client is told when it connects.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct ConnectInfo {
    /// Zero.
    pub object_directory: u64,
    /// Where the client sees the shared section.
    pub shared_section_base: u64,
    /// Address of the addresses of each server DLL's static data.
    pub shared_static_data: u64,
    /// Address of the heap in the shared section.
    pub shared_section_heap: u64,
    /// Debug flags of csrss.
    pub debug_flags: u32,
    /// Zero.
    pub size_of_peb_data: u32,
    /// Zero.
    pub size_of_teb_data: u32,
    /// [`SERVER_DLLS`].
    pub server_dlls: u32,
    /// Process id of csrss.
    pub server_process: u64,
}

/// CSR_CAPTURE_BUFFER: the head of captured arguments. Behind it come the offsets of the pointers to them, and behind those
/// the arguments, each aligned to 4 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct CaptureBuffer {
    /// Bytes of all of it.
    pub size: u32,
    /// Padding.
    pub reserved: u32,
    /// The server's.
    pub previous: u64,
    /// How many pointers there are.
    pub pointers: u32,
    /// Padding.
    pub reserved_2: u32,
    /// Address of the next free byte. In a message on its way nobody looks at it.
    pub end: u64,
}

/// Calls of csrsrv itself.
pub mod csr_api {
    /// A client has connected to a server DLL: [`ClientConnect`](super::ClientConnect).
    pub const CLIENT_CONNECT: u32 = 0;
    /// A thread of a client makes itself known.
    pub const THREAD_CONNECT: u32 = 1;
    /// Profiling: refused.
    pub const PROFILE_CONTROL: u32 = 2;
    /// A thread can be alerted: [`ClientId`](crate::types::ClientId).
    pub const IDENTIFY_ALERTABLE_THREAD: u32 = 3;
    /// [`SetPriorityClass`](super::SetPriorityClass).
    pub const SET_PRIORITY_CLASS: u32 = 4;
}

/// Calls of basesrv.
pub mod base_api {
    /// A client has made a process: [`CreateProcess`](super::CreateProcess).
    pub const CREATE_PROCESS: u32 = 0;
    /// A client has made a thread: [`CreateThread`](super::CreateThread).
    pub const CREATE_THREAD: u32 = 1;
    /// A number for a temporary file: [`Number`](super::Number).
    pub const GET_TEMP_FILE: u32 = 2;
    /// The client is about to end: [`Number`](super::Number), its exit status.
    pub const EXIT_PROCESS: u32 = 3;
    /// [`ShutdownParameters`](super::ShutdownParameters).
    pub const SET_SHUTDOWN_PARAMETERS: u32 = 4;
    /// [`ShutdownParameters`](super::ShutdownParameters).
    pub const GET_SHUTDOWN_PARAMETERS: u32 = 5;
    /// [`DefineDosDevice`](super::DefineDosDevice).
    pub const DEFINE_DOS_DEVICE: u32 = 6;
}

/// Calls of the console part of winsrv.
pub mod console_api {
    /// [`ConsoleText`](super::ConsoleText).
    pub const WRITE: u32 = 0;
    /// [`ConsoleText`](super::ConsoleText): a line.
    pub const READ: u32 = 1;
}

/// Calls of the user part of winsrv.
pub mod user_api {
    /// [`ExitWindows`](super::ExitWindows).
    pub const EXIT_WINDOWS: u32 = 0;
}

/// EWX_*: what ExitWindowsEx is to do.
pub mod exit_windows {
    /// Only log off.
    pub const LOGOFF: u32 = 0;
    /// Shut down.
    pub const SHUTDOWN: u32 = 1;
    /// Shut down and start again.
    pub const REBOOT: u32 = 2;
    /// Processes are ended without being asked.
    pub const FORCE: u32 = 4;
    /// Shut down and switch off.
    pub const POWEROFF: u32 = 8;
    /// Internal: winlogon ends the processes of the user. Bits that only winlogon may use.
    pub const CALLER_WINLOGON: u32 = 0x1000;
    /// Internal: the system's processes are told, and none is ended.
    pub const CALLER_SYSTEM: u32 = 0x2000;
}

/// Arguments of [`csr_api::CLIENT_CONNECT`].
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct ClientConnect {
    /// Which server DLL.
    pub server: u32,
    /// Padding.
    pub reserved: u32,
    /// Address of what the DLL is told, captured; 0 for nothing.
    pub information: u64,
    /// Its bytes.
    pub length: u32,
    /// Padding.
    pub reserved_2: u32,
}

/// Arguments of [`csr_api::SET_PRIORITY_CLASS`].
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SetPriorityClass {
    /// A handle of the client.
    pub process: u64,
    /// PROCESS_PRIORITY_CLASS.
    pub class: u32,
    /// Padding.
    pub reserved: u32,
}

/// Arguments of [`base_api::CREATE_PROCESS`].
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct CreateProcess {
    /// The process, a handle of the client.
    pub process: u64,
    /// Its first thread, a handle of the client.
    pub thread: u64,
    /// Their ids.
    pub client_id: ClientId,
    /// CREATE_*; [`NEW_PROCESS_GROUP`] is looked at.
    pub flags: u32,
    /// Padding.
    pub reserved: u32,
}

/// CREATE_NEW_PROCESS_GROUP of [`CreateProcess`].
pub const NEW_PROCESS_GROUP: u32 = 0x200;

/// Arguments of [`base_api::CREATE_THREAD`].
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct CreateThread {
    /// The thread, a handle of the client.
    pub thread: u64,
    /// Its ids.
    pub client_id: ClientId,
}

/// A number, in or out.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Number {
    /// It.
    pub value: u32,
}

/// When a process is ended at shutdown.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct ShutdownParameters {
    /// Higher ones end first; 0 to 0x4FF.
    pub level: u32,
    /// 1: it is not asked again (SHUTDOWN_NORETRY).
    pub flags: u32,
}

/// Arguments of [`base_api::DEFINE_DOS_DEVICE`].
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct DefineDosDevice {
    /// DDD_*: [`dos_device`].
    pub flags: u32,
    /// Bytes of the name.
    pub name_length: u32,
    /// Address of the name, captured: `X:`, `LPT4`.
    pub name: u64,
    /// Bytes of the target; 0 with [`dos_device::REMOVE`]: the newest one.
    pub target_length: u32,
    /// Padding.
    pub reserved: u32,
    /// Address of the target, captured: an NT path.
    pub target: u64,
}

/// DDD_*.
pub mod dos_device {
    /// The target is an NT path. Without it the client has made one.
    pub const RAW_TARGET_PATH: u32 = 1;
    /// Take a target away.
    pub const REMOVE: u32 = 2;
    /// Only the target that equals the given one; without this, one that begins with it.
    pub const EXACT_MATCH: u32 = 4;
}

/// Arguments of the console calls.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct ConsoleText {
    /// Address of the UTF-16 text, captured.
    pub text: u64,
    /// Bytes of it; of a read: room, and then how many there are.
    pub length: u32,
    /// Padding.
    pub reserved: u32,
}

/// Arguments of [`user_api::EXIT_WINDOWS`].
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct ExitWindows {
    /// [`exit_windows`].
    pub flags: u32,
    /// Out: Win32's answer, 0 for failure.
    pub success: u32,
}

/// What the arguments of a call may be.
pub trait ApiData: FromBytes + IntoBytes + Immutable + KnownLayout {}
impl ApiData for ClientConnect {}
impl ApiData for SetPriorityClass {}
impl ApiData for CreateProcess {}
impl ApiData for CreateThread {}
impl ApiData for Number {}
impl ApiData for ShutdownParameters {}
impl ApiData for DefineDosDevice {}
impl ApiData for ConsoleText {}
impl ApiData for ExitWindows {}
impl ApiData for ClientId {}

impl ApiMessage {
    /// A message with its arguments; the header is filled when it is sent.
    pub fn new<T: ApiData>(arguments: &T) -> Self {
        let mut message = Self::EMPTY;
        message.set(arguments);
        message
    }

    /// All zeros.
    pub const EMPTY: Self = Self {
        header: PortMessage {
            data_length: 0,
            total_length: 0,
            message_type: 0,
            data_info_offset: 0,
            client_id: ClientId { process: 0, thread: 0 },
            message_id: 0,
            reserved: 0,
            client_view_size: 0,
        },
        capture: 0,
        api: 0,
        status: 0,
        reserved: 0,
        padding: 0,
        data: [0; DATA_WORDS],
    };

    /// Its arguments as one of the structures.
    pub fn get<T: ApiData>(&self) -> T {
        const { assert!(size_of::<T>() <= size_of::<[u64; DATA_WORDS]>()) };
        let mut data = <T as zerocopy::FromZeros>::new_zeroed();
        data.as_mut_bytes().copy_from_slice(&self.data.as_bytes()[..size_of::<T>()]);
        data
    }

    /// Writes arguments or what comes back.
    pub fn set<T: ApiData>(&mut self, data: &T) {
        const { assert!(size_of::<T>() <= size_of::<[u64; DATA_WORDS]>()) };
        self.data.as_mut_bytes()[..size_of::<T>()].copy_from_slice(data.as_bytes());
    }
}

/// Where the arguments begin in a message.
pub const DATA_OFFSET: usize = offset_of!(ApiMessage, data);

/// What basesrv shows to every client (BASE_STATIC_SERVER_DATA): the head, as published; strings lie behind it.
#[repr(C)]
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct BaseStaticData {
    /// `C:\Windows`.
    pub windows_directory: crate::types::UnicodeString,
    /// `C:\Windows\system32`.
    pub system_directory: crate::types::UnicodeString,
    /// `\BaseNamedObjects` or `\Sessions\<n>\BaseNamedObjects`.
    pub named_object_directory: crate::types::UnicodeString,
    /// Version: 5.
    pub major_version: u16,
    /// 2.
    pub minor_version: u16,
    /// Build.
    pub build_number: u16,
    /// Service pack: its number in the upper byte.
    pub csd_number: u16,
    /// Release candidate.
    pub rc_number: u16,
    /// `Service Pack 2`, ended by a NUL.
    pub csd_version: [u16; 128],
    /// Padding.
    pub reserved: [u16; 3],
    /// SYSTEM_BASIC_INFORMATION.
    pub basic_information: [u8; 0x40],
    /// SYSTEM_TIMEOFDAY_INFORMATION.
    pub time_of_day: [u8; 0x30],
    /// Not zero: each logon session has DOS devices of its own.
    pub luid_device_maps: u32,
    /// Padding.
    pub reserved_2: u32,
}

const _: () = {
    assert!(offset_of!(ApiMessage, capture) == 0x28 && offset_of!(ApiMessage, api) == 0x30);
    assert!(DATA_OFFSET == 0x40 && size_of::<ApiMessage>() == 0x178);
    assert!(size_of::<ConnectInfo>() == 0x38 && size_of::<CaptureBuffer>() == 0x20);
    assert!(size_of::<CreateProcess>() == 0x28 && size_of::<DefineDosDevice>() == 0x20);
    assert!(offset_of!(BaseStaticData, csd_version) == 0x3A);
    assert!(offset_of!(BaseStaticData, basic_information) == 0x140);
    assert!(offset_of!(BaseStaticData, luid_device_maps) == 0x1B0);
};
