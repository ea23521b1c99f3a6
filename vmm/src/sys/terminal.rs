//! The terminal on standard input: raw while a guest uses it, and put back however the program ends.
#![expect(unsafe_code, reason = "termios")]

use std::io;
use std::sync::{Mutex, PoisonError};

const STDIN: i32 = 0;

/// The settings to put back. Global, because the panic hook needs them too.
static SAVED: Mutex<Option<libc::termios>> = Mutex::new(None);

/// Holds the terminal in raw mode; dropping it puts the old settings back.
#[derive(Debug)]
pub struct RawTerminal(());

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
        {
            let mut saved = SAVED.lock().unwrap_or_else(PoisonError::into_inner);
            if saved.is_none() {
                let before = std::panic::take_hook();
                std::panic::set_hook(Box::new(move |info| {
                    restore();
                    before(info);
                }));
            }
            *saved = Some(settings);
        }
        // Keys come one by one, unechoed and untranslated; what the guest prints is still processed.
        settings.c_lflag &= !(libc::ICANON | libc::ECHO | libc::ISIG | libc::IEXTEN);
        settings.c_iflag &= !(libc::ICRNL | libc::INLCR | libc::IGNCR | libc::IXON | libc::ISTRIP);
        settings.c_cc[libc::VMIN] = 1;
        settings.c_cc[libc::VTIME] = 0;
        // SAFETY: `settings` is what tcgetattr gave, with some bits changed.
        if unsafe { libc::tcsetattr(STDIN, libc::TCSANOW, &raw const settings) } != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Some(Self(())))
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        restore();
    }
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
