//! Touching one program of the guest builds that program and the image again, and nothing else.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use smvm_image_builder::{clean_environment, target_dir_of};

/// Builds the image where this test's own one was built; gives the packages that were compiled.
fn build() -> Vec<String> {
    let mut cargo = Command::new(env!("CARGO"));
    clean_environment(&mut cargo);
    cargo
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["build", "--locked", "--package", "smvm-images", "--message-format=json"])
        .arg("--target-dir")
        .arg(target_dir_of(Path::new(env!("OUT_DIR"))));
    let output = cargo.output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let messages = String::from_utf8_lossy(&output.stdout);
    let compiled = |line: &&str| line.contains(r#""fresh":false"#);
    let package = |line: &str| {
        let (_, name) = line.split_once(r#""target":{"#)?.1.split_once(r#""name":""#)?;
        Some(name.split_once('"')?.0.to_owned())
    };
    messages.lines().filter(compiled).filter_map(package).collect()
}

/// What the second cargo has compiled, with the times when it did.
fn guest_artifacts() -> BTreeMap<PathBuf, SystemTime> {
    let guest = target_dir_of(Path::new(env!("OUT_DIR"))).join("guest");
    let targets = [smvm_image_builder::KERNEL_TARGET, smvm_image_builder::PROGRAM_TARGET];
    let folders = targets.map(|target| guest.join(target).join("guest/deps"));
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).expect("it was built"));
    let time = |path: &PathBuf| fs::metadata(path)?.modified();
    files
        .map(|file| file.expect("readable").path())
        .map(|path| (path.clone(), time(&path).expect("readable")))
        .collect()
}

#[test]
fn touching_a_program_builds_that_program_and_the_image() {
    build();
    assert_eq!(build(), [""; 0], "nothing has changed");
    let before = guest_artifacts();

    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../guest/smss/src/main.rs");
    let source = File::options().write(true).open(source).expect("the program's source");
    source.set_modified(SystemTime::now()).expect("it is ours");

    let compiled = build();
    assert_eq!(compiled, ["build-script-build", "smvm_images"].map(String::from)[1..], "outside");
    let after = guest_artifacts();
    let changed: Vec<_> = after.iter().filter(|(path, time)| before.get(*path) != Some(time)).collect();
    let is_program =
        |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("smss"));
    assert!(!changed.is_empty(), "the program was not built");
    assert!(changed.iter().all(|(path, _)| is_program(path)), "{changed:#?}");
}
