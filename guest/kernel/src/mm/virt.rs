//! Private memory and protections (NtAllocateVirtualMemory and its kin).

use alloc::vec::Vec;

use mmcore::Allocate;
use nt::NtStatus;
use nt::memory::{MEMORY_BASIC_INFORMATION_CLASS, MEMORY_MAPPED_FILENAME_CLASS};
use nt::security::{PROCESS_QUERY_INFORMATION, PROCESS_VM_OPERATION, PROCESS_VM_WRITE};
use nt::types::{Handle, UnicodeString, UserPtr};
use zerocopy::IntoBytes;

use super::{charge, discard, promised, room, user, with_space};
use crate::ke::service::NtResult;
use crate::ob::{self, handle};

/// `NtAllocateVirtualMemory`.
pub fn allocate(
    process: Handle,
    base: UserPtr<u64>,
    zero_bits: u64,
    size: UserPtr<u64>,
    allocation_type: u32,
    protect: u32,
) -> NtResult {
    let (wanted_base, wanted_size) = range(base, size)?;
    let request = Allocate { base: wanted_base, zero_bits, size: wanted_size, allocation_type, protect };
    let process = handle::process(process, PROCESS_VM_OPERATION)?;
    room()?;
    let allocated = promised(wanted_size, || {
        with_space(&process, |space| {
            let allocated = space.space.allocate(&mut charge::ledger(), &request)?;
            if allocated.changed {
                space.follow(allocated.base, allocated.base + allocated.size);
            }
            Ok(allocated)
        })
    })?;
    tell_range(base, size, allocated.base, allocated.size);
    Ok(NtStatus::SUCCESS)
}

/// `NtFreeVirtualMemory`.
pub fn free(process: Handle, base: UserPtr<u64>, size: UserPtr<u64>, free_type: u32) -> NtResult {
    let (wanted_base, wanted_size) = range(base, size)?;
    let process = handle::process(process, PROCESS_VM_OPERATION)?;
    let freed = with_space(&process, |space| {
        let freed = space.space.free(&mut charge::ledger(), wanted_base, wanted_size, free_type)?;
        space.clear(freed.base, freed.base + freed.size);
        Ok(freed)
    })?;
    discard::if_much();
    tell_range(base, size, freed.base, freed.size);
    Ok(NtStatus::SUCCESS)
}

/// `NtProtectVirtualMemory`.
pub fn protect(
    process: Handle,
    base: UserPtr<u64>,
    size: UserPtr<u64>,
    protect: u32,
    previous: UserPtr<u32>,
) -> NtResult {
    let (wanted_base, wanted_size) = range(base, size)?;
    user::write(previous.address, &[0; 4])?;
    let process = handle::process(process, PROCESS_VM_OPERATION)?;
    let protected = with_space(&process, |space| {
        let protected = space.space.protect(&mut charge::ledger(), wanted_base, wanted_size, protect)?;
        space.follow(protected.base, protected.base + protected.size);
        Ok(protected)
    })?;
    tell_range(base, size, protected.base, protected.size);
    let _ = user::write(previous.address, &protected.old.to_le_bytes());
    Ok(NtStatus::SUCCESS)
}

/// `NtQueryVirtualMemory`: basic information, and the path of a mapped file.
pub fn query(
    process: Handle,
    address: u64,
    class: u32,
    information: UserPtr<u8>,
    length: u64,
    returned: UserPtr<u64>,
) -> NtResult {
    match class {
        MEMORY_BASIC_INFORMATION_CLASS => {}
        MEMORY_MAPPED_FILENAME_CLASS => {
            return mapped_file_name(process, address, information, length, returned);
        }
        _ => return Err(NtStatus::INVALID_INFO_CLASS),
    }
    if length < size_of::<nt::memory::MemoryBasicInformation>() as u64 {
        return Err(NtStatus::INFO_LENGTH_MISMATCH);
    }
    let process = handle::process(process, PROCESS_QUERY_INFORMATION)?;
    let basic = with_space(&process, |space| space.space.query(address))?;
    user::write(information.address, basic.as_bytes())?;
    user::write_optional(returned, &size_of_val(&basic).to_le_bytes())?;
    Ok(NtStatus::SUCCESS)
}

/// The path of the file whose section is mapped at an address: BUFFER_OVERFLOW when only its length fits.
fn mapped_file_name(
    process: Handle,
    address: u64,
    information: UserPtr<u8>,
    length: u64,
    returned: UserPtr<u64>,
) -> NtResult {
    const STRING: usize = size_of::<UnicodeString>();
    if length < STRING as u64 {
        return Err(NtStatus::INFO_LENGTH_MISMATCH);
    }
    let process = handle::process(process, PROCESS_QUERY_INFORMATION)?;
    let section = with_space(&process, |space| {
        let view = space.space.find(address).and_then(|vad| vad.view());
        Ok(view.ok_or(NtStatus::INVALID_ADDRESS)?.section.clone())
    })?;
    let name = section.file_name();
    if name.is_empty() {
        return Err(NtStatus::FILE_INVALID);
    }
    let text: Vec<u16> = name.encode_utf16().collect();
    let bytes = ob::string_behind(information.address, STRING, &text);
    user::write_optional(returned, &bytes.len().to_le_bytes())?;
    if bytes.len() as u64 > length {
        return Err(NtStatus::BUFFER_OVERFLOW);
    }
    user::write(information.address, &bytes)?;
    Ok(NtStatus::SUCCESS)
}

/// `NtFlushInstructionCache`: this processor sees what was written.
pub fn flush_instruction_cache(process: Handle, _base: u64, _length: u64) -> NtResult {
    handle::process(process, PROCESS_VM_WRITE)?;
    Ok(NtStatus::SUCCESS)
}

/// Captures the range that a service works on and rounds.
pub(super) fn range(base: UserPtr<u64>, size: UserPtr<u64>) -> Result<(u64, u64), NtStatus> {
    Ok((user::read_u64_to_change(base.address)?, user::read_u64_to_change(size.address)?))
}

/// Tells the caller which range it was. The places were writable before; if they are not any more, that
/// is the caller's loss.
pub(super) fn tell_range(base: UserPtr<u64>, size: UserPtr<u64>, start: u64, len: u64) {
    let _ = user::write(base.address, &start.to_le_bytes());
    let _ = user::write(size.address, &len.to_le_bytes());
}
