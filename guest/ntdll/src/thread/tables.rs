//! Functions that programs have made while they run, and what they say of how to unwind them.
#![expect(unsafe_code, reason = "calls into programs; keeps a list of raw memory")]

use core::cell::UnsafeCell;
use core::ops::Range;
use core::ptr::{null_mut, with_exposed_provenance_mut};

use nt::NtStatus;
use unwind::Function;

use crate::heap::blocks::{RtlAllocateHeap, RtlFreeHeap};
use crate::peb::process_heap;
use crate::sync::CriticalSection;

/// RUNTIME_FUNCTION: begin, end and unwind data, as offsets from a base.
type Entry = [u32; 3];
/// GET_RUNTIME_FUNCTION_CALLBACK: the entry of a function by an address in it.
type Routine = unsafe extern "win64" fn(u64, u64) -> *const Entry;

/// The lowest bits of what a table with a call-back is known by.
const CALLED_BACK: u64 = 3;

/// Where the entries are.
#[derive(Clone, Copy)]
enum Entries {
    Table { first: *const Entry, count: u32 },
    Callback { routine: Routine, context: u64 },
}

struct Table {
    next: *mut Self,
    /// What its maker knows it by.
    key: u64,
    base: u64,
    range: Range<u64>,
    entries: Entries,
    /// Most entries that it may have.
    room: u32,
}

/// A function by an address in it.
pub struct Found {
    /// What its offsets are counted from.
    pub base: u64,
    /// Its entry: address and contents.
    pub entry: Option<(u64, Function)>,
}

struct List(UnsafeCell<*mut Table>);

// SAFETY: the list is used under the lock only.
unsafe impl Sync for List {}

static TABLES: List = List(UnsafeCell::new(null_mut()));
static LOCK: CriticalSection = CriticalSection::new();

/// Looks for an address outside of all images.
pub fn find(address: u64) -> Option<Found> {
    // SAFETY: a list that is just empty needs no lock; what is read under it stays as it is.
    unsafe {
        if TABLES.0.get().read_volatile().is_null() {
            return None;
        }
        LOCK.enter();
        let mut table = *TABLES.0.get();
        while !table.is_null() && !(*table).range.contains(&address) {
            table = (*table).next;
        }
        let found = table.as_ref().map(|table| (table.base, table.entries));
        let found = found.map(|(base, entries)| match entries {
            Entries::Table { first, count } => {
                let entry = search(first, count, address.wrapping_sub(base) as u32);
                LOCK.leave();
                Found { base, entry: entry.map(describe) }
            }
            Entries::Callback { routine, context } => {
                LOCK.leave();
                Found { base, entry: routine(address, context).as_ref().map(describe) }
            }
        });
        if found.is_none() {
            LOCK.leave();
        }
        found
    }
}

/// # Safety
/// There are so many entries.
unsafe fn search<'a>(first: *const Entry, count: u32, offset: u32) -> Option<&'a Entry> {
    // SAFETY: as the caller says.
    let entries = unsafe { core::slice::from_raw_parts(first, count as usize) };
    // They need not be in order: it is programs that make them.
    entries.iter().find(|[begin, end, _]| (*begin..*end).contains(&offset))
}

fn describe(entry: &Entry) -> (u64, Function) {
    let [begin, end, unwind] = *entry;
    (core::ptr::from_ref(entry).expose_provenance() as u64, Function { entry: 0, begin, end, unwind })
}

fn add(table: Table) -> bool {
    // SAFETY: the block is new and long enough; the list is used under the lock.
    unsafe {
        let block = RtlAllocateHeap(process_heap(), 0, size_of::<Table>() as u64);
        if block == 0 {
            return false;
        }
        let new = with_exposed_provenance_mut::<Table>(block as usize);
        LOCK.enter();
        let first = TABLES.0.get();
        new.write(Table { next: *first, ..table });
        *first = new;
        LOCK.leave();
        true
    }
}

fn remove(key: u64) -> bool {
    LOCK.enter();
    // SAFETY: the list is used under the lock.
    let found = unsafe {
        let mut place = TABLES.0.get();
        while !(*place).is_null() && (**place).key != key {
            place = &raw mut (**place).next;
        }
        let table = *place;
        if !table.is_null() {
            *place = (*table).next;
        }
        table
    };
    LOCK.leave();
    if !found.is_null() {
        // SAFETY: nobody else has it any more.
        unsafe { RtlFreeHeap(process_heap(), 0, found.expose_provenance() as u64) };
    }
    !found.is_null()
}

/// Makes a table known that says how to unwind functions outside of all images, as offsets from a base. Whether there was
/// memory for that.
///
/// # Safety
/// There are so many entries, which stay until the table is taken away.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlAddFunctionTable(first: *const Entry, count: u32, base: u64) -> u8 {
    // SAFETY: as the caller says.
    let entries = unsafe { core::slice::from_raw_parts(first, count as usize) };
    let begin = entries.iter().map(|entry| entry[0]).min().unwrap_or(0);
    let end = entries.iter().map(|entry| entry[1]).max().unwrap_or(0);
    let range = base + u64::from(begin)..base + u64::from(end);
    let key = first.expose_provenance() as u64;
    let entries = Entries::Table { first, count };
    add(Table { next: null_mut(), key, base, range, entries, room: count }).into()
}

/// Takes a table away, by its address or by what one with a call-back is known by. Whether there was one.
#[unsafe(no_mangle)]
extern "win64" fn RtlDeleteFunctionTable(key: u64) -> u8 {
    remove(key).into()
}

/// Makes a routine known that says how to unwind the functions in `length` bytes from `base` on. The lowest two bits of what
/// it is known by are set. `_other`, a DLL for debuggers, is not looked at.
///
/// # Safety
/// The routine is one, and stays until it is taken away.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlInstallFunctionTableCallback(
    key: u64,
    base: u64,
    length: u32,
    routine: Routine,
    context: u64,
    _other: *const u16,
) -> u8 {
    if key & CALLED_BACK != CALLED_BACK {
        return 0;
    }
    let range = base..base.saturating_add(length.into());
    let entries = Entries::Callback { routine, context };
    add(Table { next: null_mut(), key, base, range, entries, room: 0 }).into()
}

/// Makes a table known that may get up to `room` entries later, for the addresses from `begin` to `end`.
///
/// # Safety
/// There is room for so many entries, which stay until the table is taken away. `handle` can be written to.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlAddGrowableFunctionTable(
    handle: *mut u64,
    first: *const Entry,
    count: u32,
    room: u32,
    begin: u64,
    end: u64,
) -> NtStatus {
    if count > room || begin > end {
        return NtStatus::INVALID_PARAMETER;
    }
    let key = first.expose_provenance() as u64;
    let entries = Entries::Table { first, count };
    if !add(Table { next: null_mut(), key, base: begin, range: begin..end, entries, room }) {
        return NtStatus::NO_MEMORY;
    }
    // SAFETY: as the caller says.
    unsafe { *handle = key };
    NtStatus::SUCCESS
}

/// Says that a table has more entries now.
#[unsafe(no_mangle)]
extern "win64" fn RtlGrowFunctionTable(handle: u64, count: u32) {
    LOCK.enter();
    // SAFETY: the list is used under the lock.
    unsafe {
        let mut table = *TABLES.0.get();
        while !table.is_null() && (*table).key != handle {
            table = (*table).next;
        }
        if let Some(Table { entries: Entries::Table { count: known, .. }, room, .. }) = table.as_mut() {
            *known = count.clamp(*known, *room);
        }
    }
    LOCK.leave();
}

/// Takes a table away that could grow.
#[unsafe(no_mangle)]
extern "win64" fn RtlDeleteGrowableFunctionTable(handle: u64) {
    remove(handle);
}
