//! Standard output and error to write a guest's text to, and whether there was a standard output when the process began. Rust's runtime opens `/dev/null` in its
//! place before `main`, which would make results vanish without a word; so it is looked at before that.
#![expect(unsafe_code, reason = "a function that runs before main, and fcntl")]

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::atomic::{AtomicBool, Ordering};

static CLOSED: AtomicBool = AtomicBool::new(false);

extern "C" fn look() {
    // SAFETY: fcntl with F_GETFD takes no pointer and changes nothing.
    if unsafe { libc::fcntl(libc::STDOUT_FILENO, libc::F_GETFD) } == -1 {
        CLOSED.store(true, Ordering::Relaxed);
    }
}

// SAFETY: the C library calls the functions of this section, of this very type, before it calls main;
// `look` needs nothing that is set up later.
#[used]
#[unsafe(link_section = ".init_array")]
static LOOK: extern "C" fn() = look;

/// Whether there was no standard output to begin with.
pub fn was_closed() -> bool {
    CLOSED.load(Ordering::Relaxed)
}

/// A descriptor of standard output or error for a guest's text. A terminal is opened anew, so that it does not block: one that is
/// stopped (Ctrl-S) may say that it has room, and have little. Whoever shares the terminal does not notice.
///
/// # Errors
/// When there are no descriptors left, or it is closed.
pub fn unblocked(fd: impl AsFd) -> io::Result<File> {
    let copy = File::from(fd.as_fd().try_clone_to_owned()?);
    if !copy.is_terminal() {
        return Ok(copy);
    }
    let path = format!("/proc/self/fd/{}", copy.as_raw_fd());
    let mut options = OpenOptions::new();
    options.write(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
    // A terminal of somebody else's, who ran us as another user, cannot be opened.
    Ok(options.open(path).unwrap_or(copy))
}
