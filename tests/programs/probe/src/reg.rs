//! Calls of the registry's services, made safe: what they point to lives through the call.
#![expect(unsafe_code, reason = "calls system services")]

use nt::NtStatus;
use nt::types::{Handle, ObjectAttributes, UnicodeString, UserPtr};
use rt::syscall;

/// OBJ_CASE_INSENSITIVE.
pub const CASE_INSENSITIVE: u32 = 0x40;
/// OBJ_OPENLINK.
pub const OPENLINK: u32 = 0x100;
/// Most units of a name here.
const NAME_MAX: usize = 600;

pub type Result<T> = core::result::Result<T, NtStatus>;

/// A place's address for the kernel to write to.
pub fn to<T: ?Sized, U>(place: &mut T) -> UserPtr<U> {
    UserPtr::new(core::ptr::from_mut(place).cast::<()>().expose_provenance() as u64)
}

/// A value's address for the kernel to read from.
pub fn from<T: ?Sized, U>(value: &T) -> UserPtr<U> {
    UserPtr::new(core::ptr::from_ref(value).cast::<()>().expose_provenance() as u64)
}

/// Text as the kernel takes it.
pub struct Wide {
    units: [u16; NAME_MAX],
    len: usize,
}

impl Wide {
    pub fn new(text: &str) -> Self {
        let mut wide = Self { units: [0; NAME_MAX], len: 0 };
        for (to, from) in wide.units.iter_mut().zip(text.encode_utf16()) {
            *to = from;
            wide.len += 1;
        }
        wide
    }

    pub fn string(&self) -> UnicodeString {
        let length = (2 * self.len) as u16;
        let buffer = self.units.as_ptr().expose_provenance() as u64;
        UnicodeString { length, maximum_length: length, reserved: 0, buffer }
    }

    /// Its bytes.
    pub fn bytes<'b>(&self, buffer: &'b mut [u8; 2 * NAME_MAX]) -> &'b [u8] {
        for (pair, unit) in buffer.chunks_exact_mut(2).zip(&self.units[..self.len]) {
            pair.copy_from_slice(&unit.to_le_bytes());
        }
        &buffer[..2 * self.len]
    }
}

fn ok<T>(status: NtStatus, value: T) -> Result<T> {
    if status == NtStatus::SUCCESS { Ok(value) } else { Err(status) }
}

/// Calls with OBJECT_ATTRIBUTES for a name.
pub fn with_name<R>(
    root: Handle,
    name: &str,
    attributes: u32,
    call: impl FnOnce(UserPtr<ObjectAttributes>) -> R,
) -> R {
    with_wide(root, &Wide::new(name), attributes, call)
}

/// The same with a name that is UTF-16 already.
pub fn with_wide<R>(
    root: Handle,
    name: &Wide,
    attributes: u32,
    call: impl FnOnce(UserPtr<ObjectAttributes>) -> R,
) -> R {
    let string = name.string();
    let attributes = ObjectAttributes {
        length: size_of::<ObjectAttributes>() as u32,
        root_directory: root.0,
        object_name: from::<_, ()>(&string).address,
        attributes,
        ..ObjectAttributes::default()
    };
    call(from(&attributes))
}

/// Opens a key for everything.
pub fn open_wide(root: Handle, name: &Wide, attributes: u32) -> Result<Handle> {
    open_for(root, name, nt::registry::access::ALL, attributes)
}

fn open_for(root: Handle, name: &Wide, access: u32, attributes: u32) -> Result<Handle> {
    let mut handle = Handle(0xDEAD);
    let status = with_wide(root, name, attributes, |attributes| {
        // SAFETY: all pointers outlive the call.
        unsafe { syscall::NtOpenKey(to(&mut handle), access, attributes) }
    });
    ok(status, handle)
}

/// Opens a key.
pub fn open_with(root: Handle, name: &str, access: u32, attributes: u32) -> Result<Handle> {
    open_for(root, &Wide::new(name), access, attributes)
}

/// Opens a key for everything.
pub fn open(root: Handle, name: &str) -> Result<Handle> {
    open_with(root, name, nt::registry::access::ALL, CASE_INSENSITIVE)
}

/// `NtQueryKey`: how it ended, and the length it told.
pub fn query_key(key: Handle, class: u32, buffer: &mut [u8]) -> (NtStatus, u32) {
    let mut returned = 0xDEAD_u32;
    let length = buffer.len() as u32;
    // SAFETY: all pointers outlive the call.
    let status = unsafe { syscall::NtQueryKey(key, class, to(buffer), length, to(&mut returned)) };
    (status, returned)
}

/// `NtEnumerateKey`, likewise.
pub fn enumerate_key(key: Handle, index: u32, class: u32, buffer: &mut [u8]) -> (NtStatus, u32) {
    let mut returned = 0xDEAD_u32;
    let length = buffer.len() as u32;
    // SAFETY: all pointers outlive the call.
    let status = unsafe { syscall::NtEnumerateKey(key, index, class, to(buffer), length, to(&mut returned)) };
    (status, returned)
}

/// `NtQueryValueKey`, likewise.
pub fn query_value(key: Handle, name: &str, class: u32, buffer: &mut [u8]) -> (NtStatus, u32) {
    query_wide(key, &Wide::new(name), class, buffer)
}

/// The same.
pub fn query_wide(key: Handle, name: &Wide, class: u32, buffer: &mut [u8]) -> (NtStatus, u32) {
    let mut returned = 0xDEAD_u32;
    let length = buffer.len() as u32;
    // SAFETY: all pointers outlive the call.
    let status = unsafe {
        syscall::NtQueryValueKey(key, from(&name.string()), class, to(buffer), length, to(&mut returned))
    };
    (status, returned)
}

/// `NtEnumerateValueKey`, likewise.
pub fn enumerate_value(key: Handle, index: u32, class: u32, buffer: &mut [u8]) -> (NtStatus, u32) {
    let mut returned = 0xDEAD_u32;
    let length = buffer.len() as u32;
    // SAFETY: all pointers outlive the call.
    let status =
        unsafe { syscall::NtEnumerateValueKey(key, index, class, to(buffer), length, to(&mut returned)) };
    (status, returned)
}

/// A number in what was told.
pub fn u32_at(buffer: &[u8], at: usize) -> u32 {
    buffer[at..].first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// Whether bytes are a text in UTF-16.
pub fn is_text(bytes: &[u8], text: &str) -> bool {
    bytes
        .chunks(2)
        .map(|pair| pair.first_chunk().map_or(0, |pair| u16::from_le_bytes(*pair)))
        .eq(text.encode_utf16())
}

/// `NtCreateKey`: the handle, and what was done.
pub fn create(root: Handle, name: &str, class: &str, options: u32) -> Result<(Handle, u32)> {
    let (mut handle, mut disposition) = (Handle(0xDEAD), 0_u32);
    let class = Wide::new(class);
    let string = class.string();
    let class = if class.len == 0 { UserPtr::new(0) } else { from(&string) };
    let status = with_name(root, name, CASE_INSENSITIVE, |attributes| {
        let access = nt::registry::access::ALL;
        // SAFETY: all pointers outlive the call.
        unsafe {
            syscall::NtCreateKey(to(&mut handle), access, attributes, 0, class, options, to(&mut disposition))
        }
    });
    ok(status, (handle, disposition))
}

/// Makes a key that is not there, and opens it.
pub fn make(root: Handle, name: &str, options: u32) -> Result<Handle> {
    let (handle, disposition) = create(root, name, "", options)?;
    if disposition == nt::registry::CREATED_NEW_KEY { Ok(handle) } else { Err(NtStatus::OBJECT_NAME_EXISTS) }
}

/// `NtSetValueKey`.
pub fn set_value(key: Handle, name: &str, value_type: u32, data: &[u8]) -> NtStatus {
    let name = Wide::new(name);
    // SAFETY: all pointers outlive the call.
    unsafe { syscall::NtSetValueKey(key, from(&name.string()), 0, value_type, from(data), data.len() as u32) }
}

/// Sets a value to a text as UTF-16 without a NUL.
pub fn set_text(key: Handle, name: &str, value_type: u32, text: &str) -> NtStatus {
    set_value(key, name, value_type, Wide::new(text).bytes(&mut [0; 2 * NAME_MAX]))
}

/// `NtDeleteValueKey`.
pub fn delete_value(key: Handle, name: &str) -> NtStatus {
    let name = Wide::new(name);
    // SAFETY: all pointers outlive the call.
    unsafe { syscall::NtDeleteValueKey(key, from(&name.string())) }
}

/// `NtDeleteKey`.
pub fn delete_key(key: Handle) -> NtStatus {
    // SAFETY: it takes no pointers.
    unsafe { syscall::NtDeleteKey(key) }
}

/// `NtRenameKey`.
pub fn rename(key: Handle, name: &str) -> NtStatus {
    let name = Wide::new(name);
    // SAFETY: all pointers outlive the call.
    unsafe { syscall::NtRenameKey(key, from(&name.string())) }
}

/// `NtSetInformationKey`.
pub fn set_information(key: Handle, class: u32, information: &[u8]) -> NtStatus {
    // SAFETY: all pointers outlive the call.
    unsafe { syscall::NtSetInformationKey(key, class, from(information), information.len() as u32) }
}

/// `NtFlushKey`.
pub fn flush(key: Handle) -> NtStatus {
    // SAFETY: it takes no pointers.
    unsafe { syscall::NtFlushKey(key) }
}

/// `NtInitializeRegistry`.
pub fn initialize(condition: u32) -> NtStatus {
    // SAFETY: it takes no pointers.
    unsafe { syscall::NtInitializeRegistry(condition) }
}

/// `NtQueryMultipleValueKey` of three values: how it ended, the entries, and the lengths that it told.
pub fn query_multiple(
    key: Handle,
    names: [&str; 3],
    buffer: &mut [u8],
) -> (NtStatus, [nt::registry::KeyValueEntry; 3], u32, u32) {
    let (mut used, mut needed) = (buffer.len() as u32, 0_u32);
    let names = names.map(Wide::new);
    let strings = [names[0].string(), names[1].string(), names[2].string()];
    let mut entries = [nt::registry::KeyValueEntry::default(); 3];
    for (entry, string) in entries.iter_mut().zip(&strings) {
        entry.value_name = from::<_, ()>(string).address;
    }
    // SAFETY: all pointers outlive the call.
    let status = unsafe {
        syscall::NtQueryMultipleValueKey(key, to(&mut entries), 3, to(buffer), to(&mut used), to(&mut needed))
    };
    (status, entries, used, needed)
}

/// `NtLoadKey`.
pub fn load(key: &str, file: &str) -> NtStatus {
    with_name(Handle::NULL, key, CASE_INSENSITIVE, |key| {
        with_name(Handle::NULL, file, CASE_INSENSITIVE, |file| {
            // SAFETY: all pointers outlive the call.
            unsafe { syscall::NtLoadKey(key, file) }
        })
    })
}

/// `NtUnloadKey`.
pub fn unload(key: &str) -> NtStatus {
    with_name(Handle::NULL, key, CASE_INSENSITIVE, |key| {
        // SAFETY: all pointers outlive the call.
        unsafe { syscall::NtUnloadKey(key) }
    })
}

/// `NtSaveKey`.
pub fn save(key: Handle, file: Handle) -> NtStatus {
    // SAFETY: it takes no pointers.
    unsafe { syscall::NtSaveKey(key, file) }
}
