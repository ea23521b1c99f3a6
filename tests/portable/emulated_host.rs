//! `smvm box`: what a user without usable KVM is told to run, and that it works.

use std::process::Command;

use serde_json::Value;
use smvm_tests::{Boot, PROBE, PROBE_PATH, smvm};

use crate::devices::of_port;

#[test]
fn boots_in_the_box_with_files_carried_in_and_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("probe.exe"), PROBE).expect("room for the probe");
    let output = Command::new(smvm())
        .args(["box", "boot", "--json", "--cmdline", &format!("smvm.init={PROBE_PATH},fp,ready")])
        .args(["--file", &format!("{PROBE_PATH}={}", path("probe.exe"))])
        .args(["--events", &path("events.ndjson")])
        .output()
        .expect("smvm starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let result: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(result["session_ready"], true);
    assert_eq!(result["console"], "PASS fp-ran\r\nPASS fp\r\n");
    let events = std::fs::read_to_string(path("events.ndjson")).expect("the events");
    assert!(events.lines().any(|line| line.contains("\"ev\":\"Smss.SessionReady\"")), "{events}");
}

#[test]
fn what_goes_through_ports_is_carried_in_and_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("said"), "a".repeat(20_000)).expect("room for a text");
    let mut options = vec!["box".to_owned(), "boot".into()];
    for (port, end) in [
        ("--com", "1=stdio".to_owned()),
        ("--com", format!("2=file:{}", path("COM2"))),
        ("--com", format!("3=in:{}", path("said"))),
        ("--com", format!("4=stderr+file:{},max=10", path("COM4"))),
        ("--lpt", format!("1=file:{}", path("LPT1"))),
        ("--lpt", format!("2=spool:{}", path("spool"))),
        ("--lpt", format!("3=pdf:{}", path("pdf"))),
        ("--fault", "com=2,op=out,nth=2001,kind=hangup".into()),
    ] {
        options.extend([port.to_owned(), end]);
    }
    options.extend(Boot::prepare(&folder, &["everyport COM2 COM4 LPT1 LPT2 LPT3 listen"], &[]));
    let output = Command::new(smvm()).args(options).output().expect("smvm starts");
    let (said, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(said.contains("heard 20000 bytes, sum 1940000"), "{said}\n{told}");
    assert!(said.contains(" checks, 0 failed"), "{said}\n{told}");
    let on_com4 = String::from_utf8(of_port("COM4")).expect("text");
    assert!(told.contains(&on_com4) && told.contains("COM2 is hung up"), "{told}");
    let read =
        |name: &str| std::fs::read(path(name)).unwrap_or_else(|error| panic!("{name}: {error}\n{told}"));
    assert!(read("COM2") == of_port("COM2")[..2000] && read("COM4") == of_port("COM4")[..10]);
    assert!(read("LPT1") == of_port("LPT1") && read("spool/job-0001.prn") == of_port("LPT2"));
    assert!(read("pdf/job-0001.pdf").starts_with(b"%PDF-"));
}

#[test]
fn a_peer_that_the_box_cannot_reach_is_refused() {
    for end in ["pty", "unix:/x", "tcp:localhost:1", "tcp:localhost:1,listen", "stdio+pty"] {
        let com = format!("1={end}");
        let output = Command::new(smvm()).args(["box", "run", "--com", &com]).output().expect("smvm starts");
        assert_eq!(output.status.code(), Some(2), "{end}: {output:?}");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains("nobody outside can be reached from the box"), "{end}: {told}");
    }
}

#[test]
fn wrong_arguments_are_found_before_the_box_is_started() {
    let output = Command::new(smvm()).args(["box", "boot", "--memory", "1K"]).output().expect("smvm starts");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--memory"), "{output:?}");
}
