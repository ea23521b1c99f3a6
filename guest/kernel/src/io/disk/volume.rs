//! Volumes: the sectors of a partition, or of a disk without partitions.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;

use hal::cell::KernelCell;
use hal::dma::{Block, Memory};
use nt::NtStatus;

use super::transfer::{Disk, Done, Operation, Properties, SERIAL, Transfer};
use crate::ke::event::Event;
use crate::ke::wait::{self, Mode};

/// A volume. Its sectors count from 0.
#[derive(Debug)]
pub struct Volume {
    /// The disk that it is on.
    pub disk: Arc<dyn Disk>,
    /// Its first sector on the disk.
    pub first: u64,
    /// How many sectors it has.
    pub sectors: u64,
    /// N of `\Device\HarddiskN`.
    pub disk_number: u32,
    /// Its number among the disk's partitions, from 1; 0 for a disk without partitions, or all of a disk.
    pub partition: u32,
    /// The partition's type, as in an MBR; 0 for none.
    pub kind: u8,
}

impl Volume {
    /// What the disk is like.
    pub fn properties(&self) -> &Properties {
        self.disk.properties()
    }

    /// Bytes of a sector.
    pub fn sector_size(&self) -> u32 {
        self.properties().sector_size
    }

    /// Starts a transfer; its sectors are the volume's. One that makes no sense is answered at once:
    /// INVALID_PARAMETER, MEDIA_WRITE_PROTECTED.
    pub fn start(&self, mut transfer: Transfer) {
        match self.check(&transfer) {
            Ok(()) => {
                transfer.sector += self.first;
                self.disk.start(transfer);
            }
            Err(status) => (transfer.done)(Err(status), transfer.memory),
        }
    }

    fn check(&self, transfer: &Transfer) -> Result<(), NtStatus> {
        let properties = self.properties();
        let bytes = match transfer.operation {
            Operation::Read | Operation::Write => transfer.count.checked_mul(properties.sector_size.into()),
            Operation::Identify => Some(SERIAL as u64),
            _ => Some(0),
        };
        let end = transfer.sector.checked_add(transfer.count).filter(|&end| end <= self.sectors);
        if end.is_none() || bytes != Some(transfer.memory.len() as u64) {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        match transfer.operation {
            Operation::Read | Operation::Flush | Operation::Identify => Ok(()),
            _ if properties.read_only => Err(NtStatus::MEDIA_WRITE_PROTECTED),
            _ => Ok(()),
        }
    }

    /// Reads `count` sectors into a new block, and waits for it.
    ///
    /// # Errors
    /// See [`Disk::start`]; INVALID_PARAMETER for sectors that there are not.
    pub fn read(&self, sector: u64, count: u32) -> Result<Block, NtStatus> {
        let len = self.bytes_of(count)?;
        let block = Block::new(len).ok_or(NtStatus::INSUFFICIENT_RESOURCES)?;
        let (result, memory) =
            self.wait_for(Operation::Read, sector, count.into(), Memory::Block(block, len));
        result?;
        match memory {
            Memory::Block(block, _) => Ok(block),
            _ => Err(NtStatus::INSUFFICIENT_RESOURCES),
        }
    }

    /// Writes the first `count` sectors of a block, waits for it, and gives the block back; `None` is one that is lost,
    /// which does not happen when all goes well.
    ///
    /// # Errors
    /// See [`Disk::start`]; INVALID_PARAMETER for sectors that there are not.
    pub fn write(&self, sector: u64, count: u32, block: Block) -> (Result<(), NtStatus>, Option<Block>) {
        let len = match self.bytes_of(count) {
            Ok(len) => len,
            Err(status) => return (Err(status), Some(block)),
        };
        let memory = Memory::Block(block, len);
        match self.wait_for(Operation::Write, sector, count.into(), memory) {
            (result, Memory::Block(block, _)) => (result, Some(block)),
            (result, _) => (result, None),
        }
    }

    /// The disk's serial number: printable ASCII, without what fills it up.
    ///
    /// # Errors
    /// See [`Disk::start`]; INVALID_DEVICE_REQUEST from a disk that has none.
    pub fn serial(&self) -> Result<String, NtStatus> {
        let block = Block::new(SERIAL).ok_or(NtStatus::INSUFFICIENT_RESOURCES)?;
        let (result, memory) = self.wait_for(Operation::Identify, 0, 0, Memory::Block(block, SERIAL));
        result?;
        let Memory::Block(block, _) = memory else { return Err(NtStatus::INSUFFICIENT_RESOURCES) };
        let bytes = block.bytes().get(..SERIAL).unwrap_or_default();
        let text = bytes.iter().take_while(|byte| **byte != 0).filter(|byte| (b' '..=b'~').contains(byte));
        Ok(text.map(|&byte| char::from(byte)).collect())
    }

    /// What has been written outlasts a power cut when this returns.
    ///
    /// # Errors
    /// See [`Disk::start`].
    pub fn flush(&self) -> Result<(), NtStatus> {
        self.wait_for(Operation::Flush, 0, 0, Memory::None).0
    }

    /// Nobody needs the contents of these sectors.
    ///
    /// # Errors
    /// See [`Disk::start`]; INVALID_PARAMETER for sectors that there are not.
    pub fn discard(&self, sector: u64, count: u64) -> Result<(), NtStatus> {
        self.clear(Operation::Discard, sector, count)
    }

    /// These sectors read as zero when this returns.
    ///
    /// # Errors
    /// See [`Disk::start`]; INVALID_PARAMETER for sectors that there are not.
    pub fn write_zeroes(&self, sector: u64, count: u64) -> Result<(), NtStatus> {
        self.clear(Operation::WriteZeroes, sector, count)
    }

    fn clear(&self, operation: Operation, mut sector: u64, mut count: u64) -> Result<(), NtStatus> {
        while count > 0 {
            let now = count.min(self.properties().most_cleared.max(1));
            self.wait_for(operation, sector, now, Memory::None).0?;
            sector = sector.saturating_add(now);
            count -= now;
        }
        Ok(())
    }

    fn bytes_of(&self, count: u32) -> Result<usize, NtStatus> {
        let bytes = u64::from(count) * u64::from(self.sector_size());
        // A block this large is a mistake; it also keeps a length within the 32 bits that devices have for it.
        match bytes {
            0 => Err(NtStatus::INVALID_PARAMETER),
            1..=0x100_0000 => Ok(bytes as usize),
            _ => Err(NtStatus::INSUFFICIENT_RESOURCES),
        }
    }

    /// Starts a transfer and waits for its end.
    pub fn wait_for(
        &self,
        operation: Operation,
        sector: u64,
        count: u64,
        memory: Memory,
    ) -> (Result<(), NtStatus>, Memory) {
        let waiter = Arc::new(Waiter { answer: KernelCell::new(None), event: Event::new(false, false) });
        self.start(Transfer { operation, sector, count, memory, done: waiter.clone().done() });
        loop {
            let answer = waiter.answer.lock().take();
            if let Some(answer) = answer {
                return answer;
            }
            wait::wait_for_any(&[waiter.event.signal()], None, Mode::Kernel);
        }
    }
}

/// Who waits for a transfer.
struct Waiter {
    answer: KernelCell<Option<(Result<(), NtStatus>, Memory)>>,
    event: Event,
}

impl Waiter {
    fn done(self: Arc<Self>) -> Done {
        Box::new(move |result, memory| {
            *self.answer.lock() = Some((result, memory));
            self.event.set();
        })
    }
}
