//! Copies between kernel and user memory. A user pointer is an allegation: the range is checked,
//! and a fault that nobody can mend ends the copy with an error.

use alloc::vec::Vec;

use crate::phys;

/// First address that user mode cannot have: MM_USER_PROBE_ADDRESS of NT 5.2 on x64.
pub const USER_LIMIT: u64 = 0x7FF_FFFF_0000;

/// A user range is not (all) accessible, and why: the NTSTATUS of the fault that nobody could mend, or ACCESS_VIOLATION.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserFault(pub u32);

impl UserFault {
    /// STATUS_ACCESS_VIOLATION: the range is not the user's.
    pub(crate) const NOT_USER: Self = Self(0xC000_0005);
}

unsafe extern "C" {
    fn hal_copy(target: *mut u8, source: *const u8, len: usize) -> u32;
    static hal_copy_words: u8;
    static hal_copy_bytes: u8;
    static hal_copy_fixup: u8;
}

fn check(address: u64, len: usize) -> Result<(), UserFault> {
    match address.checked_add(len as u64) {
        Some(end) if end <= USER_LIMIT => Ok(()),
        _ => Err(UserFault::NOT_USER),
    }
}

/// Copies from user memory. No [`crate::cell`] guard may be held: the copy can fault and wait.
///
/// # Errors
/// When the source is not all readable user memory; the target then holds anything.
pub fn copy_from_user(target: &mut [u8], source: u64) -> Result<(), UserFault> {
    check(source, target.len())?;
    // SAFETY: the target is ours; reads of the source, checked to be a user address, that fault
    // return their status by way of the fix-up.
    match unsafe {
        hal_copy(target.as_mut_ptr(), core::ptr::with_exposed_provenance(source as usize), target.len())
    } {
        0 => Ok(()),
        status => Err(UserFault(status)),
    }
}

/// Numbers that are good whatever their bytes are.
pub trait Plain: Copy + sealed::Number {}

mod sealed {
    /// Only this module says what a plain number is.
    pub trait Number {
        const ZERO: Self;
    }
}

macro_rules! plain {
    ($($type:ty)*) => { $(
        impl sealed::Number for $type {
            const ZERO: Self = 0;
        }
        impl Plain for $type {}
    )* };
}
plain!(u8 u16 u64);

/// Appends `len` bytes of user memory to a buffer, in whole numbers; what the last one has too much is zero. The
/// buffer has room for it already, so that nothing is cleared first.
///
/// # Errors
/// When the source is not all readable user memory, or the buffer is too small; it is as it was.
pub fn append_from_user<T: Plain>(buffer: &mut Vec<T>, source: u64, len: usize) -> Result<(), UserFault> {
    check(source, len)?;
    let count = len.div_ceil(size_of::<T>());
    let room = buffer.spare_capacity_mut().get_mut(..count).ok_or(UserFault::NOT_USER)?;
    if let Some(last) = room.last_mut() {
        last.write(T::ZERO);
    }
    // SAFETY: `room` is memory of the buffer's own for `count` numbers, which hold `len` bytes; the source is a
    // user address, and reads that fault return their status by way of the fix-up.
    match unsafe {
        hal_copy(room.as_mut_ptr().cast(), core::ptr::with_exposed_provenance(source as usize), len)
    } {
        0 => {
            // SAFETY: the copy has written all bytes of the new numbers but some of the last one, which was
            // zero before; any bytes are a number.
            unsafe { buffer.set_len(buffer.len() + count) };
            Ok(())
        }
        status => Err(UserFault(status)),
    }
}

/// Copies to user memory. No [`crate::cell`] guard may be held: the copy can fault and wait.
///
/// # Errors
/// When the target is not all writable user memory; part of it may have been written.
pub fn copy_to_user(target: u64, source: &[u8]) -> Result<(), UserFault> {
    check(target, source.len())?;
    // SAFETY: no kernel object lies at user addresses; writes that fault return their status by way of the fix-up.
    match unsafe {
        hal_copy(core::ptr::with_exposed_provenance_mut(target as usize), source.as_ptr(), source.len())
    } {
        0 => Ok(()),
        status => Err(UserFault(status)),
    }
}

/// Copies from the page at physical `page` to user memory.
pub(crate) fn copy_physical_to_user(
    target: u64,
    page: u64,
    offset: usize,
    len: usize,
) -> Result<(), UserFault> {
    assert!(offset <= phys::PAGE && len <= phys::PAGE - offset, "copy beyond the page");
    check(target, len)?;
    let source = phys::pointer::<u8>(page + offset as u64);
    // SAFETY: no kernel object lies at user addresses, and the source is mapped memory; writes that fault
    // return their status by way of the fix-up.
    match unsafe { hal_copy(core::ptr::with_exposed_provenance_mut(target as usize), source, len) } {
        0 => Ok(()),
        status => Err(UserFault(status)),
    }
}

/// Copies from user memory to the page at physical `page`, which is a user page that the caller keeps.
pub(crate) fn copy_physical_from_user(
    page: u64,
    offset: usize,
    source: u64,
    len: usize,
) -> Result<(), UserFault> {
    assert!(offset <= phys::PAGE && len <= phys::PAGE - offset, "copy beyond the page");
    check(source, len)?;
    let target = phys::pointer::<u8>(page + offset as u64);
    // SAFETY: no Rust object lies in user pages; reads that fault return their status by way of the fix-up.
    match unsafe { hal_copy(target, core::ptr::with_exposed_provenance(source as usize), len) } {
        0 => Ok(()),
        status => Err(UserFault(status)),
    }
}

/// Where a fault at kernel instruction `rip` continues, if it is one of the accessors above.
pub(crate) fn fixup(rip: u64) -> Option<u64> {
    let at = |symbol: *const u8| symbol.addr() as u64;
    let known = rip == at(&raw const hal_copy_words) || rip == at(&raw const hal_copy_bytes);
    known.then(|| at(&raw const hal_copy_fixup))
}
