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

/// How often the guest leaves for the monitor when the program does this, with a port whose input is a file of so many bytes.
fn exits(words: &str, options: &[&str], input: usize) -> u64 {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("input");
    std::fs::write(&file, vec![b'a'; input]).expect("room for a file");
    let com3 = format!("3=in:{}", file.display());
    let mut arguments: Vec<String> =
        ["--com", "2=null", "--lpt", "1=null", "--com", &com3].map(String::from).into();
    arguments.extend(options.iter().map(|&option| option.to_owned()));
    arguments.extend(Boot::prepare(&folder, &[format!("everyport {words}").trim()], &[]));
    let boot = Boot::with(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let console = boot.console();
    assert!(console.contains(" 0 failed"), "{console}");
    let heard = format!("heard {input} bytes, sum {}", input * usize::from(b'a'));
    assert!(!words.contains("listen") || console.contains(&heard), "{console}");
    boot.json["exits"]["total"].as_u64().expect("a number")
}

/// Bytes an exit, of serial ports both ways and of printers: at least ten in blocks, and at least ten times those of registers.
/// The table of docs/devices.md is what this prints.
#[test]
fn blocks_move_ten_bytes_an_exit_and_more() {
    const IN_BLOCKS: usize = 60_000;
    const BY_REGISTER: usize = 3000;
    let folder = tempfile::tempdir().expect("a folder");
    let no_fifo = folder.path().join("no fifo.reg");
    let text = "Windows Registry Editor Version 5.00\n\n\
        [HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Serial]\n\"ForceFifoEnable\"=dword:0\n";
    std::fs::write(&no_fifo, text).expect("room for a text");
    let no_fifo = no_fifo.display().to_string();
    let registers = ["--cmdline", "smvm.platform=0 smvm.com=probe smvm.lpt=probe"];
    let one_by_one = [&registers[..], &["--reg", &no_fifo]].concat();
    // Thousandths of a byte an exit.
    let mut measured = Vec::new();
    for (way, options, length, large) in [
        ("in blocks", &[][..], IN_BLOCKS, " large"),
        ("registers, FIFOs on", &registers[..], BY_REGISTER, ""),
        ("registers, FIFOs off", &one_by_one[..], BY_REGISTER, ""),
    ] {
        let before = exits("", options, length);
        for (what, word) in [("COM out", "COM2"), ("COM in", "listen"), ("LPT out", "LPT1")] {
            let spent = exits(&format!("{word}{large}"), options, length).saturating_sub(before).max(1);
            let rate = length as u64 * 1000 / spent;
            println!(
                "{what}, {way}: {length} bytes, {spent} exits, {}.{:03} bytes an exit",
                rate / 1000,
                rate % 1000
            );
            measured.push(rate);
        }
    }
    let [blocks, fifo, single] = [0, 3, 6].map(|at| &measured[at..at + 3]);
    assert!(blocks.iter().all(|&rate| rate >= 10_000), "{measured:?}");
    assert!(blocks.iter().zip(fifo).all(|(&blocks, &fifo)| blocks >= 10 * fifo), "{measured:?}");
    // A FIFO saves interrupts of the transmitter, each of which asks twice who has interrupted. What is to be received is all there,
    // so that one interrupt reads it with or without. Printers have no FIFO.
    assert!(fifo[0] * 10 > single[0] * 13 && fifo[1] * 10 > single[1] * 9, "{measured:?}");
    assert!(single[2].abs_diff(fifo[2]) * 10 < fifo[2], "{measured:?}");
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
