//! Hosts that cannot run a guest: exit code 69, one line that says so, and a command that mends it.

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use common::{Code, file, folder};

/// A user who is not root.
const NOBODY: u32 = 65534;

#[test]
fn no_kvm_device() {
    let kernel = file(&Code::new().power_off().halt().elf64());
    for (device, words) in [("/nonexistent/kvm", "to mend it"), ("/dev/null", "")] {
        let output = common::smvm()
            .args(["run", "--json", "--kernel"])
            .arg(kernel.path())
            .env("SMVM_KVM", device)
            .output()
            .expect("smvm runs");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(69), "{device}: {stderr}");
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(json["exit_code"], 69);
        assert!(stderr.contains("/dev/kvm") && stderr.contains(words), "{device}: {stderr}");
    }
}

#[test]
fn no_permission() {
    // A device node that only its owner may open, and a program that runs as somebody else.
    let folder = folder();
    let program = folder.path().join("smvm");
    fs::copy(env!("CARGO_BIN_EXE_smvm"), &program).expect("a copy of the program");
    let device = folder.path().join("kvm");
    fs::write(&device, b"").expect("a stand-in for the device");
    let chmod = |path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("permissions");
    };
    chmod(folder.path(), 0o755);
    chmod(&device, 0o000);
    let kernel = folder.path().join("kernel");
    fs::write(&kernel, Code::new().power_off().halt().elf64()).expect("the kernel");
    let mut command = Command::new(&program);
    command.args(["run", "--kernel"]).arg(&kernel).env("SMVM_KVM", &device).stdin(Stdio::null());
    // Permissions mean nothing to root.
    if fs::metadata("/proc/self").is_ok_and(|data| std::os::unix::fs::MetadataExt::uid(&data) == 0) {
        command.uid(NOBODY).gid(NOBODY);
    }
    let output = command.output().expect("smvm runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(69), "{stderr}");
    assert!(stderr.contains("Permission denied") && stderr.contains("to mend it: "), "{stderr}");
}

#[test]
fn bad_input_is_told_even_where_there_is_no_kvm() {
    let kernel = file(b"no kernel");
    let output = common::smvm()
        .args(["run", "--kernel"])
        .arg(kernel.path())
        .env("SMVM_KVM", "/nonexistent/kvm")
        .output()
        .expect("smvm runs");
    assert_eq!(output.status.code(), Some(2));
}
