//! Requests to disks: owned values, answered once, from wherever the disk's driver is.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt::{Debug, Formatter, Result as FmtResult};

use hal::cell::KernelCell;
use hal::dma::Memory;
use nt::NtStatus;

/// What a disk is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Sectors into memory.
    Read,
    /// Memory into sectors.
    Write,
    /// What has been written must outlast a power cut.
    Flush,
    /// The contents of sectors are of no use to anybody any more; what they read as from now on is the disk's business.
    Discard,
    /// Sectors are to read as zero.
    WriteZeroes,
    /// The disk's serial number into memory: [`SERIAL`] bytes, the rest zeros. It is about no sectors.
    Identify,
}

/// Bytes of a serial number.
pub const SERIAL: usize = 20;

/// Told of the end of a transfer, and given its memory back. Called with nothing borrowed, perhaps from an interrupt: it
/// must not wait. It may start other transfers.
pub type Done = Box<dyn FnOnce(Result<(), NtStatus>, Memory) + Send>;

/// A request to a disk.
pub struct Transfer {
    /// What is to be done.
    pub operation: Operation,
    /// The first sector.
    pub sector: u64,
    /// How many sectors; 0 for [`Operation::Flush`] and [`Operation::Identify`].
    pub count: u64,
    /// Where the data go to or come from: as many bytes as the sectors have, none for what has no data.
    pub memory: Memory,
    /// Who is told.
    pub done: Done,
}

impl Debug for Transfer {
    fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
        write!(f, "{:?} {}+{}", self.operation, self.sector, self.count)
    }
}

/// What a disk is like.
#[derive(Clone, Debug)]
pub struct Properties {
    /// Bytes of a sector: a power of two, 512 to 4096.
    pub sector_size: u32,
    /// How many sectors.
    pub sectors: u64,
    /// Nothing can be written.
    pub read_only: bool,
    /// [`Operation::Discard`] does something; otherwise it ends well and changes nothing.
    pub can_discard: bool,
    /// Most sectors of one [`Operation::Discard`] or [`Operation::WriteZeroes`].
    pub most_cleared: u64,
    /// Most pieces of memory of one transfer ([`Memory::most_pieces`]).
    pub most_pieces: usize,
}

/// A disk: takes any number of requests at once and does them in any order, but for [`Operation::Flush`], which counts for
/// all writes that were answered before it was asked for.
pub trait Disk: Debug + Send + Sync {
    /// What it is like.
    fn properties(&self) -> &Properties;

    /// Takes a request, which must make sense for the disk's properties, and answers it, perhaps before this returns: with
    /// IO_DEVICE_ERROR, DISK_FULL, MEDIA_WRITE_PROTECTED, INVALID_DEVICE_REQUEST, INSUFFICIENT_RESOURCES when it
    /// fails. No cell may be borrowed that [`Transfer::done`] needs.
    fn start(&self, transfer: Transfer);
}

/// The end of several transfers that are parts of one thing: the first failure counts.
pub struct Gather {
    state: KernelCell<State>,
}

type AllDone = Box<dyn FnOnce(Result<(), NtStatus>) + Send>;

struct State {
    outstanding: usize,
    result: Result<(), NtStatus>,
    done: Option<AllDone>,
}

impl Gather {
    /// `done` is called when this has been dropped by all transfers and by who made it.
    pub fn new(done: impl FnOnce(Result<(), NtStatus>) + Send + 'static) -> Arc<Self> {
        let state = State { outstanding: 0, result: Ok(()), done: Some(Box::new(done)) };
        Arc::new(Self { state: KernelCell::new(state) })
    }

    /// Who is told of the end of one more transfer.
    pub fn part(self: &Arc<Self>) -> Done {
        self.state.lock().outstanding += 1;
        let gather = self.clone();
        Box::new(move |result, memory| {
            drop(memory);
            gather.ended(result);
        })
    }

    fn ended(&self, result: Result<(), NtStatus>) {
        let mut state = self.state.lock();
        state.outstanding -= 1;
        if state.result.is_ok() {
            state.result = result;
        }
    }
}

impl Drop for Gather {
    fn drop(&mut self) {
        let (result, done) = {
            let mut state = self.state.lock();
            // A part that nobody has answered is one that was given up.
            let given_up = state.outstanding > 0 && state.result.is_ok();
            (if given_up { Err(NtStatus::CANCELLED) } else { state.result }, state.done.take())
        };
        if let Some(done) = done {
            done(result);
        }
    }
}

impl Debug for Gather {
    fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
        f.write_str("Gather")
    }
}
