//! Pages that stay in memory (NtLockVirtualMemory, NtUnlockVirtualMemory).

use hal::address_space::Locks;
use mmcore::Access;
use nt::NtStatus;
use nt::memory::{MAP_PROCESS, MAP_SYSTEM};
use nt::security::{PROCESS_VM_OPERATION, privilege};
use nt::types::{Handle, UserPtr};

use super::fault::make_accessible;
use super::virt::{range, tell_range};
use super::{PAGE, space, with_space};
use crate::ke::service::NtResult;
use crate::ob::handle;
use crate::se;

/// The whole pages of a range, and whose locks are meant.
fn pages(base: u64, size: u64, kind: u32) -> Result<(u64, u64, Locks), NtStatus> {
    if kind == 0 || kind & !(MAP_PROCESS | MAP_SYSTEM) != 0 {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let end = base.checked_add(size).filter(|&end| size > 0 && end <= space::LIMITS.end);
    let end = end.ok_or(NtStatus::INVALID_PARAMETER_3)?;
    let locks = Locks { process: kind & MAP_PROCESS != 0, system: kind & MAP_SYSTEM != 0 };
    Ok((base & !(PAGE - 1), end.next_multiple_of(PAGE), locks))
}

/// `NtLockVirtualMemory`: WAS_LOCKED when some page was already.
pub fn lock_virtual_memory(process: Handle, base: UserPtr<u64>, size: UserPtr<u64>, kind: u32) -> NtResult {
    let (wanted_base, wanted_size) = range(base, size)?;
    let (start, end, locks) = pages(wanted_base, wanted_size, kind)?;
    if locks.system {
        se::require(privilege::LOCK_MEMORY)?;
    }
    let process = handle::process(process, PROCESS_VM_OPERATION)?;
    // All of it must be there for the process before anything of it is locked.
    for address in (start..end).step_by(PAGE as usize) {
        make_accessible(&process, address, Access::Read)?;
    }
    let was_locked = with_space(&process, |space| {
        let mut was_locked = false;
        for address in (start..end).step_by(PAGE as usize) {
            let old = space.tables.locks(address);
            was_locked |= locks.process && old.process || locks.system && old.system;
            let new = Locks { process: old.process || locks.process, system: old.system || locks.system };
            space.tables.set_locks(address, new);
        }
        Ok(was_locked)
    })?;
    tell_range(base, size, start, end - start);
    Ok(if was_locked { NtStatus::WAS_LOCKED } else { NtStatus::SUCCESS })
}

/// `NtUnlockVirtualMemory`: NOT_LOCKED when some page is not; such pages are taken from the working set.
pub fn unlock_virtual_memory(process: Handle, base: UserPtr<u64>, size: UserPtr<u64>, kind: u32) -> NtResult {
    let (wanted_base, wanted_size) = range(base, size)?;
    let (start, end, locks) = pages(wanted_base, wanted_size, kind)?;
    let process = handle::process(process, PROCESS_VM_OPERATION)?;
    let held = |old: Locks| (!locks.process || old.process) && (!locks.system || old.system);
    with_space(&process, |space| {
        let (mut from, mut all) = (start, true);
        while let Some(address) = space.tables.next(from, end) {
            let is_held = held(space.tables.locks(address));
            all &= is_held && address == from;
            from = address + PAGE;
            if !is_held {
                space.take_away(address);
            }
        }
        if !all || from != end {
            return Err(NtStatus::NOT_LOCKED);
        }
        for address in (start..end).step_by(PAGE as usize) {
            let old = space.tables.locks(address);
            let new = Locks { process: old.process && !locks.process, system: old.system && !locks.system };
            space.tables.set_locks(address, new);
        }
        Ok(())
    })?;
    tell_range(base, size, start, end - start);
    Ok(NtStatus::SUCCESS)
}
