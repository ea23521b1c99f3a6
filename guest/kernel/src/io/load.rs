//! `NtLoadDriver` and `NtUnloadDriver`. A driver is named by its key below `…\Services`; the drivers there are
//! are parts of the kernel, and a key without one is a driver whose file is missing.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::security::privilege;
use nt::types::{Handle, UnicodeString, UserPtr};
use nt::wide;

use super::{device, loopback, null};
use crate::ke::service::NtResult;
use crate::ob::Captured;
use crate::ob::capture::capture_string;
use crate::{cm, se};

const SERVICES: &[u16] = wide!(r"\Registry\Machine\System\CurrentControlSet\Services\");

/// A driver that is part of the kernel.
struct Part {
    /// The name of its key.
    name: &'static str,
    init: fn() -> Result<(), NtStatus>,
}

const DRIVERS: [Part; 2] =
    [Part { name: "Null", init: null::init }, Part { name: "Loopback", init: loopback::init }];

/// `NtLoadDriver`: IMAGE_ALREADY_LOADED, and OBJECT_NAME_NOT_FOUND for a key or driver that is not there.
pub fn load(service: UserPtr<UnicodeString>) -> NtResult {
    let name = name_of(service)?;
    if device::find_driver(&name).is_some() {
        return Err(NtStatus::IMAGE_ALREADY_LOADED);
    }
    let found = DRIVERS.iter().find(|part| device::is_name(&name, part.name));
    (found.ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)?.init)()?;
    Ok(NtStatus::SUCCESS)
}

/// `NtUnloadDriver`: INVALID_DEVICE_REQUEST for drivers that cannot be unloaded. Who has a device of it open keeps
/// it, but nobody opens it any more.
pub fn unload(service: UserPtr<UnicodeString>) -> NtResult {
    let name = name_of(service)?;
    let driver = device::find_driver(&name).ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)?;
    if !driver.can_be_unloaded {
        return Err(NtStatus::INVALID_DEVICE_REQUEST);
    }
    device::withdraw(&driver);
    Ok(NtStatus::SUCCESS)
}

/// The driver's name, from that of its key, which there must be.
fn name_of(service: UserPtr<UnicodeString>) -> Result<Vec<u16>, NtStatus> {
    se::require(privilege::LOAD_DRIVER)?;
    let path = capture_string(service)?;
    let (start, name) = path.split_at_checked(SERVICES.len()).ok_or(NtStatus::INVALID_PARAMETER)?;
    if !obns::same_name(start, SERVICES) || name.is_empty() || name.contains(&u16::from(b'\\')) {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let name = name.into();
    cm::check_exists(&Captured::of_name(path, Handle::NULL)?)?;
    Ok(name)
}
