//! Copying between the caller's memory and that of any process (NtReadVirtualMemory,
//! NtWriteVirtualMemory). The other process's page is kept while it is copied from or to; nothing
//! else of its address space is needed for that.

use alloc::sync::Arc;
use alloc::vec::Vec;

use hal::address_space::{Entry, Pinned};
use hal::dma::Pages;
use hal::usercopy::USER_LIMIT;
use mmcore::Access;
use nt::NtStatus;
use nt::security::{PROCESS_VM_READ, PROCESS_VM_WRITE};
use nt::types::{Handle, UserPtr};

use super::fault::make_accessible;
use super::{PAGE, user, with_space};
use crate::ke::sched;
use crate::ke::service::NtResult;
use crate::ob::handle;
use crate::ps::Process;

/// After so many bytes somebody else gets the processor: nobody takes it from the kernel.
const BREATH: u64 = 0x1_0000;

/// `NtReadVirtualMemory`: PARTIAL_COPY when not all could be read, or written to the caller.
pub fn read_virtual_memory(
    process: Handle,
    address: u64,
    buffer: UserPtr<u8>,
    length: u64,
    returned: UserPtr<u64>,
) -> NtResult {
    copy(process, PROCESS_VM_READ, Access::Read, address, buffer.address, length, returned)
}

/// `NtWriteVirtualMemory`: PARTIAL_COPY when not all could be written, or read from the caller.
pub fn write_virtual_memory(
    process: Handle,
    address: u64,
    buffer: UserPtr<u8>,
    length: u64,
    returned: UserPtr<u64>,
) -> NtResult {
    copy(process, PROCESS_VM_WRITE, Access::Write, address, buffer.address, length, returned)
}

fn copy(
    process: Handle,
    rights: u32,
    access: Access,
    address: u64,
    buffer: u64,
    length: u64,
    returned: UserPtr<u64>,
) -> NtResult {
    check(address, buffer, length)?;
    user::write_optional(returned, &[0; 8])?;
    let process = handle::process(process, rights)?;
    let (done, result) = copy_memory(&process, access, address, buffer, length);
    let status = match result {
        Ok(()) => NtStatus::SUCCESS,
        Err(NtStatus::PROCESS_IS_TERMINATING) if done == 0 => return Err(NtStatus::PROCESS_IS_TERMINATING),
        Err(_) => NtStatus::PARTIAL_COPY,
    };
    let _ = user::write_optional(returned, &done.to_le_bytes());
    Ok(status)
}

/// Whether both ranges are user addresses.
fn check(address: u64, buffer: u64, length: u64) -> Result<(), NtStatus> {
    let is_user = |start: u64| start.checked_add(length).is_some_and(|end| end <= USER_LIMIT);
    if is_user(address) && is_user(buffer) { Ok(()) } else { Err(NtStatus::ACCESS_VIOLATION) }
}

/// Copies between memory of a process, which is accessed as said, and the caller's, as far as it goes. Returns how
/// many bytes, and why no more.
pub fn copy_memory(
    process: &Process,
    access: Access,
    address: u64,
    buffer: u64,
    length: u64,
) -> (u64, Result<(), NtStatus>) {
    if let Err(status) = check(address, buffer, length) {
        return (0, Err(status));
    }
    let mut done = 0;
    let mut breath = BREATH;
    while done < length {
        let at = address + done;
        let now = (length - done).min(PAGE - at % PAGE);
        if let Err(status) = copy_in_page(process, access, at, buffer + done, now as usize) {
            return (done, Err(status));
        }
        done += now;
        if done >= breath {
            breath += BREATH;
            if !go_on() {
                return (done, Err(NtStatus::THREAD_IS_TERMINATING));
            }
        }
    }
    (done, Ok(()))
}

/// Lets others run. Returns false when the caller is to end.
fn go_on() -> bool {
    sched::yield_now();
    !sched::current().must_end()
}

fn copy_in_page(
    process: &Process,
    access: Access,
    address: u64,
    buffer: u64,
    len: usize,
) -> Result<(), NtStatus> {
    let page = keep(process, address, access)?;
    let offset = (address % PAGE) as usize;
    match access {
        Access::Write => page.copy_from_user(offset, buffer, len),
        _ => page.copy_to_user(offset, buffer, len),
    }
    .map_err(|_| NtStatus::ACCESS_VIOLATION)
}

/// The page at an address, made accessible.
fn keep(process: &Process, address: u64, access: Access) -> Result<Pinned, NtStatus> {
    loop {
        match pin(process, address, access)? {
            Some(page) => return Ok(page),
            None => make_accessible(process, address, access)?,
        }
    }
}

/// Keeps memory of a process for an access, until the result is dropped: whoever has it, an interrupt or a device, may
/// read or write it then.
///
/// # Errors
/// ACCESS_VIOLATION, PROCESS_IS_TERMINATING, INSUFFICIENT_RESOURCES.
pub fn keep_pages(process: &Process, address: u64, len: usize, access: Access) -> Result<Pages, NtStatus> {
    check(address, 0, len as u64)?;
    // Nothing lies in no page, wherever it is.
    let offset = if len == 0 { 0 } else { (address % PAGE) as usize };
    let count = (offset + len).div_ceil(PAGE as usize);
    let mut pages = Vec::new();
    pages.try_reserve_exact(count).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
    for number in 0..count as u64 {
        pages.push(keep(process, (address & !(PAGE - 1)) + number * PAGE, access)?);
    }
    Pages::new(Arc::new(pages), offset, len).ok_or(NtStatus::INSUFFICIENT_RESOURCES)
}

/// The page at an address, if it is there for that access.
fn pin(process: &Process, address: u64, access: Access) -> Result<Option<Pinned>, NtStatus> {
    with_space(process, |space| {
        Ok(match space.tables.entry(address) {
            Entry::Present { access: has, .. } if has.write || access != Access::Write => {
                space.tables.pin(address)
            }
            _ => None,
        })
    })
}
