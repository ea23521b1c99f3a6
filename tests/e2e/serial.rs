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
