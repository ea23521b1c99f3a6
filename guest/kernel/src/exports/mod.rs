//! What the kernel exports to images that are loaded into it (win32k.sys, drivers), under the names that
//! Microsoft's driver documentation gives. Sorted by name.
//!
//! The convention is Win64; addresses are numbers here, and `hal::driver` reads what they point to.

mod object;
mod process;

use alloc::string::String;

use hal::{driver, pool};
use nt::NtStatus;

use crate::kd;
use crate::ke::bugcheck::bugcheck;

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
    "IoGetCurrentProcess" => process::current;
    "KeAddSystemServiceTable" => process::add_system_service_table;
    "KeBugCheckEx" => bug_check;
    "MmCopyVirtualMemory" => process::copy_virtual_memory;
    "ObCloseHandle" => object::close_handle;
    "ObOpenObjectByName" => object::open_by_name;
    "ObOpenObjectByPointer" => object::open_by_pointer;
    "ObReferenceObjectByHandle" => object::reference_by_handle;
    "ObfDereferenceObject" => object::dereference;
    "PsEstablishWin32Callouts" => process::establish_callouts;
    "PsGetCurrentProcessId" => process::current_id;
    "PsGetCurrentProcessSessionId" => process::current_session;
    "PsGetCurrentProcessWin32Process" => process::win32_process;
    "PsGetCurrentThreadId" => process::current_thread_id;
    "PsGetCurrentThreadTeb" => process::current_teb;
    "PsGetCurrentThreadWin32Thread" => process::win32_thread;
    "PsSetProcessWin32Process" => process::set_win32_process;
    "PsSetThreadWin32Thread" => process::set_win32_thread;
    "SeSinglePrivilegeCheck" => process::single_privilege_check;
    "ZwCreateDirectoryObject" => object::create_directory;
    "ZwCreateEvent" => object::create_event;
};

/// The address of what a module exports: nothing for an unknown name.
pub fn find(name: &[u8]) -> Option<u64> {
    match EXPORTS.binary_search_by(|function| function.0.as_bytes().cmp(name)) {
        Ok(found) => EXPORTS.get(found).map(|function| function.1()),
        Err(_) => object::type_variable(name),
    }
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

/// `KeBugCheckEx(BugCheckCode, P1, P2, P3, P4)`.
extern "win64" fn bug_check(code: u32, p1: u64, p2: u64, p3: u64, p4: u64) {
    bugcheck(code, [p1, p2, p3, p4], NtStatus::SUCCESS, format_args!("a driver stopped the system"));
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
