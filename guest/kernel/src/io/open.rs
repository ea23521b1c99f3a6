//! From a name to an open file.

use alloc::sync::Arc;
use alloc::vec::Vec;

use nt::NtStatus;
use nt::file::{access, characteristic, disposition, option, share};
use nt::types::Handle;
use obns::{Opened as Place, Query};

use super::device::Device;
use super::dispatch::{Create, Opened};
use super::file::FileObject;
use crate::ob::kind::MAXIMUM_ALLOWED;
use crate::ob::namespace::{self, Found};
use crate::ob::{self, Body, Captured, Object};

/// How a file is to be opened.
#[derive(Clone, Copy, Debug, Default)]
pub struct How {
    /// Access rights, without generic ones.
    pub access: u32,
    /// `nt::file::share`.
    pub share: u32,
    /// `nt::file::disposition`.
    pub disposition: u32,
    /// `nt::file::option`.
    pub options: u32,
    /// `nt::file::attribute`, of a file that is made.
    pub attributes: u32,
    /// Bytes that a file that is made, or emptied, is going to take.
    pub allocation: u64,
}

/// Opens a file for the kernel itself, to be read. It is closed when the last reference is dropped.
///
/// # Errors
/// Those of the look-up (OBJECT_NAME_NOT_FOUND, …) and of the driver.
pub fn open_kernel(path: &str) -> Result<Arc<FileObject>, NtStatus> {
    let name: Vec<u16> = path.encode_utf16().collect();
    let (object, rest) = match namespace::names().open(&Query::new(&name))? {
        Place::Delegate { object, rest } => (object.clone(), rest.to_vec()),
        Place::Object(_) => return Err(NtStatus::OBJECT_TYPE_MISMATCH),
    };
    let how = How {
        access: access::READ_DATA | access::EXECUTE | access::SYNCHRONIZE,
        share: share::READ | share::DELETE,
        disposition: disposition::OPEN,
        options: option::SYNCHRONOUS_IO_NONALERT | option::NON_DIRECTORY_FILE,
        ..How::default()
    };
    Ok(open_at(&object, rest, how)?.0)
}

/// Opens a file for the kernel itself, in any way.
///
/// # Errors
/// As [`open_kernel`].
pub fn open_by_kernel(named: &Captured, how: How) -> Result<Arc<FileObject>, NtStatus> {
    open(named, how).map(|(file, ..)| file)
}

/// As much of an access right as a device can give.
fn maximum(device: &Device) -> u32 {
    match device.characteristics & characteristic::READ_ONLY_DEVICE {
        0 => access::ALL,
        _ => access::GENERIC_READ | access::GENERIC_EXECUTE,
    }
}

/// Whether a folder can be opened.
///
/// # Errors
/// OBJECT_NAME_NOT_FOUND and the like, UNRECOGNIZED_VOLUME, those of the disk.
pub fn check_folder(path: &str) -> Result<(), NtStatus> {
    let named = Captured::of_name(path.encode_utf16().collect(), Handle::NULL)?;
    let how = How {
        access: access::READ_DATA | access::SYNCHRONIZE,
        share: share::READ | share::WRITE | share::DELETE,
        disposition: disposition::OPEN,
        options: option::DIRECTORY_FILE | option::SYNCHRONOUS_IO_NONALERT,
        ..How::default()
    };
    open_by_kernel(&named, how).map(drop)
}

/// Opens what captured OBJECT_ATTRIBUTES name. Also says what the creation did, and which access is granted.
///
/// # Errors
/// As [`open_kernel`]; ACCESS_DENIED.
pub(super) fn open(captured: &Captured, how: How) -> Result<(Arc<FileObject>, u64, u32), NtStatus> {
    match namespace::find(captured, None)? {
        Found::Delegate(object, rest) => open_at(&object, rest, how),
        Found::Object(_) => Err(NtStatus::OBJECT_TYPE_MISMATCH),
    }
}

/// Opens a name behind a device, or relative to an open file.
fn open_at(object: &Object, rest: Vec<u16>, how: How) -> Result<(Arc<FileObject>, u64, u32), NtStatus> {
    let (device, name) = match object.body() {
        Some(Body::Device(device)) => {
            // Who may do what with a device says its descriptor; with a file, the file system's.
            if rest.is_empty() || device.characteristics & characteristic::DEVICE_SECURE_OPEN != 0 {
                ob::access::check(object, how.access)?;
            }
            (device, rest)
        }
        Some(Body::File(file)) => (file.device(), file.name_below(&rest)?),
        _ => return Err(NtStatus::OBJECT_TYPE_MISMATCH),
    };
    let How { access, share, disposition, options, attributes, allocation } = how;
    let access = match access & MAXIMUM_ALLOWED {
        0 => access,
        _ => access & !MAXIMUM_ALLOWED | maximum(device),
    };
    let create = Create { device, name: &name, access, share, disposition, options, attributes, allocation };
    let opened: Opened = device.dispatch.create(&create)?;
    let information = opened.information;
    Ok((FileObject::new(device.clone(), name, options, opened), information, access))
}
