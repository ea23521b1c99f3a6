//! The session from win32k to its end: who is loaded and started when, what winlogon makes and starts, orderly
//! shutdown. Tests are named after the rows of the specification's list of claims.

use bootarchive::Archive;
use smvm_tests::{Boot, Ended, Session, program};

const WINLOGON: &str = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon";
const SUB_SYSTEMS: &str = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\SubSystems";
/// An ordinary session in spite of `smvm boot`: somebody is logged on.
const LOG_ON: [&str; 2] = ["--cmdline", "smvm.session=user"];

fn shows(ended: &Ended, lines: &[&str]) {
    for line in lines {
        assert!(ended.shows(line), "no {line:?} in {:#?}", ended.boot);
    }
}

/// When the process of an image was made, in µs.
fn created(boot: &Boot, image: &str) -> f64 {
    let event = boot.events("Ps.ProcessCreate").find(|event| event["args"]["image"] == image);
    event.and_then(|event| event["start_us"].as_f64()).unwrap_or_else(|| panic!("no {image}: {boot:#?}"))
}

/// A session whose shell is the stand-in, with a word for it.
fn with_shell(word: &str) -> Ended {
    let shell = format!("[{WINLOGON}]\n\"Shell\"=\"logon.exe shell {word}\"");
    Session::new().file("logon.exe", program("logon")).text(&shell).boot(&LOG_ON)
}

#[test]
fn c65_c91_c93_the_session_comes_and_goes_in_order() {
    let boot = Boot::with(&[]);
    assert_eq!(boot.code, 0, "{boot:#?}");
    let [csrss, winlogon] = ["csrss.exe", "winlogon.exe"].map(|image| created(&boot, image));
    assert!(boot.time_of("Smss.Win32k") < csrss && csrss < winlogon, "{boot:#?}");
    assert!(winlogon < boot.time_of("Winlogon.Init"), "{boot:#?}");
    assert!(boot.time_of("Smss.SessionReady") < boot.time_of("Winlogon.Shutdown"), "{boot:#?}");
    assert!(boot.time_of("Winlogon.Shutdown") <= boot.time_of("Po.Shutdown"), "{boot:#?}");
    // All of them are there when the power goes; nobody is logged on.
    assert_eq!(boot.events("Ps.ProcessExit").count(), 0, "{boot:#?}");
    assert_eq!(boot.events("Winlogon.Shell").count(), 0, "{boot:#?}");
}

#[test]
fn c65_without_kmode_there_is_no_win32k_and_winlogon_cannot_begin() {
    let ended = Session::new().text(&format!("[{SUB_SYSTEMS}]\n\"Kmode\"=-")).boot(&[]);
    // The step is gone through, and loads nothing: winlogon's first call is of no system service.
    ended.assert_fatal("Windows Logon Process", 0xC000_001C);
}

#[test]
fn c67_a_win32k_that_cannot_be_loaded_stops_the_system() {
    let archive = Archive::parse(smvm_images::ARCHIVE).expect("an archive");
    let mut image = archive.find(nt::win32k::PATH).expect("win32k.sys").data().to_vec();
    // A byte of its code: the checksum says so.
    image[0x1010] ^= 1;
    Session::new()
        .file("win32k.sys", &image)
        .boot(&[])
        .assert_fatal("Session Manager Initialization", 0xC000_0221);
    let no_image = Session::new().file("win32k.sys", b"MZ and nothing more").boot(&[]);
    no_image.assert_fatal("Session Manager Initialization", 0xC000_007B);
    // A driver that wants what the kernel does not have is as bad.
    let stranger = Session::new().file("win32k.sys", program("hello")).boot(&[]);
    stranger.assert_fatal("Session Manager Initialization", 0xC000_026C);
}

#[test]
fn c63_c93_c100_what_a_stand_in_for_winlogon_finds() {
    let ended = Session::new().file("winlogon.exe", program("logon")).boot(&[]);
    assert_eq!(ended.boot.code, 0, "{:#?}", ended.boot);
    shows(
        &ended,
        &[
            "windows: ApiPort (Port)",
            "windows: SbApiPort (Port)",
            "process: smss.exe",
            "process: csrss.exe",
            "process: winlogon.exe",
            "accepted: 00000000",
            "accepted again: c0000022",
        ],
    );
}

#[test]
fn c63_the_registry_is_initialized_by_the_one_and_accepted_by_the_other() {
    let boot = Boot::with(&["--trace", "syscalls"]);
    assert_eq!(boot.code, 0, "{boot:#?}");
    let calls: Vec<_> = boot.events("Sys.NtInitializeRegistry").collect();
    assert_eq!(calls.len(), 2, "{calls:#?}");
    let conditions: Vec<_> = calls.iter().map(|call| call["args"]["condition"].as_str()).collect();
    assert_eq!(conditions, [Some("0x0"), Some("0x3")], "{calls:#?}");
    let pid_of = |image: &str| {
        let event = boot.events("Ps.ProcessCreate").find(|event| event["args"]["image"] == image);
        event.map(|event| event["args"]["id"].clone())
    };
    let callers: Vec<_> = calls.iter().map(|call| Some(call["pid"].clone())).collect();
    assert_eq!(callers, [pid_of("smss.exe"), pid_of("winlogon.exe")], "{calls:#?}");
    assert!(boot.events("Sys.NtUserCreateWindowStation").count() == 1, "{boot:#?}");
}

#[test]
fn c80_winlogon_ending_stops_the_system_with_its_status() {
    let debugger = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Image File Execution Options\winlogon.exe";
    let text = format!("[{debugger}]\n\"Debugger\"=\"logon.exe status\"");
    let ended = Session::new().file("logon.exe", program("logon")).text(&text).boot(&[]);
    ended.assert_fatal("Windows Logon Process", 0x1234_5678);
}

#[test]
fn the_shell_has_the_users_environment_and_is_started_again() {
    let ended = with_shell("off");
    assert_eq!(ended.boot.code, 0, "{:#?}", ended.boot);
    shows(
        &ended,
        &[
            "shell: OS=Windows_NT",
            "shell: NUMBER_OF_PROCESSORS=1",
            r"shell: TEMP=C:\Windows\TEMP",
            "stations: WinSta0 (WindowStation)",
            "desktops: Winlogon (Desktop)",
            "desktops: Default (Desktop)",
            "desktops: Screen-saver (Desktop)",
            "process: winlogon.exe",
            "shell: the first time",
            "shell: once more",
        ],
    );
    assert!(!ended.boot.console().contains("FAIL"), "{:#?}", ended.boot);
    assert_eq!(ended.boot.events("Winlogon.Shell").count(), 2, "{:#?}", ended.boot);
    // Of all processes only the shell has ended: by itself, and for the shutdown.
    let ends: Vec<_> = ended.boot.events("Ps.ProcessExit").collect();
    assert!(ends.iter().all(|event| event["args"]["image"] == "logon.exe"), "{ends:#?}");
    let last = ends.last().expect("an end").to_string();
    assert!(last.contains("0x40010004"), "{last}");
    // The hives are flushed: what the session manager has written is in them.
    let environment = r"ControlSet001\Control\Session Manager\Environment";
    assert_eq!(ended.value("SYSTEM", environment, "OS").as_deref(), Some("Windows_NT"));
    let control = r"ControlSet001\Control";
    let options = ended.value("SYSTEM", control, "SystemStartOptions").expect("the options");
    assert!(options.starts_with(" SMVM.SESSION=SHUTDOWN SMVM.SESSION=USER "), "{options}");
}

#[test]
fn a_reboot_resets_the_machine() {
    assert_eq!(with_shell("reboot").boot.code, 8);
}

#[test]
fn a_shell_that_is_not_there_stops_nothing() {
    let text = format!("[{WINLOGON}]\n\"Shell\"=\"nothing.exe\"");
    let ended = Session::new().file("logon.exe", program("logon")).lines(&["async logon later"]);
    let ended = ended.text(&text).boot(&LOG_ON);
    // The system stays until somebody wants it shut down.
    assert_eq!(ended.boot.code, 0, "{:#?}", ended.boot);
    shows(&ended, &["The shell nothing.exe was not found"]);
    assert_eq!(ended.boot.events("Ex.Bugcheck").count(), 0, "{:#?}", ended.boot);
}
