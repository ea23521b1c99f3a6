//! The services by their names, for the table.
#![expect(non_snake_case, reason = "NT's names")]

use nt::NtStatus;
use nt::security::privilege;
use nt::service::args::*;
use nt::win32k::{USER_VERSION, two_param};

use crate::error::{Error, boolean, value};
use crate::{desktop, station};

/// The bytes of a version that must be the same: its major number.
const MAJOR: u32 = 0xFFFF_0000;

fn has_tcb() -> bool {
    station::has_privilege(privilege::TCB)
}

pub extern "win64" fn NtUserInitialize(version: u32, _power: Handle, _media: Handle) -> u64 {
    let status = match version & MAJOR == USER_VERSION & MAJOR {
        false => NtStatus::REVISION_MISMATCH,
        true if !has_tcb() => NtStatus::PRIVILEGE_NOT_HELD,
        true => station::create_directory().err().unwrap_or(NtStatus::SUCCESS),
    };
    status.0.into()
}

pub extern "win64" fn NtUserCallTwoParam(first: u64, second: u64, routine: u32) -> u64 {
    boolean(match routine {
        two_param::REGISTER_LOGON_PROCESS if has_tcb() => station::register_logon_process(first, second != 0),
        two_param::REGISTER_LOGON_PROCESS => Err(Error::from(NtStatus::PRIVILEGE_NOT_HELD)),
        _ => Err(Error::INVALID_PARAMETER),
    })
}

pub extern "win64" fn NtUserCreateWindowStation(
    attributes: UserPtr<ObjectAttributes>,
    access: u32,
    _keyboard_layout: Handle,
    _layout_tables: u64,
    _locale: u64,
    _name: UserPtr<UnicodeString>,
    _input_locale: u32,
) -> u64 {
    value(station::create(attributes.address, access))
}

pub extern "win64" fn NtUserOpenWindowStation(attributes: UserPtr<ObjectAttributes>, access: u32) -> u64 {
    value(station::open(attributes.address, access))
}

pub extern "win64" fn NtUserCloseWindowStation(station: Handle) -> u64 {
    boolean(station::close(station))
}

pub extern "win64" fn NtUserSetProcessWindowStation(station: Handle) -> u64 {
    boolean(station::set_of_process(station))
}

pub extern "win64" fn NtUserGetProcessWindowStation() -> u64 {
    station::of_process()
}

pub extern "win64" fn NtUserCreateDesktop(
    attributes: UserPtr<ObjectAttributes>,
    _device: UserPtr<UnicodeString>,
    _mode: u64,
    _flags: u32,
    access: u32,
) -> u64 {
    value(desktop::create(attributes.address, access))
}

pub extern "win64" fn NtUserOpenDesktop(
    attributes: UserPtr<ObjectAttributes>,
    _flags: u32,
    access: u32,
) -> u64 {
    value(desktop::open(attributes.address, access))
}

pub extern "win64" fn NtUserOpenInputDesktop(_flags: u32, inherit: Boolean, access: u32) -> u64 {
    value(desktop::open_input(inherit.0 != 0, access))
}

pub extern "win64" fn NtUserCloseDesktop(desktop: Handle) -> u64 {
    boolean(desktop::close(desktop))
}

pub extern "win64" fn NtUserSetThreadDesktop(desktop: Handle) -> u64 {
    boolean(desktop::set_of_thread(desktop))
}

pub extern "win64" fn NtUserGetThreadDesktop(thread: u32, _console: Handle) -> u64 {
    value(desktop::of_thread(thread.into()))
}

pub extern "win64" fn NtUserSwitchDesktop(desktop: Handle) -> u64 {
    boolean(desktop::switch(desktop))
}

pub extern "win64" fn NtGdiInit() -> u64 {
    1
}

pub extern "win64" fn NtGdiFlush() -> u64 {
    0
}
