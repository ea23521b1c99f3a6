//! Our drivers on devices that none of us wrote: QEMU's serial and parallel ports, and a FAT volume on its virtio disk.

use std::path::Path;
use std::process::Command;

use smvm_tests::{Boot, smvm};

use crate::qemu::{Accelerator, Qemu};

/// What `tests/native/everyport.c` writes to a port, or to a file (with `first` as its letter).
fn text(first: usize, len: usize) -> Vec<u8> {
    let letter = |at: usize| match at % 60 {
        59 => b'\n',
        _ => b'a' + ((first + at / 60) % 26) as u8,
    };
    (0..len).map(letter).collect()
}

/// What it writes to a port of this name.
pub fn of_port(name: &str) -> Vec<u8> {
    let name = name.as_bytes();
    text(usize::from(name[0]) + usize::from(name[3]), 3000)
}

fn image(arguments: &[&str], folder: &Path) {
    let status = Command::new(smvm()).arg("image").args(arguments).current_dir(folder).status();
    assert!(status.expect("smvm starts").success(), "smvm image {arguments:?}");
}

#[test]
fn ports_and_files_on_qemus_devices() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("given"), text(0, 60_000)).expect("room for a file");
    image(&["create", "--size", "8M", "disk.img"], folder.path());
    image(&["add", "disk.img", r"\given by the host.txt=given"], folder.path());

    let mut arguments: Vec<String> = Vec::new();
    let mut option = |name: &str, value: String| arguments.extend([name.to_owned(), value]);
    for (number, port, line) in [(2, 0x2F8, 3), (3, 0x3E8, 4), (4, 0x2E8, 3)] {
        option("-chardev", format!("file,id=com{number},path={}", path(&format!("COM{number}"))));
        option(
            "-device",
            format!("isa-serial,chardev=com{number},index={},iobase={port:#x},irq={line}", number - 1),
        );
    }
    for (number, port, line) in [(1, 0x378, 7), (2, 0x278, 5), (3, 0x3BC, 7)] {
        option("-chardev", format!("file,id=lpt{number},path={}", path(&format!("LPT{number}"))));
        option(
            "-device",
            format!("isa-parallel,chardev=lpt{number},index={},iobase={port:#x},irq={line}", number - 1),
        );
    }
    option("-global", "virtio-mmio.force-legacy=false".into());
    option("-drive", format!("if=none,id=d,format=raw,file={}", path("disk.img")));
    option("-device", "virtio-blk-device,drive=d".into());
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();

    // LPT3 is there, and not found: QEMU looks at the lowest three bits of a port's number, so that one at 3BC has its data where
    // its fifth register should be, and does not keep what is written to it.
    let line = "everyport COM1 COM2 COM3 COM4 LPT1 LPT2 disk";
    let export = Boot::prepare(&folder, &[line], &[]);
    let export: Vec<&str> = export.iter().map(String::as_str).collect();
    let run = Qemu::new(Accelerator::Tcg).run_with(&export, &arguments, "");
    assert!(run.console.contains("everyport: 23 checks, 0 failed"), "{run:#?}");
    let on_com1 = String::from_utf8(of_port("COM1")).expect("text");
    assert!(run.console.contains(&on_com1), "{}", run.console);
    for name in ["COM2", "COM3", "COM4", "LPT1", "LPT2"] {
        let out = std::fs::read(path(name)).expect("what came out");
        assert!(out == of_port(name), "{name}: {} bytes\n{}", out.len(), String::from_utf8_lossy(&out));
    }
    assert_eq!(
        std::fs::read(path("LPT3")).expect("a file"),
        b"",
        "QEMU has mended its LPT3: print on it here"
    );
    let check = Command::new("fsck.fat").args(["-n", &path("disk.img")]).output().expect("fsck.fat starts");
    assert!(check.status.success(), "{check:?}");
    image(&["extract", "disk.img", r"\made by the guest.txt", "made"], folder.path());
    assert!(std::fs::read(path("made")).expect("a file") == text(7, 60_000), "the file differs");
}

/// No command line gives letters here: the registry does, by the serial number.
#[test]
fn a_disk_without_a_table_has_the_letter_that_the_registry_remembers() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let name = "_??_VIRTIO#Disk#A1-7#{53f56307-b6bf-11d0-94f2-00a0c91efb8b}";
    let bytes = name.encode_utf16().flat_map(u16::to_le_bytes).map(|byte| format!("{byte:02x}"));
    let text = format!(
        "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SYSTEM\\MountedDevices]\n\"\\\\DosDevices\\\\Q:\"=hex:{}\n",
        bytes.collect::<Vec<_>>().join(",")
    );
    std::fs::write(path("letters.reg"), text).expect("room for a text");
    let mut export = Boot::prepare(&folder, &["lasting letters"], &[]);
    export.extend(["--reg".into(), path("letters.reg")]);
    let export: Vec<&str> = export.iter().map(String::as_str).collect();
    let mut arguments = vec!["-global".to_owned(), "virtio-mmio.force-legacy=false".into()];
    for (name, serial) in [("remembered", "A1-7"), ("new", "B2")] {
        std::fs::write(path(name), vec![0; 1 << 20]).expect("room for an image");
        let drive = format!("if=none,id={name},format=raw,file={}", path(name));
        let device = format!("virtio-blk-device,drive={name},serial={serial}");
        arguments.extend(["-drive".into(), drive, "-device".into(), device]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let run = Qemu::new(Accelerator::Tcg).run_with(&export, &arguments, "");
    let letters: Vec<_> =
        run.console.lines().filter(|line| line.contains(r": \Device\HarddiskVolume")).collect();
    assert_eq!(letters, [r"D: \Device\HarddiskVolume2", r"Q: \Device\HarddiskVolume1"], "{run:#?}");
}
