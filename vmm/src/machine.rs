//! The board: which device answers where, and how its interrupt gets to the processor.

mod bulk;
mod printers;
mod serial;

use std::sync::Arc;

use nt::platform::{BULK_MAX, PLATFORM_PORT, PLATFORM_PORTS, PowerAction, PowerCommand};
use serde::Serialize;

use self::printers::{LPT_PORTS, LPTS, LptPort};
use self::serial::{COMS, ComPort};
use crate::backends::{Inbox, Mishaps, Outbox, PrintQueue};
use crate::control::Control;
use crate::devices::bus::Bus;
use crate::devices::i8042::{self, I8042};
use crate::devices::ioapic::{Effect, IOAPIC_BASE, IOAPIC_LEN, IoApic, Msi};
use crate::devices::parallel::Parallel;
use crate::devices::uart16550::Uart;
use crate::devices::{acpi, platform, pvpanic};
use crate::drives::{Bank, Line};
use crate::kvm::{Error, Memory, Vm};
use crate::outcome::{Outcome, Reason};

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
}

fn power(command: PowerCommand) -> Outcome {
    let reason = command.reason.into();
    match command.action {
        PowerAction::Off => Outcome::PowerOff { reason },
        PowerAction::Reset => Outcome::Reset { reason },
    }
}
