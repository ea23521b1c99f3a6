//! Programs that none of us compiled run: C, built with mingw-w64, started from BootExecute.

use smvm_tests::Boot;

fn run(lines: &[&str]) -> String {
    let boot = Boot::boot_execute(lines, &[], &[]);
    assert_eq!(boot.code, 0, "{boot:#?}");
    let console = boot.console().replace("\r\n", "\n");
    assert!(!console.contains("FAIL"), "{console}");
    console
}

#[track_caller]
fn has(console: &str, line: &str) {
    assert!(console.lines().any(|found| found == line), "no line {line:?} in\n{console}");
}

#[test]
fn hello() {
    has(&run(&["hello"]), "hello from a stranger");
}

#[test]
fn images_that_cannot_lie_where_they_were_linked_for() {
    for name in ["relocated", "occupied"] {
        has(&run(&[name]), "relocated: moved, whole, entry in the image: 1");
    }
    let boot = Boot::boot_execute(&["fixed"], &[], &[]);
    assert_eq!(boot.code, 0, "{boot:#?}");
    assert!(!boot.console().contains("relocated:"), "{}", boot.console());
    let end = boot.events("Ps.ProcessExit").find(|event| event["args"]["image"] == "fixed.exe");
    // STATUS_CONFLICTING_ADDRESSES.
    assert_eq!(end.expect("it has ended")["args"]["status"], "0xC0000018", "{boot:#?}");
}

#[test]
fn sections_aligned_to_less_than_a_page() {
    has(&run(&["piece"]), "piece: one, piece, 42 2");
    let file = smvm_tests::native::program("piece");
    let header = u32::from_le_bytes(*file[0x3C..].first_chunk().expect("a header")) as usize;
    // Another alignment in the file; data elsewhere than in memory; sizes of a section and of the image.
    let changes = [(24 + 36, 1024_u32), (24 + 240 + 20, 0x600), (24 + 240 + 8, u32::MAX), (24 + 56, 0x200)];
    for (offset, number) in changes {
        let mut image = file.to_vec();
        image[header + offset..][..4].copy_from_slice(&number.to_le_bytes());
        let damaged = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(damaged.path(), image).expect("room");
        let place = format!(r"\SystemRoot\System32\piece.exe={}", damaged.path().display());
        let boot = Boot::boot_execute(&["piece"], &[], &["--file", &place]);
        assert_eq!(boot.code, 0, "{boot:#?}");
        assert!(!boot.console().contains("piece:"), "{}", boot.console());
        let text = format!("{:?}", boot.json);
        assert!(text.contains("0xC000007B"), "{text}");
    }
}

#[test]
fn command_line_and_environment() {
    let console = run(&["environment one  two"]);
    has(&console, "command line: environment one  two");
    has(&console, r"image: \??\C:\Windows\system32\environment.exe");
    has(&console, "variable: SystemDrive=C:");
    has(&console, r"variable: SystemRoot=C:\Windows");
}

#[test]
fn object_directories() {
    let console = run(&["directory"]);
    has(&console, r"\ Device (Directory)");
    has(&console, r"\ DosDevices (SymbolicLink) -> \??");
    assert!(console.lines().any(|line| line.starts_with(r"\?? C: (SymbolicLink) -> \Device\")), "{console}");
}

#[test]
fn registry() {
    let console = run(&["registry"]);
    has(&console, "BootExecute: type 7, registry");
    has(&console, "disposition: 1");
    has(&console, "text: type 1, written by a stranger");
    has(&console, "number: type 4, 42");
    has(&console, "registry done");
}

#[test]
fn section_shared_between_two_processes() {
    let console = run(&["sections"]);
    has(&console, "second process reads 1234");
    has(&console, "first process reads 4711");
}

#[test]
fn ping_pong_over_a_port() {
    let console = run(&["ports"]);
    has(&console, "client: connected, told \"pong!\", messages of 48 bytes");
    has(&console, "client: done");
    has(&console, "server: answered 100, then the client's port was closed");
}

#[test]
fn access_violation_ends_its_process_alone() {
    let console = run(&["crash", "crash now", "hello"]);
    has(&console, "the child ended with c0000005");
    has(&console, "hello from a stranger");
}

#[test]
fn driver_is_loaded_bound_and_called() {
    let boot = Boot::boot_execute(&["loader"], &["driver"], &[]);
    assert_eq!(boot.code, 0, "{boot:#?}");
    let console = boot.console().replace("\r\n", "\n");
    for line in ["driver: entry", "driver: pool", "driver: a service was called", "driver tested"] {
        has(&console, line);
    }
}

#[test]
fn task_manager_sees_every_process() {
    let console = run(&["tasks"]);
    has(&console, "task System pid 4 parent 0 threads 1 session 0");
    let smss = console.lines().find(|line| line.starts_with("task smss.exe pid ")).expect("smss is listed");
    let pid = smss.split(' ').nth(3).expect("a pid");
    // The one that goes the steps, and two that listen at \\SmApiPort.
    assert!(smss.ends_with(" parent 4 threads 3 session 0"), "{smss}");
    let own =
        console.lines().find(|line| line.starts_with("task tasks.exe ")).expect("the program is listed");
    assert!(own.contains(&format!(" parent {pid} ")), "{own}");
    has(&console, "processors 1");
    has(&console, "tasks done");
}

#[test]
fn hard_errors_go_to_who_shows_them() {
    let console = run(&["harderror"]);
    has(&console, "type 9 status c0001234 parameters 2 mask 1 option 1 second 42");
    has(&console, "response 6");
    has(&console, "harderror done");
}

/// Programs that count their checks of ntdll.
#[test]
fn functions_of_ntdll() {
    let programs = [
        "crt",
        "rtltext",
        "rtlpaths",
        "rtlregistry",
        "rtlsecurity",
        "rtlprocess",
        "unwinding",
        "suspend",
        "loading",
    ];
    let console = run(&programs);
    for program in programs {
        let done = console.lines().filter(|line| line.starts_with(&format!("{program}: ")));
        let done: Vec<&str> = done.collect();
        assert!(matches!(done[..], [line] if line.ends_with(" checks, 0 failed")), "{program}: {done:?}");
    }
}
