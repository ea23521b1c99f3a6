//! Contents of a file as a whole, for sections of it.

use hal::dma::Block;
use nt::NtStatus;

use super::FileSystem;
use crate::io::file::FileObject;

/// Larger files are not mapped: all of one is in memory for as long as a section of it is.
const MOST: u32 = 0x100_0000;

impl FileSystem {
    /// A copy of a file, with zeros behind it to the end of its last page; and its length.
    ///
    /// # Errors
    /// Those of the disk; INSUFFICIENT_RESOURCES for a file that is too large, or without memory.
    pub fn load(&self, file: &FileObject) -> Result<(Block, usize), NtStatus> {
        if file.is_directory() {
            return Err(NtStatus::INVALID_FILE_FOR_SECTION);
        }
        let id = Self::node(file);
        self.flush_pages(id, 0..u64::MAX)?;
        self.gate.with(|volume| {
            let size = volume.info(id)?.size;
            if size > MOST {
                return Err(fat::Error::NoMemory);
            }
            let size = size as usize;
            let mut block = Block::new(size).ok_or(fat::Error::NoMemory)?;
            let (bytes, rest) = block.bytes_mut().split_at_mut_checked(size).ok_or(fat::Error::NoMemory)?;
            volume.read(id, 0, bytes)?;
            rest.fill(0);
            Ok((block, size))
        })
    }
}
