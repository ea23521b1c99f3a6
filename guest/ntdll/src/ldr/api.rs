//! The loader's functions for programs.
#![expect(unsafe_code, reason = "exports by name, with pointers by NT's contract")]

use nt::NtStatus;
use nt::types::UnicodeString;
use pe::Symbol;

use super::data::{Module, flags};
use super::entries::{base_of, module_at};
use super::export::Exporter;
use super::lock::Loader;
use super::search::{Path, complete};
use super::text::{Text, units_of, until_nul};

/// ANSI_STRING, whose layout is that of [`UnicodeString`].
type AnsiString = UnicodeString;

/// A path as programs give it: NULL, or 1 for the default, or a text.
///
/// # Safety
/// Any other value points to a text that ends with a NUL, valid as long as the result is used.
unsafe fn path_of<'a>(path: *const u16) -> Path<'a> {
    if path.addr() <= 1 {
        return Path::Process;
    }
    // SAFETY: as the caller says.
    Path::Given(unsafe { until_nul(path) })
}

/// # Safety
/// `name` describes a text.
unsafe fn name_of(name: *const UnicodeString) -> Result<Text, NtStatus> {
    // SAFETY: as the caller says.
    complete(unsafe { units_of(&*name) })
}

/// Loads a DLL and what it needs, and lets them begin; or counts one more user of it. Its base goes to `base`.
/// DLL_NOT_FOUND, ENTRYPOINT_NOT_FOUND, ORDINAL_NOT_FOUND, DLL_INIT_FAILED, and what mapping gives.
///
/// # Safety
/// `path` is NULL, 1, or a list of folders that ends with a NUL; `name` a string; `base` can be written to.
#[unsafe(no_mangle)]
unsafe extern "win64" fn LdrLoadDll(
    path: *const u16,
    _characteristics: *const u32,
    name: *const UnicodeString,
    base: *mut u64,
) -> NtStatus {
    let mut loader = Loader::lock();
    // SAFETY: as the caller says.
    let loaded = unsafe { name_of(name).and_then(|name| loader.load(&name, &path_of(path))) };
    let module = match loaded {
        Ok(module) => module,
        Err(status) => return status,
    };
    if let Err(status) = loader.initialise(0) {
        loader.release(module);
        return status;
    }
    // SAFETY: as the caller says.
    unsafe { *base = base_of(module) };
    NtStatus::SUCCESS
}

/// One user less of the DLL at a base. DLL_NOT_FOUND when there is none.
#[unsafe(no_mangle)]
extern "win64" fn LdrUnloadDll(base: u64) -> NtStatus {
    let mut loader = Loader::lock();
    match loader.by_base(base) {
        Some(module) => {
            loader.release(module);
            NtStatus::SUCCESS
        }
        None => NtStatus::DLL_NOT_FOUND,
    }
}

/// The base of a DLL that is loaded already. DLL_NOT_FOUND when it is not.
///
/// # Safety
/// `name` is a string; `base` can be written to.
#[unsafe(no_mangle)]
unsafe extern "win64" fn LdrGetDllHandle(
    _path: *const u16,
    _characteristics: *const u32,
    name: *const UnicodeString,
    base: *mut u64,
) -> NtStatus {
    let loader = Loader::lock();
    // SAFETY: as the caller says.
    let name = match unsafe { name_of(name) } {
        Ok(name) => name,
        Err(status) => return status,
    };
    match loader.by_name(name.units()) {
        Some(module) => {
            // SAFETY: as the caller says.
            unsafe { *base = base_of(module) };
            NtStatus::SUCCESS
        }
        None => NtStatus::DLL_NOT_FOUND,
    }
}

/// The address of what the DLL at `base` exports under a name or, without one, a number.
/// ENTRYPOINT_NOT_FOUND, ORDINAL_NOT_FOUND; DLL_NOT_FOUND when there is no DLL at `base`.
///
/// # Safety
/// `name` is NULL or a string; `address` can be written to.
#[unsafe(no_mangle)]
unsafe extern "win64" fn LdrGetProcedureAddress(
    base: u64,
    name: *const AnsiString,
    ordinal: u32,
    address: *mut u64,
) -> NtStatus {
    let mut loader = Loader::lock();
    // SAFETY: as the caller says; a NULL is looked for first.
    let symbol = unsafe {
        match name.as_ref() {
            Some(name) if name.length != 0 => {
                let text = core::ptr::with_exposed_provenance(name.buffer as usize);
                Symbol::Name { hint: 0, name: core::slice::from_raw_parts(text, name.length.into()) }
            }
            _ => match u16::try_from(ordinal) {
                Ok(ordinal) => Symbol::Ordinal(ordinal),
                Err(_) => return NtStatus::ORDINAL_NOT_FOUND,
            },
        }
    };
    let Some(module) = loader.by_base(base) else {
        return NtStatus::DLL_NOT_FOUND;
    };
    let found = Exporter::new(module).and_then(|exporter| loader.resolve(&exporter, &symbol, &Path::Process));
    // A module that it is forwarded to may be a new one.
    match found.and_then(|found| loader.initialise(0).map(|()| found)) {
        Ok(found) => {
            // SAFETY: as the caller says.
            unsafe { *address = found };
            NtStatus::SUCCESS
        }
        Err(status) => status,
    }
}

/// The DLL at `base` does not want to hear of threads. DLL_NOT_FOUND when there is none.
#[unsafe(no_mangle)]
extern "win64" fn LdrDisableThreadCalloutsForDll(base: u64) -> NtStatus {
    let loader = Loader::lock();
    match loader.by_base(base) {
        Some(module) => {
            // SAFETY: the module is sound, and the lock is ours.
            unsafe { (*module).flags |= flags::DONT_CALL_FOR_THREADS };
            NtStatus::SUCCESS
        }
        None => NtStatus::DLL_NOT_FOUND,
    }
}

/// The module that an address lies in. NO_MORE_ENTRIES when there is none.
///
/// # Safety
/// `entry` can be written to.
#[unsafe(no_mangle)]
unsafe extern "win64" fn LdrFindEntryForAddress(address: u64, entry: *mut *mut Module) -> NtStatus {
    let _loader = Loader::lock();
    match module_at(address) {
        Some(module) => {
            // SAFETY: as the caller says.
            unsafe { *entry = module };
            NtStatus::SUCCESS
        }
        None => NtStatus::NO_MORE_ENTRIES,
    }
}
