//! Requests on their way: owned values that move from the I/O manager to a driver and back.

use alloc::sync::Arc;
use alloc::vec::Vec;

use hal::dma::Pages;
use iocore::Place;
use nt::NtStatus;

use super::file::FileObject;
use super::pending::Ticket;

/// An I/O request packet. Whoever has it must answer it; there is no second reference to it.
#[derive(Debug)]
pub struct Irp {
    /// The open file.
    pub file: Arc<FileObject>,
    /// What is to be done.
    pub request: Request,
}

/// What is to be done. Data comes captured: nothing in it is user memory.
#[derive(Debug)]
pub enum Request {
    /// IRP_MJ_READ.
    Read {
        /// Where.
        offset: u64,
        /// Most bytes.
        length: u32,
        /// The caller's buffer, if the driver fills it itself ([`super::dispatch::Dispatch::direct`]).
        pages: Option<Pages>,
    },
    /// IRP_MJ_WRITE.
    Write {
        /// Where.
        place: Place,
        /// Bytes that the caller has.
        length: u32,
        /// Them, unless the driver does not look at them ([`super::Dispatch::takes_data`]).
        data: Vec<u8>,
        /// The caller's buffer instead, if the driver reads it itself ([`super::dispatch::Dispatch::direct`]).
        pages: Option<Pages>,
    },
    /// IRP_MJ_DEVICE_CONTROL, IRP_MJ_FILE_SYSTEM_CONTROL.
    Control {
        /// The control code.
        code: u32,
        /// What the caller gives.
        input: Vec<u8>,
        /// Most bytes that he takes.
        output_length: u32,
    },
}

/// What goes back to the caller.
#[derive(Debug, Default)]
pub enum Output {
    /// Nothing.
    #[default]
    Nothing,
    /// Bytes of the driver's.
    Bytes(Vec<u8>),
    /// Bytes that lie in memory for ever.
    Resident(&'static [u8]),
}

impl Output {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Nothing => &[],
            Self::Bytes(bytes) => bytes,
            Self::Resident(bytes) => bytes,
        }
    }
}

/// How a request ended.
#[derive(Debug)]
pub struct Completion {
    /// Status.
    pub status: NtStatus,
    /// `Information` of the IO_STATUS_BLOCK.
    pub information: u64,
    /// Data for the caller.
    pub output: Output,
}

impl Completion {
    /// Success with that many bytes done, none of which come back.
    pub fn done(information: u64) -> Self {
        Self { status: NtStatus::SUCCESS, information, output: Output::Nothing }
    }

    /// Success with data.
    pub fn data(output: Output) -> Self {
        Self { status: NtStatus::SUCCESS, information: output.as_bytes().len() as u64, output }
    }
}

/// What a driver makes of a request.
#[derive(Debug)]
pub enum Outcome {
    /// It is done.
    Completed(Completion),
    /// The driver keeps it ([`Irp::pend`]) and answers it later.
    Pending(Arc<Ticket>),
}

impl From<Completion> for Outcome {
    fn from(completion: Completion) -> Self {
        Self::Completed(completion)
    }
}

impl From<NtStatus> for Outcome {
    fn from(status: NtStatus) -> Self {
        Self::Completed(status.into())
    }
}

impl From<NtStatus> for Completion {
    fn from(status: NtStatus) -> Self {
        Self { status, information: 0, output: Output::Nothing }
    }
}
