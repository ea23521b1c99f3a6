//! How a session ends: winlogon or csrss gone, initialisation failed, critical processes, hangs and orderly shutdown
//! (spec/smss.md 1.5, 4).

use smvm_tests::Boot;
use smvm_tests::standin::{CSRSS, GUI, NATIVE, StandIns};

/// STATUS_SYSTEM_PROCESS_TERMINATED as a stop code.
const SYSTEM_PROCESS_TERMINATED: u64 = 0xC000_021A;
const CRITICAL_OBJECT_TERMINATION: u64 = 0xF4;
const NOT_FOUND: u64 = 0xC000_0034;

/// The record of a run that stopped the system.
#[track_caller]
fn stopped(boot: &Boot) -> &serde_json::Value {
    assert_eq!(boot.code, 5, "{boot:#?}");
    &boot.json["outcome"]["record"]
}

/// A critical process that ended: 0xF4 for a process, with its name and status.
#[track_caller]
fn assert_critical(boot: &Boot, process: &str, status: u64) {
    let record = stopped(boot);
    assert_eq!(
        (&record["code"], &record["params"][0]),
        (&CRITICAL_OBJECT_TERMINATION.into(), &3.into()),
        "{boot:#?}"
    );
    assert_eq!((&record["process"], &record["status"]), (&process.into(), &status.into()));
    // Object, image name and message are pointers.
    let pointers = record["params"].as_array().expect("four parameters");
    assert!(pointers[1..].iter().all(|pointer| pointer.as_u64() > Some(0x1000)), "{record}");
}

/// A stop with that text in it, and that status as second parameter.
#[track_caller]
fn assert_fatal(boot: &Boot, text: &str, status: u64) {
    let record = stopped(boot);
    assert_eq!(
        (&record["code"], &record["params"][1]),
        (&SYSTEM_PROCESS_TERMINATED.into(), &status.into()),
        "{boot:#?}"
    );
    assert_eq!(record["status"], status);
    assert_eq!(record["process"], "smss.exe");
    let words = format!(
        "The {text} system process terminated unexpectedly with a status of 0x{status:08x} (0x00000000 0x00000000)."
    );
    assert_eq!(record["text"], words);
    for words in ["*** STOP: 0xC000021A", "{Fatal System Error}", "The system has been shut down."] {
        assert!(boot.console().contains(words), "{}", boot.console());
    }
}

fn winlogon(words: &str) -> String {
    format!("winlogon.exe name=winlogon {words}")
}

/// C80, C81, C83: whatever the exit status, and whoever lets winlogon run.
#[test]
fn the_end_of_winlogon_is_that_of_the_system() {
    for (status, subsystem) in [(0x1234_5678_u64, GUI), (0, NATIVE)] {
        let session =
            StandIns::new(CSRSS, &winlogon(&format!("exit={status}"))).program("winlogon.exe", subsystem);
        let boot = session.boot(&[]);
        assert_fatal(&boot, "Windows Logon Process", status);
        let satisfied = boot.events("Smss.WaitSatisfied").next().expect("the wait has ended");
        assert_eq!(satisfied["args"]["handle"], 1);
        assert!(boot.time_of("Smss.SessionReady") < boot.time_of("Smss.WaitSatisfied"));
    }
}

#[test]
fn the_end_of_csrss_is_that_of_the_system() {
    let csrss = r"csrss.exe name=csrss sb=\StandInSb register=2 sleep=1500 exit=0xC0000006";
    assert_fatal(&StandIns::new(csrss, &winlogon("stay")).boot(&[]), "Windows SubSystem", 0xC000_0006);
}

/// C85: the end of a critical process stops the system before the session manager can.
#[test]
fn a_critical_csrss_stops_the_system_itself() {
    let csrss = r"csrss.exe name=csrss sb=\StandInSb register=2 privilege=20 critical sleep=800 exit=7";
    let boot = StandIns::new(csrss, &winlogon("stay")).boot(&[]);
    assert_critical(&boot, "csrss.exe", 7);
}

/// Steps of the initialisation and the initial command that fail (spec 1.5).
#[test]
fn what_is_missing_stops_the_system() {
    let missing = StandIns::new("nothing.exe", &winlogon("stay")).boot(&[]);
    assert_fatal(&missing, "Session Manager Initialization", NOT_FOUND);

    let left_out = StandIns::new(CSRSS, &winlogon("stay")).subsystem_list("Required", &["Debug"]).boot(&[]);
    assert_fatal(&left_out, "Session Manager ExecuteInitialCommand", NOT_FOUND);

    let no_logon = StandIns::new(CSRSS, "nothing.exe").boot(&[]);
    assert_fatal(&no_logon, "Session Manager ExecuteInitialCommand", NOT_FOUND);

    let csrss = r"csrss.exe name=csrss refuse sb=\StandInSb register=2 stay";
    let refused = StandIns::new(csrss, &winlogon("stay")).program("winlogon.exe", GUI).boot(&[]);
    assert_fatal(&refused, "Session Manager ExecuteInitialCommand", 0xC000_0022);
}

/// C67.
#[test]
fn a_window_manager_that_cannot_be_loaded_stops_the_system() {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), b"MZ, and nothing else").expect("room");
    let place = format!(r"\SystemRoot\System32\win32k.sys={}", file.path().display());
    let boot = StandIns::new(CSRSS, &winlogon("stay")).as_it_is("Kmode").boot(&["--file", &place]);
    let record = stopped(&boot);
    assert_eq!(record["code"], SYSTEM_PROCESS_TERMINATED);
    assert!(
        record["text"].as_str().is_some_and(|text| text.contains("Session Manager Initialization")),
        "{boot:#?}"
    );
}

/// An exception in the session manager (spec 4.1).
#[test]
fn an_exception_in_the_session_manager_stops_the_system() {
    let boot = StandIns::new(CSRSS, &winlogon("crash stay")).boot(&[]);
    let record = stopped(&boot);
    assert_eq!(
        (&record["code"], &record["params"][1]),
        (&SYSTEM_PROCESS_TERMINATED.into(), &0xC000_0005_u64.into())
    );
    assert_eq!(record["params"][2], 16);
    let text = record["text"].as_str().unwrap_or_default();
    assert!(text.starts_with("The Unhandled Exception in Session Manager system process"), "{text}");
}

/// C88: who may not shut down may not stop the system either.
#[test]
fn stopping_the_system_takes_a_privilege() {
    let boot = StandIns::new(CSRSS, &winlogon("unprivileged=19 hard=6 privilege=19 off")).boot(&[]);
    assert_eq!(boot.code, 0, "{boot:#?}");
    assert!(boot.console().contains("winlogon: hard error: c0000061"), "{}", boot.console());
}

/// C84: when nobody stops the system for it, the session manager ends, and being critical stops the system with that.
#[test]
fn c84_a_refused_hard_error_ends_the_session_manager_itself() {
    let boot = StandIns::new(CSRSS, &winlogon("privilege=20 strip=19 exit=1")).boot(&[]);
    // With what the hard error was refused.
    assert_critical(&boot, "smss.exe", 0xC000_0061);
}

/// C91: nobody has ended when the system goes off in order.
#[test]
fn everybody_lives_until_the_system_is_off() {
    let boot = StandIns::new(CSRSS, &winlogon("privilege=19 off")).program("winlogon.exe", GUI).boot(&[]);
    assert_eq!(boot.code, 0, "{boot:#?}");
    for image in ["smss.exe", "csrss.exe", "winlogon.exe"] {
        assert!(
            !boot.events("Ps.ProcessExit").any(|event| event["args"]["image"] == image),
            "{image} has ended"
        );
    }
}

/// The first line of who waits for what.
#[track_caller]
fn hang(session: &StandIns) -> String {
    let boot = session.boot(&["--deadline", "8s"]);
    assert_eq!(boot.code, 6, "{boot:#?}");
    let first = boot.json["dump"]["waits"][0]["text"].as_str().unwrap_or_default().to_owned();
    assert!(boot.stderr.contains(&first), "{}", boot.stderr);
    first
}

/// C87 and spec 4.5: a csrss that never connects, and one that dies before it does.
#[test]
fn a_csrss_that_never_connects_is_a_hang_in_its_step() {
    for csrss in ["csrss.exe name=csrss stay", "csrss.exe name=csrss exit=5"] {
        let text = hang(&StandIns::new(csrss, &winlogon("stay")));
        assert!(text.starts_with("smss.exe thread "), "{text}");
        assert!(
            text.ends_with(
                "waits for an event (subsystem Windows to connect) in Smss.Subsystems > Smss.LoadSubsystem Windows"
            ),
            "{text}"
        );
    }
}

#[test]
fn a_boot_program_that_never_ends_is_a_hang_in_its_step() {
    let session = StandIns::new(CSRSS, &winlogon("stay"))
        .program("sm.exe", NATIVE)
        .boot_execute(&["sm name=sleeper stay"]);
    let text = hang(&session);
    assert!(text.contains(" waits for the end of thread "), "{text}");
    assert!(text.ends_with("of sm.exe in Smss.BootExecuteList > Smss.ExecuteImage sm"), "{text}");
}

/// A session that is up and goes on is no step: the report says who waits all the same.
#[test]
fn a_session_that_stays_is_listed() {
    let text = hang(&StandIns::new(CSRSS, &winlogon("stay")));
    assert!(text.contains("waits for any of the end of csrss.exe ("), "{text}");
}
