//! Connecting to csrss.
#![expect(unsafe_code, reason = "exports by name; fills the PEB")]

use core::sync::atomic::{AtomicU64, Ordering};

use nt::NtStatus;
use nt::csr::{ApiMessage, ClientConnect, ConnectInfo, PORT_SECTION_SIZE, api_number, csr_api, server};
use nt::lpc::{PortView, RemotePortView, SecurityQualityOfService};
use nt::memory::{PAGE_READWRITE, SEC_COMMIT};
use nt::security::SECTION_ALL_ACCESS;
use nt::sm::subsystem;
use nt::types::{Handle, UnicodeString, UserPtr};

use super::call::CsrClientCallServer;
use super::capture::{CsrAllocateCaptureBuffer, CsrCaptureMessageBuffer, CsrFreeCaptureBuffer};
use crate::heap::create::RtlCreateHeap;
use crate::peb::peb;
use crate::rtl::raw::{at, store, terminated};
use crate::stubs::{NtClose, NtCreateSection, NtRegisterThreadTerminatePort, NtSecureConnectPort};
use crate::sync::CriticalSection;

/// The connection's port; 0 before there is one.
static PORT: AtomicU64 = AtomicU64::new(0);
/// The heap in the memory that csrss shares.
static HEAP: AtomicU64 = AtomicU64::new(0);
/// What is added to an address in that memory for csrss.
static DELTA: AtomicU64 = AtomicU64::new(0);
/// Process id of csrss.
static SERVER: AtomicU64 = AtomicU64::new(0);
/// One thread connects.
static TURN: CriticalSection = CriticalSection::new();

/// `S-1-5-18`: whoever serves the port must be the system.
static SYSTEM: [u8; 12] = [1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0];
/// Longest name of a port, in UTF-16 units.
const NAME_MAX: usize = 128;

/// The connection's port.
///
/// # Errors
/// INVALID_PORT_HANDLE: there is none.
pub fn port() -> Result<Handle, NtStatus> {
    match PORT.load(Ordering::Acquire) {
        0 => Err(NtStatus::INVALID_PORT_HANDLE),
        port => Ok(Handle(port)),
    }
}

/// The heap for captured arguments; 0 before there is a connection.
pub fn heap() -> u64 {
    HEAP.load(Ordering::Relaxed)
}

/// What is added to an address in that heap for csrss.
pub fn delta() -> u64 {
    DELTA.load(Ordering::Relaxed)
}

/// Whether the process is taken for a part of csrss.
fn is_server() -> bool {
    // SAFETY: the PEB lives as long as the process.
    unsafe { (*peb()).image_subsystem == subsystem::NATIVE }
}

/// Connects the process to csrss, whose ports are in an object directory, unless it is; and to a server DLL, which may be told something.
///
/// # Safety
/// `directory` ends with a NUL; `information` has `length` bytes or is NULL; `server_to_server` can be written or is NULL.
#[unsafe(no_mangle)]
unsafe extern "win64" fn CsrClientConnectToServer(
    directory: *const u16,
    server: u32,
    information: *mut u8,
    length: u32,
    server_to_server: *mut u8,
) -> NtStatus {
    let within = is_server();
    // SAFETY: as the caller says.
    unsafe { store(server_to_server, within.into()) };
    if within {
        return NtStatus::SUCCESS;
    }
    TURN.enter();
    // SAFETY: as the caller says.
    let connected = if port().is_ok() { Ok(()) } else { unsafe { connect(terminated(directory)) } };
    TURN.leave();
    match connected {
        // SAFETY: as the caller says.
        Ok(()) => unsafe { connect_dll(server, information, length) },
        Err(status) => status,
    }
}

/// # Safety
/// As [`CsrClientConnectToServer`].
unsafe fn connect_dll(id: u32, information: *mut u8, length: u32) -> NtStatus {
    let mut message = ApiMessage::new(&ClientConnect { server: id, length, ..ClientConnect::default() });
    let api = api_number(server::CSR, csr_api::CLIENT_CONNECT);
    let size = size_of::<ClientConnect>() as u32;
    if information.is_null() {
        // SAFETY: the message lives through the call.
        return unsafe { CsrClientCallServer(&raw mut message, core::ptr::null_mut(), api, size) };
    }
    // SAFETY: the buffer is freed after the call; the pointer lies in the message.
    unsafe {
        let buffer = CsrAllocateCaptureBuffer(1, length);
        if buffer.is_null() {
            return NtStatus::NO_MEMORY;
        }
        let pointer = (&raw mut message.data[1]).cast();
        CsrCaptureMessageBuffer(buffer, information, length, pointer);
        let status = CsrClientCallServer(&raw mut message, buffer, api, size);
        if message.data[1] != 0 {
            let back = core::ptr::with_exposed_provenance::<u8>(message.data[1] as usize);
            information.copy_from_nonoverlapping(back, length as usize);
        }
        CsrFreeCaptureBuffer(buffer);
        status
    }
}

fn connect(directory: &[u16]) -> Result<(), NtStatus> {
    let mut name = [0_u16; NAME_MAX];
    let mut units = 0;
    for (to, unit) in name.iter_mut().zip(directory.iter().copied().chain(nt::csr::API_PORT.encode_utf16())) {
        *to = unit;
        units += 1;
    }
    let length = 2 * units as u16;
    let buffer = name.as_ptr().expose_provenance() as u64;
    let name = UnicodeString { length, maximum_length: length, reserved: 0, buffer };
    let quality = SecurityQualityOfService {
        length: size_of::<SecurityQualityOfService>() as u32,
        impersonation_level: 2,
        context_tracking_mode: 1,
        effective_only: 1,
        reserved: 0,
    };
    let (mut section, mut port) = (Handle::NULL, Handle::NULL);
    let size = i64::from(PORT_SECTION_SIZE);
    let mut own = PortView { length: size_of::<PortView>() as u32, ..PortView::default() };
    let mut theirs =
        RemotePortView { length: size_of::<RemotePortView>() as u32, ..RemotePortView::default() };
    let mut told = ConnectInfo::default();
    let mut told_length = size_of::<ConnectInfo>() as u32;
    // SAFETY: all of them live here.
    unsafe {
        NtCreateSection(
            at(&raw mut section),
            SECTION_ALL_ACCESS,
            UserPtr::new(0),
            at(&raw const size),
            PAGE_READWRITE,
            SEC_COMMIT,
            Handle::NULL,
        )
        .ok()?;
        own.section_handle = section.0;
        own.view_size = PORT_SECTION_SIZE.into();
        let status = NtSecureConnectPort(
            at(&raw mut port),
            at(&raw const name),
            at(&raw const quality),
            at(&raw mut own),
            at(SYSTEM.as_ptr()),
            at(&raw mut theirs),
            UserPtr::new(0),
            at((&raw mut told).cast::<u8>()),
            at(&raw mut told_length),
        );
        NtClose(section);
        status.ok()?;
        let heap = RtlCreateHeap(0, own.view_base, own.view_size, 0, core::ptr::null(), core::ptr::null());
        if heap == 0 {
            NtClose(port);
            return Err(NtStatus::NO_MEMORY);
        }
        let peb = peb();
        (*peb).read_only_shared_memory_base = told.shared_section_base;
        (*peb).read_only_shared_memory_heap = told.shared_section_heap;
        (*peb).read_only_static_server_data = told.shared_static_data;
        HEAP.store(heap, Ordering::Relaxed);
        DELTA.store(own.view_remote_base.wrapping_sub(own.view_base), Ordering::Relaxed);
        SERVER.store(told.server_process, Ordering::Relaxed);
        PORT.store(port.0, Ordering::Release);
        // csrss hears of the thread's end.
        NtRegisterThreadTerminatePort(port).ok()
    }
}

/// csrss hears of the end of the calling thread.
#[unsafe(no_mangle)]
extern "win64" fn CsrNewThread() -> NtStatus {
    match port() {
        // SAFETY: it takes no pointers.
        Ok(port) => unsafe { NtRegisterThreadTerminatePort(port) },
        // There is nobody to hear of it.
        Err(_) if is_server() => NtStatus::SUCCESS,
        Err(status) => status,
    }
}

/// Process id of csrss; 0 before there is a connection.
#[unsafe(no_mangle)]
extern "win64" fn CsrGetProcessId() -> u64 {
    SERVER.load(Ordering::Relaxed)
}
