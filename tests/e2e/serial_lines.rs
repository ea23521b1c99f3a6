//! Serial lines that break, hang up, pause, and share an interrupt: `tests/native/line.c`, in blocks and through the registers.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::thread::JoinHandle;

use smvm_tests::Boot;

use crate::lpt::WAYS;

/// What the program sends in one piece.
fn block(length: usize) -> Vec<u8> {
    (0..length).map(|at| if at % 60 == 59 { b'\n' } else { b'a' + (at / 60 % 26) as u8 }).collect()
}

/// Boots with the program, whose checks must all hold; gives what it said, and standard error.
#[track_caller]
fn run(words: &str, way: &str, options: &[&str]) -> (String, String) {
    let options = [options, &["--cmdline", way]].concat();
    let boot = Boot::boot_execute(&[&format!("line {words}")], &[], &options);
    assert!(boot.console().contains(" checks, 0 failed"), "{way:?}: {}\n{}", boot.console(), boot.stderr);
    (boot.console().to_owned(), boot.stderr)
}

/// Somebody who listens, and serves one caller.
fn peer(path: &Path, serve: impl FnOnce(UnixStream) + Send + 'static) -> (String, JoinHandle<()>) {
    let listener = UnixListener::bind(path).expect("a socket");
    let thread = std::thread::spawn(move || serve(listener.accept().expect("a caller").0));
    (format!("unix:{}", path.display()), thread)
}

/// Runs the program with a fault, and with somebody who says `text` when they are sent something; gives what they and
/// standard error were told.
fn answered(words: &str, way: &str, text: &'static str, fault: &str) -> (String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let output = folder.path().join("out");
    let (end, peer) = peer(&folder.path().join("socket"), move |mut stream| {
        let mut heard = [0; 64];
        if stream.read(&mut heard).is_ok_and(|count| count > 0) {
            stream.write_all(text.as_bytes()).expect("room");
        }
        while stream.read(&mut heard).is_ok_and(|count| count > 0) {}
    });
    let com = format!("2={end}+file:{}", output.display());
    let (_, told) = run(words, way, &["--com", &com, "--fault", fault]);
    peer.join().expect("the peer ends");
    (fs::read_to_string(&output).expect("what was sent"), told)
}

#[test]
fn a_peer_hangs_up_at_the_nth_byte_to_the_guest() {
    for way in WAYS {
        let (sent, told) = answered("hangup", way, "0123456789", "com=2,op=in,nth=6,kind=hangup");
        assert!(told.contains("COM2 is hung up"), "{told}");
        assert_eq!(sent, "x");
    }
}

#[test]
fn a_peer_hangs_up_at_the_nth_byte_from_the_guest() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = folder.path().join("out");
    let com = format!("2=file:{}", output.display());
    for way in WAYS {
        run("output", way, &["--com", &com, "--fault", "com=2,op=out,nth=1001,kind=hangup"]);
        assert!(fs::read(&output).expect("what was sent") == block(1000), "{way:?}");
    }
}

#[test]
fn a_break_is_seen_by_who_waits_for_it_and_by_who_asks() {
    for way in WAYS {
        let (sent, _) = answered("break", way, "abcdef", "com=2,op=in,nth=4,kind=break");
        assert_eq!(sent, "xafter the break");
    }
}

#[test]
fn reads_end_by_every_kind_of_time_out() {
    for way in WAYS {
        let folder = tempfile::tempdir().expect("a folder");
        let (end, peer) = peer(&folder.path().join("socket"), |mut stream| {
            let mut byte = [0];
            stream.write_all(b"ab").expect("room");
            while stream.read(&mut byte).is_ok_and(|count| count > 0) && stream.write_all(b"ab").is_ok() {}
        });
        run("timeouts", way, &["--com", &format!("2={end}")]);
        peer.join().expect("the peer ends");
    }
}

#[test]
fn settings_that_no_uart_has_are_refused() {
    for way in WAYS {
        run("settings", way, &["--com", "2=null"]);
    }
}

#[test]
fn requests_that_wait_end_in_every_way() {
    for way in WAYS {
        run("waits", way, &["--com", "2=null"]);
    }
}

#[test]
fn a_full_buffer_lowers_rts_and_loses_nothing() {
    for way in WAYS {
        let folder = tempfile::tempdir().expect("a folder");
        let (input, output) = (folder.path().join("in"), folder.path().join("out"));
        fs::write(&input, block(20_000)).expect("room");
        let com = format!("2=in:{}+file:{}", input.display(), output.display());
        run("flow", way, &["--com", &com]);
        assert_eq!(fs::read(&output).expect("what was sent"), b"i");
    }
}

/// COM1 and COM3 are on IRQ 4, COM2 and COM4 on IRQ 3.
#[test]
fn two_ports_of_one_interrupt_work_both_ways_at_once() {
    for (first, second) in [(2, 4), (1, 3)] {
        for way in WAYS {
            let folder = tempfile::tempdir().expect("a folder");
            let ends = [first, second].map(|number| {
                let (end, thread) = peer(&folder.path().join(number.to_string()), |mut stream| {
                    // In pieces, so that both ports always have something new.
                    for piece in block(3000).chunks(100) {
                        stream.write_all(piece).expect("room");
                    }
                    let mut heard = Vec::new();
                    stream.read_to_end(&mut heard).expect("what the guest said");
                    assert!(heard.windows(3000).any(|window| window == block(3000)), "{} bytes", heard.len());
                });
                (format!("{number}={end}"), thread)
            });
            let names = format!("COM{first} COM{second}");
            run(&names, way, &["--com", &ends[0].0, "--com", &ends[1].0]);
            ends.into_iter().for_each(|(_, thread)| thread.join().expect("the peer has heard it"));
        }
    }
}
