//! `smvm box`: what a user without usable KVM is told to run, and that it works.

use std::process::Command;

use serde_json::Value;
use smvm_tests::{PROBE, PROBE_PATH, smvm};

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
fn wrong_arguments_are_found_before_the_box_is_started() {
    let output = Command::new(smvm()).args(["box", "boot", "--memory", "1K"]).output().expect("smvm starts");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--memory"), "{output:?}");
}
