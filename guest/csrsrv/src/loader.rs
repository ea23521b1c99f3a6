//! Server DLLs.
#![expect(unsafe_code, reason = "calls what another module exports")]

use alloc::vec::Vec;

use csrcore::ServerDll as Wanted;
use csrlib::api::{EntryRoutine, ServerDll};
use csrlib::object::string;
use nt::NtStatus;
use nt::csr::{SERVER_DLLS, server};
use nt::types::UnicodeString;

use crate::own;
use crate::shared;
use crate::state::STATE;

#[link(name = "ntdll", kind = "raw-dylib")]
unsafe extern "system" {
    fn LdrLoadDll(path: u64, characteristics: u64, name: *const UnicodeString, base: *mut u64) -> NtStatus;
    fn LdrGetProcedureAddress(
        base: u64,
        name: *const UnicodeString,
        ordinal: u32,
        address: *mut u64,
    ) -> NtStatus;
}

/// The entry of a DLL for which the line names none.
const DEFAULT_ENTRY: &[u8] = b"ServerDllInitialization";

/// csrsrv itself is the first.
pub fn add_own() {
    let mut dll = new(server::CSR, 0, 0);
    dll.set_apis(&own::APIS);
    STATE.lock().servers[server::CSR as usize] = Some(dll);
}

fn new(id: u32, session: u32, shared_heap: u64) -> ServerDll {
    ServerDll {
        length: size_of::<ServerDll>() as u32,
        id,
        dispatch_table: 0,
        api_count: 0,
        session,
        static_data: 0,
        shared_heap,
        connect: None,
        hard_error: None,
        shutdown: None,
    }
}

/// Loads a DLL and calls its entry.
///
/// # Errors
/// TOO_MANY_NAMES for a number that is too high, INVALID_PARAMETER for one that is taken; what loading the DLL, finding its
/// entry, and the entry give.
pub fn load(wanted: &Wanted<'_>, session: u32, shared_heap: u64) -> Result<(), NtStatus> {
    let index = wanted.id as usize;
    if index >= SERVER_DLLS {
        return Err(NtStatus::TOO_MANY_NAMES);
    }
    if STATE.lock().servers[index].is_some() {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let mut dll = new(wanted.id, session, shared_heap);
    entry_of(wanted)?(&mut dll).ok()?;
    shared::set_static_data(dll.id, dll.static_data);
    STATE.lock().servers[index] = Some(dll);
    Ok(())
}

fn entry_of(wanted: &Wanted<'_>) -> Result<EntryRoutine, NtStatus> {
    // What is not a character of a name finds nothing.
    let entry: Vec<u8> = match wanted.entry {
        Some(entry) => entry.iter().map(|&unit| u8::try_from(unit).unwrap_or(b'?')).collect(),
        None => DEFAULT_ENTRY.into(),
    };
    let length = entry.len() as u16;
    let buffer = entry.as_ptr().expose_provenance() as u64;
    let entry = UnicodeString { length, maximum_length: length, reserved: 0, buffer };
    let module = string(wanted.module);
    let (mut base, mut address) = (0, 0);
    // SAFETY: names and places outlive the calls. The entry of a server DLL is a function of that kind; DLLs stay loaded.
    unsafe {
        LdrLoadDll(0, 0, &raw const module, &raw mut base).ok()?;
        LdrGetProcedureAddress(base, &raw const entry, 0, &raw mut address).ok()?;
        Ok(core::mem::transmute::<usize, EntryRoutine>(address as usize))
    }
}
