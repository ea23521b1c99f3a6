//! `smvm doctor` on this host, without permission, and without KVM.

mod common;

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use common::run_args;
use serde_json::Value;

/// The check of this name.
fn check<'a>(json: &'a Value, name: &str) -> &'a Value {
    let checks = json["checks"].as_array().expect("an array");
    checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("no check {name}: {json}"))
}

#[test]
fn this_host_passes_and_its_kind_is_that_of_its_module() {
    let run = run_args(&["doctor", "--json"]);
    let json = run.json();
    assert_eq!((run.code, &json["runnable"]), (0, &true.into()), "{json}");
    assert_eq!((&json["schema"], run.stderr.as_str()), (&1.into(), ""));
    let paravirtual = Path::new("/sys/module/kvm_pvm").exists();
    assert_eq!(json["host"]["kind"] == "paravirtual", paravirtual, "{json}");
    for name in ["device", "api", "cap.split_irqchip", "cap.signal_msi", "vm", "ring0", "ring3", "host"] {
        assert_eq!(check(&json, name)["status"], "PASS", "{json}");
    }
    for check in json["checks"].as_array().expect("an array") {
        assert_eq!(check["status"] == "PASS", check["mend"].is_null(), "{check}");
    }
    let times = json["timings"].as_object().expect("an object");
    for (name, value) in times.iter().filter(|(name, _)| name.ends_with("_ns")) {
        assert!(value.as_f64().is_some_and(|ns| ns > 0.0), "{name} {value}");
    }
    let calls = |name: &str| times[name].as_u64().expect("a number");
    assert_eq!(calls("calls_by_fault") > 0, paravirtual);
    assert_eq!(calls("calls_by_instruction") > 0, !paravirtual);
}

#[test]
fn the_table_is_on_standard_output_without_colour() {
    let run = run_args(&["doctor"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.starts_with("PASS  kernel") && !run.stdout.contains('\x1B'), "{}", run.stdout);
    assert!(run.stdout.contains("\nsmvm can run here"), "{}", run.stdout);
}

/// Runs a shell script as root in a mount namespace of its own, with an empty /dev, a copy of the program that
/// everybody can execute as $SMVM, and the user nobody as $NOBODY. `None` without root.
fn with_empty_dev(script: &str) -> Option<(i32, String, String)> {
    if std::fs::metadata("/proc/self").expect("procfs").uid() != 0 {
        eprintln!("needs root, not run: {script}");
        return None;
    }
    let folder = common::folder();
    let copy = folder.path().join("smvm");
    std::fs::copy(env!("CARGO_BIN_EXE_smvm"), &copy).expect("room for a copy");
    let open = |path: &Path| {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(path, mode).expect("the mode");
    };
    open(folder.path());
    open(&copy);
    let script = format!("mount -t tmpfs none /dev && {script}");
    let output = Command::new("unshare")
        .args(["-m", "sh", "-c", &script])
        .env("SMVM", &copy)
        .env("NOBODY", "setpriv --reuid 65534 --regid 65534 --clear-groups")
        .env_remove("GITHUB_ACTIONS")
        .stdin(Stdio::null())
        .output()
        .expect("unshare");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Some((output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr)))
}

#[test]
fn no_permission_is_69_and_names_the_owner_and_the_mend() {
    let cases = [
        ("0600", "0", "mode 0600", &["sudo chmod 666 /dev/kvm"][..]),
        ("0660", "108", "mode 0660", &["108", "usermod -aG", "--group-add 108"]),
    ];
    for (mode, group, detail, mends) in cases {
        let node = format!("mknod -m {mode} /dev/kvm c 10 232 && chown 0:{group} /dev/kvm");
        let Some((code, stdout, stderr)) =
            with_empty_dev(&format!("{node} && exec $NOBODY $SMVM doctor --json"))
        else {
            return;
        };
        assert_eq!(code, 69, "{stdout}{stderr}");
        let json: Value = serde_json::from_str(&stdout).expect("JSON");
        let device = check(&json, "device");
        assert_eq!((&json["runnable"], &device["status"]), (&false.into(), &"FAIL".into()));
        assert!(device["detail"].as_str().is_some_and(|text| text.contains(detail)), "{device}");
        let mend = device["mend"].as_str().expect("a mend");
        assert!(mends.iter().any(|word| mend.contains(word)), "{mend}");
    }
}

#[test]
fn no_node_is_69_and_boot_gives_the_same_mend_and_the_box() {
    let Some((code, stdout, _)) = with_empty_dev("exec $SMVM doctor --json") else { return };
    assert_eq!(code, 69);
    let json: Value = serde_json::from_str(&stdout).expect("JSON");
    let mend = check(&json, "device")["mend"].as_str().expect("a mend").to_owned();
    assert!(json["instead"].as_str().is_some_and(|text| text.ends_with("smvm box boot")));
    let (code, stdout, stderr) = with_empty_dev("exec $SMVM boot").expect("root");
    assert_eq!((code, stdout.as_str()), (69, ""));
    let command =
        mend.lines().find(|line| !line.starts_with('#')).unwrap_or_else(|| mend.trim_start_matches("# "));
    let command = command.split("   # ").next().expect("a command");
    assert!(stderr.contains(command), "{stderr}");
}

#[test]
fn a_closed_standard_output_is_no_success() {
    let output = Command::new("sh")
        .args(["-c", r#"exec "$0" doctor >/dev/full"#, env!("CARGO_BIN_EXE_smvm")])
        .output()
        .expect("a shell");
    assert_eq!(output.status.code(), Some(75));
}
