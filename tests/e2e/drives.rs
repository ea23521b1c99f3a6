//! Drives, from `--drive` to the sectors that a program in the guest reads and writes.

use std::path::Path;

use smvm_tests::{Boot, qemu_img, smvm, to_qcow2};
use tempfile::TempDir;

/// Bytes of an image, as the probe expects it.
const SIZE: usize = 4 << 20;

/// An image whose 8-byte word n is n.
fn contents() -> Vec<u8> {
    (0..SIZE as u64 / 8).flat_map(u64::to_le_bytes).collect()
}

/// A folder with a raw image in it.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("disk.img"), contents()).expect("room for an image");
    folder
}

fn drive(folder: &TempDir, options: &str) -> String {
    format!("d={}{options}", folder.path().join("disk.img").display())
}

fn image(folder: &TempDir) -> Vec<u8> {
    std::fs::read(folder.path().join("disk.img")).expect("the image is there")
}

/// What the guest printed behind a word.
fn line<'a>(boot: &'a Boot, word: &str) -> &'a str {
    let lines = boot.console().lines();
    lines.filter_map(|line| line.strip_prefix(word)).next().unwrap_or_else(|| panic!("{boot:#?}")).trim()
}

#[test]
fn sectors_are_read_as_they_are_in_the_image() {
    let folder = folder();
    let boot = Boot::probe("drive-read", &["--drive", &drive(&folder, ",ro,serial=x1")]);
    // All but "writable", of a drive that is not.
    assert_eq!(boot.console().matches("FAIL").count(), 1, "{}", boot.console());
    let boot = Boot::probe("drive-read", &["--drive", &drive(&folder, "")]);
    boot.assert_passes(20);
    assert!(image(&folder) == contents(), "reading has changed the image");
}

#[test]
fn what_is_written_is_in_the_image_and_nothing_else_changes() {
    let folder = folder();
    Boot::probe("drive-write", &["--drive", &drive(&folder, "")]).assert_passes(8);
    let mut expected = contents();
    let (start, len) = (1000 * 512, 300 << 10);
    for word in expected[start..start + len].chunks_exact_mut(8) {
        word.iter_mut().for_each(|byte| *byte = !*byte);
    }
    // The probe's last write: sector 0, with what was in its buffer.
    let first: Vec<u8> = expected[start..start + 512].to_vec();
    expected[..512].copy_from_slice(&first);
    assert!(image(&folder) == expected, "other bytes");
}

#[test]
fn requests_are_answered_in_flight_and_late() {
    let folder = folder();
    let drive = drive(&folder, "");
    Boot::probe("drive-asynchronous", &["--drive", &drive]).assert_passes(2);
    let slow = "drive=d,op=read,nth=3,times=7,kind=slow,delay=20ms";
    Boot::probe("drive-asynchronous", &["--drive", &drive, "--fault", slow]).assert_passes(2);
}

#[test]
fn requests_go_wrong_as_they_are_told() {
    let run = |faults: &[&str], writes: &str, reads: &str| {
        let folder = folder();
        let drive = drive(&folder, "");
        let mut arguments = vec!["--drive", &*drive];
        faults.iter().for_each(|fault| arguments.extend(["--fault", fault]));
        let boot = Boot::probe("drive-faults", &arguments);
        assert_eq!(boot.code, 0, "{boot:#?}");
        assert_eq!((line(&boot, "writes"), line(&boot, "reads")), (writes, reads), "{faults:?}");
        image(&folder)
    };
    let inverted =
        |range: std::ops::Range<usize>| contents()[range].iter().map(|byte| !byte).collect::<Vec<_>>();
    let whole = run(&[], "SSSSSS", "SSSSSS");
    assert!(whole[..6 * 4096] == inverted(0..6 * 4096)[..]);
    let error = run(&["drive=d,op=write,nth=3,kind=error"], "SSESSS", "SSSSSS");
    assert!(error[2 * 4096..3 * 4096] == contents()[2 * 4096..3 * 4096], "an error writes nothing");
    let torn = run(&["drive=d,op=write,nth=2,kind=torn"], "SESSSS", "SSSSSS");
    assert!(torn[4096..4096 + 2048] == inverted(4096..4096 + 2048)[..], "the first half is there");
    assert!(torn[4096 + 2048..8192] == contents()[4096 + 2048..8192], "the second half is not");
    run(&["drive=d,op=write,nth=4,kind=full"], "SSSEEE", "SSSSSS");
    // The volume's own reads, when its partitions are looked for, count as well.
    let reads = "drive=d,op=read,nth=100,times=all,kind=error";
    run(&[reads, "drive=d,op=write,nth=1,times=2,kind=slow,delay=5ms"], "SSSSSS", "SSSSSS");
}

#[test]
fn as_many_drives_as_there_are_letters_beside_the_archive() {
    let folder = tempfile::tempdir().expect("a folder");
    // From the last letter on: devices, and so volumes, are in the order of the options.
    let letters: Vec<char> = ('d'..='z').rev().collect();
    let mut arguments: Vec<String> = Vec::new();
    for letter in &letters {
        let path = folder.path().join(format!("{letter}.img"));
        let mut sector = format!("this is {letter}").into_bytes();
        sector.resize(4096, 0);
        std::fs::write(&path, sector).expect("room for an image");
        arguments.extend(["--drive".into(), format!("{letter}={}", path.display())]);
    }
    // Drives z, r and j have one pin; the answers of two of them come by interrupt.
    for letter in ["z", "j"] {
        let late = format!("drive={letter},op=read,times=all,kind=slow,delay=1ms");
        arguments.extend(["--fault".into(), late]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let boot = Boot::boot_execute(&["lasting letters read"], &[], &arguments);
    assert_eq!(boot.code, 0, "{boot:#?}");
    let shown: Vec<&str> = boot.console().lines().filter(|line| line.contains(r": \Device\Hard")).collect();
    let expected = letters.iter().enumerate().rev().map(|(number, letter)| {
        let capital = letter.to_ascii_uppercase();
        format!(r"{capital}: \Device\HarddiskVolume{} this is {letter}", number + 1)
    });
    assert_eq!(shown, expected.collect::<Vec<_>>(), "{}", boot.console());
    let place = folder.path().display().to_string();
    let again = format!("d={place}/d.img");
    for (more, text) in [(["--drive", &again], "23 drives"), (["--pagefile-dir", &place], "no drive is left")]
    {
        let boot = Boot::with(&[&arguments[..], &more].concat());
        assert!(boot.code == 2 && boot.stderr.contains(text), "{more:?}: {boot:#?}");
    }
}

#[test]
fn a_read_only_drive_is_not_written() {
    let folder = folder();
    let boot = Boot::probe("drive-faults", &["--drive", &drive(&folder, ",ro")]);
    assert_eq!(line(&boot, "writes"), "PPPPPP");
    assert!(image(&folder) == contents());
}

#[test]
fn qcow2_images_hold_the_same_and_stay_whole() {
    let folder = folder();
    let raw = folder.path().join("disk.img");
    let qcow2 = folder.path().join("disk.qcow2");
    let path = |path: &Path| path.display().to_string();
    if !qemu_img(&["convert", "-f", "raw", "-O", "qcow2", &path(&raw), &path(&qcow2)]) {
        // In the box, `pagestress` tries qcow2.
        return;
    }
    let drive = format!("d={}", path(&qcow2));
    Boot::probe("drive-read,drive-write", &["--drive", &drive]).assert_passes(20 + 8);
    qemu_img(&["check", &path(&qcow2)]);
    // The same run on the raw image must leave the same contents.
    Boot::probe("drive-write", &["--drive", &format!("d={}", path(&raw))]).assert_passes(8);
    let back = folder.path().join("back.img");
    qemu_img(&["convert", "-f", "qcow2", "-O", "raw", &path(&qcow2), &path(&back)]);
    assert!(std::fs::read(back).expect("an image") == image(&folder), "other contents");
}

#[test]
fn a_request_is_one_exit() {
    let folder = folder();
    let drive = drive(&folder, "");
    let exits = |boot: &Boot| boot.json["exits"]["total"].as_u64().expect("a count");
    let idle = Boot::probe("", &["--drive", &drive]);
    let busy = Boot::probe("drive-cost", &["--drive", &drive]);
    busy.assert_passes(1);
    let more = exits(&busy).saturating_sub(exits(&idle));
    assert!((1000..1030).contains(&more), "{more} exits for a thousand requests");
    assert_eq!(busy.json["drives"][0]["bytes_read"].as_u64().map(|bytes| bytes / 1000), Some(4096));
}

#[test]
fn images_in_use_and_nonsense_are_refused() {
    let folder = folder();
    let drive = drive(&folder, "");
    let refused = |arguments: &[&str], code, text: &str| {
        let boot = Boot::with(arguments);
        assert_eq!(boot.code, code, "{arguments:?} {boot:#?}");
        assert!(boot.stderr.contains(text), "{arguments:?} {}", boot.stderr);
    };
    let same = format!("e={}", folder.path().join("disk.img").display());
    refused(&["--drive", &drive, "--drive", &same], 75, "in use");
    refused(&["--drive", &drive, "--drive", &drive], 2, "letter d");
    refused(&["--drive", "d=/nonexistent/x.img"], 2, "cannot open");
    refused(&["--drive", "d=/"], 2, "drive d: /");
    refused(&["--drive", "5=x"], 2, "L=FILE");
    refused(&["--drive", &format!("{drive},format=qcow2")], 2, "qcow2");
    refused(&["--drive", &drive, "--fault", "drive=e,op=read,kind=error"], 2, "drive e");
    refused(&["--fault", "drive=e,op=read"], 2, "kind= is missing");
    let lock = std::fs::File::open(folder.path().join("disk.img")).expect("the image is there");
    lock.lock().expect("a lock");
    refused(&["--drive", &drive], 75, "in use");
    drop(lock);
    assert!(smvm().is_file());
}

#[test]
fn qcow2_images_that_are_not_used_are_refused_with_the_reason() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let refused = |name: &str, text: &str| assert_refused(&path(name), text);
    to_qcow2(Path::new(&path("disk.img")), Path::new(&path("good.qcow2")));
    let good = std::fs::read(path("good.qcow2")).expect("an image");
    let with = |name: &str, at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        std::fs::write(path(name), bytes).expect("room for an image");
    };
    // As in QEMU's docs/interop/qcow2.txt: where the backing file's name is, and how the contents are encrypted.
    with("name.qcow2", 15, 112);
    refused("name.qcow2", "a backing file");
    with("aes.qcow2", 35, 1);
    refused("aes.qcow2", "encrypted");
    // `qemu-img` measures the processor for this one, and fails on a busy machine.
    with("luks.qcow2", 35, 2);
    refused("luks.qcow2", "encrypted");
    with("new.qcow2", 7, 4);
    refused("new.qcow2", "version");
    std::fs::write(path("cut.qcow2"), &good[..3 << 16]).expect("room for an image");
    refused("cut.qcow2", "cut off: its table of clusters");
    std::fs::write(path("raw.qcow2"), &good[512..]).expect("room for an image");
    refused("raw.qcow2", "format=raw");
}

/// An image by its path is no drive, and a word says why.
fn assert_refused(image: &str, text: &str) {
    let boot = Boot::with(&["--drive", &format!("d={image}")]);
    assert_eq!(boot.code, 2, "{image}: {boot:#?}");
    assert!(boot.stderr.contains(image) && boot.stderr.contains(text), "{image}: {}", boot.stderr);
}

/// Images that QEMU makes.
mod with_other_programs {
    use super::{assert_refused, folder, qemu_img};

    #[test]
    fn qcow2_images_of_several_files_are_refused() {
        let folder = folder();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let refused = |name: &str, options: &[&str], text: &str| {
            assert!(qemu_img(&[&["create", "-q", "-f", "qcow2"], options, &[&path(name), "1M"]].concat()));
            assert_refused(&path(name), text);
        };
        refused("missing.qcow2", &["-u", "-b", "/nonexistent/base.img", "-F", "raw"], "a backing file");
        let data = format!("data_file={},data_file_raw=on", path("data.img"));
        refused("external.qcow2", &["-o", &data], "a data file");
    }
}
