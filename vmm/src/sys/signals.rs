//! Signals that end the program, read from a descriptor instead of killing it.
#![expect(unsafe_code, reason = "signalfd and the signal mask")]

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

/// The signals that ask the program to end.
pub const ENDING: [i32; 4] = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT];

/// A descriptor that becomes readable when one of [`ENDING`] arrives.
#[derive(Debug)]
pub struct SignalFd {
    fd: OwnedFd,
}

impl SignalFd {
    /// Blocks the signals in this thread and those it starts from now on, and opens the descriptor.
    ///
    /// # Errors
    /// What the kernel answers.
    pub fn open() -> io::Result<Self> {
        let mask = vmm_sys_util::signal::create_sigset(&ENDING)
            .map_err(|error| io::Error::from_raw_os_error(error.errno()))?;
        // SAFETY: `mask` is an initialised set; the old mask is not asked for.
        let result = unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &raw const mask, std::ptr::null_mut()) };
        if result != 0 {
            return Err(io::Error::from_raw_os_error(result));
        }
        // SAFETY: `mask` is an initialised set; -1 asks for a new descriptor.
        let fd = unsafe { libc::signalfd(-1, &raw const mask, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the call just gave us this descriptor; nobody else has it.
        Ok(Self { fd: unsafe { OwnedFd::from_raw_fd(fd) } })
    }

    /// The signal that has arrived, if any.
    pub fn take(&self) -> Option<i32> {
        const LEN: usize = size_of::<libc::signalfd_siginfo>();
        let mut buffer = [0u8; LEN];
        // SAFETY: the buffer has room for LEN bytes.
        let got = unsafe { libc::read(self.fd.as_raw_fd(), buffer.as_mut_ptr().cast(), LEN) };
        // The number is the structure's first field.
        let [a, b, c, d, ..] = buffer;
        (got == LEN as isize).then(|| i32::from_ne_bytes([a, b, c, d]))
    }
}

impl AsFd for SignalFd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
