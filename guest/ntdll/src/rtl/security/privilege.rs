//! Privileges of the caller.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use nt::NtStatus;
use nt::security::{Luid, LuidAndAttributes, TOKEN_ADJUST_PRIVILEGES, TOKEN_QUERY, privilege_attributes};
use nt::types::{Boolean, Handle};

use crate::rtl::raw::{at, store};
use crate::stubs::{NtAdjustPrivilegesToken, NtClose, NtOpenProcessToken, NtOpenThreadToken};

/// TOKEN_PRIVILEGES with one privilege.
#[repr(C)]
#[derive(Default)]
struct OnePrivilege {
    count: u32,
    privilege: LuidAndAttributes,
}

/// Enables or disables a privilege of the process or, when it impersonates, of the thread; tells what it was.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlAdjustPrivilege(
    privilege: u32,
    enable: u8,
    of_thread: u8,
    was_enabled: *mut u8,
) -> NtStatus {
    const ACCESS: u32 = TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY;
    let attributes = if enable != 0 { privilege_attributes::ENABLED } else { 0 };
    let new = OnePrivilege {
        count: 1,
        privilege: LuidAndAttributes { luid: Luid::new(privilege.into()), attributes },
    };
    let (mut old, mut token, mut returned) = (OnePrivilege::default(), Handle::NULL, 0_u32);
    // SAFETY: all of them live here; the rest as the caller says.
    unsafe {
        let opened = match of_thread {
            0 => NtOpenProcessToken(Handle::CURRENT_PROCESS, ACCESS, at(&raw mut token)),
            _ => NtOpenThreadToken(Handle::CURRENT_THREAD, ACCESS, Boolean(0), at(&raw mut token)),
        };
        if !opened.is_success() {
            return opened;
        }
        let status = NtAdjustPrivilegesToken(
            token,
            Boolean(0),
            at((&raw const new).cast::<u8>()),
            size_of::<OnePrivilege>() as u32,
            at((&raw mut old).cast::<u8>()),
            at(&raw mut returned),
        );
        NtClose(token);
        // That not all were assigned is a success to the service.
        if status == NtStatus::NOT_ALL_ASSIGNED {
            return NtStatus::PRIVILEGE_NOT_HELD;
        }
        if status.is_success() {
            let was = match old.count {
                // Nothing has changed.
                0 => enable != 0,
                _ => old.privilege.attributes & privilege_attributes::ENABLED != 0,
            };
            store(was_enabled, was.into());
        }
        status
    }
}
