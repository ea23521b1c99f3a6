//! What a task manager and a registry tool ask: processes, memory, object directories, subkeys.
#![expect(unsafe_code, reason = "calls system services")]

use alloc::vec::Vec;

use nt::NtStatus;
use nt::registry::key_class;
use nt::security::EVENT_MODIFY_STATE;
use nt::sysinfo::{
    SystemPerformanceInformation, SystemProcessInformation, SystemTimeOfDayInformation, class,
};
use nt::types::{Boolean, UserPtr};
use zerocopy::FromBytes;

use crate::handle::Owned;
use crate::objects::Name;
use crate::registry::Key;
use crate::services::{pointer_to_mut, syscall};
use crate::transfer::{long, number};

/// Most bytes that a list of processes is given room for.
const LIST_MAX: usize = 1 << 20;

/// A process of the system.
#[derive(Clone, Debug)]
pub struct Task {
    /// File name of its image; empty for the idle process.
    pub name: Vec<u16>,
    /// What the system says of it.
    pub information: SystemProcessInformation,
}

/// All processes.
///
/// # Errors
/// What `NtQuerySystemInformation` says.
pub fn list() -> Result<Vec<Task>, NtStatus> {
    let mut buffer = alloc::vec![0_u64; 512];
    let start = loop {
        let (to, room) = (pointer_to_mut(buffer.as_mut_slice()), size_of_val(buffer.as_slice()) as u32);
        let start: u64 = to.address;
        // SAFETY: the buffer outlives the call; its size is told.
        let status = unsafe { syscall::NtQuerySystemInformation(class::PROCESS, to, room, UserPtr::new(0)) };
        match status {
            NtStatus::INFO_LENGTH_MISMATCH if buffer.len() < LIST_MAX => buffer.resize(buffer.len() * 2, 0),
            status => {
                status.ok()?;
                break start;
            }
        }
    };
    let bytes = zerocopy::IntoBytes::as_bytes(buffer.as_slice());
    let (mut tasks, mut at) = (Vec::new(), 0);
    while let Some(rest) = bytes.get(at..) {
        let Ok((information, _)) = SystemProcessInformation::read_from_prefix(rest) else { break };
        // The name's text lies in the same buffer.
        let text = information.image_name.buffer.wrapping_sub(start) as usize;
        let units = bytes.get(text..).and_then(|rest| rest.get(..information.image_name.length.into()));
        let units = units.unwrap_or_default().chunks_exact(2);
        let name = units.map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        let next = information.next_entry_offset as usize;
        tasks.push(Task { name, information });
        match next {
            0 => break,
            next => at += next,
        }
    }
    Ok(tasks)
}

fn query<T: FromBytes>(class: u32) -> Result<T, NtStatus> {
    let mut information = T::new_zeroed();
    let (to, size) = (pointer_to_mut(&mut information), size_of::<T>() as u32);
    // SAFETY: the place outlives the call; its size is told.
    unsafe { syscall::NtQuerySystemInformation(class, to, size, UserPtr::new(0)) }.ok()?;
    Ok(information)
}

/// Pages that are free, promised, and can be promised.
///
/// # Errors
/// What `NtQuerySystemInformation` says.
pub fn performance() -> Result<SystemPerformanceInformation, NtStatus> {
    query(class::PERFORMANCE)
}

/// The time, and when the system started.
///
/// # Errors
/// What `NtQuerySystemInformation` says.
pub fn time_of_day() -> Result<SystemTimeOfDayInformation, NtStatus> {
    query(class::TIME_OF_DAY)
}

/// An object in a directory: its name and the name of its type.
pub type Named = (Vec<u16>, Vec<u16>);

/// The objects in a directory, in no order.
///
/// # Errors
/// What `NtQueryDirectoryObject` says.
pub fn directory(directory: &Owned) -> Result<Vec<Named>, NtStatus> {
    let mut buffer = alloc::vec![0_u8; 1024];
    let (mut context, mut entries) = (0_u32, Vec::new());
    loop {
        let (to, room) = (pointer_to_mut(buffer.as_mut_slice()), buffer.len() as u32);
        let start: u64 = to.address;
        let (place, none) = (pointer_to_mut(&mut context), UserPtr::new(0));
        let restart = Boolean(entries.is_empty().into());
        // SAFETY: buffer and context outlive the call; the buffer's size is told.
        let status = unsafe {
            syscall::NtQueryDirectoryObject(directory.get(), to, room, Boolean(1), restart, place, none)
        };
        match status {
            NtStatus::NO_MORE_ENTRIES => return Ok(entries),
            NtStatus::BUFFER_TOO_SMALL if buffer.len() < LIST_MAX => {
                buffer.resize(buffer.len() * 2, 0);
                continue;
            }
            status => status.ok()?,
        }
        // Two UNICODE_STRINGs, whose texts lie in the same buffer.
        let text = |at: usize| {
            let units =
                (long(&buffer, at + 8).wrapping_sub(start) as usize, number(&buffer, at) as usize & 0xFFFF);
            let bytes = buffer.get(units.0..).and_then(|rest| rest.get(..units.1)).unwrap_or_default();
            bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect()
        };
        entries.push((text(0), text(16)));
    }
}

/// Names of the subkeys of a key.
///
/// # Errors
/// What `NtEnumerateKey` says, but for the end.
pub fn subkeys(key: &Key) -> Result<Vec<Vec<u16>>, NtStatus> {
    /// KEY_BASIC_INFORMATION: time, title index, length of the name; the name.
    const NAME: usize = 16;
    let mut buffer = alloc::vec![0_u8; NAME + 2 * nt::registry::MAX_KEY_NAME];
    let mut names = Vec::new();
    for index in 0.. {
        let mut needed = 0_u32;
        let (to, room) = (pointer_to_mut(buffer.as_mut_slice()), buffer.len() as u32);
        let needed = pointer_to_mut(&mut needed);
        // SAFETY: buffer and length outlive the call; the buffer's size is told.
        let status =
            unsafe { syscall::NtEnumerateKey(key.handle(), index, key_class::BASIC, to, room, needed) };
        match status {
            NtStatus::NO_MORE_ENTRIES => break,
            status => status.ok()?,
        }
        let length = number(&buffer, NAME - 4) as usize;
        let units = buffer.get(NAME..).and_then(|rest| rest.get(..length)).unwrap_or_default();
        names.push(units.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect());
    }
    Ok(names)
}

/// Deletes a key without subkeys, which was opened for it.
///
/// # Errors
/// What `NtDeleteKey` says.
pub fn delete_key(key: &Key) -> Result<(), NtStatus> {
    // SAFETY: it takes no pointers.
    unsafe { syscall::NtDeleteKey(key.handle()) }.ok()
}

/// Signals an event by its name.
///
/// # Errors
/// What `NtOpenEvent` and `NtSetEvent` say.
pub fn signal(name: &Name<'_>) -> Result<(), NtStatus> {
    // SAFETY: `make` passes what lives through the call.
    let opened = name.make(|to, name| unsafe { syscall::NtOpenEvent(to, EVENT_MODIFY_STATE, name) });
    let (event, _) = opened?;
    crate::handle::set_event(&event).ok()
}
