//! Whole blocks at one exit, for the guest's own drivers: see [`nt::platform`].

use nt::platform::{BULK_MAX, TARGET_LPT1};
use vm_memory::{Bytes, GuestAddress};

use super::Machine;
use super::printers::LptPort;
use crate::backends::Arrival;
use crate::devices::platform;
use crate::devices::uart16550::{LSR, MSR};
use crate::kvm::{Error, Vm};

impl Machine {
    pub(super) fn send_bulk(&mut self, vm: &Vm, address: u32) -> Result<(), Error> {
        let mut buffer = std::mem::replace(&mut self.bulk, Box::new([0; BULK_MAX]));
        let memory = &self.memory;
        let block = platform::fetch_bulk(address, &mut buffer, |at, out| {
            memory.map.read_slice(out, GuestAddress(at)).is_ok()
        });
        let printer = block.as_ref().ok().and_then(|(target, _)| lpt_of(&self.lpts, *target));
        let mut sent = Ok(());
        match (block, printer) {
            (Ok((_, data)), Some(printer)) => {
                let (taken, condition) = printer.queue.print(data);
                self.stats.bulk_blocks += 1;
                self.stats.bulk_bytes += taken as u64;
                let mut answer = [condition.status(), 0, 0, 0];
                answer[2..].copy_from_slice(&(taken as u16).to_le_bytes());
                if memory.map.write_slice(&answer, GuestAddress(address.into())).is_err() {
                    self.stats.bulk_rejected += 1;
                }
            }
            (Ok((target, data)), None) if self.coms.get(usize::from(target)).is_some_and(Option::is_some) => {
                self.stats.bulk_blocks += 1;
                self.stats.bulk_bytes += data.len() as u64;
                sent = self.send(vm, target.into(), data);
            }
            _ => self.stats.bulk_rejected += 1,
        }
        self.bulk = buffer;
        sent
    }

    /// Fills a block with what has arrived at a port, see [`nt::platform::REG_BULK_RX`].
    pub(super) fn receive_bulk(&mut self, vm: &Vm, address: u32) -> Result<(), Error> {
        let mut header = [0; 4];
        let read = self.memory.map.read_slice(&mut header, GuestAddress(address.into()));
        let [t0, t1, l0, l1] = header;
        let (target, room) = (u16::from_le_bytes([t0, t1]), usize::from(u16::from_le_bytes([l0, l1])));
        let number = usize::from(target);
        let com = self.coms.get_mut(number).and_then(Option::as_mut);
        let Some(com) = com.filter(|_| read.is_ok() && room <= BULK_MAX) else {
            self.stats.bulk_rejected += 1;
            return Ok(());
        };
        com.listens = true;
        let mut bytes = Vec::new();
        while bytes.len() < room {
            if let Some(byte) = com.uart.take() {
                bytes.push(byte);
                continue;
            }
            let left = room - bytes.len();
            let more = com.uart.room() > 0
                && com.arrive(number, left, |uart, arrival| match arrival {
                    Arrival::Byte(byte) => bytes.push(byte),
                    Arrival::Break => {
                        uart.receive_break();
                        bytes.extend(uart.take());
                    }
                });
            if !more {
                break;
            }
        }
        let status = [com.uart.read(LSR), com.uart.read(MSR)];
        let mut block = Vec::with_capacity(header.len() + bytes.len());
        block.extend_from_slice(&status);
        block.extend_from_slice(&(bytes.len() as u16).to_le_bytes());
        block.append(&mut bytes);
        if self.memory.map.write_slice(&block, GuestAddress(address.into())).is_err() {
            self.stats.bulk_rejected += 1;
        }
        self.stats.bulk_received += (block.len() - header.len()) as u64;
        // As with RBR: the line falls before it may rise again.
        self.drive_line(vm, number)?;
        self.refill(vm, number)
    }
}

/// The parallel port that is the target of a bulk transmit block.
fn lpt_of(lpts: &[Option<LptPort>; 3], target: u16) -> Option<&LptPort> {
    lpts.get(usize::from(target.checked_sub(TARGET_LPT1)?))?.as_ref()
}
