//! The block device (virtio 1.2, 5.2). A request is done while the processor that asked for it stands still: the answer is
//! there when it goes on, so a driver that looks before it waits needs neither an interrupt nor a second exit, and
//! there is no thread to be woken. `docs/drives.md` has the measurements behind that.

use std::fmt::Debug;
use std::io;
use std::time::{Duration, Instant};

use virtio_bindings::virtio_blk as blk;
use virtio_bindings::virtio_ids::VIRTIO_ID_BLOCK;
use virtio_bindings::virtio_ring::VIRTIO_RING_F_INDIRECT_DESC;
use vm_memory::{GuestMemoryMmap, VolatileSlice};

use super::mmio::{Action, CONFIG, QUEUE_MAX, TOLD, Transport};
use super::request::{Malformed, Pieces, Request, len, take_front};

/// Bytes of a sector as the protocol counts them.
pub const SECTOR: u64 = 512;
/// Bytes of the answer to VIRTIO_BLK_T_GET_ID.
pub const ID_LEN: usize = 20;
/// Most sectors of one discard: 1 GiB.
const DISCARD_MAX: u32 = 1 << 21;
/// Most ranges of one discard or write of zeroes.
const RANGES_MAX: usize = 16;
/// Bytes of a range: sector, count, flags.
const RANGE_LEN: usize = 16;

/// What a disk's contents are kept in. Offsets and lengths are in bytes and within it.
pub trait Disk: Debug + Send {
    /// Bytes, in whole sectors.
    fn size(&self) -> u64;
    /// Fills pieces of guest memory.
    ///
    /// # Errors
    /// The host's.
    fn read(&mut self, into: &[VolatileSlice<'_>], offset: u64) -> io::Result<()>;
    /// Writes pieces of guest memory.
    ///
    /// # Errors
    /// The host's.
    fn write(&mut self, from: &[VolatileSlice<'_>], offset: u64) -> io::Result<()>;
    /// Makes what was written outlast a power cut of the host.
    ///
    /// # Errors
    /// The host's.
    fn flush(&mut self) -> io::Result<()>;
    /// Gives space back, as far as the host can.
    ///
    /// # Errors
    /// The host's.
    fn discard(&mut self, offset: u64, len: u64) -> io::Result<()>;
    /// Makes a range read as zero, and gives its space back if `unmap` allows.
    ///
    /// # Errors
    /// The host's.
    fn write_zeroes(&mut self, offset: u64, len: u64, unmap: bool) -> io::Result<()>;
}

/// What a request does, for [`Mischief`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Reads sectors.
    Read,
    /// Writes sectors, or zeroes.
    Write,
    /// Flushes.
    Flush,
    /// Discards.
    Discard,
}

/// How a request is made to go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It fails, and nothing happens.
    Error,
    /// It is done, but answered so much later.
    Slow(Duration),
    /// The first half of its sectors are written, then it fails.
    Torn,
}

/// Decides which requests go wrong, by count.
pub trait Mischief: Debug + Send {
    /// One more request: how it goes wrong, if it does.
    fn next(&mut self, operation: Operation) -> Option<Fault>;
}

/// What the driver is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Ok = blk::VIRTIO_BLK_S_OK as isize,
    IoError = blk::VIRTIO_BLK_S_IOERR as isize,
    Unsupported = blk::VIRTIO_BLK_S_UNSUPP as isize,
}

impl From<io::Result<()>> for Status {
    fn from(result: io::Result<()>) -> Self {
        if result.is_ok() { Self::Ok } else { Self::IoError }
    }
}

/// What went by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BlockStats {
    /// Requests answered.
    pub requests: u64,
    /// Of these, with an error.
    pub errors: u64,
    /// Bytes read from the disk.
    pub read: u64,
    /// Bytes written to it.
    pub written: u64,
}

/// An answer that is being held back.
#[derive(Debug)]
struct Late {
    due: Instant,
    head: u16,
    written: u32,
}

/// A virtio block device.
#[derive(Debug)]
pub struct Block {
    transport: Transport,
    disk: Box<dyn Disk>,
    mischief: Option<Box<dyn Mischief>>,
    read_only: bool,
    id: [u8; ID_LEN],
    late: Vec<Late>,
    /// What went by.
    pub stats: BlockStats,
}

impl Block {
    /// A device with a disk in it.
    pub fn new(
        disk: Box<dyn Disk>,
        read_only: bool,
        id: [u8; ID_LEN],
        mischief: Option<Box<dyn Mischief>>,
    ) -> Self {
        let mut features = 1 << blk::VIRTIO_BLK_F_SEG_MAX
            | 1 << blk::VIRTIO_BLK_F_BLK_SIZE
            | 1 << blk::VIRTIO_BLK_F_FLUSH
            | 1 << VIRTIO_RING_F_INDIRECT_DESC;
        features |= match read_only {
            true => 1 << blk::VIRTIO_BLK_F_RO,
            false => 1 << blk::VIRTIO_BLK_F_DISCARD | 1 << blk::VIRTIO_BLK_F_WRITE_ZEROES,
        };
        Self {
            transport: Transport::new(VIRTIO_ID_BLOCK, features),
            disk,
            mischief,
            read_only,
            id,
            late: Vec::new(),
            stats: BlockStats::default(),
        }
    }

    /// Whether the interrupt line is up.
    pub fn interrupt(&self) -> bool {
        self.transport.interrupt()
    }

    /// Reads registers. Those of the transport are 32 bits wide; the configuration is read in any way.
    pub fn read(&self, offset: u64, data: &mut [u8]) {
        data.fill(0);
        if let Some(at) = offset.checked_sub(CONFIG) {
            let config = self.config();
            let rest = config.get(usize::try_from(at).unwrap_or(usize::MAX)..).unwrap_or_default();
            data.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        } else if let Ok(register) = <&mut [u8; 4]>::try_from(data) {
            *register = self.transport.read(offset).to_le_bytes();
        }
    }

    /// Writes a register, and does what the driver asks for. Says whether the interrupt is raised anew.
    pub fn write(&mut self, offset: u64, data: &[u8], memory: &GuestMemoryMmap) -> bool {
        // Nothing of the configuration can be written.
        let Ok(value) = <[u8; 4]>::try_from(data).map(u32::from_le_bytes) else { return false };
        match self.transport.write(offset, value) {
            Action::None | Action::Acknowledged => false,
            Action::Reset => {
                self.late.clear();
                false
            }
            Action::Notify => self.work(memory),
        }
    }

    /// Tells the registers that are not zero, which may have changed, by their offset.
    pub fn show(&self, mut tell: impl FnMut(usize, u32)) {
        for register in TOLD {
            tell(register as usize, self.transport.read(register.into()));
        }
    }

    /// Tells the configuration, which never changes, by its offset.
    pub fn show_configuration(&self, mut tell: impl FnMut(usize, u32)) {
        for (index, word) in self.config().chunks_exact(4).enumerate() {
            tell(CONFIG as usize + index * 4, u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
        }
    }

    /// `struct virtio_blk_config` (5.2.4), as far as the features go.
    fn config(&self) -> [u8; 60] {
        let mut config = [0; 60];
        let mut put = |at: usize, bytes: &[u8]| config[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &(self.disk.size() / SECTOR).to_le_bytes());
        put(12, &u32::from(QUEUE_MAX - 2).to_le_bytes());
        put(20, &(SECTOR as u32).to_le_bytes());
        put(36, &DISCARD_MAX.to_le_bytes());
        put(40, &(RANGES_MAX as u32).to_le_bytes());
        // Alignment of discards, in sectors.
        put(44, &8u32.to_le_bytes());
        put(48, &DISCARD_MAX.to_le_bytes());
        put(52, &(RANGES_MAX as u32).to_le_bytes());
        put(56, &[1]);
        config
    }

    /// Does everything that is in the queue. The driver stands still meanwhile, so there are no more chains than the queue
    /// has room for, unless what is read from the disk is written to the rings: such a queue could go on for ever.
    fn work(&mut self, memory: &GuestMemoryMmap) -> bool {
        let mut answered = false;
        let mut left = self.transport.queue_size();
        loop {
            while let Some(chain) = self.transport.pop(memory) {
                let Some(rest) = left.checked_sub(1) else {
                    self.transport.fail();
                    break;
                };
                left = rest;
                let head = chain.head_index();
                match self.answer(Request::parse(chain, memory)) {
                    (written, None) => {
                        self.transport.push(memory, head, written);
                        answered = true;
                    }
                    (written, Some(delay)) => {
                        self.late.push(Late { due: Instant::now() + delay, head, written });
                    }
                }
            }
            if !self.transport.has_more(memory) {
                break;
            }
        }
        let failed = self.transport.has_failed();
        answered && self.transport.interrupt_if_wanted(memory) || failed
    }

    /// Does a request: how many bytes were written to the driver's memory, and how long the answer is held back.
    fn answer(&mut self, request: Result<Request<'_>, Malformed<'_>>) -> (u32, Option<Duration>) {
        self.stats.requests += 1;
        let (status, place, filled, delay) = match request {
            Ok(request) => {
                let (status, filled, delay) = self.perform(&request);
                (status, Some(request.status), filled, delay)
            }
            Err(Malformed { status }) => (Status::IoError, status, 0, None),
        };
        self.stats.errors += u64::from(status != Status::Ok);
        match place {
            Some(place) => {
                place.copy_from(&[status as u8]);
                (filled + 1, delay)
            }
            None => (0, delay),
        }
    }

    fn perform(&mut self, request: &Request<'_>) -> (Status, u32, Option<Duration>) {
        let operation = match request.kind {
            blk::VIRTIO_BLK_T_IN => Operation::Read,
            blk::VIRTIO_BLK_T_OUT | blk::VIRTIO_BLK_T_WRITE_ZEROES => Operation::Write,
            blk::VIRTIO_BLK_T_FLUSH => Operation::Flush,
            blk::VIRTIO_BLK_T_DISCARD => Operation::Discard,
            blk::VIRTIO_BLK_T_GET_ID => return self.tell_id(request),
            _ => return (Status::Unsupported, 0, None),
        };
        let fault = self.mischief.as_mut().and_then(|mischief| mischief.next(operation));
        let delay = if let Some(Fault::Slow(delay)) = fault { Some(delay) } else { None };
        let (status, filled) = match (fault, request.kind) {
            (Some(Fault::Error), _) => (Status::IoError, 0),
            (Some(Fault::Torn), blk::VIRTIO_BLK_T_OUT) => {
                let half = first_sectors(&request.input);
                self.write_sectors(request.sector, &half);
                (Status::IoError, 0)
            }
            (Some(Fault::Torn), _) => (Status::IoError, 0),
            (_, blk::VIRTIO_BLK_T_IN) => self.read_sectors(request),
            (_, blk::VIRTIO_BLK_T_OUT) => (self.write_sectors(request.sector, &request.input), 0),
            (_, blk::VIRTIO_BLK_T_FLUSH) => (self.disk.flush().into(), 0),
            _ => (self.clear(request), 0),
        };
        (status, filled, delay)
    }

    fn tell_id(&self, request: &Request<'_>) -> (Status, u32, Option<Duration>) {
        let mut rest = &self.id[..];
        for piece in &request.output {
            let now = piece.len().min(rest.len());
            piece.copy_from(&rest[..now]);
            rest = &rest[now..];
        }
        match rest {
            [] => (Status::Ok, ID_LEN as u32, None),
            _ => (Status::IoError, 0, None),
        }
    }

    /// Where sectors begin, if the disk has them all.
    fn range(&self, sector: u64, bytes: usize) -> Option<u64> {
        let start = sector.checked_mul(SECTOR)?;
        let end = start.checked_add(bytes as u64)?;
        ((bytes as u64).is_multiple_of(SECTOR) && end <= self.disk.size()).then_some(start)
    }

    fn read_sectors(&mut self, request: &Request<'_>) -> (Status, u32) {
        let bytes = len(&request.output);
        let Some(start) = self.range(request.sector, bytes) else { return (Status::IoError, 0) };
        match self.disk.read(&request.output, start) {
            Ok(()) => {
                self.stats.read += bytes as u64;
                (Status::Ok, bytes as u32)
            }
            Err(_) => (Status::IoError, 0),
        }
    }

    fn write_sectors(&mut self, sector: u64, data: &[VolatileSlice<'_>]) -> Status {
        let bytes = len(data);
        let Some(start) = self.range(sector, bytes).filter(|_| !self.read_only) else {
            return Status::IoError;
        };
        let mut result = self.disk.write(data, start);
        // A driver that does not flush counts on what was written being safe (5.2.6.2).
        if result.is_ok() && self.transport.features() & 1 << blk::VIRTIO_BLK_F_FLUSH == 0 {
            result = self.disk.flush();
        }
        if result.is_ok() {
            self.stats.written += bytes as u64;
        }
        result.into()
    }

    /// Discards ranges, or writes zeroes to them.
    fn clear(&mut self, request: &Request<'_>) -> Status {
        let mut input: Pieces<'_> = request.input.clone();
        let count = len(&input) / RANGE_LEN;
        if self.read_only || count == 0 || count > RANGES_MAX || !len(&input).is_multiple_of(RANGE_LEN) {
            return Status::IoError;
        }
        let zeroes = request.kind == blk::VIRTIO_BLK_T_WRITE_ZEROES;
        for _ in 0..count {
            let mut range = [0; RANGE_LEN];
            if !take_front(&mut input, &mut range) {
                return Status::IoError;
            }
            let (sector, rest) = range.split_at(8);
            let sector = u64::from_le_bytes(sector.try_into().unwrap_or_default());
            let (sectors, flags) = rest.split_at(4);
            let sectors = u32::from_le_bytes(sectors.try_into().unwrap_or_default());
            let flags = u32::from_le_bytes(flags.try_into().unwrap_or_default());
            let known = if zeroes { blk::VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP } else { 0 };
            if flags & !known != 0 {
                return Status::Unsupported;
            }
            let bytes = u64::from(sectors) * SECTOR;
            let Some(start) = self.range(sector, bytes as usize).filter(|_| sectors <= DISCARD_MAX) else {
                return Status::IoError;
            };
            let result = match zeroes {
                true => self.disk.write_zeroes(start, bytes, flags != 0),
                false => self.disk.discard(start, bytes),
            };
            if result.is_err() {
                return Status::IoError;
            }
        }
        Status::Ok
    }

    /// When the next answer that is held back is due.
    pub fn next_due(&self) -> Option<Instant> {
        self.late.iter().map(|late| late.due).min()
    }

    /// Gives the answers that are due. Says whether the interrupt is raised anew.
    pub fn answer_late(&mut self, memory: &GuestMemoryMmap, now: Instant) -> bool {
        let mut answered = false;
        while let Some(at) = self.late.iter().position(|late| late.due <= now) {
            let Late { head, written, .. } = self.late.remove(at);
            self.transport.push(memory, head, written);
            answered = true;
        }
        answered && (self.transport.interrupt_if_wanted(memory) || self.transport.has_failed())
    }
}

/// The first half of some sectors, at least one if there are two.
fn first_sectors<'m>(data: &[VolatileSlice<'m>]) -> Pieces<'m> {
    let mut left = len(data) / SECTOR as usize / 2 * SECTOR as usize;
    let mut half = Pieces::new();
    for piece in data {
        let now = piece.len().min(left);
        if let Ok(part) = piece.subslice(0, now)
            && now > 0
        {
            half.push(part);
        }
        left -= now;
    }
    half
}
