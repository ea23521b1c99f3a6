//! A volume of a disk as what the crate `fat` works on: its transfers wait for the device.

use alloc::sync::Arc;

use hal::dma::Block;
use nt::NtStatus;

use crate::io::disk::Volume;

/// Bytes of a transfer at most.
const MOST: usize = 0x1_0000;
/// Fewer sectors than that at a time are not worth asking the device to clear them.
const WORTH_CLEARING: u64 = 128;

#[derive(Debug)]
pub struct VolumeDisk {
    volume: Arc<Volume>,
    sector: u64,
}

impl VolumeDisk {
    pub fn new(volume: &Arc<Volume>) -> Self {
        Self { volume: volume.clone(), sector: volume.sector_size().into() }
    }

    /// The sectors that bytes lie in: the first one, how many, and where the bytes begin in them.
    fn sectors(&self, at: u64, length: usize) -> (u64, u32, usize) {
        let (first, within) = (at / self.sector, (at % self.sector) as usize);
        (first, (within as u64 + length as u64).div_ceil(self.sector) as u32, within)
    }
}

impl fat::Disk for VolumeDisk {
    fn length(&self) -> u64 {
        self.volume.sectors.saturating_mul(self.sector)
    }

    fn is_read_only(&self) -> bool {
        self.volume.properties().read_only
    }

    fn read(&mut self, at: u64, buffer: &mut [u8]) -> Result<(), NtStatus> {
        for (n, part) in buffer.chunks_mut(MOST).enumerate() {
            let (first, count, within) = self.sectors(at + (n * MOST) as u64, part.len());
            let block = self.volume.read(first, count)?;
            let bytes = block.bytes().get(within..within + part.len());
            part.copy_from_slice(bytes.ok_or(NtStatus::IO_DEVICE_ERROR)?);
        }
        Ok(())
    }

    fn write(&mut self, at: u64, data: &[u8]) -> Result<(), NtStatus> {
        for (n, part) in data.chunks(MOST).enumerate() {
            let (first, count, within) = self.sectors(at + (n * MOST) as u64, part.len());
            let is_whole = within == 0 && (part.len() as u64).is_multiple_of(self.sector);
            let mut block = match is_whole {
                true => Block::new(part.len()).ok_or(NtStatus::INSUFFICIENT_RESOURCES)?,
                // The disk's sectors are larger than the file system's.
                false => self.volume.read(first, count)?,
            };
            let place = block.bytes_mut().get_mut(within..within + part.len());
            place.ok_or(NtStatus::IO_DEVICE_ERROR)?.copy_from_slice(part);
            self.volume.write(first, count, block).0?;
        }
        Ok(())
    }

    fn zero(&mut self, at: u64, length: u64) -> Result<(), NtStatus> {
        let (first, count) = (at / self.sector, length / self.sector);
        let is_whole = at.is_multiple_of(self.sector) && length.is_multiple_of(self.sector);
        if is_whole && count >= WORTH_CLEARING && self.volume.properties().most_cleared >= WORTH_CLEARING {
            match self.volume.write_zeroes(first, count) {
                Err(NtStatus::INVALID_DEVICE_REQUEST) => {}
                result => return result,
            }
        }
        let zeros = alloc::vec![0; length.min(MOST as u64) as usize];
        let mut done = 0;
        while done < length {
            let part = (length - done).min(MOST as u64) as usize;
            self.write(at + done, zeros.get(..part).unwrap_or(&zeros))?;
            done += part as u64;
        }
        Ok(())
    }

    fn can_discard(&self) -> bool {
        self.volume.properties().can_discard
    }

    fn discard(&mut self, at: u64, length: u64) -> Result<(), NtStatus> {
        // Sectors that are not whole stay.
        let (first, end) = (at.div_ceil(self.sector), (at + length) / self.sector);
        self.volume.discard(first, end.saturating_sub(first))
    }

    fn flush(&mut self) -> Result<(), NtStatus> {
        self.volume.flush()
    }
}
