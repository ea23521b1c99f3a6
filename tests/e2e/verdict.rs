//! One outcome, one exit code (the table in README.md), each provoked.

use std::process::{Command, Stdio};
use std::time::Duration;

use smvm_tests::{Boot, smvm};

/// Bugcheck SESSION5_INITIALIZATION_FAILED.
const SESSION5: u64 = 0x71;

fn assert_bugcheck(boot: &Boot, code: u64, first: u64) {
    assert_eq!(boot.code, 5, "{boot:#?}");
    assert_eq!(boot.json["outcome"]["kind"], "bugcheck");
    let record = &boot.json["outcome"]["record"];
    assert_eq!(record["code"], code);
    assert_eq!(record["params"][0], first);
}

#[test]
fn power_off_is_0() {
    assert_eq!(Boot::probe("", &[]).code, 0);
    let halt = Boot::probe("ready,halt", &[]);
    assert_eq!((halt.code, &halt.json["outcome"]["reason"]), (0, &"shutdown_no_reboot".into()));
}

#[test]
fn power_off_before_the_session_is_1() {
    let boot = Boot::probe("halt", &[]);
    assert_eq!((boot.code, &boot.json["session_ready"]), (1, &false.into()), "{boot:#?}");
    assert_eq!(boot.json["exit_code"], 1);
    assert!(boot.stderr.contains("before its session was ready"), "{}", boot.stderr);
}

#[test]
fn reset_is_8() {
    let boot = Boot::probe("reset", &[]);
    assert_eq!(boot.code, 8, "{boot:#?}");
    assert_eq!(boot.json["outcome"]["kind"], "reset");
    assert_eq!(boot.json["outcome"]["reason"], "shutdown_reboot");
}

#[test]
fn a_session_manager_that_ends_is_bugcheck_71() {
    let boot = Boot::probe("exit", &[]);
    assert_bugcheck(&boot, SESSION5, 0x1234_5678);
    assert!(boot.console().contains("*** STOP: 0x00000071 (0x0000000012345678,"), "{}", boot.console());
}

#[test]
fn exceptions_end_the_process_with_their_status() {
    for (word, status) in [
        ("null-write", 0xC000_0005_u64),
        ("kernel-read", 0xC000_0005),
        ("kernel-read-data", 0xC000_0005),
        ("kernel-read-ring0", 0xC000_0005),
        ("kernel-read-ram", 0xC000_0005),
        ("kernel-write-ram", 0xC000_0005),
        ("kernel-read-hive", 0xC000_0005),
        ("kernel-read-session", 0xC000_0005),
        ("entry-to-nowhere", 0xC000_0005),
        ("entry-with-flags", 0xC000_0096),
        ("kernel-jump", 0xC000_0005),
        ("stack-overflow", 0xC000_00FD),
        ("privileged", 0xC000_0096),
        ("invalid-opcode", 0xC000_001D),
        ("divide", 0xC000_0094),
    ] {
        assert_bugcheck(&Boot::probe(word, &[]), SESSION5, status);
    }
}

#[test]
fn a_missing_session_manager_is_bugcheck_6f() {
    let boot = Boot::with(&["--cmdline", r"smvm.init=\SystemRoot\System32\nothing.exe"]);
    assert_bugcheck(&boot, 0x6F, 0xC000_0034);
    assert_eq!(boot.json["outcome"]["record"]["status"], 0xC000_0034_u64);
    assert!(boot.stderr.contains("SESSION3_INITIALIZATION_FAILED"), "{}", boot.stderr);
}

#[test]
fn a_spinning_guest_is_a_hang_6_with_a_report() {
    let boot = Boot::probe("spin", &["--deadline", "1500ms"]);
    assert_eq!(boot.code, 6, "{boot:#?}");
    assert_eq!(boot.json["outcome"]["kind"], "hang");
    for part in ["rip", "last exits", "last events", "Ps.ThreadCreate"] {
        assert!(boot.stderr.contains(part), "no {part} in {}", boot.stderr);
    }
}

#[test]
fn an_idle_guest_is_a_hang_6_and_the_report_names_where_it_idles() {
    let boot = Boot::probe("wait", &["--deadline", "1500ms"]);
    assert_eq!(boot.code, 6, "{boot:#?}");
    assert!(boot.stderr.contains("hal_idle_halt"), "{}", boot.stderr);
}

#[test]
fn interrupt_is_130() {
    for signal in [libc::SIGINT, libc::SIGTERM] {
        let mut child = spinning();
        std::thread::sleep(Duration::from_millis(700));
        // By command, so that no test needs unsafe code.
        let pid = child.id().to_string();
        let name = if signal == libc::SIGINT { "-INT" } else { "-TERM" };
        assert!(Command::new("kill").args([name, &pid]).status().expect("kill").success());
        assert_eq!(child.wait().expect("it ends").code(), Some(130));
    }
}

fn spinning() -> std::process::Child {
    let probe = std::env::temp_dir().join(format!("smvm-probe-{}.exe", std::process::id()));
    std::fs::write(&probe, smvm_tests::PROBE).expect("room for the probe");
    Command::new(smvm())
        .args(["boot", "--deadline", "20s", "--cmdline"])
        .arg(format!("smvm.init={},wait", smvm_tests::PROBE_PATH))
        .arg("--file")
        .arg(format!("{}={}", smvm_tests::PROBE_PATH, probe.display()))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("smvm starts")
}

/// Runs a shell command with `$SMVM` set; in namespaces of its own where it says so.
fn shell(script: &str) -> (Option<i32>, String) {
    let output = Command::new("sh").arg("-c").arg(script).env("SMVM", smvm()).output().expect("a shell");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn no_kvm_device_is_69_with_a_mend() {
    let (code, stderr) = shell(r#"exec unshare -m sh -c 'mount -t tmpfs none /dev && exec "$SMVM" boot'"#);
    assert_eq!(code, Some(69), "{stderr}");
    assert!(stderr.contains("/dev/kvm") && stderr.contains("smvm box boot\n"), "{stderr}");
}

#[test]
fn no_permission_is_69_with_a_mend() {
    // A copy that an unprivileged user can execute, wherever the build is, and a node that he may not open.
    let (code, stderr) = shell(
        r#"t=$(mktemp -d) && trap 'rm -rf "$t"' EXIT && chmod 755 "$t" && cp "$SMVM" "$t/smvm" &&
        unshare -m sh -c 'mount -t tmpfs none /dev && mknod -m 600 /dev/kvm c 10 232 &&
        exec setpriv --reuid 65534 --regid 65534 --clear-groups "$0" boot' "$t/smvm""#,
    );
    assert_eq!(code, Some(69), "{stderr}");
    assert!(stderr.contains("Permission denied") && stderr.contains("sudo"), "{stderr}");
}
