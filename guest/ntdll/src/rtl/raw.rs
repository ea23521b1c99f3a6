//! From addresses to slices, and memory of the process heap.
#![expect(unsafe_code, reason = "callers give addresses")]

use core::ptr::{self, with_exposed_provenance, with_exposed_provenance_mut};

use nt::NtStatus;
use nt::types::{UnicodeString, UserPtr};
use rtlcore::Unit;

use crate::heap::blocks::{RtlAllocateHeap, RtlFreeHeap};
use crate::peb::process_heap;

/// ANSI_STRING: bytes instead of UTF-16 units, otherwise the same.
pub type AnsiString = UnicodeString;

/// `len` elements; none at NULL.
///
/// # Safety
/// They can be read as long as the slice is used, and do not change meanwhile.
pub unsafe fn slice<'a, T>(start: *const T, len: usize) -> &'a [T] {
    if start.is_null() {
        return &[];
    }
    // SAFETY: as the caller says.
    unsafe { core::slice::from_raw_parts(start, len) }
}

/// `len` elements to be written; none at NULL.
///
/// # Safety
/// They can be written as long as the slice is used, and nobody else looks at them meanwhile.
pub unsafe fn slice_mut<'a, T>(start: *mut T, len: usize) -> &'a mut [T] {
    if start.is_null() {
        return &mut [];
    }
    // SAFETY: as the caller says.
    unsafe { core::slice::from_raw_parts_mut(start, len) }
}

/// The text of a counted string; none at NULL.
///
/// # Safety
/// As [`slice`].
pub unsafe fn wide<'a>(string: *const UnicodeString) -> &'a [u16] {
    // SAFETY: as the caller says.
    unsafe {
        match string.as_ref() {
            Some(string) => {
                slice(with_exposed_provenance(string.buffer as usize), usize::from(string.length) / 2)
            }
            None => &[],
        }
    }
}

/// The text of a counted string of bytes; none at NULL.
///
/// # Safety
/// As [`slice`].
pub unsafe fn narrow<'a>(string: *const AnsiString) -> &'a [u8] {
    // SAFETY: as the caller says.
    unsafe {
        match string.as_ref() {
            Some(string) => slice(with_exposed_provenance(string.buffer as usize), string.length.into()),
            None => &[],
        }
    }
}

/// Up to the NUL or `most` units, the NUL not counted; none at NULL.
///
/// # Safety
/// So many units can be read, as with [`slice`].
pub unsafe fn bounded<'a, U: Unit>(text: *const U, most: usize) -> &'a [U] {
    if text.is_null() {
        return &[];
    }
    let nul = U::from(0);
    // SAFETY: as the caller says, up to the NUL.
    let len = (0..most).take_while(|&index| unsafe { *text.add(index) } != nul).count();
    // SAFETY: as the caller says.
    unsafe { slice(text, len) }
}

/// Up to the NUL; none at NULL.
///
/// # Safety
/// As [`bounded`].
pub unsafe fn terminated<'a, U: Unit>(text: *const U) -> &'a [U] {
    // SAFETY: as the caller says.
    unsafe { bounded(text, usize::MAX) }
}

/// Writes through a pointer that may be NULL.
///
/// # Safety
/// It is NULL or can be written.
pub unsafe fn store<T>(target: *mut T, value: T) {
    if !target.is_null() {
        // SAFETY: as the caller says.
        unsafe { target.write(value) };
    }
}

/// Elements of the process heap. `None`: there is no memory.
pub fn allocate<T>(count: usize) -> Option<*mut T> {
    let bytes = count.checked_mul(size_of::<T>())?;
    // SAFETY: the process heap's handle; the loader has made it.
    let address = unsafe { RtlAllocateHeap(process_heap(), 0, bytes as u64) };
    (address != 0).then(|| with_exposed_provenance_mut(address as usize))
}

/// Frees what [`allocate`] gave, or the caller's own call of RtlAllocateHeap. Whether there was such a block.
///
/// # Safety
/// Nobody uses it any more.
pub unsafe fn free<T>(block: *mut T) -> bool {
    // SAFETY: the process heap's handle; the rest as the caller says.
    unsafe { RtlFreeHeap(process_heap(), 0, block.expose_provenance() as u64) != 0 }
}

/// Memory of the process heap that is freed at the end.
pub struct Scratch<T> {
    start: *mut T,
    len: usize,
}

impl<T: Copy + Default> Scratch<T> {
    /// So many elements, all alike.
    pub fn new(len: usize) -> Result<Self, NtStatus> {
        let start = allocate::<T>(len).ok_or(NtStatus::NO_MEMORY)?;
        for index in 0..len {
            // SAFETY: in the block.
            unsafe { start.add(index).write(T::default()) };
        }
        Ok(Self { start, len })
    }
}

impl<T> core::ops::Deref for Scratch<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: the block is this value's own, and was written.
        unsafe { slice(self.start, self.len) }
    }
}

impl<T> core::ops::DerefMut for Scratch<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: the block is this value's own, and was written.
        unsafe { slice_mut(self.start, self.len) }
    }
}

impl<T> Drop for Scratch<T> {
    fn drop(&mut self) {
        // SAFETY: the block is this value's own.
        unsafe { free(self.start) };
    }
}

/// A pointer for a system service.
pub fn at<T>(value: *const T) -> UserPtr<T> {
    UserPtr::new(value.expose_provenance() as u64)
}

/// Most bytes of a counted string that has a NUL after it.
pub const MAX_BYTES: usize = 0xFFFC;

/// Moves elements between ranges that may overlap.
///
/// # Safety
/// Both ranges are valid for their access.
pub unsafe fn copy<T>(to: *mut T, from: *const T, len: usize) {
    if len > 0 {
        // SAFETY: as the caller says.
        unsafe { ptr::copy(from, to, len) };
    }
}
