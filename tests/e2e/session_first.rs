//! The session manager as the first process, and what the programs that it starts begin with. Tests are named after the
//! rows of the specification's list of claims.

use smvm_tests::{Boot, Session, program};

const SMSS: &str = r"\SystemRoot\System32\smss.exe";

/// Boots with another content of smss.exe.
fn as_smss(content: &[u8]) -> Boot {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), content).expect("room for a program");
    Boot::with(&["--file", &format!("{SMSS}={}", file.path().display())])
}

fn stop_code(boot: &Boot) -> (i32, Option<u64>, Option<u64>) {
    let record = &boot.json["outcome"]["record"];
    (boot.code, record["code"].as_u64(), record["params"][0].as_u64())
}

#[test]
fn c01_the_first_process_is_smss() {
    // Whatever lies at that path is started.
    let boot = as_smss(program("hello"));
    assert!(boot.console().contains("hello from a stranger"), "{boot:#?}");
    let first = boot.events("Ps.ProcessCreate").next().expect("a process");
    assert_eq!(first["args"]["image"], "smss.exe");
    // What is no program cannot be: SESSION3_INITIALIZATION_FAILED with the status.
    let boot = as_smss(b"no program");
    assert_eq!(stop_code(&boot), (5, Some(0x6F), Some(0xC000_007B)), "{boot:#?}");
}

#[test]
fn c03_a_session_manager_that_ends_at_once_stops_the_system() {
    let boot = as_smss(program("hello"));
    assert_eq!(stop_code(&boot), (5, Some(0x71), Some(0)), "{boot:#?}");
}

#[test]
fn c103_programs_begin_with_the_peb_and_know_whether_they_are_debugged() {
    let ended = Session::new().lines(&["session entry"]).boot(&[]);
    assert!(ended.shows("entry: the PEB") && ended.shows("debug flags: 0"), "{:#?}", ended.boot);
    let ended = Session::new().lines(&["debug session entry"]).boot(&[]);
    assert!(ended.shows("entry: the PEB") && ended.shows("debug flags: 1"), "{:#?}", ended.boot);
}

/// Spec 2.5: along `Path`, then in System32; `.exe` comes to what has no extension.
#[test]
fn programs_are_looked_for_along_the_path() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let place = |guest: &str, name: &str| {
        let file = folder.path().join(guest.replace('\\', "-") + name);
        std::fs::write(&file, program(name)).expect("room for a program");
        format!(r"\SystemRoot\{guest}={}", file.display())
    };
    let (elsewhere, other) = (place(r"Elsewhere\session.exe", "hello"), place(r"Elsewhere\x.com", "hello"));
    let ended = Session::new()
        .key("Environment", "\"Path\"=\"C:\\\\None;C:\\\\Windows\\\\Elsewhere\"\n")
        .lines(&["session", "x.com", "environment"])
        .boot(&["--file", &elsewhere, "--file", &other]);
    let text = ended.boot.console();
    assert_eq!(text.matches("hello from a stranger").count(), 2, "{text}");
    assert!(ended.shows("variable: SystemDrive=C:"), "{text}");
}

/// `Path` becomes the library path, too, when it comes a second time; programs are found in System32 all the same.
#[test]
fn programs_are_found_without_a_path() {
    let path = smvm_tests::strings("Path", &["C:\\None", "C:\\Nowhere"]);
    let ended = Session::new().key("Environment", &path).lines(&["environment"]).boot(&[]);
    assert!(ended.shows(r"variable: Path=C:\Nowhere"), "{:#?}", ended.boot);
    assert!(ended.shows(r"library path: C:\Nowhere"), "{:#?}", ended.boot);
    assert_eq!(ended.boot.code, 0, "{:#?}", ended.boot);
}
