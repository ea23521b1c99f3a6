//! Pages that cannot be read back: an exception for the thread that touches them, and what comes of that.

use std::path::PathBuf;
use std::process::Command;

use smvm_tests::{Boot, Ended, Session, fsck, program, smvm, strings};
use tempfile::TempDir;

/// STATUS_IN_PAGE_ERROR.
const IN_PAGE_ERROR: u64 = 0xC000_0006;
const CRITICAL_OBJECT_TERMINATION: u64 = 0xF4;

/// A disk of 64 MiB with an empty volume.
struct Disk(TempDir);

impl Disk {
    fn new() -> Self {
        let disk = Self(TempDir::new().expect("a temporary folder"));
        let mut command = Command::new(smvm());
        let made = command.args(["image", "create", "--size", "64M"]).arg(disk.path()).status();
        assert!(made.expect("smvm starts").success());
        disk
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("disk.img")
    }

    /// Runs the program with more memory than there is, and such faults of the drive.
    fn run_with(&self, words: &str, faults: &[&str]) -> Ended {
        self.run_in(words, &[r"D:\pagefile.sys 16 32"], "6M", faults)
    }

    fn run_in(&self, words: &str, paging_files: &[&str], memory: &str, faults: &[&str]) -> Ended {
        let drive = format!("d={}", self.path().display());
        let session = Session::new()
            .file("inpage.exe", program("inpage"))
            .file("driver.sys", program("driver"))
            .key("Memory Management", &strings("PagingFiles", paging_files))
            .own(&strings("SetupExecute", &[&format!("inpage {words}")]));
        let faults = faults.iter().flat_map(|fault| ["--fault", fault]);
        let fixed = ["--drive", &drive, "--deadline", "120s", "--memory", memory];
        session.boot(&fixed.into_iter().chain(faults).collect::<Vec<_>>())
    }

    /// Runs the program with a mapped file on the disk and no paging file. So many reads of the file fail.
    fn run_mapped(&self, words: &str, times: u32) -> Ended {
        let fault = format!("drive=d,op=read,nth=60,times={times},kind=error");
        self.run_in(&format!("mapped {words}"), &[], "16M", &[&fault])
    }

    /// Runs a program that takes more memory than there is, with a paging file on the disk, of which so many reads fail.
    fn run(&self, words: &str, times: u32) -> Ended {
        self.run_with(words, &[&format!("drive=d,op=read,nth=60,times={times},kind=error")])
    }
}

#[track_caller]
fn assert_right(boot: &Boot) {
    let console = boot.console();
    assert_eq!(boot.code, 0, "{boot:#?}");
    assert!(!console.contains("FAIL") && console.contains(", 0 failed"), "{console}");
    assert_eq!(boot.events("Smss.SessionReady").count(), 1, "{boot:#?}");
}

/// A page is read with those behind it, and then alone: each time the program sees it, two reads have failed.
#[test]
fn a_page_that_cannot_be_read_is_an_exception_that_can_be_handled() {
    for words in ["handled 8", "handled write 8"] {
        let disk = Disk::new();
        assert_handled(&disk.run(words, 6).boot);
        fsck(&disk.path(), 0);
    }
}

#[track_caller]
fn assert_handled(boot: &Boot) {
    assert_right(boot);
    let console = boot.console();
    // STATUS_IO_DEVICE_ERROR.
    assert!(console.contains("inpage: 3 vectored, 1 frame, disk c0000185"), "{console}");
}

#[test]
fn a_page_of_a_mapped_file_that_cannot_be_read_is_the_same_exception() {
    for words in ["handled 4", "handled write 4"] {
        let disk = Disk::new();
        assert_handled(&disk.run_mapped(words, 6).boot);
        fsck(&disk.path(), 0);
    }
}

#[test]
fn a_service_that_needs_a_page_that_cannot_be_read_says_so() {
    assert_right(&Disk::new().run("service 8", 2).boot);
    assert_right(&Disk::new().run_mapped("service 4", 2).boot);
}

#[test]
fn a_process_that_does_not_handle_it_ends_with_the_status() {
    let ended = Disk::new().run("unhandled", 2);
    assert_right(&ended.boot);
    let console = ended.boot.console();
    assert!(console.contains("inpage: the child ended with c0000006"), "{console}");
    let raised = ended.boot.events("Ps.UnhandledException").next().expect("an exception");
    assert_eq!(raised["args"]["status"], "0xC0000006", "{raised}");
}

#[test]
fn a_critical_process_that_does_not_handle_it_stops_the_system() {
    let boot = Disk::new().run("critical 8", 2).boot;
    assert_eq!(boot.code, 5, "{boot:#?}");
    let record = &boot.json["outcome"]["record"];
    let stop = (&record["code"], &record["params"][0], &record["status"], &record["process"]);
    // The third kind of object is a process.
    let wanted =
        (&CRITICAL_OBJECT_TERMINATION.into(), &3.into(), &IN_PAGE_ERROR.into(), &"inpage.exe".into());
    assert_eq!(stop, wanted, "{boot:#?}");
    assert!(boot.console().contains("*** STOP: 0x000000F4"), "{}", boot.console());
}

/// Nothing but the driver's pages is read in the end: the reads that fail are theirs.
const ALL_READS: &str = "drive=d,op=read,nth=60,times=all,kind=error";

#[test]
fn a_drivers_data_goes_out_and_comes_back() {
    let disk = Disk::new();
    let ended = disk.run_with("kernel 8", &[]);
    assert_right(&ended.boot);
    let read = ended.boot.json["drives"][0]["bytes_read"].as_u64();
    assert!(read > Some(64 * 4096), "it did not go out: {:#?}", ended.boot);
    fsck(&disk.path(), 0);
}

#[test]
fn a_drivers_data_that_cannot_be_read_stops_the_system() {
    let boot = Disk::new().run_with("kernel 8", &[ALL_READS]).boot;
    assert_eq!(boot.code, 5, "{boot:#?}");
    let record = &boot.json["outcome"]["record"];
    let params = [0, 1, 2, 3].map(|n| record["params"][n].as_u64().expect("a parameter"));
    // The entry's address, STATUS_IO_DEVICE_ERROR, the entry, an address of the session's.
    assert_eq!((&record["code"], params[1]), (&0x7A.into(), 0xC000_0185), "{boot:#?}");
    assert!(params[0] % 8 == 0 && params[0] != 0 && params[2] & 1 == 0 && params[2] != 0, "{params:x?}");
    assert!((0x7E80_0000_0000..0x7F00_0000_0000).contains(&params[3]), "{params:x?}");
    assert_eq!((&record["status"], &record["process"]), (&0xC000_0185_u64.into(), &"inpage.exe".into()));
    let console = boot.console();
    assert!(
        console.contains("*** STOP: 0x0000007A") && console.contains("KERNEL_DATA_INPAGE_ERROR"),
        "{console}"
    );
}

/// It is ended, and the session manager, which is more important than its threads, waits for the memory.
#[test]
fn a_process_that_has_all_memory_ends_before_others_go_without() {
    let boot = Disk::new().run_with("exhaust 12", &[]).boot;
    assert_eq!(boot.code, 0, "{boot:#?}");
    assert!(!boot.console().contains("FAIL"), "{}", boot.console());
    let raised: Vec<_> = boot.events("Ps.UnhandledException").map(|event| &event["args"]["status"]).collect();
    assert_eq!(raised, ["0xC0000017"], "{boot:#?}");
    assert_eq!(boot.events("Smss.SessionReady").count(), 1, "{boot:#?}");
}

impl Disk {
    /// Runs the program with threads that wait. They need some memory that stays.
    fn run_stacks(&self, faults: &[&str]) -> Ended {
        self.run_in("stack 12", &[r"D:\pagefile.sys 16 32"], "8M", faults)
    }
}

#[test]
fn stacks_of_threads_that_wait_go_out_and_come_back() {
    let disk = Disk::new();
    let ended = disk.run_stacks(&[]);
    assert_right(&ended.boot);
    let read = ended.boot.json["drives"][0]["bytes_read"].as_u64();
    assert!(read > Some(64 * 4096), "they did not go out: {:#?}", ended.boot);
    fsck(&disk.path(), 0);
}

#[test]
fn a_stack_that_cannot_be_read_stops_the_system() {
    let boot = Disk::new().run_stacks(&[ALL_READS]).boot;
    assert_eq!(boot.code, 5, "{boot:#?}");
    let record = &boot.json["outcome"]["record"];
    let params = [0, 1, 2, 3].map(|n| record["params"][n].as_u64().expect("a parameter"));
    // STATUS_IO_DEVICE_ERROR twice, the paging file, an offset in it.
    assert_eq!(
        (&record["code"], params[0], params[1]),
        (&0x77.into(), 0xC000_0185, 0xC000_0185),
        "{boot:#?}"
    );
    assert!(params[2] == 0 && params[3] % 4096 == 0 && params[3] < 32 << 20, "{params:x?}");
    let console = boot.console();
    assert!(console.contains("inpage: go"), "{console}");
    assert!(
        console.contains("*** STOP: 0x00000077") && console.contains("KERNEL_STACK_INPAGE_ERROR"),
        "{console}"
    );
}
