//! A toolchain without the guest's targets: the build says how to add them, and nothing else.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use smvm_image_builder::clean_environment;

/// A compiler that is the real one, but for the toolchain folder it tells when it is asked for that.
const COMPILER: &str = r#"#!/bin/sh
if [ "$*" = "--print sysroot" ]; then echo "${0%/*}"; else exec rustc "$@"; fi
"#;

#[test]
fn the_command_that_adds_the_targets_is_all_there_is_to_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let rustc = folder.path().join("rustc.sh");
    fs::write(&rustc, COMPILER).expect("a script");
    fs::set_permissions(&rustc, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let mut cargo = Command::new(env!("CARGO"));
    clean_environment(&mut cargo);
    cargo
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["build", "--quiet", "--locked", "--package", "smvm-images", "--target-dir"])
        .arg(folder.path().join("target"))
        .env("RUSTC", &rustc);
    let output = cargo.output().expect("cargo runs");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{text}");
    let mut lines = text.lines();
    let first = lines.next().expect("a line");
    assert!(
        first.ends_with(": rustup target add x86_64-unknown-none x86_64-pc-windows-msvc x86_64-unknown-uefi"),
        "{text}"
    );
    // Cargo's own remark that the script has failed.
    assert_eq!(lines.collect::<Vec<_>>(), ["error: build script logged errors"], "{text}");
}
