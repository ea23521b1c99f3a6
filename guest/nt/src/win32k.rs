//! The table of win32k's services: what [`crate::service`] is to the kernel's own. The stubs of user programs, win32k's
//! dispatch table, names in traces and the documentation are all made from it.
//!
//! Numbers are ours, from [`BASE`] on without a gap. What a service does is said in docs/win32k.md.
//!
//! Source: the signatures of ReactOS's `sdk/include/reactos/ntuser.h` and `ntgdi.h`, names and order of arguments only.

use crate::service::Service;

/// Number of the first service.
pub const BASE: u32 = 0x1000;

/// The name that win32k.sys is loaded by; no other is (spec/smss.md 1.3 step 14).
pub const PATH: &str = r"\SystemRoot\System32\win32k.sys";

/// `NtUserInitialize`'s version: major and minor one of the windowing protocol.
pub const USER_VERSION: u32 = 0x0005_0000;

/// Routines of `NtUserCallTwoParam`.
pub mod two_param {
    /// `(process id, whether)`: the process is, or is no longer, the one that logs users on.
    pub const REGISTER_LOGON_PROCESS: u32 = 0x54;
}

/// Calls `$callback!` with the whole table, in the form of
/// [`for_each_service!`](crate::for_each_service).
#[macro_export]
macro_rules! for_each_win32k_service {
    ($callback:path) => {
        $callback! {
            0x1000 NtUserInitialize(version: u32, power_event: Handle, media_event: Handle)
                "makes the session's window stations possible; csrss's, STATUS";
            0x1001 NtUserCallTwoParam(first: u64, second: u64, routine: u32)
                "one of several small routines, by number";
            0x1002 NtUserCreateWindowStation(attributes: UserPtr<ObjectAttributes>, access: u32,
                keyboard_layout: Handle, layout_tables: u64, locale: u64, name: UserPtr<UnicodeString>,
                input_locale: u32) "makes or opens a window station; HWINSTA";
            0x1003 NtUserOpenWindowStation(attributes: UserPtr<ObjectAttributes>, access: u32)
                "opens a window station; HWINSTA";
            0x1004 NtUserCloseWindowStation(station: Handle) "closes a window station; BOOL";
            0x1005 NtUserSetProcessWindowStation(station: Handle)
                "gives the caller's process a window station; BOOL";
            0x1006 NtUserGetProcessWindowStation() "the window station of the caller's process; HWINSTA";
            0x1007 NtUserCreateDesktop(attributes: UserPtr<ObjectAttributes>, device: UserPtr<UnicodeString>,
                mode: u64, flags: u32, access: u32) "makes or opens a desktop; HDESK";
            0x1008 NtUserOpenDesktop(attributes: UserPtr<ObjectAttributes>, flags: u32, access: u32)
                "opens a desktop; HDESK";
            0x1009 NtUserOpenInputDesktop(flags: u32, inherit: Boolean, access: u32)
                "opens the desktop that has the user's input; HDESK";
            0x100A NtUserCloseDesktop(desktop: Handle) "closes a desktop; BOOL";
            0x100B NtUserSetThreadDesktop(desktop: Handle) "gives the calling thread a desktop; BOOL";
            0x100C NtUserGetThreadDesktop(thread: u32, console: Handle)
                "the desktop of a thread of the caller's process; HDESK";
            0x100D NtUserSwitchDesktop(desktop: Handle) "gives a desktop the user's input; BOOL";
            0x100E NtGdiInit() "connects a process to GDI; BOOL";
            0x100F NtGdiFlush() "carries out what GDI has put together for the thread";
        }
    };
}

macro_rules! describe {
    ($($number:literal $name:ident($($arg:ident: $type:ty),*) $summary:literal;)*) => {
        /// Every service, in order of number.
        pub static SERVICES: &[Service] = &[$(Service {
            number: $number,
            name: stringify!($name),
            summary: $summary,
            args: &[$((stringify!($arg), stringify!($type))),*],
        }),*];
    };
}
for_each_win32k_service!(describe);

/// The name of a service number, when there is such a service.
pub fn name(number: u32) -> Option<&'static str> {
    SERVICES.get(number.checked_sub(BASE)? as usize).map(|service| service.name)
}

/// Specific rights of window stations and desktops (`WINSTA_*`, `DESKTOP_*`).
/// Source: Microsoft, "Window Station Security and Access Rights", "Desktop Security and Access Rights".
pub mod access {
    use crate::security::{GenericMapping, STANDARD_RIGHTS_REQUIRED};

    /// Window station: list its desktops.
    pub const WINSTA_ENUMDESKTOPS: u32 = 0x1;
    /// Window station: make a desktop in it.
    pub const WINSTA_CREATEDESKTOP: u32 = 0x8;
    /// Window station: everything.
    pub const WINSTA_ALL_ACCESS: u32 = STANDARD_RIGHTS_REQUIRED | 0x37F;
    /// Desktop: make a window on it.
    pub const DESKTOP_CREATEWINDOW: u32 = 0x2;
    /// Desktop: give it the user's input.
    pub const DESKTOP_SWITCHDESKTOP: u32 = 0x100;
    /// Desktop: everything.
    pub const DESKTOP_ALL_ACCESS: u32 = STANDARD_RIGHTS_REQUIRED | 0x1FF;

    /// STANDARD_RIGHTS_READ and its like: READ_CONTROL.
    const STANDARD: u32 = 0x2_0000;
    /// What generic rights mean to a window station.
    pub const WINDOW_STATION_MAPPING: GenericMapping = GenericMapping {
        read: STANDARD | 0x303,
        write: STANDARD | 0x1C,
        execute: STANDARD | 0x60,
        all: WINSTA_ALL_ACCESS,
    };
    /// What generic rights mean to a desktop.
    pub const DESKTOP_MAPPING: GenericMapping = GenericMapping {
        read: STANDARD | 0x41,
        write: STANDARD | 0xBE,
        execute: STANDARD | 0x100,
        all: DESKTOP_ALL_ACCESS,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_positions() {
        for (number, service) in (BASE..).zip(SERVICES) {
            assert_eq!(service.number, number, "{}", service.name);
            assert!(service.args.len() <= 16, "{}", service.name);
        }
        assert_eq!(name(BASE), Some("NtUserInitialize"));
        assert_eq!(name(0), None);
        assert_eq!(name(BASE + SERVICES.len() as u32), None);
    }
}
