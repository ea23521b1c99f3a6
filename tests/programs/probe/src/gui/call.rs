//! Calls of win32k's services, and of those that load it.
#![expect(unsafe_code, reason = "calls system services and reads the TEB")]

use core::arch::asm;

use nt::layout::teb;
use nt::syscall::win32k;
use nt::sysinfo::class;
use nt::types::{Boolean, Handle, UserPtr};
use nt::win32k::access::{DESKTOP_ALL_ACCESS, WINSTA_ALL_ACCESS};
use nt::{NtStatus, win32k::two_param};
use rt::syscall;

use crate::reg::{CASE_INSENSITIVE, Wide, from, to, with_name};

/// OBJ_OPENIF.
pub const OPENIF: u32 = 0x80;
/// OBJ_PERMANENT.
pub const PERMANENT: u32 = 0x10;

/// What a service returned that returns a handle or a BOOL: that, or the thread's last error.
pub type Outcome = Result<u64, u32>;

fn outcome(value: u64) -> Outcome {
    if value == 0 { Err(teb_word(teb::LAST_ERROR_VALUE) as u32) } else { Ok(value) }
}

/// A word of the calling thread's TEB.
pub fn teb_word(offset: u64) -> u64 {
    let value;
    // SAFETY: GS is the base of the TEB, which every thread has.
    unsafe { asm!("mov {}, gs:[{}]", out(reg) value, in(reg) offset, options(nostack, readonly)) };
    value
}

/// Makes a session; the number is as it was when that fails.
pub fn create_session() -> (NtStatus, u32) {
    let mut session = 0xDEAD_u32;
    // SAFETY: the number outlives the call.
    let status = unsafe { syscall::NtSetSystemInformation(class::SESSION_CREATE, to(&mut session), 4) };
    (status, session)
}

/// Leaves a session.
pub fn detach_session(mut session: u32) -> NtStatus {
    // SAFETY: the number outlives the call.
    unsafe { syscall::NtSetSystemInformation(class::SESSION_DETACH, to(&mut session), 4) }
}

/// Loads an image into the session.
pub fn load(path: &str) -> NtStatus {
    let path = Wide::new(path);
    let mut string = path.string();
    // SAFETY: string and text outlive the call.
    unsafe { syscall::NtSetSystemInformation(class::EXTEND_SERVICE_TABLE, to(&mut string), 16) }
}

/// ProcessSessionInformation of this process.
pub fn own_session() -> u32 {
    let mut session = 0xDEAD_u32;
    // SAFETY: the number outlives the call.
    unsafe {
        syscall::NtQueryInformationProcess(Handle::CURRENT_PROCESS, 24, to(&mut session), 4, UserPtr::new(0))
    };
    session
}

/// Makes a directory.
pub fn create_directory(name: &str) -> NtStatus {
    let mut handle = Handle::NULL;
    let place = to(&mut handle);
    // SAFETY: everything that is pointed to outlives the call.
    with_name(Handle::NULL, name, CASE_INSENSITIVE | OPENIF, |attributes| unsafe {
        syscall::NtCreateDirectoryObject(place, 0xF_000F, attributes)
    })
}

/// `NtUserInitialize`.
pub fn initialize(version: u32) -> NtStatus {
    // SAFETY: it takes numbers only.
    NtStatus(unsafe { win32k::NtUserInitialize(version, Handle::NULL, Handle::NULL) } as u32)
}

/// `NtUserCallTwoParam` for the logon process.
pub fn register_logon_process(id: u64, whether: bool) -> Outcome {
    // SAFETY: it takes numbers only.
    outcome(unsafe { win32k::NtUserCallTwoParam(id, whether.into(), two_param::REGISTER_LOGON_PROCESS) })
}

/// Makes or opens a window station.
pub fn create_station(name: &str, attributes: u32) -> Outcome {
    // SAFETY: everything that is pointed to outlives the call.
    outcome(with_name(Handle::NULL, name, attributes, |attributes| unsafe {
        win32k::NtUserCreateWindowStation(
            attributes,
            WINSTA_ALL_ACCESS,
            Handle::NULL,
            0,
            0,
            UserPtr::new(0),
            0,
        )
    }))
}

/// Opens a window station.
pub fn open_station(name: &str, access: u32) -> Outcome {
    // SAFETY: as above.
    outcome(with_name(Handle::NULL, name, CASE_INSENSITIVE, |attributes| unsafe {
        win32k::NtUserOpenWindowStation(attributes, access)
    }))
}

/// Makes or opens a desktop.
pub fn create_desktop(root: Handle, name: &str, attributes: u32) -> Outcome {
    // SAFETY: as above.
    outcome(with_name(root, name, attributes, |attributes| unsafe {
        win32k::NtUserCreateDesktop(attributes, UserPtr::new(0), 0, 0, DESKTOP_ALL_ACCESS)
    }))
}

/// Opens a desktop.
pub fn open_desktop(root: Handle, name: &str, access: u32) -> Outcome {
    // SAFETY: as above.
    outcome(with_name(root, name, CASE_INSENSITIVE, |attributes| unsafe {
        win32k::NtUserOpenDesktop(attributes, 0, access)
    }))
}

/// Opens the desktop with the user's input.
pub fn open_input() -> Outcome {
    // SAFETY: it takes numbers only.
    outcome(unsafe { win32k::NtUserOpenInputDesktop(0, Boolean(0), DESKTOP_ALL_ACCESS) })
}

/// A service that takes a handle and returns a BOOL.
pub fn of_handle(service: unsafe extern "win64" fn(Handle) -> u64, handle: u64) -> Outcome {
    // SAFETY: those services take a handle only.
    outcome(unsafe { service(Handle(handle)) })
}

/// The process's window station.
pub fn station() -> u64 {
    // SAFETY: it takes nothing.
    unsafe { win32k::NtUserGetProcessWindowStation() }
}

/// A thread's desktop.
pub fn desktop(thread: u64) -> Outcome {
    // SAFETY: it takes numbers only.
    outcome(unsafe { win32k::NtUserGetThreadDesktop(thread as u32, Handle::NULL) })
}

/// `NtGdiInit`.
pub fn gdi() -> u64 {
    // SAFETY: it takes nothing.
    unsafe { win32k::NtGdiInit() }
}

/// Opens an event for everything.
pub fn open_event(name: &str) -> NtStatus {
    let mut handle = Handle::NULL;
    let place = to(&mut handle);
    // SAFETY: everything that is pointed to outlives the call.
    with_name(Handle::NULL, name, CASE_INSENSITIVE, |attributes| unsafe {
        syscall::NtOpenEvent(place, 0x1F_0003, attributes)
    })
}

/// Names of the entries of a directory or window station, each with a `;` behind it; how many bytes there are.
pub fn list(directory: Handle, text: &mut [u8; 256]) -> Result<usize, NtStatus> {
    let (mut context, mut len) = (0_u32, 0);
    loop {
        let mut buffer = [0_u64; 64];
        // SAFETY: everything that is pointed to outlives the call; the buffer has the size that is told.
        let status = unsafe {
            syscall::NtQueryDirectoryObject(
                directory,
                to(&mut buffer),
                size_of_val(&buffer) as u32,
                Boolean(1),
                Boolean(u8::from(context == 0)),
                to(&mut context),
                UserPtr::new(0),
            )
        };
        match status {
            NtStatus::NO_MORE_ENTRIES => return Ok(len),
            status => status.ok()?,
        }
        let start = (buffer[1] - from::<_, ()>(&buffer).address) / 8;
        let units = buffer.iter().skip(start as usize).flat_map(|word| word.to_le_bytes()).step_by(2);
        for byte in units.take(buffer[0] as u16 as usize / 2).chain([b';']) {
            *text.get_mut(len).ok_or(NtStatus::BUFFER_TOO_SMALL)? = byte;
            len += 1;
        }
    }
}

/// Opens a directory to list it.
pub fn open_directory(name: &str) -> (NtStatus, Handle) {
    let mut handle = Handle::NULL;
    let place = to(&mut handle);
    // SAFETY: everything that is pointed to outlives the call.
    let status = with_name(Handle::NULL, name, CASE_INSENSITIVE, |attributes| unsafe {
        syscall::NtOpenDirectoryObject(place, 1, attributes)
    });
    (status, handle)
}
