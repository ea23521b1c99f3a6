//! Waiting for several descriptors at once.
#![expect(unsafe_code, reason = "the poll system call")]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::Duration;

/// One descriptor to wait for, and what it was found ready for.
#[derive(Clone, Copy, Debug)]
pub struct Waiter<'a> {
    /// The descriptor; `None` waits for nothing.
    pub fd: Option<BorrowedFd<'a>>,
    /// Wait until it can be written rather than read.
    pub write: bool,
    /// It is ready, or its other end is gone.
    pub ready: bool,
}

impl<'a> Waiter<'a> {
    /// Waits for something to read.
    pub fn read(fd: Option<BorrowedFd<'a>>) -> Self {
        Self { fd, write: false, ready: false }
    }

    /// Waits for room to write.
    pub fn write(fd: Option<BorrowedFd<'a>>) -> Self {
        Self { fd, write: true, ready: false }
    }
}

/// Waits until one is ready or the time is up. A signal ends the wait early.
///
/// # Errors
/// What the kernel answers.
pub fn poll<const N: usize>(waiters: &mut [Waiter<'_>; N], timeout: Option<Duration>) -> io::Result<()> {
    let mut fds = waiters.map(|waiter| libc::pollfd {
        fd: waiter.fd.map_or(-1, |fd| fd.as_raw_fd()),
        events: if waiter.write { libc::POLLOUT } else { libc::POLLIN },
        revents: 0,
    });
    let timeout = timeout.map(|timeout| libc::timespec {
        tv_sec: timeout.as_secs().min(i32::MAX as u64) as libc::time_t,
        tv_nsec: timeout.subsec_nanos().into(),
    });
    let timeout = timeout.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: `fds` is an array of N entries, `timeout` is null or points to a live timespec, and a null
    // signal mask leaves the mask alone.
    let result = unsafe { libc::ppoll(fds.as_mut_ptr(), N as libc::nfds_t, timeout, std::ptr::null()) };
    if result < 0 {
        let error = io::Error::last_os_error();
        return if error.kind() == io::ErrorKind::Interrupted { Ok(()) } else { Err(error) };
    }
    for (waiter, fd) in waiters.iter_mut().zip(fds) {
        waiter.ready = fd.revents != 0;
    }
    Ok(())
}
