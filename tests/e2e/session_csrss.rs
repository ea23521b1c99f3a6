//! The session manager and the image's own csrss: what the one tells the other, further sessions, a second subsystem. Tests are
//! named after the rows of the specification's list of claims.

use serde_json::Value;
use smvm_tests::standin::{NATIVE, StandIns};
use smvm_tests::{Boot, program};

/// IMAGE_SUBSYSTEM_POSIX_CUI.
const POSIX: u16 = 7;
/// The end of every winlogon here: it shuts the system down.
const OFF: &str = "privilege=19 off";
const DEADLINE: [&str; 2] = ["--deadline", "60s"];

#[track_caller]
fn shows(boot: &Boot, lines: &[&str]) {
    let console = boot.console();
    assert!(!console.contains("FAIL"), "{console}");
    for line in lines {
        assert!(console.lines().any(|shown| shown == *line), "no line {line:?} in {boot:#?}");
    }
}

fn winlogon(words: &str) -> StandIns {
    StandIns::beside_csrss(&format!("winlogon.exe name=winlogon {words} {OFF}"))
}

fn created(boot: &Boot) -> Vec<&str> {
    boot.events("Ps.ProcessCreate").filter_map(|event| event["args"]["image"].as_str()).collect()
}

/// A process's events of its beginning, and its number.
fn process<'a>(boot: &'a Boot, image: &str) -> (&'a Value, Value) {
    let event = boot.events("Ps.ProcessCreate").find(|event| event["args"]["image"] == image);
    let event = event.unwrap_or_else(|| panic!("no {image}: {boot:#?}"));
    (event, event["args"]["id"].clone())
}

fn start_of(event: &Value) -> f64 {
    event["start_us"].as_f64().expect("a time")
}

/// A program that stands in for smss and starts csrss: C73, and every SB message.
#[test]
fn c73_csrss_says_that_it_is_the_graphical_subsystem_and_serves_the_session_manager() {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), program("manager")).expect("room for a program");
    let place = format!(r"\SystemRoot\System32\smss.exe={}", file.path().display());
    let boot = Boot::with(&["--file", &place, DEADLINE[0], DEADLINE[1]]);
    let said: Vec<&str> = boot.console().lines().collect();
    let expected = [
        r"told: type 2 name \Windows\SbApiPort",
        "connect back: 00000000",
        "number 77: c0000002",
        "foreign: 00000000",
        "terminate nothing: c0000034",
        "create process: 00000000",
        "create process: type 1",
        "create process: same id 1",
        "create process: ended with 00000077",
        "create nothing: c0000034",
        "create from nowhere: 8000000d",
        "create session: 00000000",
        "told: message 1 session 7 ended with 00000077",
        "create session: 00000000",
        "terminate session: 00000000",
        // It had ended without csrss's knowing.
        "told: message 1 session 8 ended with 40010004",
        "terminate again: 00000000",
        "terminate nothing: c0000034",
    ];
    assert_eq!(said, expected, "{boot:#?}");
}

#[test]
fn c71_c73_c76_winlogon_comes_when_csrss_and_the_session_manager_are_connected_both_ways() {
    let boot = Boot::with(&["--trace", "syscalls", DEADLINE[0], DEADLINE[1]]);
    assert_eq!(boot.code, 0, "{boot:#?}");
    let ((_, smss), (_, csrss), (winlogon, _)) =
        (process(&boot, "smss.exe"), process(&boot, "csrss.exe"), process(&boot, "winlogon.exe"));
    let connected: Vec<(&Value, f64)> =
        boot.events("Sys.NtConnectPort").map(|event| (&event["pid"], start_of(event))).collect();
    // csrss to \SmApiPort, smss to csrss's port, smss to its own for the initial command.
    let by: Vec<&Value> = connected.iter().map(|(pid, _)| *pid).collect();
    assert_eq!(by, [&csrss, &smss, &smss], "{connected:?}");
    assert!(connected[1].1 < start_of(winlogon), "{connected:?}");
    // The session manager makes it, csrss lets it run.
    let resumed = boot.events("Sys.NtResumeThread").filter(|event| start_of(event) > start_of(winlogon));
    let by: Vec<&Value> = resumed.map(|event| &event["pid"]).collect();
    assert_eq!(by, [&csrss], "{boot:#?}");
}

#[test]
fn c06_volumes_are_safe_when_csrss_is_up() {
    let boot = winlogon(r"event=\Device\VolumesSafeForWriteAccess").boot(&DEADLINE);
    shows(&boot, &[r"winlogon: event \Device\VolumesSafeForWriteAccess: 00000000 type 0 state 1"]);
}

#[test]
fn c70_c106_optional_subsystems_wait_and_debug_does_nothing() {
    // The default hive: Required has Debug and Windows, Optional has Posix.
    let boot = Boot::with(&[]);
    assert_eq!(created(&boot), ["smss.exe", "csrss.exe", "winlogon.exe"], "{boot:#?}");
    let loaded: Vec<&Value> = boot.events("Smss.LoadSubsystem").map(|event| &event["args"]["name"]).collect();
    assert_eq!(loaded, ["Windows"]);
}

/// Spec 3.4: StartCsr and StopCsr, with a csrss of the session's own, its ports and its directories.
#[test]
fn another_session_has_a_csrss_ports_and_directories_of_its_own() {
    let other = r"winlogon.exe+name=other+session+client=\Sessions\1\Windows+signal=\There+stay";
    let session = winlogon(&format!(
        r"connect start={other} until=\There list=\Sessions list=\Sessions\1 list=\Sessions\1\Windows list=\Sessions\BNOLINKS list=\Windows stop=1 say=stopped list=\Sessions"
    ));
    let boot = session.boot(&DEADLINE);
    assert_eq!(boot.code, 0, "{boot:#?}");
    shows(
        &boot,
        &[
            "winlogon: message 5: 00000000",
            "winlogon: session 1 has its subsystem 1 and its command 1",
            "other: in session 1",
            r"other: client at \Sessions\1\Windows: 00000000 inside 0",
            r"winlogon: \Sessions has 0 (Directory)",
            r"winlogon: \Sessions has 1 (Directory)",
            r"winlogon: \Sessions\1 has DosDevices (Directory)",
            r"winlogon: \Sessions\1 has BaseNamedObjects (Directory)",
            r"winlogon: \Sessions\1\Windows has ApiPort (Port)",
            r"winlogon: \Sessions\1\Windows has SbApiPort (Port)",
            r"winlogon: \Sessions\BNOLINKS has 1 (SymbolicLink)",
            // The first session's are still there.
            r"winlogon: \Windows has ApiPort (Port)",
            "winlogon: message 6: 00000000",
        ],
    );
    // With the session its processes have gone, and the names that were no permanent ones.
    let ended: Vec<&Value> = boot.events("Ps.ProcessExit").map(|event| &event["args"]["image"]).collect();
    assert_eq!(ended, ["winlogon.exe", "csrss.exe"], "{boot:#?}");
    assert_eq!(created(&boot).iter().filter(|image| **image == "csrss.exe").count(), 2);
    // The system has lived on.
    assert_eq!(boot.events("Ex.Bugcheck").count(), 0);
}

/// Sessions come and go: numbers are used again, and one that cannot begin leaves nothing.
#[test]
fn sessions_can_be_made_again() {
    let command = r"winlogon.exe+name=other+session+signal=\There+stay";
    let again = r"winlogon.exe+name=again+session+signal=\Again+stay";
    let words = format!(
        r"connect start={command} until=\There stop=1 start=nothing.exe start={again} until=\Again stop=1"
    );
    let boot = winlogon(&words).boot(&DEADLINE);
    assert_eq!(boot.code, 0, "{boot:#?}");
    shows(&boot, &["other: in session 1", "again: in session 1", "winlogon: message 5: c0000034"]);
    let count =
        |event: &str| boot.events(event).filter(|event| event["args"]["image"] == "csrss.exe").count();
    assert_eq!((count("Ps.ProcessCreate"), count("Ps.ProcessExit")), (4, 3), "{boot:#?}");
}

/// LoadDeferedSubsystem: csrss makes psxss, which is given the programs of its kind, and tells when they have ended.
#[test]
fn the_posix_subsystem_is_started_when_somebody_asks() {
    let words = r"connect exec=pos.exe load=Posix load=Posix exec=pos.exe+name=pos+session+say=runs+signal=\Ran+until=\Seen+exit=5 until=\Ran signal=\Seen sleep=1000";
    let session = winlogon(words).program("pos.exe", POSIX);
    let boot = session.boot(&["--trace", "syscalls", DEADLINE[0], DEADLINE[1]]);
    assert_eq!(boot.code, 0, "{boot:#?}");
    // Before there is a subsystem for it, nobody runs the program.
    let said: Vec<&str> =
        boot.console().lines().filter_map(|line| line.strip_prefix("winlogon: message ")).collect();
    assert_eq!(said, ["3: c0000001", "4: 00000000", "4: 00000000", "3: 00000000"], "{boot:#?}");
    shows(&boot, &["pos: in session 0", "pos: runs"]);
    let ((_, psxss), (_, csrss)) = (process(&boot, "psxss.exe"), process(&boot, "csrss.exe"));
    let made: Vec<&Value> =
        boot.events("Sys.NtCreateProcess").map(|event| &event["pid"]).filter(|pid| **pid == csrss).collect();
    assert_eq!(made.len(), 1, "csrss makes it: {boot:#?}");
    assert_eq!(created(&boot).iter().filter(|image| **image == "psxss.exe").count(), 1);
    // psxss lets the program run, and says SessionComplete when it has ended.
    let by_psxss =
        |event: &str| boot.events(event).filter(|event| event["pid"] == psxss).map(start_of).collect();
    let (resumed, told): (Vec<f64>, Vec<f64>) =
        (by_psxss("Sys.NtResumeThread"), by_psxss("Sys.NtRequestWaitReplyPort"));
    let ends = boot.events("Ps.ProcessExit").filter(|event| event["args"]["image"] == "pos.exe");
    let end = ends.last().map(start_of).expect("it has ended");
    assert_eq!((resumed.len(), told.len()), (1, 1), "{boot:#?}");
    assert!(resumed[0] < end && end < told[0], "{resumed:?} {end} {told:?}");
}

#[test]
fn the_posix_subsystem_can_be_required() {
    let session = winlogon(r"connect exec=pos.exe+name=pos+say=runs+signal=\Ran+stay until=\Ran")
        .program("pos.exe", POSIX)
        .subsystem_list("Required", &["Debug", "Windows", "Posix"])
        .subsystem_list("Optional", &[]);
    let boot = session.boot(&DEADLINE);
    assert_eq!(boot.code, 0, "{boot:#?}");
    shows(&boot, &["pos: runs"]);
    assert_eq!(created(&boot)[..4], ["smss.exe", "csrss.exe", "psxss.exe", "winlogon.exe"], "{boot:#?}");
    // Without the Windows subsystem nobody can make it.
    let boot = winlogon("stay").subsystem_list("Required", &["Posix", "Windows"]).boot(&DEADLINE);
    let record = &boot.json["outcome"]["record"];
    assert_eq!(
        (boot.code, &record["code"], &record["params"][1]),
        (5, &0xC000_021A_u64.into(), &0xC000_0034_u64.into())
    );
}

/// The end of csrss itself, by hand: it is critical.
#[test]
fn c80_c85_killing_csrss_stops_the_system() {
    let boot = winlogon("privilege=20 kill=csrss.exe stay").boot(&DEADLINE);
    assert_eq!(boot.code, 5, "{boot:#?}");
    let record = &boot.json["outcome"]["record"];
    assert_eq!((&record["code"], &record["params"][0]), (&0xF4.into(), &3.into()), "{boot:#?}");
    assert_eq!((&record["process"], &record["status"]), (&"csrss.exe".into(), &0x1234_5678.into()));
}

/// The end of winlogon itself, by hand: it is not critical, so the session manager sees it.
#[test]
fn c80_killing_winlogon_stops_the_system() {
    let session = StandIns::default()
        .program("sm.exe", NATIVE)
        .boot_execute(&["async sm name=killer sleep=500 kill=winlogon.exe stay"]);
    let boot = session.boot(&["--cmdline", "smvm.session=user", DEADLINE[0], DEADLINE[1]]);
    assert_eq!(boot.code, 5, "{boot:#?}");
    let record = &boot.json["outcome"]["record"];
    assert_eq!(
        (&record["code"], &record["params"][1], &record["process"]),
        (&0xC000_021A_u64.into(), &0x1234_5678.into(), &"smss.exe".into())
    );
    let text = record["text"].as_str().unwrap_or_default();
    assert!(text.contains("Windows Logon Process"), "{text}");
}
