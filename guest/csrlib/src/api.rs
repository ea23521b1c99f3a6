//! What a server DLL tells csrsrv of itself, and how it is called. After CSR_SERVER_DLL of NT, in fewer words.
#![expect(unsafe_code, reason = "slices of what csrsrv has captured")]

use core::ptr::with_exposed_provenance_mut;

use nt::NtStatus;
use nt::csr::{ApiMessage, CaptureBuffer};
use nt::harderror::HardErrorMessage;
use nt::types::{ClientId, Handle};

/// Who calls.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    /// Process and thread.
    pub client_id: ClientId,
    /// The process, all access. It is closed when csrsrv has forgotten the process.
    pub process: Handle,
    /// SM session that the process belongs to; 0 for none.
    pub session: u32,
    /// [`TOP_LEVEL`].
    pub flags: u32,
}

/// Flag of a process: the session manager has handed it over, so it is its session's winlogon, or what stands in for it.
pub const TOP_LEVEL: u32 = 1;
/// Flag of a process: the first one of a group.
pub const GROUP_LEADER: u32 = 2;

/// What is said at shutdown of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum ShutdownAnswer {
    /// This DLL knows of nothing that would keep it.
    NotMine = 0,
    /// It has been ended.
    Ended = 1,
    /// The shutdown is to stop.
    Cancel = 2,
}

/// Serves a call: reads its arguments from the message, writes what comes back. The result is the reply's status.
pub type ApiRoutine = extern "win64" fn(message: &mut ApiMessage, caller: &Caller) -> NtStatus;
/// A client connects to the DLL.
pub type ConnectRoutine = extern "win64" fn(caller: &Caller) -> NtStatus;
/// Shows a hard error of a process, which can be read through the handle, and sets the response.
pub type HardErrorRoutine = extern "win64" fn(process: Handle, message: &mut HardErrorMessage);
/// A process is to end with its session; `flags` are [`nt::csr::exit_windows`].
pub type ShutdownRoutine = extern "win64" fn(caller: &Caller, flags: u32) -> ShutdownAnswer;

/// A server DLL, filled by its entry routine.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ServerDll {
    /// Bytes of this structure.
    pub length: u32,
    /// Which one it is.
    pub id: u32,
    /// Address of its calls, [`ApiRoutine`] each.
    pub dispatch_table: u64,
    /// How many there are.
    pub api_count: u32,
    /// Session that csrss is in.
    pub session: u32,
    /// Its data that all clients can read; 0 for none.
    pub static_data: u64,
    /// The heap in the shared section.
    pub shared_heap: u64,
    /// When a client connects.
    pub connect: Option<ConnectRoutine>,
    /// Shows hard errors.
    pub hard_error: Option<HardErrorRoutine>,
    /// Ends processes.
    pub shutdown: Option<ShutdownRoutine>,
}

/// The entry of a server DLL.
pub type EntryRoutine = extern "win64" fn(dll: &mut ServerDll) -> NtStatus;

impl ServerDll {
    /// Tells the calls, in the order of their numbers.
    pub fn set_apis(&mut self, routines: &'static [ApiRoutine]) {
        self.dispatch_table = routines.as_ptr().expose_provenance() as u64;
        self.api_count = routines.len() as u32;
    }
}

/// Captured bytes that an argument points to. `None`: they are not all captured.
pub fn captured(message: &mut ApiMessage, address: u64, length: u32) -> Option<&mut [u8]> {
    if message.capture == 0 {
        return None;
    }
    // SAFETY: csrsrv has replaced the client's address by that of its own copy, whose head it has checked; only the thread that
    // serves the message knows of it.
    unsafe {
        let head = with_exposed_provenance_mut::<CaptureBuffer>(message.capture as usize);
        let end = u64::from((*head).size);
        let start = address
            .checked_sub(message.capture)
            .filter(|&start| start >= size_of::<CaptureBuffer>() as u64)?;
        if start.checked_add(length.into())? > end {
            return None;
        }
        Some(core::slice::from_raw_parts_mut(head.cast::<u8>().add(start as usize), length as usize))
    }
}

/// Captured UTF-16 text that an argument points to. `None` as above, and for half a unit.
pub fn captured_text(message: &mut ApiMessage, address: u64, length: u32) -> Option<alloc::vec::Vec<u16>> {
    let bytes = captured(message, address, length)?;
    if bytes.len() % 2 != 0 {
        return None;
    }
    Some(bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect())
}
