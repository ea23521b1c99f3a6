//! What the guest has printed and nobody has taken away yet.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::backends::fault::{PrinterFault, Unit};
use crate::control::Control;
use crate::devices::parallel::Condition;

/// With more than this the printer is busy.
const HIGH_WATER: usize = 256 << 10;

#[derive(Debug)]
enum Piece {
    Data(Vec<u8>),
    EndOfJob,
}

/// A fault and what became of it.
#[derive(Debug)]
struct Rule {
    fault: PrinterFault,
    /// Since when it is seen.
    since: Option<Instant>,
    mended: bool,
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
    rules: Vec<Rule>,
    /// Bytes taken, and jobs that are complete.
    taken: u64,
    jobs: u64,
    /// Something was printed since the last job.
    in_job: bool,
    /// The guest has seen that the printer is busy, and not that it no longer is.
    told_busy: bool,
}

/// Between the vCPU thread and the printer's.
#[derive(Debug, Default)]
pub struct PrintQueue {
    inner: Mutex<Inner>,
    changed: Condvar,
    /// Who has the acknowledgement delivered.
    control: Option<Arc<Control>>,
}

impl Inner {
    /// How the printer is. Faults whose time has come are noted.
    fn condition(&mut self, now: Instant) -> Condition {
        let (taken, jobs) = (self.taken, self.jobs);
        for rule in self.rules.iter_mut().filter(|rule| !rule.mended) {
            let count = match rule.fault.unit {
                Unit::Byte => taken,
                Unit::Job => jobs,
            };
            if count < rule.fault.nth - 1 {
                continue;
            }
            let since = *rule.since.get_or_insert(now);
            rule.mended = rule.fault.mend.is_some_and(|mend| now >= since + mend);
            if !rule.mended {
                return rule.fault.condition;
            }
        }
        match self {
            Self { off_line: true, .. } => Condition::OffLine,
            Self { failed: true, .. } => Condition::Failed,
            Self { paper: Some(0), .. } => Condition::PaperOut,
            Self { bytes: HIGH_WATER.., .. } => Condition::Busy,
            _ => Condition::Ready,
        }
    }

    /// How many bytes a printer that is ready takes before it is in trouble.
    fn room(&self) -> usize {
        let before = |rule: &Rule| (rule.fault.nth - 1).saturating_sub(self.taken);
        let rules = self.rules.iter().filter(|rule| !rule.mended && rule.fault.unit == Unit::Byte);
        let room = rules.map(before).chain(self.paper).min();
        room.map_or(usize::MAX, |room| usize::try_from(room).unwrap_or(usize::MAX))
    }

    /// Takes what there is room for, and says how the printer is then; all at one moment.
    fn print(&mut self, data: &[u8], now: Instant) -> (usize, Condition) {
        let taken = match self.condition(now) {
            Condition::Ready => data.len().min(self.room()),
            _ => 0,
        };
        if taken > 0 {
            self.push(&data[..taken]);
        }
        (taken, self.condition(now))
    }

    fn push(&mut self, data: &[u8]) {
        self.bytes += data.len();
        self.taken += data.len() as u64;
        self.in_job = true;
        self.paper = self.paper.map(|paper| paper.saturating_sub(data.len() as u64));
        match self.pieces.back_mut() {
            Some(Piece::Data(last)) => last.extend_from_slice(data),
            _ => self.pieces.push_back(Piece::Data(data.to_vec())),
        }
    }

    /// When the first fault is mended that the guest has seen.
    fn mends_at(&self) -> Option<Instant> {
        let rules = self.rules.iter().filter(|rule| !rule.mended);
        rules.filter_map(|rule| Some(rule.since? + rule.fault.mend?)).min()
    }
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
    /// A printer with so much paper, or as much as it takes; on line or not; with faults.
    pub(crate) fn new(
        paper: Option<u64>,
        off_line: bool,
        faults: &[PrinterFault],
        control: Option<Arc<Control>>,
    ) -> Self {
        let rules = faults.iter().map(|&fault| Rule { fault, since: None, mended: false }).collect();
        let inner = Inner { paper, off_line, rules, ..Inner::default() };
        Self { inner: Mutex::new(inner), changed: Condvar::new(), control }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the printer is, as the guest now sees it.
    pub fn condition(&self) -> Condition {
        self.print(&[]).1
    }

    /// The printer takes a byte again that the guest has seen busy. True once.
    pub fn acknowledges(&self) -> bool {
        let mut inner = self.lock();
        let again = inner.told_busy && inner.condition(Instant::now()) == Condition::Ready;
        inner.told_busy &= !again;
        again
    }

    /// Adds a byte that was printed. It is for the caller to look at the condition before.
    pub fn push(&self, byte: u8) {
        self.lock().push(&[byte]);
        self.changed.notify_one();
    }

    /// Adds what is printed, as far as the printer takes it; gives how much that is, and how the printer is then, as the guest
    /// now sees it: one that has taken nothing is not ready.
    pub fn print(&self, data: &[u8]) -> (usize, Condition) {
        let mut inner = self.lock();
        let was_well = inner.mends_at().is_none();
        let (taken, condition) = inner.print(data, Instant::now());
        inner.told_busy = condition == Condition::Busy;
        // The printer's thread prints it, and watches for the end of a fault.
        if taken > 0 || (was_well && inner.mends_at().is_some()) {
            self.changed.notify_one();
        }
        (taken, condition)
    }

    /// What was printed since the last time is one job.
    pub fn end_job(&self) {
        let mut inner = self.lock();
        if !std::mem::take(&mut inner.in_job) {
            return;
        }
        inner.jobs += 1;
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
        let until = Instant::now() + idle;
        let mut inner = self.lock();
        loop {
            let next = match inner.pieces.pop_front() {
                Some(Piece::Data(data)) => {
                    inner.bytes -= data.len();
                    Some(Next::Data(data))
                }
                Some(Piece::EndOfJob) => Some(Next::EndOfJob),
                None if inner.closed => return Next::Closed,
                None if until <= Instant::now() => Some(Next::Idle),
                None => None,
            };
            if inner.told_busy && inner.condition(Instant::now()) == Condition::Ready {
                // The vCPU's thread looks whether that is an interrupt.
                self.control.iter().for_each(|control| control.input_arrived());
            }
            if let Some(next) = next {
                return next;
            }
            let wake = inner.mends_at().filter(|_| inner.told_busy).map_or(until, |at| at.min(until));
            let wait = wake.saturating_duration_since(Instant::now());
            inner = self.changed.wait_timeout(inner, wait).unwrap_or_else(PoisonError::into_inner).0;
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
        queue.push(b'a');
        assert_eq!(queue.print(b"b").0, 1);
        queue.end_job();
        queue.end_job();
        queue.push(b'c');
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
        queue.print(&vec![0; HIGH_WATER - 1]);
        assert_eq!(queue.condition(), Condition::Ready);
        queue.push(b'x');
        assert_eq!(queue.condition(), Condition::Busy);
        assert!(matches!(queue.next(IDLE), Next::Data(_)));
        assert_eq!(queue.condition(), Condition::Ready);
    }

    fn faulty(faults: &[&str]) -> PrintQueue {
        use crate::backends::fault::PortFault;
        let faults: Vec<PrinterFault> = faults
            .iter()
            .map(|text| match text.parse() {
                Ok(PortFault::Lpt(1, fault)) => fault,
                other => panic!("{other:?}"),
            })
            .collect();
        PrintQueue::new(None, false, &faults, None)
    }

    #[test]
    fn paper_runs_out_and_failures_stay() {
        let queue = PrintQueue::new(Some(3), false, &[], None);
        assert_eq!(queue.print(b"ab").0, 2);
        assert_eq!(queue.condition(), Condition::Ready);
        assert_eq!(queue.print(b"cd").0, 1);
        assert_eq!(queue.condition(), Condition::PaperOut);
        assert_eq!(queue.print(b"d").0, 0);
        queue.fail();
        assert_eq!(queue.condition(), Condition::Failed);
        assert_eq!(PrintQueue::new(None, true, &[], None).condition(), Condition::OffLine);
    }

    #[test]
    fn the_nth_byte_or_job_is_not_taken() {
        let queue = faulty(&["lpt=1,nth=4,kind=jam", "lpt=1,nth=4,kind=offline,mend=1ms"]);
        assert_eq!((queue.condition(), queue.print(b"abcdef").0), (Condition::Ready, 3));
        assert_eq!((queue.condition(), queue.print(b"def").0), (Condition::Failed, 0));
        let queue = faulty(&["lpt=1,op=job,nth=2,kind=paper"]);
        queue.end_job();
        assert_eq!(queue.print(b"one").0, 3);
        queue.end_job();
        queue.end_job();
        assert_eq!((queue.condition(), queue.print(b"two").0), (Condition::PaperOut, 0));
    }

    /// Or its driver would wait for the end of what is over already.
    #[test]
    fn a_printer_that_takes_nothing_is_not_ready_whatever_the_time() {
        let step = Duration::from_millis(1);
        for late in 0..8 {
            let queue = faulty(&["lpt=1,nth=1,kind=busy,mend=2ms", "lpt=1,nth=1,kind=jam,mend=3ms"]);
            let start = Instant::now();
            let mut inner = queue.lock();
            let answers =
                [0, late, late + 1, 2 * late + 1].map(|steps| inner.print(b"x", start + step * steps));
            for (taken, condition) in answers {
                assert_eq!(taken == 0, condition != Condition::Ready, "{late}: {answers:?}");
            }
        }
    }

    #[test]
    fn what_is_mended_takes_bytes_again_and_a_busy_printer_says_so() {
        let queue = faulty(&["lpt=1,nth=2,kind=paper,mend=20ms", "lpt=1,nth=3,kind=busy,mend=20ms"]);
        assert_eq!(queue.print(b"abc").0, 1);
        assert_eq!(queue.condition(), Condition::PaperOut);
        std::thread::sleep(Duration::from_millis(25));
        assert_eq!(queue.print(b"bc").0, 1);
        assert!(!queue.acknowledges(), "nobody has seen it busy");
        assert_eq!(queue.condition(), Condition::Busy);
        assert!(!queue.acknowledges());
        std::thread::sleep(Duration::from_millis(25));
        assert!(queue.acknowledges() && !queue.acknowledges());
        assert_eq!(queue.print(b"c").0, 1);
    }
}
