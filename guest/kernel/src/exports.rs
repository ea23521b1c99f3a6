//! What the kernel exports to images that are loaded into it (win32k.sys, drivers), under the names that
//! Microsoft's driver documentation gives. Sorted by name.
//!
//! The convention is Win64; addresses are numbers here, and `hal::driver` reads what they point to.

use alloc::string::String;

use hal::{driver, pool};
use nt::NtStatus;

use crate::ke::bugcheck::bugcheck;
use crate::ke::{sched, service};
use crate::{kd, ps};

/// STATUS, BOOLEAN and the like, as a function returns them.
type Word = u64;

/// Modules whose exports these are.
const MODULES: [&[u8]; 2] = [b"ntoskrnl.exe", b"hal.dll"];

/// A function: its name and its address.
struct Function(&'static str, fn() -> u64);

macro_rules! exports {
    ($($name:literal => $function:path;)*) => {
        &[$(Function($name, || ($function as *const ()).addr() as u64)),*]
    };
}

static EXPORTS: &[Function] = exports! {
    "ExAllocatePoolWithTag" => allocate_pool;
    "ExFreePool" => free_pool;
    "ExFreePoolWithTag" => free_pool;
    "HalDisplayString" => display_string;
    "IoGetCurrentProcess" => current_process;
    "KeAddSystemServiceTable" => add_system_service_table;
    "KeBugCheckEx" => bug_check;
    "PsGetCurrentProcessId" => current_process_id;
    "PsGetCurrentProcessSessionId" => current_session;
    "PsGetCurrentThreadId" => current_thread_id;
};

/// The address of what a module exports: nothing for an unknown name.
pub fn find(name: &[u8]) -> Option<u64> {
    let found = EXPORTS.binary_search_by(|function| function.0.as_bytes().cmp(name)).ok()?;
    EXPORTS.get(found).map(|function| function.1())
}

/// Whether a module's exports are here.
pub fn is_module(name: &[u8]) -> bool {
    MODULES.iter().any(|module| module.eq_ignore_ascii_case(name))
}

/// `ExAllocatePoolWithTag(PoolType, NumberOfBytes, Tag)`: all pool is non-paged.
extern "win64" fn allocate_pool(_pool_type: u32, size: u64, tag: u32) -> Word {
    pool::allocate(size, tag)
}

/// `ExFreePoolWithTag(P, Tag)`: BAD_POOL_CALLER for what is no block.
extern "win64" fn free_pool(block: u64) {
    if !pool::free(block) {
        bugcheck(
            nt::bugcheck::BAD_POOL_CALLER,
            [7, 0, 0, block],
            NtStatus::SUCCESS,
            format_args!("a driver freed what is no pool"),
        );
    }
}

/// `HalDisplayString(PSZ)`: ASCII text to the boot screen.
extern "win64" fn display_string(string: u64) {
    kd::print(format_args!("{}", String::from_utf8_lossy(driver::c_string(string))));
}

/// `IoGetCurrentProcess()`: a number that tells processes apart.
extern "win64" fn current_process() -> Word {
    ps::object_of_process(sched::current().process()).map_or(0, |object| object.address())
}

/// `PsGetCurrentProcessId()`.
extern "win64" fn current_process_id() -> Word {
    sched::current_process_id().into()
}

/// `PsGetCurrentThreadId()`.
extern "win64" fn current_thread_id() -> Word {
    sched::current().id().into()
}

/// `PsGetCurrentProcessSessionId()`.
extern "win64" fn current_session() -> Word {
    sched::current().process().attributes().lock().session.into()
}

/// `KeBugCheckEx(BugCheckCode, P1, P2, P3, P4)`.
extern "win64" fn bug_check(code: u32, p1: u64, p2: u64, p3: u64, p4: u64) {
    bugcheck(code, [p1, p2, p3, p4], NtStatus::SUCCESS, format_args!("a driver stopped the system"));
}

/// `KeAddSystemServiceTable(Base, Count, Limit, Number, Index)`: FALSE when the table cannot be added.
extern "win64" fn add_system_service_table(
    base: u64,
    _counts: u64,
    limit: u32,
    arguments: u64,
    index: u32,
) -> Word {
    service::add_table(base, limit, arguments, index).into()
}

const _: () = {
    // A binary search needs the order; bytes are compared, because that is what a constant can do.
    let mut next = 1;
    while next < EXPORTS.len() {
        assert!(is_before(EXPORTS[next - 1].0.as_bytes(), EXPORTS[next].0.as_bytes()));
        next += 1;
    }
};

const fn is_before(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() {
        if a[at] != b[at] {
            return a[at] < b[at];
        }
        at += 1;
    }
    a.len() < b.len()
}
