//! Keys by a root and a path.
#![expect(unsafe_code, reason = "the caller's pointers")]

use nt::registry::access;
use nt::types::{Handle, ObjectAttributes, UnicodeString};
use nt::{NtStatus, wide};

use super::null;
use super::user;
use crate::rtl::raw::{MAX_BYTES, Scratch, at, terminated};
use crate::stubs::{NtClose, NtCreateKey, NtOpenKey};

/// RTL_REGISTRY_HANDLE: the path is a handle.
const HANDLE: u32 = 0x4000_0000;
/// RTL_REGISTRY_OPTIONAL: for the caller's own use.
const OPTIONAL: u32 = 0x8000_0000;
/// RTL_REGISTRY_USER.
const USER: u32 = 5;
/// OBJ_CASE_INSENSITIVE.
const CASE_INSENSITIVE: u32 = 0x40;
const BACKSLASH: u16 = b'\\' as u16;

/// RTL_REGISTRY_SERVICES, _CONTROL, _WINDOWS_NT, _DEVICEMAP.
const SERVICES: &[u16] = wide!(r"\Registry\Machine\System\CurrentControlSet\Services");
const CONTROL: &[u16] = wide!(r"\Registry\Machine\System\CurrentControlSet\Control");
const WINDOWS_NT: &[u16] = wide!(r"\Registry\Machine\Software\Microsoft\Windows NT\CurrentVersion");
const DEVICE_MAP: &[u16] = wide!(r"\Registry\Machine\Hardware\DeviceMap");

/// Whether a key that is not there is made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum How {
    Open,
    Create,
}

/// An open key. A handle that the caller gave stays open.
pub struct Key {
    handle: Handle,
    owned: bool,
}

impl Drop for Key {
    fn drop(&mut self) {
        if self.owned {
            // SAFETY: it takes no pointers.
            unsafe { NtClose(self.handle) };
        }
    }
}

impl Key {
    /// Opens the key that `RelativeTo` and `Path` mean.
    ///
    /// # Errors
    /// INVALID_PARAMETER and what the services give.
    ///
    /// # Safety
    /// `path` is a handle, NULL, or ends with a NUL.
    pub unsafe fn open(relative_to: u32, path: *const u16, access: u32, how: How) -> Result<Self, NtStatus> {
        let relative_to = relative_to & !OPTIONAL;
        if relative_to & HANDLE != 0 {
            return Ok(Self { handle: Handle(path.expose_provenance() as u64), owned: false });
        }
        let user;
        let root: &[u16] = match relative_to {
            0 => &[],
            1 => SERVICES,
            2 => CONTROL,
            3 => WINDOWS_NT,
            4 => DEVICE_MAP,
            USER => {
                user = user::key_path()?;
                &user
            }
            _ => return Err(NtStatus::INVALID_PARAMETER),
        };
        // SAFETY: as the caller says.
        let path = unsafe { terminated(path) };
        let separator: &[u16] = if root.is_empty() || path.is_empty() { &[] } else { &[BACKSLASH] };
        let mut name = Scratch::<u16>::new(root.len() + separator.len() + path.len())?;
        for (slot, &unit) in name.iter_mut().zip(root.iter().chain(separator).chain(path)) {
            *slot = unit;
        }
        Self::open_name(Handle::NULL, &name, access, how)
    }

    /// Opens a key below another one.
    ///
    /// # Errors
    /// NAME_TOO_LONG and what the services give.
    pub fn open_name(root: Handle, name: &[u16], access: u32, how: How) -> Result<Self, NtStatus> {
        let bytes = size_of_val(name);
        if bytes > MAX_BYTES {
            return Err(NtStatus::NAME_TOO_LONG);
        }
        let string = UnicodeString {
            length: bytes as u16,
            maximum_length: bytes as u16,
            reserved: 0,
            buffer: name.as_ptr().expose_provenance() as u64,
        };
        let attributes = ObjectAttributes {
            length: size_of::<ObjectAttributes>() as u32,
            root_directory: root.0,
            object_name: (&raw const string).expose_provenance() as u64,
            attributes: CASE_INSENSITIVE,
            ..ObjectAttributes::default()
        };
        let access = if access == 0 { access::READ } else { access };
        let mut handle = Handle::NULL;
        // SAFETY: all of them live here.
        unsafe {
            match how {
                How::Open => NtOpenKey(at(&raw mut handle), access, at(&raw const attributes)),
                How::Create => {
                    let (key, attributes) = (at(&raw mut handle), at(&raw const attributes));
                    NtCreateKey(key, access, attributes, 0, null(), 0, null())
                }
            }
        }
        .ok()?;
        Ok(Self { handle, owned: true })
    }

    /// Its handle.
    pub fn handle(&self) -> Handle {
        self.handle
    }
}
