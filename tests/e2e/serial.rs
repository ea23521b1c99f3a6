//! The serial ports as programs see them: `tests/native/serial.c` with somebody at the other end.

use std::io::Write;
use std::process::{Command, Stdio};

use smvm_tests::{Boot, smvm};

/// What the program sends in one piece: 100 lines.
fn block() -> String {
    (0..100_u8).map(|line| format!("{}\n", char::from(b'a' + line % 26).to_string().repeat(59))).collect()
}

/// Runs the program on COM1, which is standard input and output; gives what came out.
fn talk(cmdline: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(smvm());
    command.args(["run", "--com", "1=stdio", "--com", "3=null", "--deadline", "20s", "--cmdline", cmdline]);
    command.args(Boot::prepare(&folder, &["serial COM1"], &[]));
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("smvm starts");
    // All of it is there long before anybody opens the port, and must not be lost.
    child.stdin.take().expect("a pipe").write_all(b"hello").expect("room in the pipe");
    let output = child.wait_with_output().expect("smvm ends");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn bytes_both_ways_in_blocks() {
    let text = talk("");
    assert!(text.contains(&block()), "{text}");
    assert!(text.contains("serial: 50 checks, 0 failed"), "{text}");
}

#[test]
fn bytes_both_ways_through_the_registers() {
    let text = talk("smvm.platform=0 smvm.com=probe");
    assert!(text.contains(&block()), "{text}");
    assert!(text.contains("serial: 50 checks, 0 failed"), "{text}");
}

/// A write of 60 000 bytes, and what it costs in exits: at most one for ten bytes, on a serial port and on a printer's. Without
/// blocks it is at least one for each byte.
#[test]
fn blocks_move_ten_bytes_an_exit_and_more() {
    const BYTES: u64 = 60_000;
    let exits = |words: &str, cmdline: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        let line = format!("everyport {words} large");
        let options = ["--com", "2=null", "--lpt", "1=null", "--cmdline", cmdline];
        let mut arguments: Vec<String> = options.map(String::from).into();
        arguments.extend(Boot::prepare(&folder, &[line.trim()], &[]));
        let boot = Boot::with(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(boot.console().contains(" 0 failed"), "{}", boot.console());
        boot.json["exits"]["total"].as_u64().expect("a number")
    };
    let registers = "smvm.platform=0 smvm.com=probe smvm.lpt=probe";
    for (port, way, in_blocks) in [("COM2", "", true), ("LPT1", "", true), ("COM2", registers, false)] {
        let spent = exits(port, way).saturating_sub(exits("", way));
        println!("{port} {way:?}: {spent} exits for {BYTES} bytes");
        if in_blocks {
            assert!(spent * 10 <= BYTES, "{port}: {spent} exits for {BYTES} bytes");
        } else {
            assert!(spent >= BYTES, "{port}: {spent} exits for {BYTES} bytes one by one");
        }
    }
}

/// What somebody sends to a port that listens, and what they are sent.
#[test]
fn a_port_that_listens_serves_who_comes() {
    use std::io::Read;
    use std::os::unix::net::UnixStream;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("com3");
    let mut command = Command::new(smvm());
    command.args(["run", "--com", "1=null", "--deadline", "20s", "--com"]);
    command.arg(format!("3=unix:{},listen", path.display()));
    command.args(Boot::prepare(&folder, &["everyport COM3"], &[]));
    let child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().expect("smvm starts");
    let mut peer = None;
    for _ in 0..500 {
        peer = UnixStream::connect(&path).ok();
        if peer.is_some() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let mut text = String::new();
    let mut peer = peer.expect("a socket to connect to");
    peer.read_to_string(&mut text).expect("text, then the end");
    let output = child.wait_with_output().expect("smvm ends");
    assert!(text.len() == 3000 && text.starts_with(char::is_lowercase), "{} bytes\n{output:?}", text.len());
    assert!(String::from_utf8_lossy(&output.stderr).contains("COM3 listens at "), "{output:?}");
}
