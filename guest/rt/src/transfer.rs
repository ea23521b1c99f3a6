//! Files and devices: making, reading, writing, control codes, listing folders.
#![expect(unsafe_code, reason = "calls system services")]

use alloc::vec::Vec;

use nt::NtStatus;
use nt::file::{access, class, option};
use nt::types::{Boolean, Handle, IoStatusBlock, UserPtr};

use crate::handle::Owned;
use crate::objects::Name;
use crate::services::{pointer_to, pointer_to_mut, syscall};
use crate::text::string_of;

/// How a file is made or opened.
#[derive(Clone, Copy, Debug)]
pub struct How {
    /// Access rights; SYNCHRONIZE goes without saying.
    pub access: u32,
    /// `nt::file::share`.
    pub share: u32,
    /// `nt::file::disposition`.
    pub disposition: u32,
    /// `nt::file::option`; that services wait goes without saying.
    pub options: u32,
}

/// Makes or opens a file, folder or device whose services wait.
///
/// # Errors
/// What `NtCreateFile` says.
pub fn create(name: &Name<'_>, how: How) -> Result<Owned, NtStatus> {
    let mut io_status = IoStatusBlock::default();
    let io_status = pointer_to_mut(&mut io_status);
    let How { access: wanted, share, disposition, options } = how;
    let options = options | option::SYNCHRONOUS_IO_NONALERT;
    let none = UserPtr::new(0);
    // SAFETY: the name passes what lives through the call, and so does the status.
    let opened = name.make(|to, name| unsafe {
        let (wanted, nothing) = (wanted | access::SYNCHRONIZE, UserPtr::new(0));
        syscall::NtCreateFile(
            to,
            wanted,
            name,
            io_status,
            none,
            nt::file::attribute::NORMAL,
            share,
            disposition,
            options,
            nothing,
            0,
        )
    });
    opened.map(|(object, _)| object)
}

/// A place in a file; a null pointer is where it stands.
fn place(offset: &Option<u64>) -> UserPtr<i64> {
    offset.as_ref().map_or(UserPtr::new(0), pointer_to)
}

/// Reads at an offset, or where the file stands; gives how many bytes came. END_OF_FILE is an error.
///
/// # Errors
/// What `NtReadFile` says.
pub fn read(file: &Owned, into: &mut [u8], offset: Option<u64>) -> Result<usize, NtStatus> {
    let mut io_status = IoStatusBlock::default();
    let (status, len) = (pointer_to_mut(&mut io_status), into.len() as u32);
    let (event, to, at) = (Handle::NULL, pointer_to_mut(into), place(&offset));
    // SAFETY: buffer, status and offset outlive the call, which waits; the buffer's size is told.
    unsafe { syscall::NtReadFile(file.get(), event, 0, 0, status, to, len, at, UserPtr::new(0)) }.ok()?;
    Ok((io_status.information as usize).min(into.len()))
}

/// Writes at an offset, or where the file stands; gives how many bytes went.
///
/// # Errors
/// What `NtWriteFile` says.
pub fn write(file: &Owned, bytes: &[u8], offset: Option<u64>) -> Result<usize, NtStatus> {
    let mut io_status = IoStatusBlock::default();
    let (status, len) = (pointer_to_mut(&mut io_status), bytes.len() as u32);
    let (event, from, at) = (Handle::NULL, pointer_to(bytes), place(&offset));
    // SAFETY: as in `read`.
    unsafe { syscall::NtWriteFile(file.get(), event, 0, 0, status, from, len, at, UserPtr::new(0)) }.ok()?;
    Ok(io_status.information as usize)
}

/// Sends a device a control code; what comes back is put into `output`.
///
/// # Errors
/// What `NtDeviceIoControlFile` says.
pub fn control(file: &Owned, code: u32, input: &[u8], output: &mut [u8]) -> Result<usize, NtStatus> {
    let mut io_status = IoStatusBlock::default();
    let status = pointer_to_mut(&mut io_status);
    let (from, to) = (pointer_to(input), pointer_to_mut(output));
    let (from_len, to_len) = (input.len() as u32, output.len() as u32);
    let event = Handle::NULL;
    // SAFETY: as in `read`.
    unsafe {
        syscall::NtDeviceIoControlFile(file.get(), event, 0, 0, status, code, from, from_len, to, to_len)
    }
    .ok()?;
    Ok(io_status.information as usize)
}

/// An entry of a folder.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// Its name.
    pub name: Vec<u16>,
    /// When it was last written, in 100 ns since 1601; 0 where the file system has no times.
    pub written: i64,
    /// Its length in bytes.
    pub length: u64,
    /// FILE_ATTRIBUTE_*.
    pub attributes: u32,
}

/// Lists a folder that was opened to be read: all that matches a pattern.
///
/// # Errors
/// What `NtQueryDirectoryFile` says, but for the end.
pub fn list(folder: &Owned, pattern: &[u16]) -> Result<Vec<Entry>, NtStatus> {
    let pattern = string_of(pattern);
    let mut buffer = alloc::vec![0_u8; 2048];
    let mut entries = Vec::new();
    loop {
        let mut io_status = IoStatusBlock::default();
        let (status, room) = (pointer_to_mut(&mut io_status), buffer.len() as u32);
        let to = pointer_to_mut(buffer.as_mut_slice());
        let (event, pattern, restart) =
            (Handle::NULL, pointer_to(&pattern), Boolean(entries.is_empty().into()));
        // SAFETY: as in `read`; the pattern outlives the call too.
        let status = unsafe {
            syscall::NtQueryDirectoryFile(
                folder.get(),
                event,
                0,
                0,
                status,
                to,
                room,
                class::DIRECTORY,
                Boolean(0),
                pattern,
                restart,
            )
        };
        match status {
            NtStatus::NO_MORE_FILES | NtStatus::NO_SUCH_FILE => return Ok(entries),
            status => status.ok()?,
        }
        let before = entries.len();
        let filled = buffer.get(..io_status.information as usize).unwrap_or_default();
        let mut rest = filled;
        while let Some(entry) = Entry::parse(rest) {
            entries.push(entry);
            match number(rest, 0) as usize {
                0 => break,
                next => rest = rest.get(next..).unwrap_or_default(),
            }
        }
        if entries.len() == before {
            return Ok(entries);
        }
    }
}

impl Entry {
    /// FILE_DIRECTORY_INFORMATION.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let name = bytes.get(0x40..)?.get(..number(bytes, 0x3C) as usize)?;
        Some(Self {
            name: name.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect(),
            written: long(bytes, 0x18) as i64,
            length: long(bytes, 0x28),
            attributes: number(bytes, 0x38),
        })
    }
}

/// 32 bits of what a service gave; 0 where nothing is.
pub(crate) fn number(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |chunk| u32::from_le_bytes(*chunk))
}

/// 64 bits of what a service gave; 0 where nothing is.
pub(crate) fn long(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |chunk| u64::from_le_bytes(*chunk))
}
