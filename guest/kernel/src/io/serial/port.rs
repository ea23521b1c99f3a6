//! What a port is: its settings, its input, and who waits for what.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use hal::isa;
use hal::platform::{self, Received};
use hal::port::PortRange;
use nt::NtStatus;
use nt::serial::{error, event, flow};
use serialcore::{LineControl, Plan, Ring, Timeouts, divisor};

use super::uart::{self, DATA, EDSSI, ELSI, ERBFI, ETBEI, IER, LCR, MCR, MCR_DTR, MCR_OUT2, MCR_RTS};
use crate::io::irp::Completion;
use crate::io::pending::Pended;
use crate::ke::due::Place;

/// Bytes of input that are kept, until somebody asks for more.
const BUFFER: usize = 4096;
/// Rate after opening, in baud.
const BAUD: u32 = 9600;

/// Requests that are over, to be answered when the port is not borrowed any more.
pub type Answers = Vec<(Pended, Completion)>;

/// A read that waits for bytes.
#[derive(Debug)]
pub struct Read {
    pub request: Pended,
    pub plan: Plan,
    pub wanted: usize,
    pub got: Vec<u8>,
    /// When the last byte came, in 100 ns.
    pub last: u64,
}

/// A write whose bytes are not all in the UART.
#[derive(Debug)]
pub struct Write {
    pub request: Pended,
    pub sent: usize,
    /// When its time is up, in 100 ns.
    pub end: Option<u64>,
}

/// SERIALPERF_STATS, in the order of its fields.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stats {
    pub received: u32,
    pub transmitted: u32,
    pub framing: u32,
    pub overrun: u32,
    pub buffer_overrun: u32,
    pub parity: u32,
}

/// One port.
#[derive(Debug)]
pub struct Port {
    number: usize,
    /// The platform device moves its bytes in blocks.
    pub has_bulk: bool,
    pub is_open: bool,
    /// Its interrupt line leads here.
    pub is_connected: bool,
    /// Bytes that the empty transmitter takes.
    fifo: usize,
    ier: u8,
    pub mcr: u8,
    pub baud: u32,
    pub line: LineControl,
    is_break: bool,
    pub timeouts: Timeouts,
    /// SERIAL_HANDFLOW.
    pub flow: [u32; 4],
    /// SERIAL_CHARS: EOF, error, break, event, XON, XOFF.
    pub chars: [u8; 6],
    pub input: Ring,
    /// The input buffer is full: the UART keeps what comes.
    is_full: bool,
    /// The carrier was there and is gone.
    pub hung_up: bool,
    pub reads: VecDeque<Read>,
    pub writes: VecDeque<Write>,
    pub wait: Option<Pended>,
    pub wait_mask: u32,
    /// Events that nobody has been told of.
    pub events: u32,
    /// SERIAL_ERROR_* since somebody asked.
    pub errors: u32,
    pub stats: Stats,
    /// MSR as it was last seen, without changes.
    pub modem: u8,
    pub timer: Option<Place>,
}

impl Port {
    /// A port that nobody has opened.
    pub const fn new(number: usize) -> Self {
        Self {
            number,
            has_bulk: false,
            is_open: false,
            is_connected: false,
            fifo: 1,
            ier: 0,
            mcr: 0,
            baud: BAUD,
            line: LineControl::DEFAULT,
            is_break: false,
            timeouts: Timeouts {
                interval: 0,
                read_multiplier: 0,
                read_constant: 0,
                write_multiplier: 0,
                write_constant: 0,
            },
            flow: [flow::DTR_CONTROL, flow::RTS_CONTROL, 0, 0],
            chars: [0, 0, 0, 0, 0x11, 0x13],
            input: Ring::new(BUFFER),
            is_full: false,
            hung_up: false,
            reads: VecDeque::new(),
            writes: VecDeque::new(),
            wait: None,
            wait_mask: 0,
            events: 0,
            errors: 0,
            stats: Stats {
                received: 0,
                transmitted: 0,
                framing: 0,
                overrun: 0,
                buffer_overrun: 0,
                parity: 0,
            },
            modem: 0,
            timer: None,
        }
    }

    /// Its number, from 0.
    pub fn number(&self) -> usize {
        self.number
    }

    /// Its registers.
    pub fn registers(&self) -> PortRange {
        isa::serial(self.number)
    }

    /// Somebody has opened it: settings as NT has them then, and interrupts. With a monitor's UART the line needs no
    /// setting, which saves a boot some exits.
    pub fn start(&mut self, may_have_fifo: bool) {
        let before = core::mem::replace(self, Self::new(self.number));
        self.has_bulk = before.has_bulk;
        self.is_connected = before.is_connected;
        // The UART tells changes alone: a carrier that had gone is gone until it says otherwise.
        self.hung_up = before.hung_up;
        self.is_open = true;
        let registers = self.registers();
        if self.has_bulk {
            self.fifo = uart::FIFO;
            registers.write_u8(uart::FCR, uart::FIFO_ON);
        } else {
            self.fifo =
                if may_have_fifo { uart::turn_fifo_on(registers) } else { uart::turn_fifo_off(registers) };
            self.program_line();
        }
        self.set_modem_control(MCR_DTR | MCR_RTS | MCR_OUT2);
        self.enable(ERBFI | ELSI | EDSSI);
    }

    /// Nobody has it open any more. What waited is returned, to be dropped.
    pub fn stop(&mut self) -> Self {
        self.ier = ETBEI;
        self.enable(0);
        self.set_modem_control(0);
        let mut closed = Self::new(self.number);
        closed.has_bulk = self.has_bulk;
        closed.is_connected = self.is_connected;
        closed.hung_up = self.hung_up;
        if let Some(place) = self.timer.take() {
            crate::ke::due::cancel(place);
        }
        core::mem::replace(self, closed)
    }

    /// Writes baud rate and line control.
    pub fn program_line(&mut self) {
        let divisor = divisor(self.baud).unwrap_or(1);
        uart::set_line(self.registers(), divisor, self.line_register());
        self.registers().write_u8(IER, self.ier);
    }

    fn line_register(&self) -> u8 {
        let break_bit = if self.is_break { uart::LCR_BREAK } else { 0 };
        self.line.register().unwrap_or(0) | break_bit
    }

    /// Holds the line in break, or lets it go.
    pub fn set_break(&mut self, is_break: bool) {
        self.is_break = is_break;
        self.registers().write_u8(LCR, self.line_register());
    }

    /// Writes the modem control register.
    pub fn set_modem_control(&mut self, mcr: u8) {
        self.mcr = mcr;
        self.registers().write_u8(MCR, mcr);
    }

    /// Writes the interrupt enable register, if that changes it.
    fn enable(&mut self, ier: u8) {
        if self.ier != ier {
            self.ier = ier;
            self.registers().write_u8(IER, ier);
        }
    }

    /// The input buffer has filled up, or has room again. While it is full, the UART keeps what comes.
    fn settle_room(&mut self) {
        let is_full = self.input.room() == 0;
        if is_full == self.is_full {
            return;
        }
        self.is_full = is_full;
        let ier = if is_full { self.ier & !ERBFI } else { self.ier | ERBFI };
        self.enable(ier);
        if self.flow[1] & flow::RTS_HANDSHAKE != 0 {
            let rts = if is_full { 0 } else { MCR_RTS };
            self.set_modem_control(self.mcr & !MCR_RTS | rts);
        }
    }

    /// The transmitter is to say when it is empty.
    pub fn want_transmitter(&mut self) {
        self.enable(self.ier | ETBEI);
    }

    /// What the UART wants; whether there was anything.
    pub fn service(&mut self) -> bool {
        if self.has_bulk { self.service_in_blocks() } else { self.service_by_register() }
    }

    fn service_in_blocks(&mut self) -> bool {
        let input = &mut self.input;
        let (event_char, mut events) = (self.chars[3], 0);
        let received = platform::bulk_receive(self.number as u16, input.room(), |bytes| {
            input.push(bytes);
            if event_char != 0 && bytes.contains(&event_char) {
                events |= event::RXFLAG;
            }
        });
        let Received { count, line_status, modem_status } = received.unwrap_or_default();
        if count > 0 {
            self.stats.received = self.stats.received.wrapping_add(count as u32);
            events |= event::RXCHAR;
        }
        self.events |= events;
        let noted = self.note_line(line_status) | self.note_modem(modem_status);
        self.settle_room();
        count > 0 || noted
    }

    fn service_by_register(&mut self) -> bool {
        use uart::cause;
        let registers = self.registers();
        let mut any = false;
        // A UART that never stops asking is broken; this many passes no other makes.
        for _ in 0..256 {
            let cause = registers.read_u8(uart::IIR) & cause::MASK;
            match cause {
                cause::RECEIVE | cause::TIMEOUT | cause::LINE => self.receive(),
                cause::TRANSMIT => self.transmit(),
                cause::MODEM => {
                    let status = registers.read_u8(uart::MSR);
                    self.note_modem(status);
                }
                _ => break,
            }
            any = true;
        }
        any
    }

    fn receive(&mut self) {
        let registers = self.registers();
        loop {
            let status = registers.read_u8(uart::LSR);
            self.note_line(status);
            if status & uart::LSR_DR == 0 || self.input.room() == 0 {
                break;
            }
            let byte = registers.read_u8(DATA);
            self.input.push(&[byte]);
            self.stats.received = self.stats.received.wrapping_add(1);
            self.events |= event::RXCHAR;
            if byte == self.chars[3] && byte != 0 {
                self.events |= event::RXFLAG;
            }
        }
        self.settle_room();
    }

    /// Fills the transmitter, which is empty.
    fn transmit(&mut self) {
        let registers = self.registers();
        let mut room = self.fifo;
        for write in &mut self.writes {
            let bytes = write.request.data().get(write.sent..).unwrap_or_default();
            let count = bytes.len().min(room);
            bytes.iter().take(count).for_each(|&byte| registers.write_u8(DATA, byte));
            write.sent += count;
            room -= count;
            if room == 0 {
                break;
            }
        }
        self.stats.transmitted = self.stats.transmitted.wrapping_add((self.fifo - room) as u32);
        if room == self.fifo {
            self.events |= event::TXEMPTY;
            self.enable(self.ier & !ETBEI);
        }
    }

    /// Takes down what LSR says of errors; whether it says something.
    fn note_line(&mut self, status: u8) -> bool {
        for (bit, flag) in [
            (uart::LSR_OE, error::OVERRUN),
            (uart::LSR_PE, error::PARITY),
            (uart::LSR_FE, error::FRAMING),
            (uart::LSR_BI, error::BREAK),
        ] {
            if status & bit != 0 {
                self.errors |= flag;
                self.events |= if flag == error::BREAK { event::BREAK } else { event::ERR };
                match flag {
                    error::OVERRUN => self.stats.overrun += 1,
                    error::PARITY => self.stats.parity += 1,
                    error::FRAMING => self.stats.framing += 1,
                    _ => {}
                }
            }
        }
        status & (uart::LSR_OE | uart::LSR_PE | uart::LSR_FE | uart::LSR_BI) != 0
    }

    /// Takes down what MSR says has changed; whether anything has.
    pub fn note_modem(&mut self, status: u8) -> bool {
        self.modem = status & !uart::MSR_DELTAS;
        for (bit, flag) in [(1, event::CTS), (2, event::DSR), (4, event::RING), (8, event::RLSD)] {
            if status & bit != 0 {
                self.events |= flag;
            }
        }
        if status & uart::MSR_DDCD != 0 {
            self.hung_up = status & uart::MSR_DCD == 0;
        }
        status & uart::MSR_DELTAS != 0
    }

    /// Takes requests out that are over at a time, in 100 ns, with their answers; sees to the timer for the others.
    pub fn settle(&mut self, now: u64, answers: &mut Answers) {
        self.settle_reads(now, answers);
        self.settle_room();
        self.settle_writes(now, answers);
        if self.events & self.wait_mask != 0
            && let Some(wait) = self.wait.take()
        {
            let events = core::mem::take(&mut self.events) & self.wait_mask;
            answers.push((wait, super::query::number(events)));
        }
        self.events &= self.wait_mask;
        self.arm(now);
    }

    fn settle_writes(&mut self, now: u64, answers: &mut Answers) {
        while let Some(write) = self.writes.front() {
            let length = write.request.data().len();
            let status = match write.end {
                _ if write.sent >= length => NtStatus::SUCCESS,
                Some(end) if end <= now => NtStatus::TIMEOUT,
                _ => break,
            };
            if let Some(write) = self.writes.pop_front() {
                let completion = Completion { status, ..Completion::done(write.sent as u64) };
                answers.push((write.request, completion));
            }
        }
    }
}
