//! A printer: how bytes get there, and why not.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use hal::port::PortRange;
use hal::{isa, platform};
use nt::NtStatus;
use nt::platform::{BULK_MAX, TARGET_LPT1};

use crate::io::irp::Completion;
use crate::io::pending::Pended;
use crate::ke::due::{self, Place};

const DATA: u16 = 0;
const STATUS: u16 = 1;
const CONTROL: u16 = 2;

/// Status lines (IBM Technical Reference, "Printer adapter").
pub const NOT_BUSY: u8 = 1 << 7;
pub const PAPER_OUT: u8 = 1 << 5;
pub const SELECT: u8 = 1 << 4;
const NO_ERROR: u8 = 1 << 3;

/// Control lines.
const STROBE: u8 = 1 << 0;
const NOT_INIT: u8 = 1 << 2;
const SELECT_IN: u8 = 1 << 3;

/// Bytes that are strobed before others get the processor: a byte takes four port accesses.
const TURN: usize = 256;
/// How often a printer that is busy with the byte it has just got is looked at before others get the processor: it takes
/// some microseconds.
const GLANCES: u32 = 8;
/// How often a printer that is busy is looked at, in 100 ns.
const LOOK: i64 = 100_000;
/// Looks without a byte taken before it is given up: 30 s.
const PATIENCE: u32 = 3000;

/// Requests that are over, to be answered when the port is not borrowed any more.
pub type Answers = Vec<(Pended, Completion)>;

/// A write on its way.
#[derive(Debug)]
pub struct Write {
    pub request: Pended,
    pub sent: usize,
}

/// One port.
#[derive(Debug)]
pub struct Port {
    number: usize,
    /// The platform device takes blocks.
    pub has_bulk: bool,
    pub is_open: bool,
    pub writes: VecDeque<Write>,
    /// Looks since a byte was taken.
    looks: u32,
    pub timer: Option<Place>,
}

/// Whether a port is there: its data latch keeps what is written to it.
pub fn is_there(number: usize) -> bool {
    let registers = isa::parallel(number);
    [0x55, 0xAA].into_iter().all(|pattern| {
        registers.write_u8(DATA, pattern);
        registers.read_u8(DATA) == pattern
    })
}

impl Port {
    /// A port that nobody has opened.
    pub const fn new(number: usize) -> Self {
        Self { number, has_bulk: false, is_open: false, writes: VecDeque::new(), looks: 0, timer: None }
    }

    fn registers(&self) -> PortRange {
        isa::parallel(self.number)
    }

    /// Resets the printer and selects it.
    pub fn reset(&self) {
        self.registers().write_u8(CONTROL, SELECT_IN);
        self.registers().write_u8(CONTROL, SELECT_IN | NOT_INIT);
    }

    /// The printer is not selected any more. What waited is returned, to be dropped.
    pub fn stop(&mut self) -> VecDeque<Write> {
        self.is_open = false;
        if let Some(place) = self.timer.take() {
            due::cancel(place);
        }
        self.registers().write_u8(CONTROL, NOT_INIT);
        core::mem::take(&mut self.writes)
    }

    /// The status lines.
    pub fn status(&self) -> u8 {
        self.registers().read_u8(STATUS)
    }

    /// The status lines, of a printer that is ready, in trouble, or has been busy for a while.
    fn settled(&self) -> u8 {
        let mut lines = self.status();
        for _ in 0..GLANCES {
            if lines & NOT_BUSY != 0 || trouble(lines).is_some() {
                break;
            }
            lines = self.status();
        }
        lines
    }

    /// Sends what waits, as far as the printer takes it.
    pub fn pump(&mut self, answers: &mut Answers) {
        let mut turn = TURN;
        while let Some(write) = self.writes.front() {
            let length = write.request.data().len();
            let sent = write.sent;
            let ended = match self.settled() {
                _ if sent >= length => Some(NtStatus::SUCCESS),
                lines => trouble(lines).or_else(|| match lines & NOT_BUSY {
                    0 if self.looks >= PATIENCE => Some(NtStatus::DEVICE_BUSY),
                    0 => None,
                    _ => {
                        self.send(&mut turn);
                        None
                    }
                }),
            };
            if let Some(status) = ended {
                self.looks = 0;
                if let Some(write) = self.writes.pop_front() {
                    answers.push((write.request, Completion { status, ..Completion::done(sent as u64) }));
                }
            } else if self.writes.front().is_some_and(|write| write.sent == sent) {
                self.looks += 1;
                return self.look_again(LOOK);
            } else if turn == 0 {
                return self.look_again(1);
            }
        }
    }

    /// Sends a block, or a byte, of the first write.
    fn send(&mut self, turn: &mut usize) {
        let (registers, has_bulk, target) =
            (self.registers(), self.has_bulk, TARGET_LPT1 + self.number as u16);
        let Some(write) = self.writes.front_mut() else { return };
        let rest = write.request.data().get(write.sent..).unwrap_or_default();
        let sent = match rest {
            [] => 0,
            _ if has_bulk => {
                let block = rest.get(..BULK_MAX).unwrap_or(rest);
                platform::bulk_transmit(target, block);
                block.len()
            }
            [byte, ..] => {
                registers.write_u8(DATA, *byte);
                registers.write_u8(CONTROL, SELECT_IN | NOT_INIT | STROBE);
                registers.write_u8(CONTROL, SELECT_IN | NOT_INIT);
                *turn -= 1;
                1
            }
        };
        write.sent += sent;
        self.looks = 0;
    }

    fn look_again(&mut self, delay: i64) {
        if let Some(place) = self.timer.take() {
            due::cancel(place);
        }
        self.timer = Some(due::call(due::due(-delay), super::look, self.number as u64));
    }
}

/// Why the printer takes nothing, if it is not just busy.
fn trouble(lines: u8) -> Option<NtStatus> {
    match lines {
        _ if lines & PAPER_OUT != 0 => Some(NtStatus::DEVICE_PAPER_EMPTY),
        _ if lines & SELECT == 0 => Some(NtStatus::DEVICE_OFF_LINE),
        _ if lines & NO_ERROR == 0 => Some(NtStatus::IO_DEVICE_ERROR),
        _ => None,
    }
}
