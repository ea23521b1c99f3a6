//! What the guest has printed and nobody has taken away yet.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::devices::parallel::Condition;

/// With more than this the printer is busy.
const HIGH_WATER: usize = 256 << 10;

#[derive(Debug)]
enum Piece {
    Data(Vec<u8>),
    EndOfJob,
}

#[derive(Debug, Default)]
struct Inner {
    pieces: VecDeque<Piece>,
    bytes: usize,
    closed: bool,
    failed: bool,
    off_line: bool,
    /// Bytes until the paper is out.
    paper: Option<u64>,
}

/// Between the vCPU thread and the printer's.
#[derive(Debug, Default)]
pub struct PrintQueue {
    inner: Mutex<Inner>,
    changed: Condvar,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// To be printed.
    Data(Vec<u8>),
    /// A job is complete.
    EndOfJob,
    /// Nothing came for some time.
    Idle,
    /// Nothing more will come.
    Closed,
}

impl PrintQueue {
    /// A printer with so much paper, or as much as it takes; on line or not.
    pub fn new(paper: Option<u64>, off_line: bool) -> Self {
        Self { inner: Mutex::new(Inner { paper, off_line, ..Inner::default() }), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the printer is, as the guest sees it.
    pub fn condition(&self) -> Condition {
        let inner = self.lock();
        match &*inner {
            Inner { off_line: true, .. } => Condition::OffLine,
            Inner { failed: true, .. } => Condition::Failed,
            Inner { paper: Some(0), .. } => Condition::PaperOut,
            Inner { bytes: HIGH_WATER.., .. } => Condition::Busy,
            _ => Condition::Ready,
        }
    }

    /// Adds what is printed. It is for the caller to look at the condition before.
    pub fn push(&self, data: &[u8]) {
        let mut inner = self.lock();
        inner.bytes += data.len();
        inner.paper = inner.paper.map(|paper| paper.saturating_sub(data.len() as u64));
        match inner.pieces.back_mut() {
            Some(Piece::Data(last)) => last.extend_from_slice(data),
            _ => inner.pieces.push_back(Piece::Data(data.to_vec())),
        }
        self.changed.notify_one();
    }

    /// What was printed since the last time is one job.
    pub fn end_job(&self) {
        let mut inner = self.lock();
        if matches!(inner.pieces.back(), Some(Piece::EndOfJob)) {
            return;
        }
        inner.pieces.push_back(Piece::EndOfJob);
        self.changed.notify_one();
    }

    /// Nothing more will be printed.
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_one();
    }

    /// What is printed cannot be taken away: the printer has failed, for good.
    pub fn fail(&self) {
        self.lock().failed = true;
    }

    /// Waits for what comes next, at most for some time.
    pub fn next(&self, idle: Duration) -> Next {
        let mut inner = self.lock();
        loop {
            match inner.pieces.pop_front() {
                Some(Piece::Data(data)) => {
                    inner.bytes -= data.len();
                    return Next::Data(data);
                }
                Some(Piece::EndOfJob) => return Next::EndOfJob,
                None if inner.closed => return Next::Closed,
                None => {
                    let (guard, result) =
                        self.changed.wait_timeout(inner, idle).unwrap_or_else(PoisonError::into_inner);
                    inner = guard;
                    if result.timed_out() && inner.pieces.is_empty() && !inner.closed {
                        return Next::Idle;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Duration = Duration::from_millis(1);

    #[test]
    fn jobs_come_out_as_they_went_in() {
        let queue = PrintQueue::default();
        queue.push(b"a");
        queue.push(b"b");
        queue.end_job();
        queue.end_job();
        queue.push(b"c");
        assert_eq!(queue.next(IDLE), Next::Data(b"ab".to_vec()));
        assert_eq!(queue.next(IDLE), Next::EndOfJob);
        assert_eq!(queue.next(IDLE), Next::Data(b"c".to_vec()));
        assert_eq!(queue.next(IDLE), Next::Idle);
        queue.close();
        assert_eq!(queue.next(IDLE), Next::Closed);
    }

    #[test]
    fn a_full_queue_is_a_busy_printer() {
        let queue = PrintQueue::default();
        queue.push(&vec![0; HIGH_WATER - 1]);
        assert_eq!(queue.condition(), Condition::Ready);
        queue.push(b"x");
        assert_eq!(queue.condition(), Condition::Busy);
        assert!(matches!(queue.next(IDLE), Next::Data(_)));
        assert_eq!(queue.condition(), Condition::Ready);
    }

    #[test]
    fn paper_runs_out_and_failures_stay() {
        let queue = PrintQueue::new(Some(3), false);
        queue.push(b"ab");
        assert_eq!(queue.condition(), Condition::Ready);
        queue.push(b"cd");
        assert_eq!(queue.condition(), Condition::PaperOut);
        queue.fail();
        assert_eq!(queue.condition(), Condition::Failed);
        assert_eq!(PrintQueue::new(None, true).condition(), Condition::OffLine);
    }
}
