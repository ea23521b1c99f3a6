//! Printers that go wrong by name (`--fault lpt=…`): what `tests/native/printer.c` is told, and that no byte is lost or printed
//! twice when it goes on.

use std::fs;

use smvm_tests::Boot;

use crate::lpt::WAYS;

/// How many bytes the program prints in blocks, and through the registers, where each byte is four exits.
const LENGTHS: [usize; 2] = [6000, 100];

/// What it prints.
fn text(length: usize) -> Vec<u8> {
    (0..length).map(|at| if at % 60 == 59 { b'\n' } else { b'a' + (at / 60 % 26) as u8 }).collect()
}

/// Boots with the program, as long a text as goes with the way; gives what it said and what was printed.
fn print(words: &str, way: &str, faults: &[&str]) -> (String, Vec<u8>) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("printed");
    let lpt = format!("1=file:{}", file.display());
    let mut options = vec!["--lpt", &lpt, "--cmdline", way];
    options.extend(faults.iter().flat_map(|fault| ["--fault", fault]));
    let length = if way.is_empty() { "" } else { "short " };
    let boot = Boot::boot_execute(&[format!("printer {length}{words}").trim()], &[], &options);
    // Without the platform device nothing switches the machine off: it is reset.
    assert_eq!(boot.code, if way.is_empty() { 0 } else { 8 }, "{boot:#?}");
    assert!(boot.console().contains(" 0 failed"), "{}", boot.console());
    (boot.console().replace("\r\n", "\n"), fs::read(&file).expect("what was printed"))
}

#[test]
fn the_writer_is_told_by_name_and_goes_on_when_it_is_mended() {
    for (way, length) in WAYS.into_iter().zip(LENGTHS) {
        let taken = length / 2 + 17;
        for (kind, status) in [
            ("paper", "8000000e"),
            ("poweroff", "8000000f"),
            ("offline", "80000010"),
            ("unplugged", "c000009d"),
            ("jam", "c0000185"),
        ] {
            let fault = format!("lpt=1,op=byte,nth={},kind={kind},mend=40ms", taken + 1);
            let (said, printed) = print("", way, &[&fault]);
            assert!(said.contains(&format!("printer: {status} after {taken}\n")), "{way:?} {kind}: {said}");
            assert!(said.contains(&format!("printer: {length} taken")), "{way:?} {kind}: {said}");
            assert!(printed == text(length), "{way:?} {kind}: {} bytes", printed.len());
        }
    }
}

#[test]
fn what_is_not_mended_stays_and_later_jobs_are_told_too() {
    for (way, length) in WAYS.into_iter().zip(LENGTHS) {
        let fault = format!("lpt=1,nth={length},kind=jam");
        let (said, printed) = print("once twice", way, &[&fault]);
        assert!(said.contains(&format!("printer: c0000185 after {}\n", length - 1)), "{said}");
        assert!(said.contains("printer: c0000185 after 0\n"), "{said}");
        assert!(printed == text(length - 1), "{} bytes", printed.len());
        let (said, printed) = print("once twice", way, &["lpt=1,op=job,nth=2,kind=paper"]);
        assert!(said.contains(" taken in") && said.contains("8000000e after 0\n"), "{said}");
        assert!(printed == text(length));
    }
}

/// Several faults one after the other, of which a program that only writes sees none when the printer is just slow.
#[test]
fn a_printer_that_is_busy_for_a_while_only_takes_longer() {
    let faults = ["lpt=1,nth=10,kind=busy,mend=20ms", "lpt=1,nth=70,kind=busy,mend=30ms"];
    for (way, length) in WAYS.into_iter().zip(LENGTHS) {
        let (said, printed) = print("once", way, &faults);
        assert!(said.contains(&format!("printer: {length} taken")), "{said}");
        assert!(!said.contains("after"), "{said}");
        assert!(printed == text(length));
    }
}

/// A driver that only looked would look 310 ms and 560 ms after the beginning: the interrupt comes between, in one try of twelve at
/// the least on a host that is busy.
#[test]
fn the_end_of_a_busy_time_is_an_interrupt() {
    for way in WAYS {
        let times = (0..12).map(|_| {
            let (said, _) = print("once", way, &["lpt=1,nth=51,kind=busy,mend=340ms"]);
            let (_, rest) = said.split_once("0 taken in ").unwrap_or_else(|| panic!("{said}"));
            rest.split(' ').next().and_then(|number| number.parse::<u32>().ok()).expect("a number")
        });
        let mut seen = Vec::new();
        let is_early = times.into_iter().any(|time| {
            seen.push(time);
            time < 540
        });
        assert!(is_early && seen.iter().all(|&time| time >= 340), "{way:?}: {seen:?} ms");
    }
}

#[test]
fn writes_that_wait_for_a_printer_can_be_given_up() {
    for way in WAYS {
        let (_, printed) = print("busy", way, &["lpt=1,nth=101,kind=busy"]);
        // What was taken before is printed once, whatever became of the request.
        assert!(printed == text(100), "{way:?}: {} bytes", printed.len());
    }
}
