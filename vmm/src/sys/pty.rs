//! Pseudo-terminals.
#![expect(unsafe_code, reason = "the terminal calls of the C library")]

use std::ffi::CStr;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd};
use std::path::PathBuf;

/// A pseudo-terminal: our end, the other end kept open, and where that is found.
#[derive(Debug)]
pub struct Pty {
    /// Our end.
    pub master: File,
    /// The other end, held open so that it stays when its users go.
    pub slave: File,
    /// Its path.
    pub path: PathBuf,
}

/// Makes one whose other end is raw: what is written to one end comes out of the other as it is. Our end does not block: it may say
/// that it has room, and have little.
///
/// # Errors
/// What the host says.
pub fn open() -> io::Result<Pty> {
    // SAFETY: no preconditions; the descriptor is checked before it is used.
    let fd =
        unsafe { libc::posix_openpt(libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC | libc::O_NONBLOCK) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: a descriptor that was just opened and is nobody else's.
    let master = unsafe { File::from_raw_fd(fd) };
    let mut name = [0_i8; 64];
    // SAFETY: the descriptor is open; the buffer has the size that is told.
    let failed = unsafe {
        libc::grantpt(fd) != 0
            || libc::unlockpt(fd) != 0
            || libc::ptsname_r(fd, name.as_mut_ptr().cast(), name.len()) != 0
    };
    if failed {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: a successful call leaves a terminated string there.
    let name = unsafe { CStr::from_ptr(name.as_ptr().cast()) };
    let path = PathBuf::from(name.to_string_lossy().into_owned());
    let slave = {
        use std::os::unix::fs::OpenOptionsExt;
        OpenOptions::new().read(true).write(true).custom_flags(libc::O_NOCTTY).open(&path)?
    };
    // SAFETY: all zeroes is a valid termios; it is used once tcgetattr has filled it; the descriptor is open.
    let set = unsafe {
        let mut settings: libc::termios = std::mem::zeroed();
        let mut result = libc::tcgetattr(slave.as_raw_fd(), &raw mut settings);
        if result == 0 {
            libc::cfmakeraw(&raw mut settings);
            result = libc::tcsetattr(slave.as_raw_fd(), libc::TCSANOW, &raw const settings);
        }
        result
    };
    if set != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(Pty { master, slave, path })
}
