//! Calls of the registry's services, made safe: what they point to lives through the call.
#![expect(unsafe_code, reason = "calls system services")]

use nt::NtStatus;
use nt::syscall;
use nt::types::{Handle, ObjectAttributes, UnicodeString, UserPtr};

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

    pub fn units(&self) -> &[u16] {
        &self.units[..self.len]
    }

    pub fn string(&self) -> UnicodeString {
        let length = (2 * self.len) as u16;
        let buffer = self.units.as_ptr().expose_provenance() as u64;
        UnicodeString { length, maximum_length: length, reserved: 0, buffer }
    }

    /// Its bytes, and a NUL behind them if there is to be one.
    pub fn bytes<'b>(&self, nul: bool, buffer: &'b mut [u8; 2 * NAME_MAX]) -> &'b [u8] {
        let len = self.len + usize::from(nul);
        for (pair, unit) in buffer.chunks_exact_mut(2).zip(&self.units[..len]) {
            pair.copy_from_slice(&unit.to_le_bytes());
        }
        &buffer[..2 * len]
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
    let wide = Wide::new(name);
    let string = wide.string();
    let attributes = ObjectAttributes {
        length: size_of::<ObjectAttributes>() as u32,
        root_directory: root.0,
        object_name: from::<_, ()>(&string).address,
        attributes,
        ..ObjectAttributes::default()
    };
    call(from(&attributes))
}

pub fn open_with(root: Handle, name: &str, access: u32, attributes: u32) -> Result<Handle> {
    let mut handle = Handle(0xDEAD);
    let status = with_name(root, name, attributes, |attributes| {
        // SAFETY: all pointers outlive the call.
        unsafe { syscall::NtOpenKey(to(&mut handle), access, attributes) }
    });
    ok(status, handle)
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
    let mut returned = 0xDEAD_u32;
    let length = buffer.len() as u32;
    let wide = Wide::new(name);
    // SAFETY: all pointers outlive the call.
    let status = unsafe {
        syscall::NtQueryValueKey(key, from(&wide.string()), class, to(buffer), length, to(&mut returned))
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
