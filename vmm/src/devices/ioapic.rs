//! The I/O APIC (Intel 82093AA): 24 pins, in user space. What a pin delivers is a message to a local APIC.

/// Guest-physical address of the registers.
pub const IOAPIC_BASE: u64 = 0xFEC0_0000;
/// Length of the register window.
pub const IOAPIC_LEN: u64 = 0x20;
/// Number of pins.
pub const PINS: usize = 24;

/// I/O register select, by its offset in the window.
const IOREGSEL: u64 = 0x00;
/// I/O window, by its offset in the window.
const IOWIN: u64 = 0x10;

/// Indices behind IOREGSEL.
const IOAPICID: u8 = 0x00;
const IOAPICVER: u8 = 0x01;
const IOAPICARB: u8 = 0x02;
const IOREDTBL: u8 = 0x10;

/// Version 0x11 (82093AA) and the number of the last pin.
const VERSION: u32 = 0x11 | (PINS as u32 - 1) << 16;

/// Bits of a redirection table entry.
const DELIVERY_STATUS: u64 = 1 << 12;
const REMOTE_IRR: u64 = 1 << 14;
const TRIGGER_LEVEL: u64 = 1 << 15;
const MASKED: u64 = 1 << 16;
/// What a guest can write: everything but the two status bits and the reserved ones.
const WRITABLE: u64 = 0xFF00_0000_0001_FFFF & !(DELIVERY_STATUS | REMOTE_IRR);

/// Where messages to local APICs go.
const MSI_ADDRESS: u32 = 0xFEE0_0000;

/// A message-signalled interrupt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Msi {
    /// Lower half of the address: destination and how to read it.
    pub address: u32,
    /// Vector, delivery mode, trigger mode.
    pub data: u32,
}

/// What has to happen after an access.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// Deliver this message.
    pub deliver: Option<Msi>,
    /// The set of level-triggered pins has changed: see [`IoApic::level_routes`].
    pub routes_changed: bool,
}

/// The I/O APIC.
#[derive(Clone, Debug)]
pub struct IoApic {
    select: u8,
    id: u32,
    table: [u64; PINS],
    /// Input lines, as asserted (1) or not, whatever the polarity.
    lines: u32,
}

impl Default for IoApic {
    fn default() -> Self {
        Self { select: 0, id: 0, table: [MASKED; PINS], lines: 0 }
    }
}

impl IoApic {
    /// Reads a register. Only 32-bit accesses to the two registers mean something.
    pub fn read(&self, offset: u64) -> u32 {
        match offset {
            IOREGSEL => self.select.into(),
            IOWIN => self.read_indexed(),
            _ => u32::MAX,
        }
    }

    fn read_indexed(&self) -> u32 {
        match self.select {
            IOAPICID | IOAPICARB => self.id,
            IOAPICVER => VERSION,
            index => match self.entry_of(index) {
                Some((pin, false)) => self.table[pin] as u32,
                Some((pin, true)) => (self.table[pin] >> 32) as u32,
                None => u32::MAX,
            },
        }
    }

    /// Writes a register.
    pub fn write(&mut self, offset: u64, value: u32) -> Effect {
        match offset {
            IOREGSEL => {
                self.select = value as u8;
                Effect::default()
            }
            IOWIN => self.write_indexed(value),
            _ => Effect::default(),
        }
    }

    fn write_indexed(&mut self, value: u32) -> Effect {
        if self.select == IOAPICID {
            self.id = value & 0x0F00_0000;
            return Effect::default();
        }
        let Some((pin, high)) = self.entry_of(self.select) else {
            return Effect::default();
        };
        let old = self.table[pin];
        let written = if high {
            old & 0xFFFF_FFFF | u64::from(value) << 32
        } else {
            old & !0xFFFF_FFFF | u64::from(value)
        };
        let mut new = written & WRITABLE | old & REMOTE_IRR;
        if new & TRIGGER_LEVEL == 0 {
            new &= !REMOTE_IRR;
        }
        self.table[pin] = new;
        let routed = |entry: u64| (entry & (MASKED | TRIGGER_LEVEL) == TRIGGER_LEVEL).then(|| message(entry));
        Effect {
            // A level-triggered line that was already up is delivered when it is unmasked.
            deliver: if new & TRIGGER_LEVEL != 0 { self.deliver_level(pin) } else { None },
            routes_changed: routed(old) != routed(new),
        }
    }

    /// The redirection table entry behind an index, and whether it is the upper half.
    fn entry_of(&self, index: u8) -> Option<(usize, bool)> {
        let index = usize::from(index.checked_sub(IOREDTBL)?);
        (index < 2 * PINS).then_some((index / 2, index % 2 == 1))
    }

    /// A device drives a pin. Pins that do not exist are ignored.
    #[must_use]
    pub fn set_line(&mut self, pin: usize, asserted: bool) -> Option<Msi> {
        let entry = *self.table.get(pin)?;
        let was = self.lines & 1 << pin != 0;
        self.lines = self.lines & !(1 << pin) | u32::from(asserted) << pin;
        if entry & TRIGGER_LEVEL != 0 {
            return self.deliver_level(pin);
        }
        (asserted && !was && entry & MASKED == 0).then(|| message(entry))
    }

    fn deliver_level(&mut self, pin: usize) -> Option<Msi> {
        let entry = self.table[pin];
        if entry & (MASKED | REMOTE_IRR) != 0 || self.lines & 1 << pin == 0 {
            return None;
        }
        self.table[pin] |= REMOTE_IRR;
        Some(message(entry))
    }

    /// A local APIC finished the level-triggered interrupt `vector`; gives the messages of lines
    /// that are still up.
    pub fn end_of_interrupt(&mut self, vector: u8) -> impl Iterator<Item = Msi> + '_ {
        (0..PINS).filter_map(move |pin| {
            let entry = self.table[pin];
            if entry as u8 != vector || entry & (TRIGGER_LEVEL | REMOTE_IRR) != TRIGGER_LEVEL | REMOTE_IRR {
                return None;
            }
            self.table[pin] &= !REMOTE_IRR;
            self.deliver_level(pin)
        })
    }

    /// The pins whose end of interrupt must come back here: unmasked and level-triggered.
    pub fn level_routes(&self) -> impl Iterator<Item = (u32, Msi)> + '_ {
        self.table
            .iter()
            .enumerate()
            .filter(|(_, entry)| **entry & (MASKED | TRIGGER_LEVEL) == TRIGGER_LEVEL)
            .map(|(pin, entry)| (pin as u32, message(*entry)))
    }
}

/// The message of a redirection table entry: the fields are the same, in other places.
fn message(entry: u64) -> Msi {
    let destination = (entry >> 56) as u32;
    let logical = (entry >> 11 & 1) as u32;
    let vector_and_mode = (entry & 0x7FF) as u32;
    let level = if entry & TRIGGER_LEVEL != 0 { 1 << 15 | 1 << 14 } else { 0 };
    Msi { address: MSI_ADDRESS | destination << 12 | logical << 2, data: vector_and_mode | level }
}

#[cfg(test)]
#[path = "ioapic_tests.rs"]
mod tests;
