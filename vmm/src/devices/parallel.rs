//! A PC's parallel port with a printer, in compatibility mode (IEEE 1284-1994; registers as in the IBM Technical
//! Reference, "Printer adapter"). Without time: a byte that is strobed is taken at once, or not at all.

/// Data latch.
pub const DATA: u8 = 0;
/// Status lines (read).
pub const STATUS: u8 = 1;
/// Control lines.
pub const CONTROL: u8 = 2;

/// Status: the printer takes a byte (the line BUSY, inverted).
pub const STATUS_NOT_BUSY: u8 = 1 << 7;
/// Status: no acknowledgement is going on.
pub const STATUS_NACK: u8 = 1 << 6;
/// Status: out of paper.
pub const STATUS_PAPER_OUT: u8 = 1 << 5;
/// Status: on line.
pub const STATUS_SELECT: u8 = 1 << 4;
/// Status: no error.
pub const STATUS_NO_ERROR: u8 = 1 << 3;
/// Bits that are not wired read as ones.
const STATUS_UNUSED: u8 = 0x07;

/// Control: the data are to be taken.
pub const CONTROL_STROBE: u8 = 1 << 0;
/// Control: a line feed behind each carriage return; printers may ignore it, and this one does.
pub const CONTROL_AUTO_FEED: u8 = 1 << 1;
/// Control: low resets the printer.
pub const CONTROL_NOT_INIT: u8 = 1 << 2;
/// Control: the printer is selected.
pub const CONTROL_SELECT_IN: u8 = 1 << 3;
/// Control: an acknowledgement interrupts.
pub const CONTROL_IRQ: u8 = 1 << 4;
const CONTROL_WRITABLE: u8 = 0x1F;
const CONTROL_UNUSED: u8 = 0xE0;

/// How the printer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Condition {
    /// It takes bytes.
    #[default]
    Ready,
    /// It has more than it can print just now.
    Busy,
    /// Somebody has pressed a button.
    OffLine,
    /// Out of paper.
    PaperOut,
    /// Something is broken.
    Failed,
    /// It is switched off: all its lines are low.
    PoweredOff,
    /// No cable: every line floats up.
    Unplugged,
}

impl Condition {
    fn lines(self) -> u8 {
        let good = STATUS_NACK | STATUS_SELECT | STATUS_NO_ERROR;
        match self {
            Self::Ready => STATUS_NOT_BUSY | good,
            Self::Busy => good,
            Self::OffLine => STATUS_NACK,
            // A printer without paper is off line too.
            Self::PaperOut => STATUS_NACK | STATUS_PAPER_OUT,
            Self::Failed => STATUS_NACK | STATUS_SELECT,
            // The line BUSY is inverted on its way.
            Self::PoweredOff => STATUS_NOT_BUSY,
            Self::Unplugged => good | STATUS_PAPER_OUT,
        }
    }

    /// The status register that says so.
    pub fn status(self) -> u8 {
        self.lines() | STATUS_UNUSED
    }
}

/// What a register write makes happen outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// This byte goes to the printer.
    pub print: Option<u8>,
    /// The line ACK is pulsed, and its interrupt is wanted.
    pub interrupt: bool,
    /// What has been printed is one job: the printer was reset, or is not selected any more.
    pub end_of_job: bool,
}

/// One port.
#[derive(Clone, Copy, Debug, Default)]
pub struct Parallel {
    data: u8,
    control: u8,
}

impl Parallel {
    /// Reads the register at `offset`.
    pub fn read(&self, offset: u8, condition: Condition) -> u8 {
        match offset {
            DATA => self.data,
            STATUS => condition.status(),
            CONTROL => self.control | CONTROL_UNUSED,
            _ => 0xFF,
        }
    }

    /// Whether an acknowledgement interrupts.
    pub fn wants_interrupt(&self) -> bool {
        self.control & CONTROL_IRQ != 0
    }

    /// Writes the register at `offset`.
    #[must_use]
    pub fn write(&mut self, offset: u8, value: u8, condition: Condition) -> Effect {
        match offset {
            DATA => self.data = value,
            CONTROL => {
                let before = std::mem::replace(&mut self.control, value & CONTROL_WRITABLE);
                let strobed = self.control & !before & CONTROL_STROBE != 0;
                let takes = strobed && condition == Condition::Ready;
                let fell = before & !self.control & (CONTROL_NOT_INIT | CONTROL_SELECT_IN);
                return Effect {
                    print: takes.then_some(self.data),
                    interrupt: takes && self.control & CONTROL_IRQ != 0,
                    end_of_job: fell != 0,
                };
            }
            _ => {}
        }
        Effect::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READY: Condition = Condition::Ready;

    #[test]
    fn a_byte_is_taken_when_strobe_begins_and_only_then() {
        let mut port = Parallel::default();
        assert_eq!(port.write(DATA, b'x', READY), Effect::default());
        assert_eq!(port.write(CONTROL, 0x0C, READY), Effect::default());
        let strobe = port.write(CONTROL, 0x0D, READY);
        assert_eq!(strobe, Effect { print: Some(b'x'), ..Effect::default() });
        assert_eq!(port.write(CONTROL, 0x0D, READY), Effect::default());
        assert_eq!(port.write(CONTROL, 0x0C, READY), Effect::default());
        assert!(port.write(CONTROL, 0x1D, READY).interrupt);
    }

    #[test]
    fn a_printer_that_is_not_ready_takes_nothing_and_says_why() {
        for (condition, lines) in [
            (READY, 0xD8),
            (Condition::Busy, 0x58),
            (Condition::OffLine, 0x40),
            (Condition::PaperOut, 0x60),
            (Condition::Failed, 0x50),
            (Condition::PoweredOff, 0x80),
            (Condition::Unplugged, 0x78),
        ] {
            let mut port = Parallel::default();
            assert_eq!(port.read(STATUS, condition) & 0xF8, lines, "{condition:?}");
            let effect = port.write(CONTROL, CONTROL_STROBE | CONTROL_IRQ, condition);
            assert_eq!(effect.print.is_some(), condition == READY);
            assert_eq!(effect.interrupt, condition == READY);
        }
    }

    #[test]
    fn a_reset_or_the_end_of_selection_ends_a_job() {
        let mut port = Parallel::default();
        assert!(!port.write(CONTROL, 0x0C, READY).end_of_job);
        assert!(port.write(CONTROL, 0x08, READY).end_of_job);
        assert!(!port.write(CONTROL, 0x0C, READY).end_of_job);
        assert!(port.write(CONTROL, 0x04, READY).end_of_job);
        assert!(!port.write(CONTROL, 0x04, READY).end_of_job);
    }

    /// All there is: every access with every value in every state of the lines, with every printer. Data are only carried.
    #[test]
    fn every_access_in_every_state() {
        let conditions = [
            READY,
            Condition::Busy,
            Condition::OffLine,
            Condition::PaperOut,
            Condition::Failed,
            Condition::PoweredOff,
            Condition::Unplugged,
        ];
        for (before, condition) in
            (0..=CONTROL_WRITABLE).flat_map(|control| conditions.map(|condition| (control, condition)))
        {
            for (data, value) in
                [0, 0x55, 0xAA, 0xFF].into_iter().flat_map(|data| (0..=255).map(move |value| (data, value)))
            {
                let port = Parallel { data, control: before };
                let mut written = port;
                assert_eq!(written.write(DATA, value, condition), Effect::default());
                assert_eq!((written.data, written.control), (value, before));
                for offset in [STATUS, 3, 0xFF] {
                    let mut written = port;
                    assert_eq!(written.write(offset, value, condition), Effect::default());
                    assert_eq!((written.data, written.control), (data, before));
                }
                let mut written = port;
                let effect = written.write(CONTROL, value, condition);
                assert_eq!((written.data, written.control), (data, value & 0x1F));
                let takes = before & 1 == 0 && value & 1 == 1 && condition == READY;
                assert_eq!(effect.print, takes.then_some(data));
                assert_eq!(effect.interrupt, takes && value & 0x10 != 0);
                assert_eq!(effect.end_of_job, before & !value & 0x0C != 0);
            }
        }
    }

    /// Every write in every state, one after another: registers read back as they are wired.
    #[test]
    fn every_value_of_every_register() {
        let mut port = Parallel::default();
        for control in 0..=255 {
            for data in 0..=255 {
                let _ = port.write(DATA, data, READY);
                let _ = port.write(STATUS, data, READY);
                let effect = port.write(CONTROL, control, READY);
                assert!(effect.print.is_none_or(|printed| printed == data));
                assert_eq!(port.read(DATA, READY), data);
                assert_eq!(port.read(STATUS, READY), 0xDF);
                assert_eq!(port.read(CONTROL, READY), control & 0x1F | 0xE0);
            }
        }
    }
}
