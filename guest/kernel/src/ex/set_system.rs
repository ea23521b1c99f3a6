//! `NtSetSystemInformation`: loading win32k, sessions, global flags (spec/smss.md 1.3 step 14).

use alloc::string::String;
use core::sync::atomic::Ordering;

use nt::NtStatus;
use nt::security::privilege;
use nt::sysinfo::class;
use nt::types::{UnicodeString, UserPtr};

use super::system::GLOBAL_FLAGS;
use crate::ke::sched;
use crate::ke::service::NtResult;
use crate::mm::user;
use crate::ob::capture::capture_string;
use crate::ps::win32;
use crate::{init, io, se};

/// The number that the caller gives or gets; its size must be exactly that.
fn word(length: u32) -> Result<(), NtStatus> {
    if length == 4 { Ok(()) } else { Err(NtStatus::INFO_LENGTH_MISMATCH) }
}

/// `NtSetSystemInformation`. Flags take SeDebugPrivilege, drivers and sessions SeLoadDriverPrivilege.
pub fn set(class: u32, information: UserPtr<u8>, length: u32) -> NtResult {
    match class {
        class::FLAGS => {
            word(length)?;
            if !se::has(privilege::DEBUG) {
                return Err(NtStatus::ACCESS_DENIED);
            }
            let flags = user::read(UserPtr::<[u8; 4]>::new(information.address))?;
            GLOBAL_FLAGS.store(u32::from_le_bytes(flags), Ordering::Relaxed);
        }
        class::EXTEND_SERVICE_TABLE | class::LOAD_GDI_DRIVER => {
            if (length as usize) < size_of::<UnicodeString>() {
                return Err(NtStatus::INFO_LENGTH_MISMATCH);
            }
            se::require(privilege::LOAD_DRIVER)?;
            load(information)?;
        }
        class::SESSION_CREATE => {
            word(length)?;
            se::require(privilege::LOAD_DRIVER)?;
            // The place is probed first, so that a bad pointer makes no session.
            user::write(information.address, &[0; 4])?;
            let session = win32::create_session(sched::current().process())?;
            user::write(information.address, &session.to_le_bytes())?;
        }
        class::SESSION_DETACH => {
            word(length)?;
            se::require(privilege::LOAD_DRIVER)?;
            let session = u32::from_le_bytes(user::read(UserPtr::<[u8; 4]>::new(information.address))?);
            win32::detach_session(sched::current().process(), session)?;
        }
        _ => return Err(NtStatus::INVALID_INFO_CLASS),
    }
    Ok(NtStatus::SUCCESS)
}

/// Loads the image whose path the caller gives into the caller's session: INVALID_PARAMETER without one.
fn load(path: UserPtr<u8>) -> Result<(), NtStatus> {
    let session = sched::current().process().session().ok_or(NtStatus::INVALID_PARAMETER)?;
    let path = capture_string(UserPtr::new(path.address))?;
    let path = String::from_utf16(&path).map_err(|_| NtStatus::OBJECT_NAME_INVALID)?;
    let found = init::archive().and_then(|archive| archive.find(&path));
    let file = match found {
        Some(file) => file.data(),
        None if io::disk::has_system() => io::resident(&path)?,
        None => return Err(NtStatus::OBJECT_NAME_NOT_FOUND),
    };
    session.load(&path, file)
}
