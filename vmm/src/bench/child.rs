//! One process from beginning to end, seen from outside: time, processor time, memory.
#![expect(unsafe_code, reason = "waiting with resource usage, and waiting with a time limit")]

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::os::fd::{AsFd, FromRawFd, OwnedFd};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::clock::Stamp;
use crate::sys::peak::peak_rss_kib;
use crate::sys::poll::{Waiter, poll};

/// What a process was.
#[derive(Clone, Debug)]
pub struct Finished {
    /// `CLOCK_MONOTONIC` right before it was started.
    pub begin_ns: u64,
    /// And right after its end was noticed.
    pub end_ns: u64,
    /// Processor time in user and kernel mode together, in microseconds. (How the two share it is a
    /// matter of sampling on most kernels; the sum is exact.)
    pub cpu_us: f64,
    /// Its greatest resident size in KiB, where that is known: the kernel also counts what the parent had when
    /// it started the process, so a value that is not above that says nothing.
    pub peak_rss_kib: Option<u64>,
    /// How it ended.
    pub status: ExitStatus,
    /// It was killed because it took too long.
    pub timed_out: bool,
    /// What it wrote to standard output, if that was kept.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Finished {
    /// From start to end in microseconds.
    pub fn wall_us(&self) -> f64 {
        self.end_ns.saturating_sub(self.begin_ns) as f64 / 1000.0
    }

    /// The last line of standard error, or how the process ended.
    pub fn complaint(&self) -> String {
        let line = self.stderr.lines().rev().find(|line| !line.trim().is_empty());
        match line {
            _ if self.timed_out => format!("still running after {:.0} s", self.wall_us() / 1e6),
            Some(line) => line.trim().to_owned(),
            None => self.status.to_string(),
        }
    }
}

/// Runs `command` to its end, but no longer than `limit`. Standard output goes nowhere unless it is to be kept.
///
/// # Errors
/// When the process cannot be started or waited for.
pub fn run(command: &[OsString], keep_stdout: bool, limit: Duration) -> io::Result<Finished> {
    let (program, arguments) = command.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let mut stderr = tempfile::tempfile()?;
    let mut stdout = if keep_stdout { Some(tempfile::tempfile()?) } else { None };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stderr(stderr.try_clone()?);
    match &stdout {
        Some(file) => command.stdout(file.try_clone()?),
        None => command.stdout(Stdio::null()),
    };
    let ours = peak_rss_kib();
    let begin_ns = Stamp::now().ns;
    let mut child = command.spawn()?;
    let timed_out = !ends_within(&child, limit)?;
    if timed_out {
        child.kill()?;
    }
    let (status, usage) = reap(&child)?;
    let end_ns = Stamp::now().ns;
    Ok(Finished {
        begin_ns,
        end_ns,
        cpu_us: micros(usage.ru_utime) + micros(usage.ru_stime),
        peak_rss_kib: ours.and_then(|ours| Some(usage.ru_maxrss as u64).filter(|peak| *peak > ours)),
        status,
        timed_out,
        stdout: stdout.as_mut().map(contents).transpose()?.unwrap_or_default(),
        stderr: contents(&mut stderr)?,
    })
}

fn contents(file: &mut File) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn micros(time: libc::timeval) -> f64 {
    time.tv_sec as f64 * 1e6 + time.tv_usec as f64
}

/// Waits for the end of `child`, but does not reap it. False: the time is up.
fn ends_within(child: &Child, limit: Duration) -> io::Result<bool> {
    // SAFETY: the call takes two integers.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, child.id(), 0) };
    if fd < 0 {
        let error = io::Error::last_os_error();
        // Before Linux 5.3 there is no waiting with a limit.
        return if error.raw_os_error() == Some(libc::ENOSYS) { Ok(true) } else { Err(error) };
    }
    // SAFETY: the descriptor is new and nobody else's.
    let fd = unsafe { OwnedFd::from_raw_fd(fd as i32) };
    let deadline = Instant::now() + limit;
    loop {
        let rest = deadline.saturating_duration_since(Instant::now());
        let mut waiters = [Waiter::read(Some(fd.as_fd()))];
        poll(&mut waiters, Some(rest))?;
        if waiters[0].ready || rest.is_zero() {
            return Ok(waiters[0].ready);
        }
    }
}

/// Takes the ended child's status and what it used.
fn reap(child: &Child) -> io::Result<(ExitStatus, libc::rusage)> {
    let mut status = 0;
    let mut usage = zero_usage();
    loop {
        // SAFETY: both places are valid for the results.
        let result = unsafe { libc::wait4(child.id() as libc::pid_t, &raw mut status, 0, &raw mut usage) };
        if result >= 0 {
            return Ok((std::os::unix::process::ExitStatusExt::from_raw(status), usage));
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

fn zero_usage() -> libc::rusage {
    // SAFETY: the structure holds integers only.
    unsafe { std::mem::zeroed() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(60);

    fn shell(script: &str) -> Finished {
        run(&["/bin/sh".into(), "-c".into(), script.into()], true, LIMIT).expect("a shell")
    }

    #[test]
    fn output_status_and_times() {
        let finished = shell("echo out; echo one >&2; echo two >&2; exit 3");
        assert_eq!((finished.stdout.as_str(), finished.status.code()), ("out\n", Some(3)));
        assert_eq!(finished.complaint(), "two");
        assert!(finished.wall_us() > 0.0 && finished.cpu_us > 0.0 && !finished.timed_out);
        assert_eq!(shell("exit 4").complaint(), "exit status: 4");
        assert!(run(&["/nonexistent".into()], false, LIMIT).is_err());
    }

    #[test]
    #[expect(
        clippy::zombie_processes,
        reason = "`reap` waits for it, with the times that `wait` does not give"
    )]
    fn time_limits() {
        let mut child = Command::new("/bin/sleep").arg("60").spawn().expect("sleep");
        assert!(!ends_within(&child, Duration::from_millis(20)).expect("a wait"));
        child.kill().expect("a kill");
        assert!(ends_within(&child, LIMIT).expect("a wait"));
        let (status, _) = reap(&child).expect("a status");
        assert_eq!(status.code(), None);
    }
}
