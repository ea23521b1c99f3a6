//! csrss as its clients, the session manager and the boot screen see it (spec/smss.md 5). A program by strangers,
//! `tests/native/csrclient.c`, stands in for winlogon and does what clients do.

use smvm_tests::Boot;

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
    let boot = Boot::as_winlogon("csrclient", None, &[]);
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
    let boot = Boot::as_winlogon("csrclient", None, &[]);
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

const LINE: &str = r"%SystemRoot%\system32\csrss.exe ObjectDirectory=\Windows SharedSection=1024,3072,512";

/// csrss ends with the status of what is wrong with its command line; that it does so is no reason to stop the system yet, because it
/// is not critical before it has started (C87): the session manager waits for ever (spec/smss.md 4.5).
#[track_caller]
fn fails(rest: &str, status: &str) {
    let line = format!("C:\\Windows{}{rest}", LINE.trim_start_matches("%SystemRoot%"));
    let boot = Boot::as_winlogon("csrclient", Some(&line), &["--deadline", "8s"]);
    assert_eq!(boot.code, 6, "{rest}: {boot:#?}");
    let ended = boot.events("Ps.ProcessExit").find(|event| event["args"]["image"] == "csrss.exe");
    let ended = ended.unwrap_or_else(|| panic!("{rest}: {boot:#?}"));
    let text = ended["args"].to_string();
    assert!(text.contains(status), "{rest}: {text}");
    assert!(!boot.console().contains("client done"));
}

#[test]
fn a_server_dll_without_a_number_ends_csrss() {
    fails(" ServerDll=basesrv", "C000000D");
}

#[test]
fn a_server_dll_that_is_not_there_ends_csrss() {
    fails(" ServerDll=nosuch,1", "C0000135");
}

#[test]
fn a_server_dll_without_its_entry_ends_csrss() {
    fails(" ServerDll=winsrv,3", "C0000139");
}

#[test]
fn a_number_that_is_too_high_ends_csrss() {
    fails(" ServerDll=basesrv,99", "C00000CD");
}

#[test]
fn an_unknown_name_counts_only_at_the_end() {
    fails(" ServerDll=basesrv,1 Nonsense=1", "C000000D");
    let line = r"C:\Windows\system32\csrss.exe Nonsense=1 ObjectDirectory=\Windows SharedSection=1024 windows=on ServerDll=basesrv,1 serverdll=winsrv:UserServerDllInitialization,3 SERVERDLL=winsrv:ConServerDllInitialization,2";
    let boot = Boot::as_winlogon("csrclient", Some(line), &[]);
    assert!(boot.console().contains("client done"), "{boot:#?}");
}
