//! `NtSetSystemInformation`: loading win32k, sessions, global flags (spec/smss.md 1.3 step 14).

use alloc::string::String;
use core::sync::atomic::{AtomicU32, Ordering};

use nt::NtStatus;
use nt::security::privilege;
use nt::sysinfo::class;
use nt::types::{UnicodeString, UserPtr};

use super::system::GLOBAL_FLAGS;
use crate::ke::sched;
use crate::ke::service::NtResult;
use crate::mm::{system_image, user};
use crate::ob::capture::capture_string;
use crate::{init, ps, se};

/// The next session's id.
static NEXT_SESSION: AtomicU32 = AtomicU32::new(0);

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
            let session = NEXT_SESSION.fetch_add(1, Ordering::Relaxed);
            set_session(session)?;
            user::write(information.address, &session.to_le_bytes())?;
        }
        class::SESSION_DETACH => {
            word(length)?;
            se::require(privilege::LOAD_DRIVER)?;
            let session = u32::from_le_bytes(user::read(UserPtr::<[u8; 4]>::new(information.address))?);
            if session >= NEXT_SESSION.load(Ordering::Relaxed) {
                return Err(NtStatus::INVALID_PARAMETER);
            }
            set_session(0)?;
        }
        _ => return Err(NtStatus::INVALID_INFO_CLASS),
    }
    Ok(NtStatus::SUCCESS)
}

fn set_session(session: u32) -> Result<(), NtStatus> {
    ps::set_session(sched::current().process(), session)
}

/// Loads the image whose path the caller gives.
fn load(path: UserPtr<u8>) -> Result<(), NtStatus> {
    let path = capture_string(UserPtr::new(path.address))?;
    let path = String::from_utf16(&path).map_err(|_| NtStatus::OBJECT_NAME_INVALID)?;
    let archive = init::archive().ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)?;
    let file = archive.find(&path).ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)?;
    system_image::load(&path, file.data())
}
