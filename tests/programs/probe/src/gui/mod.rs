//! win32k as programs see it: sessions, GUI threads, window stations and desktops.

mod call;

use core::sync::atomic::{AtomicU64, Ordering};

use nt::NtStatus;
use nt::layout::teb;
use nt::security::privilege;
use nt::syscall::win32k;
use nt::types::Handle;
use nt::win32k::{BASE, PATH, SERVICES, USER_VERSION};

use self::call::{OPENIF, Outcome, PERMANENT};
use crate::checks::verdict;
use crate::reg::CASE_INSENSITIVE;
use crate::{asm, threads};

/// Win32 errors.
const INVALID_FUNCTION: u32 = 1;
const FILE_NOT_FOUND: u32 = 2;
const PATH_NOT_FOUND: u32 = 3;
const ACCESS_DENIED: u32 = 5;
const INVALID_HANDLE: u32 = 6;
const INVALID_PARAMETER: u32 = 87;
const INVALID_NAME: u32 = 123;
const BUSY: u32 = 170;
const ALREADY_EXISTS: u32 = 183;
const NOACCESS: u32 = 998;
const PRIVILEGE_NOT_HELD: u32 = 1314;

const STATION: &str = r"\Windows\WindowStations\WinSta0";
const ENSURE: u32 = CASE_INSENSITIVE | OPENIF;

fn is(name: &str, found: NtStatus, expected: NtStatus) {
    verdict(name, found == expected, found.name().unwrap_or("an unknown status"));
}

fn fails(name: &str, found: Outcome, error: u32) {
    verdict(name, found == Err(error), if found.is_ok() { "it succeeded" } else { "another error" });
}

fn works(name: &str, found: Outcome) -> u64 {
    verdict(name, found.is_ok(), "it failed");
    found.unwrap_or(0)
}

fn lists(name: &str, directory: Handle, expected: &str) {
    let mut text = [0; 256];
    let listed = call::list(directory, &mut text);
    let found = listed.ok().and_then(|len| str::from_utf8(&text[..len]).ok());
    verdict(name, found == Some(expected), found.unwrap_or("it cannot be listed"));
}

/// Makes a session and loads win32k into it, for the checks that follow.
fn begin() {
    let _ = rt::adjust_privilege(privilege::LOAD_DRIVER, true);
    is("session", call::create_session().0, NtStatus::SUCCESS);
    is("load", call::load(PATH), NtStatus::SUCCESS);
    is("windows", call::create_directory(r"\Windows"), NtStatus::SUCCESS);
    is("initialize", call::initialize(USER_VERSION), NtStatus::SUCCESS);
}

/// Sessions, and what loading an image into one says.
pub fn sessions() {
    is("no-win32k", call::initialize(USER_VERSION), NtStatus::INVALID_SYSTEM_SERVICE);
    is("no-privilege", call::create_session().0, NtStatus::PRIVILEGE_NOT_HELD);
    let enabled = rt::adjust_privilege(privilege::LOAD_DRIVER, true);
    verdict("enable", enabled.is_ok(), "the privilege is not held");
    is("no-session", call::load(PATH), NtStatus::INVALID_PARAMETER);
    is("detach-from-none", call::detach_session(0), NtStatus::INVALID_PARAMETER);
    let (status, session) = call::create_session();
    is("create", status, NtStatus::SUCCESS);
    verdict("first", session == 0 && call::own_session() == 0, "another number");
    is("one-is-enough", call::create_session().0, NtStatus::ALREADY_COMMITTED);
    is("detach-from-other", call::detach_session(1), NtStatus::INVALID_PARAMETER);
    is("nothing", call::load(r"\SystemRoot\System32\nothing.sys"), NtStatus::OBJECT_NAME_NOT_FOUND);
    let hive = r"\SystemRoot\System32\config\SYSTEM";
    is("no-image", call::load(hive), NtStatus::INVALID_IMAGE_FORMAT);
    is("before", call::open_event(r"\UniqueSessionIdEvent"), NtStatus::OBJECT_NAME_NOT_FOUND);
    is("load", call::load(PATH), NtStatus::SUCCESS);
    is("loaded", call::load(PATH), NtStatus::IMAGE_ALREADY_LOADED);
    is("unique-session-id", call::open_event(r"\UniqueSessionIdEvent"), NtStatus::SUCCESS);
    is("detach", call::detach_session(session), NtStatus::SUCCESS);
    is("gone", call::initialize(USER_VERSION), NtStatus::INVALID_SYSTEM_SERVICE);
    // The last process has left it: the next one gets its number and another win32k, which is not the first.
    let (status, session) = call::create_session();
    is("again", status, NtStatus::SUCCESS);
    verdict("same-number", session == 0, "another number");
    is("load-again", call::load(PATH), NtStatus::SUCCESS);
    verdict("no-gui-yet", call::teb_word(teb::WIN32_THREAD_INFO) == 0, "it is a GUI thread");
    verdict("gdi", call::gdi() == 1, "it failed");
    verdict("gui", call::teb_word(teb::WIN32_THREAD_INFO) != 0, "it is no GUI thread");
    is("in-use", call::detach_session(session), NtStatus::UNABLE_TO_FREE_VM);
    for number in [0xFFF, BASE + SERVICES.len() as u32, 0x1FFF, 0x2000] {
        let status = asm::system_call(number.into(), 0, 0, 0);
        verdict("unknown", status == u64::from(NtStatus::INVALID_SYSTEM_SERVICE.0), "it was accepted");
    }
}

/// Window stations and desktops.
pub fn stations() {
    let _ = rt::adjust_privilege(privilege::LOAD_DRIVER, true);
    is("session", call::create_session().0, NtStatus::SUCCESS);
    is("load", call::load(PATH), NtStatus::SUCCESS);
    is("other-version", call::initialize(0x0006_0000), NtStatus::REVISION_MISMATCH);
    fails("no-windows", call::create_station(STATION, ENSURE), PATH_NOT_FOUND);
    is("no-directory", call::initialize(USER_VERSION), NtStatus::OBJECT_PATH_NOT_FOUND);
    is("windows", call::create_directory(r"\Windows"), NtStatus::SUCCESS);
    is("initialize", call::initialize(USER_VERSION), NtStatus::SUCCESS);
    is("once-more", call::initialize(USER_VERSION), NtStatus::SUCCESS);
    let (own, thread) = (call::teb_word(teb::CLIENT_ID), call::teb_word(teb::CLIENT_ID + 8));
    works("register", call::register_logon_process(own, true));
    fails("register-other", call::register_logon_process(own + 4, true), ACCESS_DENIED);

    let station = works("create", call::create_station(STATION, CASE_INSENSITIVE));
    fails("create-again", call::create_station(STATION, CASE_INSENSITIVE), ALREADY_EXISTS);
    let again = works("open-if", call::create_station(STATION, ENSURE));
    let second = works("create-second", call::create_station(r"\Windows\WindowStations\Service", ENSURE));
    works("open", call::open_station(STATION, 0x37F));
    fails("open-nothing", call::open_station(r"\Windows\WindowStations\Nothing", 1), FILE_NOT_FOUND);
    fails("open-directory", call::open_station(r"\Windows", 1), INVALID_HANDLE);
    fails("open-below", call::open_station(r"\Windows\WindowStations\WinSta0\x", 1), INVALID_HANDLE);
    let (status, directory) = call::open_directory(r"\Windows\WindowStations");
    is("open-directory", status, NtStatus::SUCCESS);
    lists("stations", directory, "WinSta0;Service;");
    is("no-directory", call::open_directory(STATION).0, NtStatus::OBJECT_TYPE_MISMATCH);

    verdict("no-station-yet", call::station() == 0, "it has one");
    fails("set-no-handle", call::of_handle(win32k::NtUserSetProcessWindowStation, 0x4444), INVALID_HANDLE);
    works("set", call::of_handle(win32k::NtUserSetProcessWindowStation, station));
    verdict("get", call::station() == station, "another station");
    fails("close-own", call::of_handle(win32k::NtUserCloseWindowStation, station), BUSY);
    works("close", call::of_handle(win32k::NtUserCloseWindowStation, again));
    desktops(station, second, thread);
}

fn desktops(station: u64, second: u64, thread: u64) {
    let root = Handle(station);
    let absolute = r"\Windows\WindowStations\WinSta0\Winlogon";
    let own = works("desktop", call::create_desktop(Handle::NULL, absolute, ENSURE));
    let default = works("desktop-relative", call::create_desktop(root, "Default", CASE_INSENSITIVE));
    let permanent = CASE_INSENSITIVE | PERMANENT;
    let saver = works("desktop-third", call::create_desktop(root, "Screen-saver", permanent));
    fails("desktop-again", call::create_desktop(root, "DEFAULT", CASE_INSENSITIVE), ALREADY_EXISTS);
    fails("desktop-no-name", call::create_desktop(root, "", CASE_INSENSITIVE), INVALID_NAME);
    fails("desktop-in-desktop", call::create_desktop(root, r"Default\x", ENSURE), INVALID_HANDLE);
    fails("desktop-nowhere", call::create_desktop(Handle::NULL, r"\Windows\x", ENSURE), FILE_NOT_FOUND);
    fails("desktop-is-none", call::open_desktop(Handle::NULL, r"\Windows", 1), INVALID_HANDLE);
    fails("desktop-nothing", call::open_desktop(root, "Nothing", 1), FILE_NOT_FOUND);
    lists("desktops", root, "Winlogon;Default;Screen-saver;");
    // A name goes with the last handle, for nobody can keep one.
    works("desktop-close", call::of_handle(win32k::NtUserCloseDesktop, saver));
    lists("desktops-left", root, "Winlogon;Default;");
    let other = works("desktop-of-second", call::create_desktop(Handle(second), "Default", ENSURE));

    fails("no-input", call::open_input(), INVALID_HANDLE);
    works("switch", call::of_handle(win32k::NtUserSwitchDesktop, own));
    fails("switch-unseen", call::of_handle(win32k::NtUserSwitchDesktop, other), ACCESS_DENIED);
    fails("switch-station", call::of_handle(win32k::NtUserSwitchDesktop, station), INVALID_HANDLE);
    works("input", call::open_input());
    verdict("no-desktop-yet", call::desktop(thread) == Ok(0) || call::desktop(thread).is_err(), "it has one");
    works("set-desktop", call::of_handle(win32k::NtUserSetThreadDesktop, default));
    fails("set-of-other", call::of_handle(win32k::NtUserSetThreadDesktop, other), ACCESS_DENIED);
    verdict("get-desktop", call::desktop(thread) == Ok(default), "another desktop");
    fails("of-no-thread", call::desktop(thread + 4000), INVALID_PARAMETER);
    fails("close-used", call::of_handle(win32k::NtUserCloseDesktop, default), BUSY);
    works("close-unused", call::of_handle(win32k::NtUserCloseDesktop, own));
    works("second-station", call::of_handle(win32k::NtUserSetProcessWindowStation, second));
    fails("input-unseen", call::open_input(), INVALID_FUNCTION);
}

static SEEN: AtomicU64 = AtomicU64::new(0);

extern "win64" fn other_thread(_: u64) -> ! {
    let before = call::teb_word(teb::WIN32_THREAD_INFO);
    let gdi = call::gdi();
    let after = call::teb_word(teb::WIN32_THREAD_INFO);
    SEEN.store(
        u64::from(before == 0) | u64::from(gdi == 1) << 1 | u64::from(after != 0) << 2,
        Ordering::Relaxed,
    );
    rt::exit_thread()
}

/// Each thread becomes a GUI thread by itself, and one that never does ends as others do.
pub fn gui_threads() {
    begin();
    for _ in 0..20 {
        SEEN.store(0, Ordering::Relaxed);
        match rt::spawn(other_thread, 0) {
            Ok(handle) => drop((rt::wait(handle), rt::close(handle))),
            Err(_) => verdict("spawn", false, "no thread"),
        }
        if SEEN.load(Ordering::Relaxed) != 7 {
            verdict("convert", false, "it is no GUI thread");
        }
    }
    threads::create_and_wait();
}

/// Pointers that lead nowhere, and callers without rights.
pub fn hostile() {
    begin();
    let station = works("station", call::create_station(STATION, ENSURE));
    for address in [0, 8, 0x7FF_FFFF_0000, 0x4000_0000_0000, 0x7EE0_0000_0000, u64::MAX - 7] {
        for number in [0x1002, 0x1003, 0x1007, 0x1008] {
            let value = asm::system_call(number, address, u64::MAX, u64::MAX);
            let error = call::teb_word(teb::LAST_ERROR_VALUE) as u32;
            let expected = match address {
                // No attributes are an object without name, which cannot be opened and need not be found.
                0 => [FILE_NOT_FOUND, INVALID_PARAMETER, 161].contains(&error) || number == 0x1002,
                _ => error == NOACCESS,
            };
            verdict("pointer", (value == 0 || address == 0) && expected, "another outcome");
        }
    }
    for handle in [0, 4, 0x4444, station + 1, u64::MAX, u64::MAX - 1, 1 << 40] {
        for service in [
            win32k::NtUserSetThreadDesktop,
            win32k::NtUserCloseDesktop,
            win32k::NtUserSwitchDesktop,
            win32k::NtUserSetProcessWindowStation,
        ] {
            let result = call::of_handle(service, handle);
            verdict("handle", result.is_err() || handle == station + 1, "it was accepted");
        }
    }
    fails("routine", call_two_param(0xFFFF_FFFF), INVALID_PARAMETER);
    crate::security::become_user();
    is("user-initialize", call::initialize(USER_VERSION), NtStatus::PRIVILEGE_NOT_HELD);
    fails("user-register", call::register_logon_process(4, true), PRIVILEGE_NOT_HELD);
    fails("user-station", call::create_station(r"\Windows\WindowStations\Mine", ENSURE), ACCESS_DENIED);
    fails(
        "user-desktop",
        call::create_desktop(Handle::NULL, r"\Windows\WindowStations\WinSta0\Mine", ENSURE),
        ACCESS_DENIED,
    );
    is("user-session", call::create_session().0, NtStatus::PRIVILEGE_NOT_HELD);
    is("user-load", call::load(PATH), NtStatus::PRIVILEGE_NOT_HELD);
}

fn call_two_param(routine: u64) -> Outcome {
    match asm::system_call(0x1001, 0, 0, routine) {
        0 => Err(call::teb_word(teb::LAST_ERROR_VALUE) as u32),
        value => Ok(value),
    }
}
