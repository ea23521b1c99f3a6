//! csrss as its clients, the session manager and the boot screen see it (spec/smss.md 5). A program by strangers,
//! `tests/native/csrclient.c`, stands in for winlogon and does what clients do.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

use smvm_tests::{Boot, program, smvm};

/// Generous: each is a boot and much after it, and the machine may be busy.
const DEADLINE: &[&str] = &["--deadline", "60s"];

/// What the client says, line by line, in order.
const SAID: &[&str] = &[
    "written by the console server",
    r"static data: C:\Windows, C:\Windows\system32, \BaseNamedObjects, 5.2.3790",
    // C92
    "csrss: base priority 13",
    // C100
    r"\Windows: ApiPort (Port)",
    r"\Windows: SbApiPort (Port)",
    // C101
    r"\Sessions\0: DosDevices (Directory)",
    r"\BaseNamedObjects: Global (SymbolicLink)",
    r"\BaseNamedObjects: Local (SymbolicLink)",
    r"\BaseNamedObjects: Session (SymbolicLink)",
    r"\BaseNamedObjects: Restricted (Directory)",
    r"\Sessions\BNOLINKS\0 -> \BaseNamedObjects",
    // DefineDosDevice: the newest target is in front; one is taken away from the middle, by its beginning.
    r"\??\T1 -> \Device\Second \Device\First",
    r"\GLOBAL??\T1 -> \Device\Second \Device\First",
    r"\??\T1 -> \Device\Third \Device\First",
    r"\??\T1 -> \Device\First",
    r"\??\T1 is not there: c0000034",
    // Hard errors: text on the boot screen, and an answer with which nothing is tried again.
    "winlogon.exe: 0xc0000135 The library paper.dll was not found in the tray.",
    "response 6",
    "winlogon.exe: 0x80001234",
    "responses 2 6 6 3 5 3",
    // An unhandled exception of a client ends it, with a message.
    "winlogon.exe: 0xc0000144 Exception 0xc0000005 at ",
    // Two processes of the session, ended for winlogon.
    "ended with 40010004 and 40010004",
    "client done",
];

#[test]
fn clients_find_what_they_expect() {
    let boot = Boot::as_winlogon("csrclient", None, DEADLINE);
    assert_eq!(boot.code, 0, "{boot:#?}");
    let console = boot.console();
    assert!(!console.contains("FAIL"), "{console}");
    let mut rest = console;
    for line in SAID {
        let at = rest.find(line).unwrap_or_else(|| panic!("{line:?} is missing in {console}"));
        rest = &rest[at + line.len()..];
    }
}

/// Processes end as the levels say that they asked for, the highest first.
#[test]
fn levels_decide_who_ends_first() {
    let boot = Boot::as_winlogon("csrclient", None, DEADLINE);
    let ids = |event: &str| -> Vec<u64> {
        let of_client = boot.events(event).filter(|event| event["args"]["image"] == "winlogon.exe");
        of_client.filter_map(|event| event["args"]["id"].as_u64()).collect()
    };
    let (made, ended) = (ids("Ps.ProcessCreate"), ids("Ps.ProcessExit"));
    let [.., late, early] = made[..] else { panic!("{made:?}") };
    let place =
        |id| ended.iter().position(|&ended| ended == id).unwrap_or_else(|| panic!("{id} in {ended:?}"));
    assert!(place(early) < place(late), "{ended:?}");
}

/// csrss ends with the status of what is wrong with its command line; the system does not stop with it, because it is not critical
/// before it has started (C87).
#[test]
fn bad_command_lines_end_csrss_with_their_status() {
    let boot = Boot::boot_execute(&["csrlines"], &[], DEADLINE);
    assert_eq!(boot.code, 0, "{boot:#?}");
    let statuses = [
        "c000000d", // no number
        "c0000135", // no such DLL
        "c0000139", // no such entry
        "c00000cd", // the number is too high
        "c000000d", // the number is csrsrv's
        "c000000d", // no shared section yet
        "c000000d", // an unknown name at the end
        "c000003a", // no such directory
    ];
    for (n, status) in statuses.iter().enumerate() {
        let line = format!("line {n}: {status}");
        assert!(boot.console().contains(&line), "{line} is missing in {}", boot.console());
    }
}

#[test]
fn an_unknown_name_counts_only_at_the_end_and_case_not_at_all() {
    let line = r"C:\Windows\system32\csrss.exe Nonsense=1 ObjectDirectory=\Windows SharedSection=1024 windows=on ServerDll=basesrv,1 serverdll=winsrv:UserServerDllInitialization,3 SERVERDLL=winsrv:ConServerDllInitialization,2";
    let boot = Boot::as_winlogon("csrclient", Some(line), DEADLINE);
    assert!(boot.console().contains("client done"), "{boot:#?}");
}

/// The console server reads a line of COM1 for its client, or as much as there is room for.
#[test]
fn what_clients_read_is_typed_at_com1() {
    let folder = tempfile::tempdir().expect("a folder");
    let winlogon = folder.path().join("winlogon.exe");
    std::fs::write(&winlogon, program("conclient")).expect("room for a program");
    let place = format!(r"\SystemRoot\System32\winlogon.exe={}", winlogon.display());
    let mut command = Command::new(smvm());
    command.args(["run", "--com", "1=stdio", "--deadline", "60s", "--file", &place]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("smvm starts");
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut text = String::new();
    while !text.ends_with("reading\r\n") {
        assert_ne!(stdout.read_line(&mut text).expect("text"), 0, "{text}");
    }
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(b"typed by somebody\rmore than there is room for\r").expect("room in the pipe");
    stdout.read_to_string(&mut text).expect("text");
    assert!(child.wait().expect("smvm ends").success(), "{text}");
    // The line with its end; five characters.
    for line in ["read 36 bytes: typed", "read 10 bytes: more"] {
        assert!(text.lines().any(|shown| shown == line), "no {line:?} in {text}");
    }
}
