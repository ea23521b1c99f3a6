//! `RtlQueryRegistryValues`: values by a table, in the table's order. Flags as Microsoft documents them; what spec/smss.md
//! 1.3 says of strings.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers and routines")]

use core::ptr::null;

use nt::NtStatus;
use nt::registry::{access, value_type};
use nt::types::Handle;
use rtlcore::{Cut, environment, registry};

use super::root::{How, Key};
use super::value::{Buffer, Value};
use super::{direct, name};
use crate::rtl::environment::with;
use crate::rtl::raw::{Scratch, at, slice, terminated};
use crate::stubs::NtDeleteValueKey;

/// RTL_QUERY_REGISTRY_*.
mod flag {
    /// The name is a subkey's, which the entries that follow are about.
    pub const SUBKEY: u32 = 0x01;
    /// Back to the first key.
    pub const TOPKEY: u32 = 0x02;
    /// It must be there.
    pub const REQUIRED: u32 = 0x04;
    /// The routine is called, and no value is looked for.
    pub const NOVALUE: u32 = 0x08;
    /// Strings stay as they are.
    pub const NOEXPAND: u32 = 0x10;
    /// The data goes to the variable at the entry's context.
    pub const DIRECT: u32 = 0x20;
    /// The value is deleted when it has been read.
    pub const DELETE: u32 = 0x40;
    /// The highest byte of the default's type says which type it must have.
    pub const TYPECHECK: u32 = 0x100;
}

/// Where the type for a check is in the default's type.
const TYPECHECK_SHIFT: u32 = 24;

/// The caller's routine: name, type, data, length, context, the entry's context.
type Routine = unsafe extern "win64" fn(
    *const u16,
    u32,
    *const u8,
    u32,
    context: u64,
    entry_context: *mut u8,
) -> NtStatus;

/// RTL_QUERY_REGISTRY_TABLE.
#[repr(C)]
struct Entry {
    routine: Option<Routine>,
    flags: u32,
    name: *const u16,
    entry_context: *mut u8,
    default_type: u32,
    default_data: *const u8,
    default_length: u32,
}

const _: () = assert!(size_of::<Entry>() == 0x38);

impl Entry {
    fn is_last(&self) -> bool {
        self.routine.is_none() && self.flags & (flag::SUBKEY | flag::DIRECT) == 0
    }

    fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }
}

/// Reads values by a table that ends with an entry without a routine. The first failure ends it. Strings are expanded
/// against `environment`, or the process's own when it is NULL.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlQueryRegistryValues(
    relative_to: u32,
    path: *const u16,
    table: *const Entry,
    context: u64,
    environment: *const u16,
) -> NtStatus {
    // SAFETY: as the caller says.
    match unsafe { run(relative_to, path, table, context, environment) } {
        Ok(()) => NtStatus::SUCCESS,
        Err(status) => status,
    }
}

/// # Safety
/// As [`RtlQueryRegistryValues`].
unsafe fn run(
    relative_to: u32,
    path: *const u16,
    table: *const Entry,
    context: u64,
    environment: *const u16,
) -> Result<(), NtStatus> {
    // SAFETY: as the caller says: the table is there up to its end.
    let entries = unsafe {
        let len = (0..).take_while(|&index| !(*table.add(index)).is_last()).count();
        slice(table, len)
    };
    let deletes = entries.iter().any(|entry| entry.has(flag::DELETE));
    let access = access::READ | if deletes { access::SET_VALUE } else { 0 };
    // SAFETY: as the caller says.
    let top = unsafe { Key::open(relative_to, path, access, How::Open)? };
    let mut query = Query { buffer: Buffer::new()?, context, environment };
    // A subkey that is not there has no values.
    let mut subkey: Option<Option<Key>> = None;
    for entry in entries {
        if entry.has(flag::DIRECT)
            && (entry.name.is_null() || entry.has(flag::SUBKEY) || entry.routine.is_some())
        {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        if entry.has(flag::TOPKEY | flag::SUBKEY) {
            subkey = None;
        }
        if entry.has(flag::SUBKEY) {
            if entry.name.is_null() {
                return Err(NtStatus::INVALID_PARAMETER);
            }
            // SAFETY: as the caller says.
            let name = unsafe { terminated(entry.name) };
            let opened = match Key::open_name(top.handle(), name, access, How::Open) {
                Ok(key) => Some(key),
                Err(NtStatus::OBJECT_NAME_NOT_FOUND) if !entry.has(flag::REQUIRED) => None,
                Err(status) => return Err(status),
            };
            let handle = opened.as_ref().map(Key::handle);
            subkey = Some(opened);
            if entry.routine.is_some() {
                // SAFETY: as the caller says.
                unsafe { query.all(handle, entry)? };
            }
            continue;
        }
        let key = match &subkey {
            Some(key) => key.as_ref().map(Key::handle),
            None => Some(top.handle()),
        };
        // SAFETY: as the caller says.
        unsafe {
            if entry.has(flag::NOVALUE) && entry.name.is_null() {
                query.call(entry, null(), value_type::NONE, null(), 0)?;
            } else if entry.name.is_null() {
                query.all(key, entry)?;
            } else {
                query.one(key, entry)?;
            }
        }
    }
    Ok(())
}

struct Query {
    buffer: Buffer,
    context: u64,
    environment: *const u16,
}

impl Query {
    /// Hands all values of a key to an entry.
    ///
    /// # Safety
    /// As [`RtlQueryRegistryValues`].
    unsafe fn all(&mut self, key: Option<Handle>, entry: &Entry) -> Result<(), NtStatus> {
        let mut index = 0;
        while let Some(key) = key {
            match self.buffer.enumerate(key, index) {
                // SAFETY: as the caller says.
                Ok(value) => unsafe { self.deliver(entry, value)? },
                Err(NtStatus::NO_MORE_ENTRIES) => break,
                Err(status) => return Err(status),
            }
            index += 1;
        }
        if index == 0 && entry.has(flag::REQUIRED) { Err(NtStatus::OBJECT_NAME_NOT_FOUND) } else { Ok(()) }
    }

    /// Hands the value of an entry's name to it, or the default.
    ///
    /// # Safety
    /// As [`RtlQueryRegistryValues`].
    unsafe fn one(&mut self, key: Option<Handle>, entry: &Entry) -> Result<(), NtStatus> {
        // SAFETY: as the caller says.
        let string = unsafe { name(entry.name) };
        let found = match key {
            Some(key) => self.buffer.query(key, &string),
            None => Err(NtStatus::OBJECT_NAME_NOT_FOUND),
        };
        match found {
            Ok(value) => {
                // SAFETY: as the caller says.
                unsafe { self.deliver(entry, Value { name: entry.name, ..value })? };
                match key {
                    // SAFETY: the name lives here. That it cannot be deleted is no failure of the query.
                    Some(key) if entry.has(flag::DELETE) => unsafe {
                        NtDeleteValueKey(key, at(&string));
                    },
                    _ => {}
                }
                Ok(())
            }
            Err(NtStatus::OBJECT_NAME_NOT_FOUND) if !entry.has(flag::REQUIRED) => {
                let value_type = entry.default_type & !(0xFF << TYPECHECK_SHIFT);
                if value_type == value_type::NONE {
                    return Ok(());
                }
                let data = entry.default_data;
                let length = match entry.default_length as usize {
                    // SAFETY: as the caller says: strings end with their NULs.
                    0 => unsafe { default_length(value_type, data) },
                    length => length,
                };
                // SAFETY: as the caller says.
                unsafe { self.deliver(entry, Value { name: entry.name, value_type, data, length }) }
            }
            Err(status) => Err(status),
        }
    }

    /// Hands a value over: a list string by string, text expanded.
    ///
    /// # Safety
    /// As [`RtlQueryRegistryValues`].
    unsafe fn deliver(&self, entry: &Entry, value: Value) -> Result<(), NtStatus> {
        let wanted = entry.default_type >> TYPECHECK_SHIFT;
        if entry.has(flag::TYPECHECK) && wanted != value_type::NONE && wanted != value.value_type {
            return Err(NtStatus::OBJECT_TYPE_MISMATCH);
        }
        // SAFETY: as the caller says; data that was read lies at an even address, and the caller's own is text.
        let text = || unsafe { slice(value.data.cast::<u16>(), value.length / 2) };
        match value.value_type {
            value_type::MULTI_SZ if !entry.has(flag::NOEXPAND) => {
                for string in registry::strings(text()) {
                    let length = size_of_val(string);
                    // SAFETY: as the caller says.
                    unsafe { self.call(entry, value.name, value_type::SZ, string.as_ptr().cast(), length)? };
                }
                Ok(())
            }
            value_type::EXPAND_SZ if !entry.has(flag::NOEXPAND) => {
                let text = text();
                if !text.contains(&u16::from(b'%')) {
                    // SAFETY: as the caller says.
                    return unsafe { self.call(entry, value.name, value_type::SZ, value.data, value.length) };
                }
                // SAFETY: as the caller says.
                unsafe {
                    let expanded = expand(self.environment, text)?;
                    let length = size_of_val::<[u16]>(&expanded);
                    self.call(entry, value.name, value_type::SZ, expanded.as_ptr().cast(), length)
                }
            }
            // SAFETY: as the caller says.
            _ => unsafe { self.call(entry, value.name, value.value_type, value.data, value.length) },
        }
    }

    /// Calls an entry's routine, or stores the data.
    ///
    /// # Safety
    /// As [`RtlQueryRegistryValues`].
    unsafe fn call(
        &self,
        entry: &Entry,
        name: *const u16,
        value_type: u32,
        data: *const u8,
        length: usize,
    ) -> Result<(), NtStatus> {
        // SAFETY: as the caller says.
        unsafe {
            if entry.has(flag::DIRECT) {
                return direct::store(entry.entry_context, value_type, data, length).ok();
            }
            match entry.routine {
                Some(routine) => {
                    routine(name, value_type, data, length as u32, self.context, entry.entry_context).ok()
                }
                None => Ok(()),
            }
        }
    }
}

/// Bytes of a default that does not say them: text up to its end.
///
/// # Safety
/// Text ends with its NULs.
unsafe fn default_length(value_type: u32, data: *const u8) -> usize {
    let text = data.cast::<u16>();
    // SAFETY: as the caller says.
    let unit = |index: usize| unsafe { *text.add(index) };
    match value_type {
        _ if data.is_null() => 0,
        value_type::SZ | value_type::EXPAND_SZ | value_type::LINK => {
            2 * (1 + (0..).take_while(|&index| unit(index) != 0).count())
        }
        value_type::MULTI_SZ => 2 * registry::list_length(unit),
        _ => 0,
    }
}

/// Text with its variables replaced, and a NUL.
///
/// # Safety
/// `environment` is one, or NULL.
unsafe fn expand(environment: *const u16, text: &[u16]) -> Result<Scratch<u16>, NtStatus> {
    let text = match text {
        [text @ .., 0] => text,
        _ => text,
    };
    let put = |room: &mut [u16]| {
        let mut out = Cut::new(room);
        // SAFETY: as the caller says.
        unsafe {
            with(environment, |block| {
                let value = |name: &[u16]| environment::find(block, name).map(|variable| variable.value);
                environment::expand(text, value, &mut out);
            });
        }
        out.len()
    };
    let mut expanded = Scratch::<u16>::new(put(&mut []) + 1)?;
    put(&mut expanded);
    Ok(expanded)
}
