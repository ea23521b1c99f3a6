//! The board: which device answers where, and how its interrupt gets to the processor.

use std::sync::Arc;

use nt::platform::{
    BULK_MAX, COM1_PORT, PLATFORM_PORT, PLATFORM_PORTS, PowerAction, PowerCommand, TARGET_LPT1,
};
use serde::Serialize;
use vm_memory::{Bytes, GuestAddress};

use crate::backends::fault::Mishap;
use crate::backends::{Arrival, Inbox, Mishaps, Outbox, PrintQueue, tell};
use crate::control::Control;
use crate::devices::bus::Bus;
use crate::devices::i8042::{self, I8042};
use crate::devices::ioapic::{Effect, IOAPIC_BASE, IOAPIC_LEN, IoApic, Msi};
use crate::devices::parallel::Parallel;
use crate::devices::uart16550::{FCR, IER, LSR, MCR, MSR, MSR_CTS, MSR_DSR, RBR, Uart};
use crate::devices::{acpi, platform, pvpanic};
use crate::drives::{Bank, Line};
use crate::kvm::{Error, Memory, Vm};
use crate::outcome::{Outcome, Reason};

/// First port and interrupt line of COM1–COM4, as on every PC.
const COMS: [(u16, usize); 4] = [(COM1_PORT, 4), (0x2F8, 3), (0x3E8, 4), (0x2E8, 3)];

/// First port and interrupt line of LPT1–LPT3, as on every PC.
const LPTS: [(u16, usize); 3] = [(0x378, 7), (0x278, 5), (0x3BC, 7)];
/// Registers of a parallel port.
const LPT_PORTS: u64 = 3;

/// Who answers at a port.
#[derive(Clone, Copy, Debug)]
enum PortDevice {
    Com(usize),
    Lpt(usize),
    I8042Data,
    I8042Command,
    Platform,
    PvPanic,
    SleepControl,
    SleepStatus,
}

/// A serial port: the UART and where its bytes go and come from.
#[derive(Debug)]
pub(crate) struct ComPort {
    uart: Uart,
    out: Arc<Outbox>,
    input: Arc<Inbox>,
    mishaps: Mishaps,
    /// The guest has looked for input: before, what is typed stays outside, because a driver that sets the UART up
    /// empties it.
    listens: bool,
}

/// A parallel port and its printer.
#[derive(Debug)]
struct LptPort {
    parallel: Parallel,
    queue: Arc<PrintQueue>,
}

/// What went by, for the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MachineStats {
    /// Bytes sent through COM1–COM4, one by one.
    pub serial_bytes: u64,
    /// Bytes sent through LPT1–LPT3, one by one.
    pub printed_bytes: u64,
    /// Bulk transmit blocks sent.
    pub bulk_blocks: u64,
    /// Bytes in them.
    pub bulk_bytes: u64,
    /// Bytes that bulk receive fetched.
    pub bulk_received: u64,
    /// Bulk transmit and receive blocks ignored because they made no sense.
    pub bulk_rejected: u64,
    /// Accesses to ports and addresses where no device is.
    pub unclaimed: u64,
}

/// The board with its devices. Lives in the vCPU thread.
#[derive(Debug)]
pub(crate) struct Machine {
    ports: Bus<PortDevice>,
    coms: [Option<ComPort>; 4],
    lpts: [Option<LptPort>; 3],
    i8042: I8042,
    ioapic: IoApic,
    memory: Memory,
    control: Arc<Control>,
    bulk: Box<[u8; BULK_MAX]>,
    pub(crate) drives: Bank,
    pub(crate) stats: MachineStats,
}

impl Machine {
    /// A board with the serial ports for which there is a pair of boxes, and the parallel ports for which there is a
    /// queue.
    pub(crate) fn new(
        memory: Memory,
        control: Arc<Control>,
        boxes: [Option<(Arc<Outbox>, Arc<Inbox>)>; 4],
        mishaps: [Mishaps; 4],
        printers: [Option<Arc<PrintQueue>>; 3],
        drives: Bank,
    ) -> Result<Self, crate::devices::bus::BusError> {
        let mut ports = Bus::new();
        for (number, (port, _)) in COMS.into_iter().enumerate().filter(|(number, _)| boxes[*number].is_some())
        {
            ports.claim(port.into(), 8, PortDevice::Com(number))?;
        }
        for (number, (port, _)) in
            LPTS.into_iter().enumerate().filter(|(number, _)| printers[*number].is_some())
        {
            ports.claim(port.into(), LPT_PORTS, PortDevice::Lpt(number))?;
        }
        ports.claim(i8042::DATA_PORT.into(), 1, PortDevice::I8042Data)?;
        ports.claim(i8042::COMMAND_PORT.into(), 1, PortDevice::I8042Command)?;
        ports.claim(pvpanic::PVPANIC_PORT.into(), 1, PortDevice::PvPanic)?;
        ports.claim(acpi::SLEEP_CONTROL.into(), 1, PortDevice::SleepControl)?;
        ports.claim(acpi::SLEEP_STATUS.into(), 1, PortDevice::SleepStatus)?;
        ports.claim(PLATFORM_PORT.into(), PLATFORM_PORTS.into(), PortDevice::Platform)?;
        let mut mishaps = mishaps.into_iter();
        let coms = boxes.map(|pair| {
            let mishaps = mishaps.next().unwrap_or_default();
            pair.map(|(out, input)| ComPort { uart: Uart::default(), out, input, mishaps, listens: false })
        });
        let lpts = printers.map(|queue| queue.map(|queue| LptPort { parallel: Parallel::default(), queue }));
        Ok(Self {
            ports,
            coms,
            lpts,
            i8042: I8042::default(),
            ioapic: IoApic::default(),
            memory,
            control,
            bulk: Box::new([0; BULK_MAX]),
            drives,
            stats: MachineStats::default(),
        })
    }

    /// One item written to a port. Gives the outcome when it ends the run.
    pub(crate) fn port_write(&mut self, vm: &Vm, port: u16, item: &[u8]) -> Result<Option<Outcome>, Error> {
        match self.ports.find(port.into()) {
            Some((PortDevice::Platform, offset)) => {
                let mut value = [0; 4];
                value.iter_mut().zip(item).for_each(|(to, from)| *to = *from);
                match platform::write(offset as u16, item.len(), u32::from_le_bytes(value)) {
                    Some(platform::Request::Power(command)) => return Ok(Some(power(command))),
                    Some(platform::Request::Bulk(address)) => self.send_bulk(vm, address)?,
                    Some(platform::Request::BulkReceive(address)) => self.receive_bulk(vm, address)?,
                    None => {}
                }
            }
            // The other devices are eight bits wide: a wider access is several, one port after the other.
            _ => {
                for (index, &byte) in item.iter().enumerate() {
                    if let Some(outcome) = self.byte_write(vm, port.wrapping_add(index as u16), byte)? {
                        return Ok(Some(outcome));
                    }
                }
            }
        }
        Ok(None)
    }

    fn byte_write(&mut self, vm: &Vm, port: u16, value: u8) -> Result<Option<Outcome>, Error> {
        match self.ports.find(port.into()) {
            Some((PortDevice::Com(number), offset)) => self.com_write(vm, number, offset as u8, value)?,
            Some((PortDevice::Lpt(number), offset)) => self.lpt_write(vm, number, offset as u8, value)?,
            Some((PortDevice::I8042Data, _)) => self.i8042.write_data(value),
            Some((PortDevice::I8042Command, _)) => {
                if self.i8042.write_command(value) {
                    return Ok(Some(Outcome::Reset { reason: Reason::KeyboardController }));
                }
            }
            Some((PortDevice::PvPanic, _)) => {
                if pvpanic::write(value) {
                    // The crash record is read when the vCPU stands still.
                    return Ok(Some(Outcome::Bugcheck { record: None }));
                }
            }
            Some((PortDevice::SleepControl, _)) => {
                if acpi::write_control(value) {
                    return Ok(Some(Outcome::PowerOff { reason: Reason::Acpi }));
                }
            }
            Some((PortDevice::SleepStatus | PortDevice::Platform, _)) => {}
            None => self.stats.unclaimed += 1,
        }
        Ok(None)
    }

    /// Fills one item that the guest reads from a port.
    pub(crate) fn port_read(&mut self, vm: &Vm, port: u16, item: &mut [u8]) -> Result<(), Error> {
        if let Some((PortDevice::Platform, offset)) = self.ports.find(port.into()) {
            let value = platform::read(offset as u16, item.len()).to_le_bytes();
            item.iter_mut().zip(value).for_each(|(to, from)| *to = from);
            return Ok(());
        }
        for (index, byte) in item.iter_mut().enumerate() {
            *byte = match self.ports.find(u64::from(port.wrapping_add(index as u16))) {
                Some((PortDevice::Com(number), offset)) => self.com_read(vm, number, offset as u8)?,
                Some((PortDevice::Lpt(number), offset)) => match &self.lpts[number] {
                    Some(lpt) => lpt.parallel.read(offset as u8, lpt.queue.condition()),
                    None => 0xFF,
                },
                Some((PortDevice::I8042Data, _)) => self.i8042.read_data(),
                Some((PortDevice::I8042Command, _)) => self.i8042.read_status(),
                Some((PortDevice::PvPanic, _)) => pvpanic::read(),
                Some((PortDevice::SleepControl | PortDevice::SleepStatus, _)) => 0,
                Some((PortDevice::Platform, _)) => 0xFF,
                None => {
                    self.stats.unclaimed += 1;
                    0xFF
                }
            };
        }
        Ok(())
    }

    /// A write to an address without RAM.
    pub(crate) fn mmio_write(&mut self, vm: &Vm, address: u64, data: &[u8]) -> Result<(), Error> {
        match (address.checked_sub(IOAPIC_BASE), <[u8; 4]>::try_from(data)) {
            (Some(offset @ 0..IOAPIC_LEN), Ok(data)) => {
                let Effect { deliver, routes_changed } = self.ioapic.write(offset, u32::from_le_bytes(data));
                if routes_changed {
                    let routes: Vec<_> = self.ioapic.level_routes().collect();
                    vm.set_level_routes(&routes)?;
                }
                deliver.map_or(Ok(()), |msi| vm.signal_msi(msi))
            }
            (Some(0..IOAPIC_LEN), Err(_)) => Ok(()),
            _ => match self.drives.write(address, data, &self.memory) {
                Some(line) => {
                    self.drives.wake_when_due(&self.control);
                    self.drive_interrupt(vm, line)
                }
                None => {
                    self.stats.unclaimed += 1;
                    Ok(())
                }
            },
        }
    }

    /// A read from an address without RAM.
    pub(crate) fn mmio_read(&mut self, address: u64, data: &mut [u8]) {
        data.fill(0xFF);
        match address.checked_sub(IOAPIC_BASE) {
            Some(offset @ 0..IOAPIC_LEN) => {
                let value = self.ioapic.read(offset).to_le_bytes();
                data.iter_mut().zip(value).for_each(|(to, from)| *to = from);
            }
            _ if self.drives.read(address, data) => {}
            _ => self.stats.unclaimed += 1,
        }
    }

    /// Drives a drive's line. Each event is an edge: drives share lines, and one that is up already would say nothing new.
    fn drive_interrupt(&mut self, vm: &Vm, line: Line) -> Result<(), Error> {
        if line.event {
            // A falling edge delivers nothing.
            let _ = self.ioapic.set_line(line.pin, false);
        }
        self.ioapic.set_line(line.pin, line.up).map_or(Ok(()), |msi| vm.signal_msi(msi))
    }

    /// The guest finished a level-triggered interrupt.
    pub(crate) fn end_of_interrupt(&mut self, vm: &Vm, vector: u8) -> Result<(), Error> {
        let again: Vec<Msi> = self.ioapic.end_of_interrupt(vector).collect();
        again.into_iter().try_for_each(|msi| vm.signal_msi(msi))
    }

    /// Gives the UARTs what has been typed, as far as they have room, drives' answers that are due, and the
    /// acknowledgements of printers.
    pub(crate) fn take_input(&mut self, vm: &Vm) -> Result<(), Error> {
        for number in 0..self.coms.len() {
            self.refill(vm, number)?;
        }
        self.look_at_printers(vm)?;
        for line in self.drives.answer_late(&self.memory) {
            self.drive_interrupt(vm, line)?;
        }
        self.drives.wake_when_due(&self.control);
        Ok(())
    }

    fn com_write(&mut self, vm: &Vm, number: usize, offset: u8, value: u8) -> Result<(), Error> {
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
    fn starts_to_listen(&mut self, number: usize) -> bool {
        let com = self.coms.get_mut(number).and_then(Option::as_mut);
        com.is_some_and(|com| com.uart.wants_input() && !core::mem::replace(&mut com.listens, true))
    }

    /// Gives a UART what has been typed, as far as it has room.
    fn refill(&mut self, vm: &Vm, number: usize) -> Result<(), Error> {
        if let Some(ComPort { uart, input, mishaps, listens: true, .. }) = &mut self.coms[number] {
            while uart.room() > 0 {
                let taken = input.deliver(uart.room().min(mishaps.inward()), |arrival| match arrival {
                    Arrival::Byte(byte) => uart.receive(byte),
                    Arrival::Break => uart.receive_break(),
                });
                mishaps.received(taken);
                match mishaps.next_inward() {
                    Some(Mishap::Break) => uart.receive_break(),
                    Some(Mishap::HangUp) => tell_hang_up(number),
                    None if taken == 0 => break,
                    None => {}
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

    fn com_read(&mut self, vm: &Vm, number: usize, offset: u8) -> Result<u8, Error> {
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

    /// Fills a block with what has arrived at a port, see [`nt::platform::REG_BULK_RX`].
    fn receive_bulk(&mut self, vm: &Vm, address: u32) -> Result<(), Error> {
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
        let ComPort { uart, input, mishaps, .. } = com;
        let mut bytes = Vec::new();
        while bytes.len() < room {
            match uart.take() {
                Some(byte) => bytes.push(byte),
                None if uart.room() == 0 => break,
                None => {
                    let taken =
                        input.deliver((room - bytes.len()).min(mishaps.inward()), |arrival| match arrival {
                            Arrival::Byte(byte) => bytes.push(byte),
                            Arrival::Break => {
                                uart.receive_break();
                                bytes.extend(uart.take());
                            }
                        });
                    mishaps.received(taken);
                    match mishaps.next_inward() {
                        Some(Mishap::Break) => uart.receive_break(),
                        Some(Mishap::HangUp) => tell_hang_up(number),
                        None if taken == 0 => break,
                        None => {}
                    }
                }
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

    fn lpt_write(&mut self, vm: &Vm, number: usize, offset: u8, value: u8) -> Result<(), Error> {
        let Some(lpt) = &mut self.lpts[number] else {
            return Ok(());
        };
        let effect = lpt.parallel.write(offset, value, lpt.queue.condition());
        if let Some(byte) = effect.print {
            self.stats.printed_bytes += 1;
            lpt.queue.push(byte);
        }
        if effect.end_of_job {
            lpt.queue.end_job();
        }
        if effect.interrupt { self.acknowledge(vm, number) } else { Ok(()) }
    }

    /// A printer acknowledges, and its port's interrupt is wanted.
    fn acknowledge(&mut self, vm: &Vm, number: usize) -> Result<(), Error> {
        let (_, line) = LPTS[number];
        let msi = self.ioapic.set_line(line, true);
        // The line ACK is a pulse.
        let _ = self.ioapic.set_line(line, false);
        msi.map_or(Ok(()), |msi| vm.signal_msi(msi))
    }

    /// Printers that were busy, and are not any more, acknowledge the byte that they were busy with.
    fn look_at_printers(&mut self, vm: &Vm) -> Result<(), Error> {
        for number in 0..self.lpts.len() {
            let done = self.lpts[number].as_ref().is_some_and(|lpt| {
                // A port that wants no interrupt stays as it is, until its driver looks or wants one.
                lpt.parallel.wants_interrupt() && lpt.queue.acknowledges()
            });
            if done {
                self.acknowledge(vm, number)?;
            }
        }
        Ok(())
    }

    /// COM1 and COM3 share a line, and so do COM2 and COM4.
    fn drive_line(&mut self, vm: &Vm, number: usize) -> Result<(), Error> {
        let (_, line) = COMS[number];
        let up =
            self.coms.iter().zip(COMS).any(|(com, (_, other))| {
                other == line && com.as_ref().is_some_and(|com| com.uart.interrupt())
            });
        self.ioapic.set_line(line, up).map_or(Ok(()), |msi| vm.signal_msi(msi))
    }

    fn send(&mut self, vm: &Vm, number: usize, data: &[u8]) -> Result<(), Error> {
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

    fn send_bulk(&mut self, vm: &Vm, address: u32) -> Result<(), Error> {
        let mut buffer = std::mem::replace(&mut self.bulk, Box::new([0; BULK_MAX]));
        let memory = &self.memory;
        let block = platform::fetch_bulk(address, &mut buffer, |at, out| {
            memory.map.read_slice(out, GuestAddress(at)).is_ok()
        });
        let printer = block.as_ref().ok().and_then(|(target, _)| lpt_of(&self.lpts, *target));
        let mut sent = Ok(());
        match (block, printer) {
            (Ok((_, data)), Some(printer)) => {
                let taken = printer.queue.print(data);
                self.stats.bulk_blocks += 1;
                self.stats.bulk_bytes += taken as u64;
                let mut answer = [printer.queue.condition().status(), 0, 0, 0];
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
}

/// Says that the other end of a serial port has gone, as it was told to.
fn tell_hang_up(number: usize) {
    tell(format_args!("smvm: COM{} is hung up, as --fault says", number + 1));
}

/// The parallel port that is the target of a bulk transmit block.
fn lpt_of(lpts: &[Option<LptPort>; 3], target: u16) -> Option<&LptPort> {
    lpts.get(usize::from(target.checked_sub(TARGET_LPT1)?))?.as_ref()
}

fn power(command: PowerCommand) -> Outcome {
    let reason = command.reason.into();
    match command.action {
        PowerAction::Off => Outcome::PowerOff { reason },
        PowerAction::Reset => Outcome::Reset { reason },
    }
}
