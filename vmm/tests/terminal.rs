//! The terminal is raw while a guest has it, and as it was afterwards, whatever ends the run.
#![expect(unsafe_code, reason = "pseudo-terminals")]

mod common;

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::{Code, file};

/// A pseudo-terminal: our end and the program's.
fn pty() -> (File, OwnedFd) {
    let (mut ours, mut theirs) = (-1, -1);
    let null = std::ptr::null_mut();
    // SAFETY: the first two arguments are places for descriptors, the others may be null.
    let result = unsafe { libc::openpty(&raw mut ours, &raw mut theirs, null, null.cast(), null.cast()) };
    assert_eq!(result, 0, "a pseudo-terminal");
    // SAFETY: the call just gave us these descriptors.
    unsafe { (File::from_raw_fd(ours), OwnedFd::from_raw_fd(theirs)) }
}

fn local_flags(terminal: &impl AsRawFd) -> libc::tcflag_t {
    // SAFETY: all zeroes is a valid termios, and tcgetattr fills it.
    let mut settings: libc::termios = unsafe { std::mem::zeroed() };
    // SAFETY: `settings` is a place for the result.
    assert_eq!(unsafe { libc::tcgetattr(terminal.as_raw_fd(), &raw mut settings) }, 0);
    settings.c_lflag & (libc::ICANON | libc::ECHO | libc::ISIG)
}

/// Starts the program in a session of its own with `terminal` as its terminal, and waits until it is raw.
fn start(kernel: &std::path::Path, terminal: &OwnedFd) -> Child {
    let end = || Stdio::from(terminal.try_clone().expect("a copy"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_smvm"));
    command.args(["run", "--deadline", "10s", "--kernel"]).arg(kernel);
    command.stdin(end()).stdout(end()).stderr(end());
    // SAFETY: between fork and exec only system calls are made.
    unsafe {
        command.pre_exec(|| {
            libc::setsid();
            libc::ioctl(0, libc::TIOCSCTTY, 0);
            Ok(())
        })
    };
    let child = command.spawn().expect("smvm starts");
    let began = Instant::now();
    while local_flags(terminal) != 0 {
        assert!(began.elapsed() < Duration::from_secs(5), "the terminal never becomes raw");
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

#[test]
fn the_escape_key_leaves() {
    let kernel = file(&Code::new().print("x").halt().elf64());
    let (mut ours, theirs) = pty();
    let before = local_flags(&theirs);
    assert_ne!(before, 0);
    let mut child = start(kernel.path(), &theirs);
    ours.write_all(b"\x01x").expect("typing");
    assert_eq!(child.wait().expect("smvm ends").code(), Some(130));
    assert_eq!(local_flags(&theirs), before);
    let mut text = [0; 16];
    let count = ours.read(&mut text).expect("reading");
    assert!(text[..count].starts_with(b"x"), "{:?}", &text[..count]);
}

#[test]
fn signals_and_ends_restore_it() {
    let halts = file(&Code::new().halt().elf64());
    // Waits for a key, then powers off: poll LSR until data is ready.
    let key = Code::new().in8(0x3FD).raw(&[0xA8, 0x01, 0x74, 0xF7]).power_off().halt();
    let powers_off = file(&key.elf64());
    let (mut ours, theirs) = pty();
    let before = local_flags(&theirs);
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT] {
        let mut child = start(halts.path(), &theirs);
        // SAFETY: the child is ours and has not been waited for.
        unsafe { libc::kill(child.id() as i32, signal) };
        assert_eq!(child.wait().expect("smvm ends").code(), Some(130));
        assert_eq!(local_flags(&theirs), before, "signal {signal}");
    }
    let mut child = start(powers_off.path(), &theirs);
    ours.write_all(b"k").expect("typing");
    assert_eq!(child.wait().expect("smvm ends").code(), Some(0));
    assert_eq!(local_flags(&theirs), before);
}

#[test]
fn a_kill_restores_it_too() {
    let halts = file(&Code::new().halt().elf64());
    let (_ours, theirs) = pty();
    let before = local_flags(&theirs);
    let mut child = start(halts.path(), &theirs);
    child.kill().expect("a kill");
    child.wait().expect("smvm ends");
    let began = Instant::now();
    while local_flags(&theirs) != before {
        assert!(began.elapsed() < Duration::from_secs(5), "the terminal stays raw");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Who stops a terminal, or does not read it, does not stop the monitor: the deadline comes all the same.
#[test]
fn a_terminal_that_takes_nothing_does_not_hold_the_monitor_up() {
    // Prints without end what is at 1 MiB: mov dx, 3F8h; again: mov ecx, 1001; mov esi, 100000h; rep outsb; jmp again.
    let code = b"\x66\xBA\xF8\x03\xB9\xE9\x03\x00\x00\xBE\x00\x00\x10\x00\xF3\x6E\xEB\xF2";
    let prints = file(&Code::new().raw(code).elf64());
    let (_ours, theirs) = pty();
    let mut command = Command::new(env!("CARGO_BIN_EXE_smvm"));
    command.args(["run", "--deadline", "2s", "--kernel"]).arg(prints.path());
    command.stdin(Stdio::null()).stdout(Stdio::from(theirs)).stderr(Stdio::piped());
    let mut child = command.spawn().expect("smvm starts");
    let began = Instant::now();
    while child.try_wait().expect("a child").is_none() {
        if began.elapsed() > Duration::from_secs(20) {
            child.kill().expect("a kill");
            panic!("the deadline does not come");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = child.wait_with_output().expect("it has ended");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("output to standard output: it does not take its bytes"), "{told}");
}
