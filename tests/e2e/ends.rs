//! The other ends of the serial ports: sockets, a pseudo-terminal, files; ends that are slow, full, or gone.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixListener;
use std::process::{Command, Stdio};

use smvm_tests::smvm;

use crate::shell::{script, start_shell};

#[test]
fn sockets_get_what_the_guest_sends() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("socket");
    let unix = UnixListener::bind(&path).expect("a socket");
    let tcp = TcpListener::bind("127.0.0.1:0").expect("a port");
    let com2 = format!("2=unix:{}", path.display());
    let com3 = format!("3=tcp:{}", tcp.local_addr().expect("an address"));
    let transcript = script("echo to two > COM2\necho to three > COM3\n", &["--com", &com2, "--com", &com3]);
    assert_eq!(transcript.code, Some(0), "{}", transcript.text);
    let (mut two, mut three) = (String::new(), String::new());
    unix.accept().expect("a caller").0.read_to_string(&mut two).expect("text");
    tcp.accept().expect("a caller").0.read_to_string(&mut three).expect("text");
    assert_eq!((two.as_str(), three.as_str()), ("to two\r\n", "to three\r\n"));
}

#[test]
fn a_peer_that_hangs_up_ends_what_is_read_and_not_the_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("socket");
    let listener = UnixListener::bind(&path).expect("a socket");
    let peer = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a caller");
        stream.write_all(b"said by the peer\n").expect("room");
    });
    let com2 = format!("2=unix:{}", path.display());
    let lines = "type COM2\necho nobody hears it > COM2\necho still here\n";
    let transcript = script(lines, &["--com", &com2]);
    peer.join().expect("the peer ends");
    assert_eq!(transcript.code, Some(0), "{}", transcript.text);
    assert!(transcript.answer("type COM2").contains("said by the peer"), "{}", transcript.text);
    assert_eq!(transcript.answer("echo still here"), "still here");
}

#[test]
fn input_comes_from_a_file_and_output_stops_at_its_limit() {
    let folder = tempfile::tempdir().expect("a folder");
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    // More than the port's buffers hold.
    let text: String = (0..2000).map(|line| format!("line {line}\r\n")).collect();
    std::fs::write(&input, &text).expect("room");
    let com2 = format!("2=in:{}+file:{},max=5", input.display(), output.display());
    let transcript = script("type COM2\necho 123456789 > COM2\n", &["--com", &com2]);
    assert!(transcript.text.contains(&text), "{}", transcript.text);
    assert_eq!(std::fs::read_to_string(&output).expect("text"), "12345");
}

#[test]
fn a_pseudo_terminal_works_both_ways() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = start_shell(&folder, &["--com", "2=pty"]);
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut line = String::new();
    stderr.read_line(&mut line).expect("the terminal's name");
    let path = line.trim().strip_prefix("smvm: COM2 is ").unwrap_or_else(|| panic!("{line:?}"));
    // It is not to become the test's own terminal, whose end would be the test's.
    let mut options = std::fs::File::options();
    let mut terminal =
        options.read(true).write(true).custom_flags(libc::O_NOCTTY).open(path).expect("the terminal");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(b"echo seen > COM2\n").expect("room");
    let mut seen = [0; 6];
    terminal.read_exact(&mut seen).expect("what the guest said");
    assert_eq!(&seen, b"seen\r\n");
    stdin.write_all(b"shutdown /s\n").expect("room");
    assert!(child.wait().expect("smvm ends").success());
}

#[test]
fn a_slow_reader_makes_the_guest_wait_and_somebody_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("socket");
    let listener = UnixListener::bind(&path).expect("a socket");
    let com2 = format!("2=unix:{}", path.display());
    let mut child = start_shell(&folder, &["--com", &com2]);
    let copies = "copy C:\\Windows\\System32\\ntdll.dll COM2\n".repeat(12);
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(copies.as_bytes()).expect("room");
    drop(stdin);
    let (mut peer, _) = listener.accept().expect("a caller");
    let mut told = String::new();
    BufReader::new(child.stderr.take().expect("a pipe")).read_line(&mut told).expect("text");
    assert!(told.contains("the output of COM2 slowly"), "{told:?}");
    let mut all = Vec::new();
    peer.read_to_end(&mut all).expect("everything");
    assert!(child.wait().expect("smvm ends").success());
    assert!(all.len().is_multiple_of(12) && all.starts_with(b"MZ"), "{} bytes", all.len());
    let (first, rest) = all.split_at(all.len() / 12);
    assert!(rest.chunks(first.len()).all(|copy| copy == first), "every copy is whole");
}

#[test]
fn a_port_joined_of_several_ends_sends_to_all_and_hears_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("in"), "said by the file\n").expect("room");
    let listener = UnixListener::bind(path("socket")).expect("a socket");
    let peer = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a caller");
        stream.write_all(b"said by the peer\n").expect("room");
        stream.shutdown(std::net::Shutdown::Write).expect("a half-closed socket");
        let mut heard = String::new();
        stream.read_to_string(&mut heard).expect("text");
        heard
    });
    let com = format!(
        "2=file:{}+in:{}+file:{},max=4+unix:{}",
        path("all"),
        path("in"),
        path("some"),
        path("socket")
    );
    let transcript = script("type COM2\necho to everybody > COM2\n", &["--com", &com]);
    assert_eq!(transcript.code, Some(0), "{}", transcript.text);
    assert_eq!(peer.join().expect("the peer ends"), "to everybody\r\n");
    assert_eq!(std::fs::read_to_string(path("all")).expect("text"), "to everybody\r\n");
    assert_eq!(std::fs::read_to_string(path("some")).expect("text"), "to e");
    for said in ["said by the file", "said by the peer"] {
        assert!(transcript.text.contains(said), "{said}: {}", transcript.text);
    }
}

/// Who reads a port to its end, and opens it again, finds the end again.
#[test]
fn the_end_of_the_input_stays_the_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let input = folder.path().join("in");
    std::fs::write(&input, "all there is\n").expect("room");
    let com = format!("2=in:{}", input.display());
    let transcript = script("type COM2\ntype COM2\necho still here\n", &["--com", &com]);
    assert_eq!(transcript.code, Some(0), "{}", transcript.text);
    assert_eq!(transcript.text.matches("all there is").count(), 1, "{}", transcript.text);
    assert_eq!(transcript.answer("echo still here"), "still here");
}

/// What nobody reads is kept up to 64 KiB, then dropped; what a peer that has gone should get is dropped too. Neither holds the
/// guest up, and both are told.
#[test]
fn ends_that_nobody_reads_do_not_hold_the_guest_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("socket");
    let listener = UnixListener::bind(&path).expect("a socket");
    let gone = std::thread::spawn(move || drop(listener.accept().expect("a caller")));
    let com3 = format!("3=unix:{}", path.display());
    let com4 = format!("4=unix:{},listen", folder.path().join("listening").display());
    let mut child = start_shell(&folder, &["--com", "2=pty", "--com", &com3, "--com", &com4]);
    let mut stdin = child.stdin.take().expect("a pipe");
    gone.join().expect("the peer has gone");
    for port in 2..=4 {
        let line = format!("copy C:\\Windows\\System32\\ntdll.dll COM{port}\n").repeat(3);
        stdin.write_all(line.as_bytes()).expect("room");
    }
    stdin.write_all(b"echo still here\n").expect("room");
    drop(stdin);
    let output = child.wait_with_output().expect("smvm ends");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("still here\r\n"), "{output:?}");
    assert_eq!(told.matches("takes no more: the guest's output to it is dropped").count(), 2, "{told}");
    assert_eq!(told.matches("has hung up").count(), 1, "{told}");
}

#[test]
fn what_makes_no_sense_is_told_before_the_run() {
    for (option, told) in [
        ("--com 5=null", "the ports are 1, 2, 3 and 4"),
        ("--com stdio", "use N=BACKEND, as in 1=stdio"),
        ("--com 1=telnet", "use stdio, stderr, file:PATH[,max=SIZE]"),
        ("--com 1=file:", "file: needs a path"),
        ("--com 1=file:x,max=10X", "max=10X: a size is"),
        ("--com 1=stdio+stdio", "stdio can be given only once"),
        ("--com 2=tcp:host", "tcp: needs host and port"),
        ("--lpt 4=null", "the ports are 1, 2 and 3"),
        ("--lpt 1", "use N=BACKEND, as in 1=file:lpt1.txt"),
        ("--lpt 1=spool:", "spool: needs a folder"),
        ("--lpt 1=null,paper=much", "paper=much: a number of bytes"),
        ("--lpt 1=tcp:x:1", "use file:PATH, spool:DIR, pdf:DIR, exec:COMMAND or null"),
        ("--lpt 1=pdf:/dev/null/jobs", "/dev/null/jobs"),
        ("--fault lpt=1,kind=melt", "kinds are jam, paper, offline, poweroff, unplugged, busy"),
        ("--fault lpt=1,kind=jam", "add --lpt 1=null"),
        ("--fault com=2,op=in,kind=hangup", "add --com 2=null"),
        ("--fault kind=jam", "drive= is missing"),
    ] {
        let mut command = Command::new(smvm());
        let output = command
            .args(["run", "--deadline", "20s"])
            .args(option.split(' '))
            .stdin(Stdio::null())
            .output()
            .expect("runs");
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{option}: {error}");
        assert!(error.contains(told), "{option}: {error}");
    }
}

#[test]
fn ends_that_cannot_be_are_told_before_the_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let nobody = format!("2=unix:{}", folder.path().join("nobody").display());
    for (end, code) in [(nobody.as_str(), 2), ("2=in:/nosuch/file", 2), ("2=tcp:nowhere", 2), ("2=telnet", 2)]
    {
        let output =
            Command::new(smvm()).args(["run", "--com", end]).stdin(Stdio::null()).output().expect("runs");
        assert_eq!(output.status.code(), Some(code), "{end}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
