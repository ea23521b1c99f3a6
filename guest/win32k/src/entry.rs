//! The entry point, and the table of services.
#![expect(unsafe_code, reason = "calls the kernel; an entry point has a name")]

use nt::NtStatus;
use nt::security::EVENT_ALL_ACCESS;
use nt::service::args::*;

use crate::attributes;
use crate::callouts::CALLOUTS;
use crate::memory::Session;
use crate::ntoskrnl::{KeAddSystemServiceTable, PsEstablishWin32Callouts};
use crate::services;

/// KeAddSystemServiceTable's index of the second table.
const SECOND_TABLE: u32 = 1;
/// It exists from the first session on (spec/smss.md 5.5).
const UNIQUE_SESSION_ID_EVENT: &[u16] = nt::wide!(r"\UniqueSessionIdEvent");

/// Whether this session was the first to load the image.
pub static IS_FIRST: Session<bool> = Session::new(false);

/// The address of a service.
#[repr(transparent)]
struct Function(*const ());

// SAFETY: it is the address of code.
unsafe impl Sync for Function {}

macro_rules! table {
    ($($number:literal $name:ident($($arg:ident: $type:ty),*) $summary:literal;)*) => {
        const COUNT: usize = <[u32]>::len(&[$($number),*]);
        static FUNCTIONS: [Function; COUNT] = [$({
            // The table's types are the function's.
            let function: extern "win64" fn($($type),*) -> u64 = services::$name;
            Function(function as *const ())
        }),*];
        /// Bytes of arguments of each.
        static ARGUMENTS: [u8; COUNT] = [$(<[&str]>::len(&[$(stringify!($arg)),*]) as u8 * 8),*];
    };
}
nt::for_each_win32k_service!(table);

/// Registers the second table of services and the call-outs.
#[unsafe(no_mangle)]
extern "win64" fn DriverEntry(_driver: u64, _path: u64) -> NtStatus {
    let functions = FUNCTIONS.as_ptr().cast();
    // SAFETY: table, counts and call-outs are static.
    let added = unsafe {
        KeAddSystemServiceTable(
            functions,
            core::ptr::null_mut(),
            COUNT as u32,
            ARGUMENTS.as_ptr(),
            SECOND_TABLE,
        )
    };
    if added == 0 {
        return NtStatus::UNSUCCESSFUL;
    }
    match attributes::create_event(UNIQUE_SESSION_ID_EVENT, EVENT_ALL_ACCESS) {
        Ok(()) => drop(IS_FIRST.replace(true)),
        Err(NtStatus::OBJECT_NAME_COLLISION) => {}
        Err(status) => return status,
    }
    // SAFETY: they are static.
    unsafe { PsEstablishWin32Callouts(&raw const CALLOUTS) };
    NtStatus::SUCCESS
}
