//! A printer: how bytes get there, and why not.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use hal::ioapic::Trigger;
use hal::port::PortRange;
use hal::{isa, platform};
use nt::NtStatus;
use nt::platform::{LPT_PORTS, TARGET_LPT1};

use crate::io::interrupt;
use crate::io::irp::Completion;
use crate::io::pending::Pended;
use crate::ke::clock;
use crate::ke::due::{self, Place};

const DATA: u16 = 0;
const STATUS: u16 = 1;
const CONTROL: u16 = 2;

/// Status lines (IBM Technical Reference, "Printer adapter").
pub const NOT_BUSY: u8 = 1 << 7;
const NOT_ACKNOWLEDGED: u8 = 1 << 6;
const PAPER_OUT: u8 = 1 << 5;
pub const SELECT: u8 = 1 << 4;
const NO_ERROR: u8 = 1 << 3;
/// All of them.
const LINES: u8 = NOT_BUSY | NOT_ACKNOWLEDGED | PAPER_OUT | SELECT | NO_ERROR;

/// Control lines.
const STROBE: u8 = 1 << 0;
const NOT_INIT: u8 = 1 << 2;
const SELECT_IN: u8 = 1 << 3;
/// An acknowledgement interrupts.
const INTERRUPT: u8 = 1 << 4;

/// Bytes that are strobed before others get the processor: a byte takes four port accesses.
const TURN: usize = 256;
/// How often a printer that is busy with the byte it has just got is looked at before others get the processor: it takes
/// some microseconds.
const GLANCES: u32 = 8;
/// When a printer that is busy is looked at first, in 100 ns: nobody knows whether its port interrupts. Each time it is twice as long
/// until the next.
const FIRST_LOOK: i64 = 100_000;
/// Longest time between two looks, in 100 ns: trouble makes no interrupt.
const LAST_LOOK: i64 = 2_500_000;
/// How long a printer may be busy before it is given up, in 100 ns: 30 s.
const PATIENCE: u64 = 300_000_000;

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
    /// Its interrupt line leads here.
    is_connected: bool,
    /// An acknowledgement interrupts.
    interrupts: bool,
    /// Since when it has been busy, in 100 ns, and when it was to be looked at, from then on.
    busy: Option<(u64, i64)>,
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
        Self {
            number,
            has_bulk: false,
            is_open: false,
            writes: VecDeque::new(),
            is_connected: false,
            interrupts: false,
            busy: None,
            timer: None,
        }
    }

    fn registers(&self) -> PortRange {
        isa::parallel(self.number)
    }

    /// Whether it waits for its printer.
    pub fn is_busy(&self) -> bool {
        self.busy.is_some()
    }

    /// The interrupt line.
    fn line(&self) -> u8 {
        LPT_PORTS.get(self.number).map_or(0, |&(_, line)| line)
    }

    fn set_control(&mut self, lines: u8) {
        self.interrupts = lines & INTERRUPT != 0;
        self.registers().write_u8(CONTROL, lines);
    }

    /// Resets the printer and selects it.
    pub fn reset(&mut self) {
        self.set_control(SELECT_IN);
        self.set_control(SELECT_IN | NOT_INIT);
    }

    /// The printer is not selected any more. What waited is returned, to be dropped.
    pub fn stop(&mut self) -> VecDeque<Write> {
        self.is_open = false;
        self.busy = None;
        if let Some(place) = self.timer.take() {
            due::cancel(place);
        }
        self.set_control(NOT_INIT);
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
            let before = write.sent;
            let lines = if self.has_bulk { self.send_block() } else { self.send_byte() };
            let Some(write) = self.writes.front() else { return };
            let (sent, length) = (write.sent, write.request.data().len());
            // One that takes nothing and says that it is ready has become so in between, and acknowledges nothing any more.
            if sent > before || lines & NOT_BUSY != 0 {
                self.busy = None;
            }
            let ended = match trouble(lines) {
                _ if sent >= length => Some(NtStatus::SUCCESS),
                None if sent == before && lines & NOT_BUSY == 0 => self.wait(),
                trouble => trouble,
            };
            turn -= 1;
            if let Some(status) = ended {
                self.busy = None;
                if let Some(write) = self.writes.pop_front() {
                    answers.push((write.request, Completion { status, ..Completion::done(sent as u64) }));
                }
            } else if self.busy.is_some() {
                return;
            } else if turn == 0 {
                return self.look_again(1);
            }
        }
    }

    /// Sends a block of the first write, as much of it as the printer takes; gives the status lines.
    fn send_block(&mut self) -> u8 {
        let target = TARGET_LPT1 + self.number as u16;
        let Some(write) = self.writes.front_mut() else { return 0 };
        let rest = write.request.data().get(write.sent..).unwrap_or_default();
        match platform::bulk_print(target, rest).filter(|_| !rest.is_empty()) {
            Some((taken, lines)) => {
                write.sent += taken;
                lines
            }
            None => self.status(),
        }
    }

    /// Sends a byte of the first write, if the printer is ready for one; gives the status lines.
    fn send_byte(&mut self) -> u8 {
        let lines = self.settled();
        let Some(write) = self.writes.front_mut() else { return lines };
        let next = write.request.data().get(write.sent).copied();
        if let Some(byte) = next.filter(|_| trouble(lines).is_none() && lines & NOT_BUSY != 0) {
            write.sent += 1;
            self.registers().write_u8(DATA, byte);
            self.set_control(SELECT_IN | NOT_INIT | STROBE);
            self.set_control(SELECT_IN | NOT_INIT);
        }
        lines
    }

    /// The printer is busy: its acknowledgement is waited for, and it is looked at now and then. The status when that has
    /// lasted too long.
    fn wait(&mut self) -> Option<NtStatus> {
        let now = clock::interrupt_time();
        let (since, delay) = match self.busy {
            Some((since, delay)) => (since, (2 * delay).min(LAST_LOOK)),
            None => (now, FIRST_LOOK),
        };
        if now.saturating_sub(since) >= PATIENCE {
            return Some(NtStatus::DEVICE_BUSY);
        }
        if !self.is_connected {
            self.is_connected = true;
            interrupt::connect(self.line(), Trigger::Edge, super::acknowledged, self.number);
        }
        if !self.interrupts {
            self.set_control(SELECT_IN | NOT_INIT | INTERRUPT);
            // An acknowledgement that came before that interrupts nobody.
            if self.status() & NOT_BUSY != 0 {
                return None;
            }
        }
        self.busy = Some((since, delay));
        self.look_again(delay);
        None
    }

    fn look_again(&mut self, delay: i64) {
        if let Some(place) = self.timer.take() {
            due::cancel(place);
        }
        self.timer = Some(due::call(due::due(-delay), super::look, self.number as u64));
    }
}

/// Why the printer takes nothing, if it is not just busy. One that is switched off has all its lines low, without a cable they
/// all float up; the line BUSY is inverted on its way.
pub fn trouble(lines: u8) -> Option<NtStatus> {
    match lines & LINES {
        NOT_BUSY => Some(NtStatus::DEVICE_POWERED_OFF),
        floating if floating | NOT_ACKNOWLEDGED == LINES & !NOT_BUSY => Some(NtStatus::DEVICE_NOT_CONNECTED),
        lines if lines & PAPER_OUT != 0 => Some(NtStatus::DEVICE_PAPER_EMPTY),
        lines if lines & SELECT == 0 => Some(NtStatus::DEVICE_OFF_LINE),
        lines if lines & NO_ERROR == 0 => Some(NtStatus::IO_DEVICE_ERROR),
        _ => None,
    }
}
