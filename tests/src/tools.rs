//! Other people's programs that make, read and check images and hives.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// Runs a program of `tests/setup`; nothing in the hardware-KVM box, which has none (`$SMVM_BOX`).
///
/// # Panics
/// When it is not there: what it should have checked must not pass.
pub fn other(name: &str, arguments: &[&str]) -> Option<Output> {
    let mut command = Command::new(name);
    command.args(arguments).env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin").env("MTOOLS_SKIP_CHECK", "1");
    match command.output() {
        Ok(output) => Some(output),
        Err(_) if std::env::var_os("SMVM_BOX").is_some() => None,
        Err(error) => panic!("{name}: {error}; run tests/setup test"),
    }
}

/// `fsck.fat` finds the volume that begins at an offset of a raw image, in bytes, sound and shut down.
///
/// # Panics
/// When it does not.
pub fn fsck(image: &Path, offset: u64) {
    let folder = TempDir::new().expect("a temporary folder");
    let volume = folder.path().join("volume.img");
    let bytes = std::fs::read(image).expect("an image");
    std::fs::write(&volume, &bytes[offset as usize..]).expect("room for a volume");
    if let Some(checked) = other("fsck.fat", &["-n", "-v", &volume.display().to_string()]) {
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    }
}

/// Makes, converts or checks an image with `qemu-img`. False in the box.
///
/// # Panics
/// When that fails.
pub fn qemu_img(arguments: &[&str]) -> bool {
    let Some(output) = other("qemu-img", arguments) else { return false };
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    true
}
