//! `\Driver\Parport`: `\Device\Parallel0`–`2`, which programs call `LPT1`–`LPT3`, in compatibility mode. A printer that is
//! ready is given bytes without interrupts; the end of a busy one's work is its interrupt, or is seen by looking, where a port has
//! none. One that is off line, out of paper, broken or gone is an error that the writer sees, with the number of bytes
//! that the printer has taken.
//!
//! Opening resets and selects the printer, closing lets it go: that is how its other end tells jobs apart.

mod port;

use alloc::boxed::Box;

use hal::cell::KernelCell;
use nt::file::{device, option};
use nt::parallel::{control, status};
use nt::{NtStatus, wide};

use super::device::{Device, Driver};
use super::dispatch::{Create, Dispatch, Opened};
use super::file::FileObject;
use super::irp::{Completion, Irp, Outcome, Output, Request};
use super::pending::Ticket;
use crate::cm::{self, DeviceMap};
use crate::ob::namespace;
use port::{Answers, NOT_BUSY, Port, SELECT, Write, trouble};

/// LPT1–LPT3.
const COUNT: usize = 3;

/// Device, its name in the registry, and where programs look for it.
const NAMES: [(&[u16], &[u16], &[u16]); COUNT] = [
    (wide!(r"\Device\Parallel0"), wide!(r"\DosDevices\LPT1"), wide!(r"\GLOBAL??\LPT1")),
    (wide!(r"\Device\Parallel1"), wide!(r"\DosDevices\LPT2"), wide!(r"\GLOBAL??\LPT2")),
    (wide!(r"\Device\Parallel2"), wide!(r"\DosDevices\LPT3"), wide!(r"\GLOBAL??\LPT3")),
];

static PORTS: [KernelCell<Port>; COUNT] = [
    const { KernelCell::new(Port::new(0)) },
    const { KernelCell::new(Port::new(1)) },
    const { KernelCell::new(Port::new(2)) },
];

/// Makes a device for each port, and the driver if there is one. `announced` is what the command line says of them,
/// see [`nt::platform::OPTION_LPT`].
///
/// # Errors
/// What the object manager and the configuration manager say.
pub fn init(announced: Option<&str>) -> Result<(), NtStatus> {
    let mut driver = None;
    for (number, (path, name, link)) in NAMES.into_iter().enumerate() {
        let is_there = match announced {
            Some(digits) => digits.as_bytes().contains(&(b'1' + number as u8)),
            None => port::is_there(number),
        };
        if !is_there {
            continue;
        }
        let driver = match &driver {
            Some(driver) => driver,
            None => driver.insert(Driver::publish(wide!(r"\Driver\Parport"), "Parport", false)?),
        };
        PORTS[number].lock().has_bulk = announced.is_some() && hal::platform::present();
        Device::new(driver, device::PARALLEL_PORT, 0, Box::new(Parallel(number))).publish(path)?;
        namespace::create_link(link, path)?;
        cm::add_device(DeviceMap::Parallel, path, name)?;
    }
    Ok(())
}

/// Looks at a printer again; called by the clock.
fn look(number: u64) {
    if let Some(cell) = PORTS.get(number as usize) {
        cell.lock().timer = None;
        pump(cell);
    }
}

/// A printer has acknowledged a byte that it was busy with; or another port of the line has interrupted.
fn acknowledged(number: usize) {
    if let Some(cell) = PORTS.get(number) {
        let is_waited_for = cell.lock().is_busy();
        if is_waited_for {
            pump(cell);
        }
    }
}

/// Sends what can be sent, and answers what is over.
fn pump(cell: &KernelCell<Port>) {
    let mut answers = Answers::new();
    cell.lock().pump(&mut answers);
    answers.into_iter().for_each(|(request, completion)| request.complete(completion));
}

/// A device, by the number of its port.
#[derive(Debug)]
struct Parallel(usize);

impl Parallel {
    fn port(&self) -> &'static KernelCell<Port> {
        &PORTS[self.0]
    }
}

impl Dispatch for Parallel {
    fn create(&self, create: &Create<'_>) -> Result<Opened, NtStatus> {
        if !create.name.is_empty() {
            return Err(NtStatus::OBJECT_NAME_NOT_FOUND);
        }
        if create.options & option::DIRECTORY_FILE != 0 {
            return Err(NtStatus::NOT_A_DIRECTORY);
        }
        let mut port = self.port().lock();
        if core::mem::replace(&mut port.is_open, true) {
            return Err(NtStatus::ACCESS_DENIED);
        }
        port.reset();
        Ok(Opened::device())
    }

    fn cleanup(&self, _file: &FileObject) {
        let left = self.port().lock().stop();
        drop(left);
    }

    fn write(&self, irp: Irp) -> Outcome {
        let (request, ticket) = irp.pend();
        self.port().lock().writes.push_back(Write { request, sent: 0 });
        pump(self.port());
        Outcome::Pending(ticket)
    }

    fn device_control(&self, irp: Irp) -> Outcome {
        let Request::Control { code, input, output_length } = &irp.request else {
            return NtStatus::INVALID_DEVICE_REQUEST.into();
        };
        match *code {
            control::QUERY_INFORMATION if *output_length == 0 => NtStatus::BUFFER_TOO_SMALL.into(),
            control::QUERY_INFORMATION => {
                let lines = self.port().lock().status();
                let mut told = match trouble(lines) {
                    Some(NtStatus::DEVICE_POWERED_OFF) => status::POWER_OFF | status::OFF_LINE,
                    Some(NtStatus::DEVICE_NOT_CONNECTED) => status::NOT_CONNECTED | status::OFF_LINE,
                    Some(NtStatus::DEVICE_PAPER_EMPTY) => status::PAPER_EMPTY | status::OFF_LINE,
                    Some(NtStatus::DEVICE_OFF_LINE) => status::OFF_LINE,
                    _ => 0,
                };
                if told == 0 {
                    told |= if lines & NOT_BUSY == 0 { status::BUSY } else { 0 };
                    told |= if lines & SELECT != 0 { status::SELECTED } else { 0 };
                }
                Completion::data(Output::Bytes([told].into())).into()
            }
            control::SET_INFORMATION if input.first().is_some_and(|flags| flags & status::INIT != 0) => {
                self.port().lock().reset();
                Completion::done(0).into()
            }
            control::SET_INFORMATION => NtStatus::INVALID_PARAMETER.into(),
            _ => NtStatus::INVALID_DEVICE_REQUEST.into(),
        }
    }

    fn cancel(&self, ticket: &Ticket) {
        let mut port = self.port().lock();
        let found = port.writes.iter().position(|write| write.request.is(ticket));
        let found = found.and_then(|at| port.writes.remove(at));
        drop(port);
        if let Some(write) = found {
            write.request.complete(NtStatus::CANCELLED.into());
            pump(self.port());
        }
    }

    fn flush(&self, _file: &FileObject) -> Result<(), NtStatus> {
        // A write is answered when the printer has its bytes.
        Ok(())
    }
}
