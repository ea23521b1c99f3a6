//! The terminal on standard input: raw while a guest uses it, and put back however the program ends.
#![expect(unsafe_code, reason = "termios")]

use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

const STDIN: i32 = 0;

/// The settings to put back. Global, because the panic hook needs them too.
static SAVED: Mutex<Option<libc::termios>> = Mutex::new(None);

/// Waits for the end of its input. A line means that all is well; an end without one means that this process
/// was killed, and the terminal, if it is as we made it, gets its settings back. $0 are those, $1 ours; the
/// terminal is its standard output.
const GUARD: &str = r#"
exec 3<&1
trap '' INT TERM HUP QUIT TTOU TTIN
read -r line || { [ "$(stty -g <&3)" = "$1" ] && stty "$0" <&3; }
"#;

/// Holds the terminal in raw mode; dropping it puts the old settings back.
#[derive(Debug)]
pub struct RawTerminal {
    /// Does the same when nobody can be dropped any more: after SIGKILL. None when it could not be started.
    guard: Option<Child>,
}

impl RawTerminal {
    /// Makes standard input raw. `None` when it is no terminal, or belongs to another job.
    ///
    /// # Errors
    /// What the kernel answers.
    pub fn enter() -> io::Result<Option<Self>> {
        // SAFETY: these calls have no preconditions.
        let ours = unsafe { libc::isatty(STDIN) == 1 && libc::tcgetpgrp(STDIN) == libc::getpgrp() };
        if !ours {
            return Ok(None);
        }
        // SAFETY: all zeroes is a valid termios, and it is only used once tcgetattr has filled it.
        let mut settings: libc::termios = unsafe { std::mem::zeroed() };
        // SAFETY: `settings` is a valid place for the result.
        if unsafe { libc::tcgetattr(STDIN, &raw mut settings) } != 0 {
            return Err(io::Error::last_os_error());
        }
        let before = settings;
        {
            let mut saved = SAVED.lock().unwrap_or_else(PoisonError::into_inner);
            if saved.is_none() {
                let hook = std::panic::take_hook();
                std::panic::set_hook(Box::new(move |info| {
                    restore();
                    hook(info);
                }));
            }
            *saved = Some(settings);
        }
        // Keys come one by one, unechoed and untranslated; what the guest prints is still processed.
        settings.c_lflag &= !(libc::ICANON | libc::ECHO | libc::ISIG | libc::IEXTEN);
        settings.c_iflag &= !(libc::ICRNL | libc::INLCR | libc::IGNCR | libc::IXON | libc::ISTRIP);
        settings.c_cc[libc::VMIN] = 1;
        settings.c_cc[libc::VTIME] = 0;
        let guard = guard(&before, &settings);
        // SAFETY: `settings` is what tcgetattr gave, with some bits changed.
        if unsafe { libc::tcsetattr(STDIN, libc::TCSANOW, &raw const settings) } != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Some(Self { guard }))
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        restore();
        if let Some(mut input) = self.guard.take().and_then(|mut guard| guard.stdin.take()) {
            // It may be gone already; the terminal is as it was, with or without it.
            let _ = io::Write::write_all(&mut input, b"done\n");
        }
    }
}

/// Starts the process that puts `before` back should this one be killed while the terminal is `raw`. It is in a
/// group of its own, so that what kills this one's group spares it.
fn guard(before: &libc::termios, raw: &libc::termios) -> Option<Child> {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", GUARD, &stty_words(before), &stty_words(raw)]).process_group(0);
    let terminal = io::stdin().as_fd().try_clone_to_owned().ok()?;
    command.stdin(Stdio::piped()).stdout(terminal).stderr(Stdio::null()).spawn().ok()
}

/// Settings as `stty -g` prints and reads them: hexadecimal numbers, joined by colons.
fn stty_words(settings: &libc::termios) -> String {
    let flags = [settings.c_iflag, settings.c_oflag, settings.c_cflag, settings.c_lflag];
    let numbers = flags.into_iter().chain(settings.c_cc.map(libc::tcflag_t::from));
    numbers.map(|number| format!("{number:x}")).collect::<Vec<_>>().join(":")
}

/// Puts the saved settings back, if there are any.
fn restore() {
    // In a panic the lock may be held by the panicking thread; then nothing has been changed yet.
    if let Ok(saved) = SAVED.try_lock()
        && let Some(settings) = &*saved
    {
        // SAFETY: the settings came from tcgetattr. A failure means that the terminal is gone.
        unsafe { libc::tcsetattr(STDIN, libc::TCSANOW, settings) };
    }
}
