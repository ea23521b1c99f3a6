//! Bit maps.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use core::ops::Range;

use rtlcore::bitmap::{self, Bits};

use super::raw::{slice, slice_mut, store};
use crate::peb::Bitmap;

/// No such bits.
const NONE: u32 = u32::MAX;

/// # Safety
/// It is a bit map, and does not change as long as the bits are used.
unsafe fn bits<'a>(map: *const Bitmap) -> Bits<'a> {
    // SAFETY: as the caller says.
    unsafe { Bits::new(slice((*map).buffer, bitmap::words((*map).size)), (*map).size) }
}

/// # Safety
/// It is a bit map.
unsafe fn fill(map: *mut Bitmap, range: Range<u32>, set: bool) {
    // SAFETY: as the caller says.
    unsafe { bitmap::fill(slice_mut((*map).buffer, bitmap::words((*map).size)), (*map).size, range, set) };
}

/// Makes a bit map of words; they stay as they are.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlInitializeBitMap(map: *mut Bitmap, buffer: *mut u32, size: u32) {
    // SAFETY: as the caller says.
    unsafe { map.write(Bitmap { size, buffer }) };
}

/// Sets some bits.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlSetBits(map: *mut Bitmap, start: u32, count: u32) {
    // SAFETY: as the caller says.
    unsafe { fill(map, start..start.saturating_add(count), true) };
}

/// Clears some bits.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlClearBits(map: *mut Bitmap, start: u32, count: u32) {
    // SAFETY: as the caller says.
    unsafe { fill(map, start..start.saturating_add(count), false) };
}

/// Sets a bit.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlSetBit(map: *mut Bitmap, bit: u32) {
    // SAFETY: as the caller says.
    unsafe { fill(map, bit..bit.saturating_add(1), true) };
}

/// Clears a bit.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlClearBit(map: *mut Bitmap, bit: u32) {
    // SAFETY: as the caller says.
    unsafe { fill(map, bit..bit.saturating_add(1), false) };
}

/// Sets all bits.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlSetAllBits(map: *mut Bitmap) {
    // SAFETY: as the caller says.
    unsafe { fill(map, 0..(*map).size, true) };
}

/// Clears all bits.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlClearAllBits(map: *mut Bitmap) {
    // SAFETY: as the caller says.
    unsafe { fill(map, 0..(*map).size, false) };
}

/// Whether a bit is set.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlTestBit(map: *const Bitmap, bit: u32) -> u8 {
    // SAFETY: as the caller says.
    unsafe { bits(map).is_set(bit).into() }
}

/// Whether some bits are all set.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlAreBitsSet(map: *const Bitmap, start: u32, count: u32) -> u8 {
    // SAFETY: as the caller says.
    unsafe { bits(map).all(start, count, true).into() }
}

/// Whether some bits are all clear.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlAreBitsClear(map: *const Bitmap, start: u32, count: u32) -> u8 {
    // SAFETY: as the caller says.
    unsafe { bits(map).all(start, count, false).into() }
}

/// How many bits are set.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlNumberOfSetBits(map: *const Bitmap) -> u32 {
    // SAFETY: as the caller says.
    unsafe { bits(map).count() }
}

/// How many bits are clear.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlNumberOfClearBits(map: *const Bitmap) -> u32 {
    // SAFETY: as the caller says.
    unsafe { (*map).size - bits(map).count() }
}

/// Finds so many clear bits in a row, from `hint` on and then from the beginning; all ones if there are none.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlFindClearBits(map: *const Bitmap, count: u32, hint: u32) -> u32 {
    // SAFETY: as the caller says.
    unsafe { bits(map).find(count, hint, false).unwrap_or(NONE) }
}

/// Finds so many set bits in a row.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlFindSetBits(map: *const Bitmap, count: u32, hint: u32) -> u32 {
    // SAFETY: as the caller says.
    unsafe { bits(map).find(count, hint, true).unwrap_or(NONE) }
}

/// Finds so many clear bits in a row and sets them.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlFindClearBitsAndSet(map: *mut Bitmap, count: u32, hint: u32) -> u32 {
    // SAFETY: as the caller says.
    unsafe {
        let found = RtlFindClearBits(map, count, hint);
        if found != NONE {
            RtlSetBits(map, found, count);
        }
        found
    }
}

/// Finds so many set bits in a row and clears them.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlFindSetBitsAndClear(map: *mut Bitmap, count: u32, hint: u32) -> u32 {
    // SAFETY: as the caller says.
    unsafe {
        let found = RtlFindSetBits(map, count, hint);
        if found != NONE {
            RtlClearBits(map, found, count);
        }
        found
    }
}

/// Tells where a run of bits begins, and how long it is; 0 for none.
///
/// # Safety
/// `start` is NULL or can be written.
unsafe fn tell(run: Option<Range<u32>>, none: u32, start: *mut u32) -> u32 {
    let run = run.unwrap_or(none..none);
    // SAFETY: as the caller says.
    unsafe { store(start, run.start) };
    run.end - run.start
}

/// The longest run of clear bits.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlFindLongestRunClear(map: *const Bitmap, start: *mut u32) -> u32 {
    // SAFETY: as the caller says.
    unsafe { tell(bits(map).longest(false), 0, start) }
}

/// The next run of clear bits.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlFindNextForwardRunClear(map: *const Bitmap, from: u32, start: *mut u32) -> u32 {
    // SAFETY: as the caller says.
    unsafe {
        let mut runs = bits(map).runs(from..(*map).size);
        tell(runs.find(|(set, _)| !set).map(|(_, run)| run), from, start)
    }
}

/// The number of the highest bit that is set; -1 for none.
#[unsafe(no_mangle)]
extern "win64" fn RtlFindMostSignificantBit(value: u64) -> i8 {
    63 - value.leading_zeros() as i8
}

/// The number of the lowest bit that is set; -1 for none.
#[unsafe(no_mangle)]
extern "win64" fn RtlFindLeastSignificantBit(value: u64) -> i8 {
    if value == 0 { -1 } else { value.trailing_zeros() as i8 }
}
