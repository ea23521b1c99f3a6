//! `\Driver\Serial`: `\Device\Serial0`–`3`, which programs call `COM1`–`COM4`. Interrupts bring the input; output goes
//! out in blocks where the platform device takes them, else with the interrupts of the transmitter.
//!
//! Which UARTs are there the monitor says on the command line; where it does not, they are looked for. None of them is
//! touched before somebody opens it. One opener at a time, as in NT: others get ACCESS_DENIED.
//!
//! A read that finds the carrier gone and nothing left ends with END_OF_FILE. (NT's driver lets it wait for ever; here
//! programs that read a port whose other end is a file shall come to its end.)

mod control;
mod interrupt;
mod port;
mod query;
mod requests;
mod uart;

use alloc::boxed::Box;

use hal::cell::KernelCell;
use hal::isa;
use nt::file::{device, option};
use nt::{NtStatus, wide};

use super::device::{Device, Driver};
use super::dispatch::{Create, Dispatch, Opened};
use super::file::FileObject;
use super::irp::{Irp, Outcome};
use super::pending::Ticket;
use crate::cm::{self, DeviceMap};
use crate::ob::namespace;
use port::Port;

/// COM1–COM4.
const COUNT: usize = 4;

/// Device, what it is called, and where programs look for that.
const NAMES: [(&[u16], &[u16], &[u16]); COUNT] = [
    (wide!(r"\Device\Serial0"), wide!("COM1"), wide!(r"\GLOBAL??\COM1")),
    (wide!(r"\Device\Serial1"), wide!("COM2"), wide!(r"\GLOBAL??\COM2")),
    (wide!(r"\Device\Serial2"), wide!("COM3"), wide!(r"\GLOBAL??\COM3")),
    (wide!(r"\Device\Serial3"), wide!("COM4"), wide!(r"\GLOBAL??\COM4")),
];

static PORTS: [KernelCell<Port>; COUNT] = [
    const { KernelCell::new(Port::new(0)) },
    const { KernelCell::new(Port::new(1)) },
    const { KernelCell::new(Port::new(2)) },
    const { KernelCell::new(Port::new(3)) },
];

/// Makes the driver and a device for each UART. `announced` is what the command line says of them, see
/// [`nt::platform::OPTION_COM`].
///
/// # Errors
/// What the object manager and the configuration manager say.
pub fn init(announced: Option<&str>) -> Result<(), NtStatus> {
    let driver = Driver::publish(wide!(r"\Driver\Serial"), "Serial", false)?;
    for (number, (path, name, link)) in NAMES.into_iter().enumerate() {
        let is_there = match announced {
            Some(digits) => digits.as_bytes().contains(&(b'1' + number as u8)),
            None => uart::is_there(isa::serial(number)),
        };
        if is_there {
            PORTS[number].lock().has_bulk = announced.is_some() && hal::platform::present();
            Device::new(&driver, device::SERIAL_PORT, 0, Box::new(Serial(number))).publish(path)?;
            namespace::create_link(link, path)?;
            cm::add_device(DeviceMap::Serial, path, name)?;
        }
    }
    Ok(())
}

/// What the registry's `ForceFifoEnable` says, as in Windows 2000: with 0 UARTs do without FIFOs.
fn is_fifo_wanted() -> bool {
    const KEY: &[u16] = wide!(r"\Registry\Machine\System\CurrentControlSet\Services\Serial");
    let mut values = cm::read_values(KEY).into_iter();
    values.all(|(name, data)| !name.eq_ignore_ascii_case("ForceFifoEnable") || data != [0; 4])
}

/// A device, by the number of its port.
#[derive(Debug)]
struct Serial(usize);

impl Serial {
    fn port(&self) -> &'static KernelCell<Port> {
        &PORTS[self.0]
    }
}

impl Dispatch for Serial {
    fn create(&self, create: &Create<'_>) -> Result<Opened, NtStatus> {
        if !create.name.is_empty() {
            return Err(NtStatus::OBJECT_NAME_NOT_FOUND);
        }
        if create.options & option::DIRECTORY_FILE != 0 {
            return Err(NtStatus::NOT_A_DIRECTORY);
        }
        if core::mem::replace(&mut self.port().lock().is_open, true) {
            return Err(NtStatus::ACCESS_DENIED);
        }
        interrupt::connect(self.0);
        // Whoever moves blocks does not notice FIFOs.
        let may_have_fifo = self.port().lock().has_bulk || is_fifo_wanted();
        self.port().lock().start(may_have_fifo);
        Ok(Opened::device())
    }

    fn cleanup(&self, _file: &FileObject) {
        let left = self.port().lock().stop();
        drop(left);
    }

    fn read(&self, irp: Irp) -> Outcome {
        requests::read(self.port(), irp)
    }

    fn write(&self, irp: Irp) -> Outcome {
        requests::write(self.port(), irp)
    }

    fn device_control(&self, irp: Irp) -> Outcome {
        control::control(self.port(), irp)
    }

    fn cancel(&self, ticket: &Ticket) {
        requests::cancel(self.port(), ticket);
    }

    fn flush(&self, _file: &FileObject) -> Result<(), NtStatus> {
        // A write is answered when its bytes are in the UART.
        Ok(())
    }
}
