//! What a volume lies on.

use alloc::vec;
use core::fmt::Debug;

use nt::NtStatus;

/// Transfers begin at multiples of this and are multiples of it long, in bytes.
pub const SECTOR: u32 = 512;
/// Bytes of zeros written at a time.
const ZEROS: u64 = 0x1_0000;

/// The disk, or the part of one, that a volume lies on. Offsets and lengths are in bytes, multiples of [`SECTOR`].
pub trait Disk: Debug + Send {
    /// Bytes of it.
    fn length(&self) -> u64;

    /// Whether it cannot be written.
    fn is_read_only(&self) -> bool {
        false
    }

    /// Reads.
    ///
    /// # Errors
    /// What the disk says.
    fn read(&mut self, at: u64, buffer: &mut [u8]) -> Result<(), NtStatus>;

    /// Writes.
    ///
    /// # Errors
    /// What the disk says.
    fn write(&mut self, at: u64, data: &[u8]) -> Result<(), NtStatus>;

    /// Writes zeros.
    ///
    /// # Errors
    /// What the disk says.
    fn zero(&mut self, at: u64, length: u64) -> Result<(), NtStatus> {
        let zeros = vec![0; length.min(ZEROS) as usize];
        let mut done = 0;
        while done < length {
            let part = (length - done).min(ZEROS);
            self.write(at + done, zeros.get(..part as usize).unwrap_or(&zeros))?;
            done += part;
        }
        Ok(())
    }

    /// Whether [`Disk::discard`] is of any use.
    fn can_discard(&self) -> bool {
        false
    }

    /// Nobody needs the contents of a part any more: from now on it may read as anything.
    ///
    /// # Errors
    /// What the disk says. That does no harm.
    fn discard(&mut self, _at: u64, _length: u64) -> Result<(), NtStatus> {
        Ok(())
    }

    /// What was written is to last, whatever happens to the machine.
    ///
    /// # Errors
    /// What the disk says.
    fn flush(&mut self) -> Result<(), NtStatus>;
}
