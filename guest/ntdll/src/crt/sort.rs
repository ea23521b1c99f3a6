//! Sorting and searching.
#![expect(unsafe_code, reason = "functions of the C library, by their contract on raw pointers")]

use core::cmp::Ordering;

use rtlcore::sort;

/// Tells how two elements lie to one another: negative, zero or positive.
type Compare = unsafe extern "win64" fn(*const u8, *const u8) -> i32;

/// Sorts `count` elements of `size` bytes.
#[unsafe(no_mangle)]
unsafe extern "win64" fn qsort(elements: *mut u8, count: usize, size: usize, compare: Compare) {
    let at = |index: usize| elements.wrapping_add(index * size);
    sort::sort(
        count,
        // SAFETY: as C requires of the caller: two elements.
        &mut |a, b| unsafe { compare(at(a), at(b)) }.cmp(&0),
        // SAFETY: two elements, and not the same one: the sort swaps no element with itself.
        &mut |a, b| unsafe { core::ptr::swap_nonoverlapping(at(a), at(b), size) },
    );
}

/// Finds an element that is equal to the key among `count` that are in order; NULL if there is none.
#[unsafe(no_mangle)]
unsafe extern "win64" fn bsearch(
    key: *const u8,
    elements: *const u8,
    count: usize,
    size: usize,
    compare: Compare,
) -> *const u8 {
    let at = |index: usize| elements.wrapping_add(index * size);
    // SAFETY: as C requires of the caller: the key and an element.
    let mut order = |index: usize| -> Ordering { unsafe { compare(key, at(index)) }.cmp(&0) };
    sort::search(count, &mut order).map_or(core::ptr::null(), at)
}
