//! `\Device\Null`: what is written there is gone, and there is nothing to read.

use alloc::boxed::Box;

use nt::file::device;
use nt::{NtStatus, wide};

use super::device::{Device, Driver};
use super::dispatch::{Create, Dispatch, Opened};
use super::irp::{Completion, Irp, Outcome, Request};

/// Makes the driver and its device.
///
/// # Errors
/// What the object manager says.
pub fn init() -> Result<(), NtStatus> {
    let driver = Driver::publish(wide!(r"\Driver\Null"), "Null", false)?;
    Device::new(&driver, device::NULL, 0, Box::new(Null)).publish(wide!(r"\Device\Null"))
}

#[derive(Debug)]
struct Null;

impl Dispatch for Null {
    fn create(&self, create: &Create<'_>) -> Result<Opened, NtStatus> {
        match create.name {
            [] => Ok(Opened::device()),
            _ => Err(NtStatus::OBJECT_NAME_NOT_FOUND),
        }
    }

    fn takes_data(&self) -> bool {
        false
    }

    fn read(&self, _irp: Irp) -> Outcome {
        NtStatus::END_OF_FILE.into()
    }

    fn write(&self, irp: Irp) -> Outcome {
        match irp.request {
            Request::Write { length, .. } => Completion::done(length.into()).into(),
            _ => NtStatus::INVALID_DEVICE_REQUEST.into(),
        }
    }
}
