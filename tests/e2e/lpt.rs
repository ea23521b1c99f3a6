//! The printer ports: what a program writes to LPT1–LPT3 and PRN, and what becomes of it outside.

use std::fs;
use std::path::Path;

use smvm_tests::Boot;

use crate::shell::script;

/// The files of a folder, by name.
fn jobs(folder: &Path) -> Vec<(String, String)> {
    let mut found: Vec<_> = fs::read_dir(folder)
        .expect("the spool folder")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(path).expect("text"))
        })
        .collect();
    found.sort();
    found
}

/// Ways to the printer: in blocks, and through the registers of the port.
pub const WAYS: [&str; 2] = ["", "smvm.platform=0 smvm.com=probe smvm.lpt=probe"];

#[test]
fn a_job_is_what_was_written_between_open_and_close() {
    for way in WAYS {
        let folder = tempfile::tempdir().expect("a folder");
        let spool = folder.path().join("jobs");
        let lpt = format!("1=spool:{}", spool.display());
        let transcript =
            script("echo first > LPT1\nver > LPT1\nobjdir \\Device\n", &["--lpt", &lpt, "--cmdline", way]);
        let jobs = jobs(&spool);
        assert_eq!(jobs.len(), 2, "{jobs:?}\n{}", transcript.text);
        assert_eq!(jobs[0], ("job-0001.prn".to_owned(), "first\r\n".to_owned()));
        assert!(jobs[1].1.starts_with("smvm "), "{jobs:?}");
        assert!(transcript.text.contains("Device         Parallel0"), "{}", transcript.text);
        assert!(!transcript.text.contains("Parallel1"), "{}", transcript.text);
    }
}

#[test]
fn a_form_feed_ends_a_job() {
    for way in WAYS {
        let folder = tempfile::tempdir().expect("a folder");
        let (text, spool) = (folder.path().join("text"), folder.path().join("jobs"));
        fs::write(&text, "one\x0Ctwo\x0Cthree").expect("room");
        let lpt = format!("3=spool:{}", spool.display());
        let file = format!(r"\SystemRoot\text={}", text.display());
        let options = ["--lpt", &lpt, "--cmdline", way, "--file", &file];
        let transcript = script("copy C:\\Windows\\text LPT3\n", &options);
        let texts: Vec<String> = jobs(&spool).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["one\x0C", "two\x0C", "three"], "{way:?}\n{}", transcript.text);
    }
}

#[test]
fn a_writer_that_stops_for_longer_than_two_seconds_has_ended_its_job() {
    let folder = tempfile::tempdir().expect("a folder");
    let spool = folder.path().join("jobs");
    let lpt = format!("1=spool:{}", spool.display());
    let boot = Boot::boot_execute(&["printer idle"], &[], &["--lpt", &lpt]);
    assert_eq!(boot.code, 0, "{boot:#?}");
    assert!(boot.console().contains(" 0 failed"), "{}", boot.console());
    let lengths: Vec<usize> = jobs(&spool).iter().map(|(_, text)| text.len()).collect();
    assert_eq!(lengths, [3000, 3000], "{}", boot.console());
}

#[test]
fn the_registry_and_links_name_the_ports() {
    let transcript = script(
        "reg query \"HKLM\\HARDWARE\\DEVICEMAP\\PARALLEL PORTS\"\nobjdir \\??\nreg query HKLM\\HARDWARE\\DEVICEMAP\\SERIALCOMM\n",
        &["--lpt", "3=null", "--com", "2=null"],
    );
    assert!(
        transcript.text.contains(r"\Device\Parallel2    REG_SZ    \DosDevices\LPT3"),
        "{}",
        transcript.text
    );
    assert!(transcript.text.contains(r"SymbolicLink   LPT3 -> \Device\Parallel2"), "{}", transcript.text);
    assert!(transcript.text.contains(r"\Device\Serial1    REG_SZ    COM2"), "{}", transcript.text);
}

#[test]
fn prn_is_the_first_printer() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("lpt1");
    let lpt = format!("1=file:{}", file.display());
    script("echo x > PRN\ncopy C:\\Windows\\System32\\smss.exe LPT1\n", &["--lpt", &lpt]);
    let printed = fs::read(&file).expect("what was printed");
    // A program of many blocks arrives whole.
    assert!(printed.starts_with(b"x\r\nMZ") && printed.len() > 8192, "{} bytes", printed.len());
}

#[test]
fn a_command_gets_each_job() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("out");
    let lpt = format!("2=exec:(cat; echo end) >> {}", file.display());
    script("echo one > LPT2\necho two > LPT2\n", &["--lpt", &lpt]);
    assert_eq!(fs::read_to_string(&file).expect("what came"), "one\r\nend\ntwo\r\nend\n");
}

#[test]
fn the_writer_is_told_what_is_wrong_with_the_printer() {
    for (printer, told) in [
        ("1=null,offline", "LPT1: off line"),
        ("1=null,paper=0", "LPT1: out of paper"),
        ("1=exec:exit 1", "LPT1: status C0000185"),
    ] {
        for way in WAYS {
            // The command fails when it has its first job: some later one finds the printer broken.
            let lines = ["echo a > LPT1\n", &"dir > LPT1\necho b > LPT1\n".repeat(40)].concat();
            let transcript = script(&lines, &["--lpt", printer, "--cmdline", way]);
            assert!(transcript.text.contains(told), "{printer} {way:?}: {}", transcript.text);
        }
    }
    let transcript = script("echo 123 > LPT1\necho 456 > LPT1\n", &["--lpt", "1=null,paper=5"]);
    assert!(!transcript.answer("echo 123 > LPT1").contains("paper"), "{}", transcript.text);
    assert!(transcript.answer("echo 456 > LPT1").contains("out of paper"), "{}", transcript.text);
}
