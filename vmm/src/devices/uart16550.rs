//! The 16550A UART (National Semiconductor PC16550D), without time: a byte written is sent at once, and
//! the four character times of the receive time-out have always passed.
//!
//! Two things of the data sheet are left out on purpose. Words are always 8 bits wide, because
//! small guests write to THR without ever programming LCR. The interrupt is not gated by OUT2: that is the PC's
//! wiring, and guests that work under other monitors do without it.

mod fifo;
mod regs;

pub use fifo::DEPTH;
use fifo::{Fifo, Received};
pub use regs::*;

/// What a register write makes happen outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// This byte leaves through the transmitter.
    pub transmit: Option<u8>,
    /// The interrupt line went low and came back within the access: an edge that must not be lost.
    pub pulsed: bool,
}

/// One UART.
#[derive(Clone, Debug)]
#[cfg_attr(test, derive(PartialEq))]
pub struct Uart {
    ier: u8,
    lcr: u8,
    mcr: u8,
    scr: u8,
    dll: u8,
    dlm: u8,
    /// FIFO mode and trigger level.
    fcr: u8,
    rx: Fifo,
    /// LSR bits 1–4: latched until LSR is read.
    errors: u8,
    /// The "transmitter holding register empty" interrupt waits to be seen.
    thre_pending: bool,
    /// The modem inputs as driven from outside, MSR bits 4–7.
    modem: u8,
    /// MSR bits 0–3: changes since MSR was read.
    deltas: u8,
}

impl Default for Uart {
    fn default() -> Self {
        Self {
            ier: 0,
            lcr: 0,
            mcr: 0,
            scr: 0,
            dll: 0x0C, // 9600 baud
            dlm: 0,
            fcr: 0,
            rx: Fifo::default(),
            errors: 0,
            thre_pending: false,
            modem: MSR_CTS | MSR_DSR | MSR_DCD,
            deltas: 0,
        }
    }
}

impl Uart {
    /// Reads the register at `offset` (its low three bits).
    pub fn read(&mut self, offset: u8) -> u8 {
        let dlab = self.lcr & LCR_DLAB != 0;
        match offset & 7 {
            RBR if dlab => self.dll,
            IER if dlab => self.dlm,
            RBR => self.read_rbr(),
            IER => self.ier,
            IIR => self.read_iir(),
            LCR => self.lcr,
            MCR => self.mcr,
            LSR => self.read_lsr(),
            MSR => {
                let msr = self.modem_lines() | self.deltas;
                self.deltas = 0;
                msr
            }
            _ => self.scr,
        }
    }

    /// Writes the register at `offset` (its low three bits).
    #[must_use]
    pub fn write(&mut self, offset: u8, value: u8) -> Effect {
        let dlab = self.lcr & LCR_DLAB != 0;
        match offset & 7 {
            THR if dlab => self.dll = value,
            IER if dlab => self.dlm = value,
            THR => return self.write_thr(value),
            IER => self.write_ier(value),
            FCR => self.write_fcr(value),
            LCR => self.write_lcr(value),
            MCR => self.change_modem(|uart| uart.mcr = value & MCR_WRITABLE),
            // LSR is for reading; the data sheet keeps writes to it for factory tests. MSR likewise.
            LSR | MSR => {}
            _ => self.scr = value,
        }
        Effect::default()
    }

    /// A byte arrives on the line. It is lost, with an overrun, when there is no [`Uart::room`].
    pub fn receive(&mut self, byte: u8) {
        // In loopback the receiver is cut off from the line.
        if self.mcr & MCR_LOOP == 0 {
            self.accept(Received { byte, errors: 0 });
        }
    }

    /// A break arrives on the line: a zero byte with the break and framing errors.
    pub fn receive_break(&mut self) {
        if self.mcr & MCR_LOOP == 0 {
            self.accept(Received { byte: 0, errors: LSR_BI | LSR_FE });
        }
    }

    /// How many bytes can arrive without an overrun.
    pub fn room(&self) -> usize {
        if self.mcr & MCR_LOOP != 0 { 0 } else { self.depth().saturating_sub(self.rx.len()) }
    }

    /// The modem inputs change: MSR bits 4–7.
    pub fn set_modem(&mut self, lines: u8) {
        self.change_modem(|uart| uart.modem = lines & MSR_LINES);
    }

    /// The state of the interrupt line.
    pub fn interrupt(&self) -> bool {
        self.interrupt_id() != IIR_NONE
    }

    /// Whether all that has arrived has been taken.
    pub fn is_drained(&self) -> bool {
        self.rx.len() == 0
    }

    /// Whether the guest wants to be told of input.
    pub fn wants_input(&self) -> bool {
        self.ier & IER_ERBFI != 0
    }

    /// Whether the guest holds the line in break (LCR bit 6).
    pub fn sends_break(&self) -> bool {
        self.lcr & LCR_BREAK != 0
    }

    fn depth(&self) -> usize {
        if self.fcr & FCR_ENABLE != 0 { DEPTH } else { 1 }
    }

    fn accept(&mut self, received: Received) {
        if self.rx.len() >= self.depth() {
            self.errors |= LSR_OE;
            // Without FIFOs the new byte overwrites the old one; with them it is lost.
            if self.fcr & FCR_ENABLE == 0 {
                self.rx.clear();
                self.rx.push(received);
                self.errors |= received.errors;
            }
            return;
        }
        if self.rx.len() == 0 {
            self.errors |= received.errors;
        }
        self.rx.push(received);
    }

    fn read_rbr(&mut self) -> u8 {
        self.take().unwrap_or(0)
    }

    /// Takes the oldest byte that has arrived, as reading RBR does.
    pub fn take(&mut self) -> Option<u8> {
        let byte = self.rx.pop()?.byte;
        // A byte's errors show in LSR when it gets to the head of the FIFO.
        self.errors |= self.rx.head().map_or(0, |next| next.errors);
        Some(byte)
    }

    fn read_lsr(&mut self) -> u8 {
        let mut lsr = LSR_THRE | LSR_TEMT | self.errors;
        if self.rx.len() > 0 {
            lsr |= LSR_DR;
        }
        if self.fcr & FCR_ENABLE != 0 && self.rx.any_error() {
            lsr |= LSR_FIFO_ERROR;
        }
        self.errors = 0;
        self.rx.forgive_head();
        lsr
    }

    fn read_iir(&mut self) -> u8 {
        let id = self.interrupt_id();
        if id == IIR_THRE {
            self.thre_pending = false;
        }
        id | if self.fcr & FCR_ENABLE != 0 { IIR_FIFO_ENABLED } else { 0 }
    }

    /// The pending interrupt of highest priority.
    fn interrupt_id(&self) -> u8 {
        let received = self.rx.len();
        if self.ier & IER_ELSI != 0 && self.errors != 0 {
            IIR_LINE_STATUS
        } else if self.ier & IER_ERBFI != 0 && received >= trigger_level(self.fcr) {
            IIR_RECEIVED
        } else if self.ier & IER_ERBFI != 0 && received > 0 {
            IIR_TIMEOUT
        } else if self.ier & IER_ETBEI != 0 && self.thre_pending {
            IIR_THRE
        } else if self.ier & IER_EDSSI != 0 && self.deltas != 0 {
            IIR_MODEM_STATUS
        } else {
            IIR_NONE
        }
    }

    fn write_thr(&mut self, value: u8) -> Effect {
        // Writing takes the interrupt away; the byte is gone at once, which brings it back.
        self.thre_pending = false;
        let low_between = !self.interrupt();
        self.thre_pending = true;
        let transmit = if self.mcr & MCR_LOOP != 0 {
            self.accept(Received { byte: value, errors: 0 });
            None
        } else {
            Some(value)
        };
        Effect { transmit, pulsed: low_between }
    }

    fn write_ier(&mut self, value: u8) {
        // Turning the interrupt on while the transmitter is empty raises it.
        if value & !self.ier & IER_ETBEI != 0 {
            self.thre_pending = true;
        }
        self.ier = value & IER_WRITABLE;
    }

    fn write_fcr(&mut self, value: u8) {
        let switched = (self.fcr ^ value) & FCR_ENABLE != 0;
        if switched || value & FCR_ENABLE != 0 && value & FCR_CLEAR_RX != 0 {
            self.rx.clear();
        }
        // The other bits are programmed only together with the enable bit. The transmit FIFO is
        // always empty, so clearing it changes nothing.
        self.fcr = if value & FCR_ENABLE != 0 { value & (FCR_ENABLE | FCR_TRIGGER) } else { 0 };
    }

    fn write_lcr(&mut self, value: u8) {
        let break_starts = value & !self.lcr & LCR_BREAK != 0;
        self.lcr = value;
        if break_starts && self.mcr & MCR_LOOP != 0 {
            self.accept(Received { byte: 0, errors: LSR_BI | LSR_FE });
        }
    }

    /// MSR bits 4–7: the inputs, or in loopback the outputs.
    fn modem_lines(&self) -> u8 {
        if self.mcr & MCR_LOOP == 0 {
            return self.modem;
        }
        let mut lines = 0;
        for (output, input) in
            [(MCR_RTS, MSR_CTS), (MCR_DTR, MSR_DSR), (MCR_OUT1, MSR_RI), (MCR_OUT2, MSR_DCD)]
        {
            if self.mcr & output != 0 {
                lines |= input;
            }
        }
        lines
    }

    fn change_modem(&mut self, change: impl FnOnce(&mut Self)) {
        let before = self.modem_lines();
        change(self);
        let after = self.modem_lines();
        let mut changed = (before ^ after) >> 4;
        // The ring indicator counts at its trailing edge only.
        if after & MSR_RI != 0 {
            changed &= !MSR_TERI;
        }
        self.deltas |= changed;
    }
}

#[cfg(test)]
#[path = "uart16550_proof.rs"]
mod proof;
#[cfg(test)]
#[path = "uart16550_tests.rs"]
mod tests;
