//! Calls of csrsrv itself that everybody makes alike, and checks of addresses.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use core::ptr::{null_mut, with_exposed_provenance_mut};

use nt::NtStatus;
use nt::csr::{ApiData, ApiMessage, SetPriorityClass, api_number, csr_api, server};
use nt::types::{ClientId, Handle};

use super::call::CsrClientCallServer;
use crate::thread::raise::raise_status;

const PAGE: u64 = 0x1000;

fn call<T: ApiData>(api: u32, arguments: &T) -> NtStatus {
    let mut message = ApiMessage::new(arguments);
    let number = api_number(server::CSR, api);
    // SAFETY: the message lives through the call and has those arguments.
    unsafe { CsrClientCallServer(&raw mut message, null_mut(), number, size_of::<T>() as u32) }
}

/// Tells csrss that the calling thread can be alerted.
#[unsafe(no_mangle)]
extern "win64" fn CsrIdentifyAlertableThread() -> NtStatus {
    // SAFETY: the TEB is the calling thread's own.
    let id: ClientId = unsafe { (*crate::peb::teb()).client_id };
    call(csr_api::IDENTIFY_ALERTABLE_THREAD, &id)
}

/// Lets csrss set a process's priority class.
///
/// # Safety
/// `class` can be read.
#[unsafe(no_mangle)]
unsafe extern "win64" fn CsrSetPriorityClass(process: Handle, class: *mut u32) -> NtStatus {
    // SAFETY: as the caller says.
    let class = unsafe { *class };
    call(csr_api::SET_PRIORITY_CLASS, &SetPriorityClass { process: process.0, class, reserved: 0 })
}

/// Raises DATATYPE_MISALIGNMENT or ACCESS_VIOLATION unless memory can be read.
///
/// # Safety
/// An access violation is handled by whoever calls.
#[unsafe(no_mangle)]
unsafe extern "win64" fn CsrProbeForRead(address: u64, length: u32, alignment: u32) {
    // SAFETY: as the caller says.
    unsafe { probe(address, length, alignment, false) };
}

/// The same for writing.
///
/// # Safety
/// As above.
#[unsafe(no_mangle)]
unsafe extern "win64" fn CsrProbeForWrite(address: u64, length: u32, alignment: u32) {
    // SAFETY: as the caller says.
    unsafe { probe(address, length, alignment, true) };
}

/// # Safety
/// As above.
unsafe fn probe(address: u64, length: u32, alignment: u32, write: bool) {
    if length == 0 {
        return;
    }
    if address & u64::from(alignment.saturating_sub(1)) != 0 {
        raise_status(NtStatus::DATATYPE_MISALIGNMENT);
    }
    let last = address.wrapping_add(u64::from(length) - 1);
    if last < address {
        raise_status(NtStatus::ACCESS_VIOLATION);
    }
    let pages = (address & !(PAGE - 1)..=last).step_by(PAGE as usize);
    for place in pages.map(|page| page.max(address)).chain([last]) {
        let byte = with_exposed_provenance_mut::<u8>(place as usize);
        // SAFETY: as the caller says.
        unsafe {
            let value = byte.read_volatile();
            if write {
                byte.write_volatile(value);
            }
        }
    }
}
