//! Calls of the file services, made safe: what they point to lives through the call.
#![expect(unsafe_code, reason = "calls system services")]

use nt::NtStatus;
use nt::file::{access, disposition, option, share};
use nt::types::{Boolean, Handle, IoStatusBlock, UserPtr};
use rt::syscall;

use crate::reg::{CASE_INSENSITIVE, Wide, from, to, with_name};

/// What an untouched IO_STATUS_BLOCK holds.
pub const UNTOUCHED: IoStatusBlock = IoStatusBlock { status: 0xDEAD, information: 0xBEEF };

/// How something is opened.
#[derive(Clone, Copy)]
pub struct How {
    pub access: u32,
    pub share: u32,
    pub disposition: u32,
    pub options: u32,
}

/// To be read, with services that wait.
pub const READ: How = How {
    access: access::GENERIC_READ,
    share: share::READ,
    disposition: disposition::OPEN,
    options: option::SYNCHRONOUS_IO_NONALERT,
};

/// `NtCreateFile`: how it ended, and the handle; what the creation did is in the block.
pub fn create(root: Handle, name: &str, how: How, block: &mut IoStatusBlock) -> Result<Handle, NtStatus> {
    let mut handle = Handle(0xDEAD);
    let null = || UserPtr::new(0);
    let status = with_name(root, name, CASE_INSENSITIVE, |attributes| {
        // SAFETY: all pointers outlive the call.
        unsafe {
            syscall::NtCreateFile(
                to(&mut handle),
                how.access,
                attributes,
                to(block),
                null(),
                0,
                how.share,
                how.disposition,
                how.options,
                UserPtr::new(0),
                0,
            )
        }
    });
    if status == NtStatus::SUCCESS { Ok(handle) } else { Err(status) }
}

/// `NtOpenFile`.
pub fn open(root: Handle, name: &str, how: How) -> Result<Handle, NtStatus> {
    let mut handle = Handle(0xDEAD);
    let mut block = UNTOUCHED;
    let status = with_name(root, name, CASE_INSENSITIVE, |attributes| {
        // SAFETY: all pointers outlive the call.
        unsafe {
            syscall::NtOpenFile(
                to(&mut handle),
                how.access,
                attributes,
                to(&mut block),
                how.share,
                how.options,
            )
        }
    });
    if status == NtStatus::SUCCESS { Ok(handle) } else { Err(status) }
}

/// `NtReadFile` without event and APC.
pub fn read(file: Handle, buffer: &mut [u8], offset: Option<i64>) -> (NtStatus, IoStatusBlock) {
    let mut block = UNTOUCHED;
    let place = offset.unwrap_or(0);
    let offset = if offset.is_some() { from(&place) } else { UserPtr::new(0) };
    let length = buffer.len() as u32;
    // SAFETY: all pointers outlive the call.
    let status = unsafe {
        syscall::NtReadFile(
            file,
            Handle::NULL,
            0,
            0,
            to(&mut block),
            to(buffer),
            length,
            offset,
            UserPtr::new(0),
        )
    };
    (status, block)
}

/// `NtReadFile` with an address that need not be one.
pub fn read_at_address(file: Handle, address: u64, length: u32, block: u64) -> NtStatus {
    let start = 0_i64;
    // SAFETY: what the kernel writes to is checked there, which is the test.
    unsafe {
        syscall::NtReadFile(
            file,
            Handle::NULL,
            0,
            0,
            UserPtr::new(block),
            UserPtr::new(address),
            length,
            from(&start),
            UserPtr::new(0),
        )
    }
}

/// `NtWriteFile` without event and APC.
pub fn write(file: Handle, data: &[u8], offset: Option<i64>) -> (NtStatus, IoStatusBlock) {
    let mut block = UNTOUCHED;
    let place = offset.unwrap_or(0);
    let offset = if offset.is_some() { from(&place) } else { UserPtr::new(0) };
    // SAFETY: all pointers outlive the call.
    let status = unsafe {
        syscall::NtWriteFile(
            file,
            Handle::NULL,
            0,
            0,
            to(&mut block),
            from(data),
            data.len() as u32,
            offset,
            UserPtr::new(0),
        )
    };
    (status, block)
}

/// `NtQueryInformationFile`.
pub fn query(file: Handle, class: u32, buffer: &mut [u8]) -> (NtStatus, IoStatusBlock) {
    let mut block = UNTOUCHED;
    let length = buffer.len() as u32;
    // SAFETY: all pointers outlive the call.
    let status = unsafe { syscall::NtQueryInformationFile(file, to(&mut block), to(buffer), length, class) };
    (status, block)
}

/// `NtSetInformationFile`.
pub fn set(file: Handle, class: u32, buffer: &[u8]) -> NtStatus {
    let mut block = UNTOUCHED;
    let length = buffer.len() as u32;
    // SAFETY: all pointers outlive the call.
    unsafe { syscall::NtSetInformationFile(file, to(&mut block), from(buffer), length, class) }
}

/// `NtQueryVolumeInformationFile`.
pub fn volume(file: Handle, class: u32, buffer: &mut [u8]) -> (NtStatus, IoStatusBlock) {
    let mut block = UNTOUCHED;
    let length = buffer.len() as u32;
    // SAFETY: all pointers outlive the call.
    let status =
        unsafe { syscall::NtQueryVolumeInformationFile(file, to(&mut block), to(buffer), length, class) };
    (status, block)
}

/// `NtQueryDirectoryFile`.
pub fn list(
    folder: Handle,
    class: u32,
    buffer: &mut [u8],
    single: bool,
    pattern: Option<&str>,
    restart: bool,
) -> (NtStatus, IoStatusBlock) {
    let mut block = UNTOUCHED;
    let wide = Wide::new(pattern.unwrap_or(""));
    let string = wide.string();
    let pattern = if pattern.is_some() { from(&string) } else { UserPtr::new(0) };
    let length = buffer.len() as u32;
    // SAFETY: all pointers outlive the call.
    let status = unsafe {
        syscall::NtQueryDirectoryFile(
            folder,
            Handle::NULL,
            0,
            0,
            to(&mut block),
            to(buffer),
            length,
            class,
            Boolean(single.into()),
            pattern,
            Boolean(restart.into()),
        )
    };
    (status, block)
}

/// `NtQueryAttributesFile` or, for 56 bytes, `NtQueryFullAttributesFile`.
pub fn attributes(name: &str, buffer: &mut [u8]) -> NtStatus {
    with_name(Handle::NULL, name, CASE_INSENSITIVE, |attributes| {
        // SAFETY: all pointers outlive the call.
        unsafe {
            match buffer.len() {
                56 => syscall::NtQueryFullAttributesFile(attributes, to(buffer)),
                _ => syscall::NtQueryAttributesFile(attributes, to(buffer)),
            }
        }
    })
}

/// `NtDeleteFile`.
pub fn delete(name: &str) -> NtStatus {
    with_name(Handle::NULL, name, CASE_INSENSITIVE, |attributes| {
        // SAFETY: all pointers outlive the call.
        unsafe { syscall::NtDeleteFile(attributes) }
    })
}

/// `NtDeviceIoControlFile`, or `NtFsControlFile`.
pub fn control(
    file: Handle,
    to_file_system: bool,
    code: u32,
    output: &mut [u8],
) -> (NtStatus, IoStatusBlock) {
    let mut block = UNTOUCHED;
    let length = output.len() as u32;
    let null = || UserPtr::new(0);
    let call = if to_file_system { syscall::NtFsControlFile } else { syscall::NtDeviceIoControlFile };
    // SAFETY: all pointers outlive the call.
    let status =
        unsafe { call(file, Handle::NULL, 0, 0, to(&mut block), code, null(), 0, to(output), length) };
    (status, block)
}

/// `NtFlushBuffersFile`.
pub fn flush(file: Handle) -> NtStatus {
    let mut block = UNTOUCHED;
    // SAFETY: all pointers outlive the call.
    unsafe { syscall::NtFlushBuffersFile(file, to(&mut block)) }
}
