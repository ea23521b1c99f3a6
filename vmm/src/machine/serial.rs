//! COM1–COM4 on the board: their registers, their lines, and what comes and goes at their other ends.

use std::sync::Arc;

use nt::platform::COM1_PORT;

use super::Machine;
use crate::backends::fault::Mishap;
use crate::backends::{Arrival, Inbox, Mishaps, Outbox, tell};
use crate::devices::uart16550::{FCR, IER, LSR, MCR, MSR_CTS, MSR_DSR, RBR, Uart};
use crate::kvm::{Error, Vm};

/// First port and interrupt line of COM1–COM4, as on every PC.
pub(super) const COMS: [(u16, usize); 4] = [(COM1_PORT, 4), (0x2F8, 3), (0x3E8, 4), (0x2E8, 3)];

/// A serial port: the UART and where its bytes go and come from.
#[derive(Debug)]
pub(super) struct ComPort {
    pub(super) uart: Uart,
    pub(super) out: Arc<Outbox>,
    pub(super) input: Arc<Inbox>,
    pub(super) mishaps: Mishaps,
    /// The guest has looked for input: before, what is typed stays outside, because a driver that sets the UART up
    /// empties it.
    pub(super) listens: bool,
}

impl ComPort {
    /// Hands over what has come in, at most so much at once, and what was to happen after that by name. False when there was
    /// nothing.
    pub(super) fn arrive(
        &mut self,
        number: usize,
        most: usize,
        mut give: impl FnMut(&mut Uart, Arrival),
    ) -> bool {
        let Self { uart, input, mishaps, .. } = self;
        let taken = input.deliver(most.min(mishaps.inward()), |arrival| give(uart, arrival));
        mishaps.received(taken);
        match mishaps.next_inward() {
            Some(Mishap::Break) => uart.receive_break(),
            Some(Mishap::HangUp) => tell_hang_up(number),
            None => return taken > 0,
        }
        true
    }
}

impl Machine {
    pub(super) fn com_write(&mut self, vm: &Vm, number: usize, offset: u8, value: u8) -> Result<(), Error> {
        let Some(com) = &mut self.coms[number] else {
            return Ok(());
        };
        let effect = com.uart.write(offset, value);
        if let Some(byte) = effect.transmit {
            self.stats.serial_bytes += 1;
            self.send(vm, number, &[byte])?;
        }
        if effect.pulsed {
            // A falling edge delivers nothing.
            let _ = self.ioapic.set_line(COMS[number].1, false);
        }
        self.drive_line(vm, number)?;
        let starts = offset == IER && self.starts_to_listen(number);
        // An emptied FIFO, or the end of loopback, makes room.
        if starts || matches!(offset, FCR | MCR) {
            self.refill(vm, number)?;
        }
        Ok(())
    }

    /// Whether the guest wants to be told of input, and has not before.
    pub(super) fn starts_to_listen(&mut self, number: usize) -> bool {
        let com = self.coms.get_mut(number).and_then(Option::as_mut);
        com.is_some_and(|com| com.uart.wants_input() && !core::mem::replace(&mut com.listens, true))
    }

    /// Gives a UART what has been typed, as far as it has room.
    pub(super) fn refill(&mut self, vm: &Vm, number: usize) -> Result<(), Error> {
        if let Some(com) = self.coms[number].as_mut().filter(|com| com.listens) {
            while com.uart.room() > 0 {
                let more = com.arrive(number, com.uart.room(), |uart, arrival| match arrival {
                    Arrival::Byte(byte) => uart.receive(byte),
                    Arrival::Break => uart.receive_break(),
                });
                if !more {
                    break;
                }
            }
        }
        if let Some(ComPort { uart, input, mishaps, listens, .. }) = &mut self.coms[number] {
            // The carrier goes when the last byte has been taken: who sees it go has seen everything.
            if mishaps.is_hung_up() && uart.is_drained() {
                uart.set_modem(0);
            } else if *listens && input.is_finished() && uart.is_drained() {
                uart.set_modem(MSR_CTS | MSR_DSR);
            }
        }
        self.drive_line(vm, number)
    }

    pub(super) fn com_read(&mut self, vm: &Vm, number: usize, offset: u8) -> Result<u8, Error> {
        let Some(com) = &mut self.coms[number] else {
            return Ok(0xFF);
        };
        let value = com.uart.read(offset);
        let starts = offset == LSR && !core::mem::replace(&mut com.listens, true);
        // The line falls with the last byte before the next one raises it: an edge must not be lost.
        self.drive_line(vm, number)?;
        if offset == RBR || starts {
            self.refill(vm, number)?;
        }
        Ok(value)
    }

    /// COM1 and COM3 share a line, and so do COM2 and COM4.
    pub(super) fn drive_line(&mut self, vm: &Vm, number: usize) -> Result<(), Error> {
        let (_, line) = COMS[number];
        let up =
            self.coms.iter().zip(COMS).any(|(com, (_, other))| {
                other == line && com.as_ref().is_some_and(|com| com.uart.interrupt())
            });
        self.ioapic.set_line(line, up).map_or(Ok(()), |msi| vm.signal_msi(msi))
    }

    pub(super) fn send(&mut self, vm: &Vm, number: usize, data: &[u8]) -> Result<(), Error> {
        let Some(com) = &mut self.coms[number] else { return Ok(()) };
        let was_there = !com.mishaps.is_hung_up();
        let count = com.mishaps.outward(data.len());
        if count > 0 && com.out.push(&data[..count], || self.control.is_stopping()) {
            self.control.wake();
        }
        if was_there && count < data.len() {
            tell_hang_up(number);
            self.refill(vm, number)?;
        }
        Ok(())
    }
}

/// Says that the other end of a serial port has gone, as it was told to.
fn tell_hang_up(number: usize) {
    tell(format_args!("smvm: COM{} is hung up, as --fault says", number + 1));
}
