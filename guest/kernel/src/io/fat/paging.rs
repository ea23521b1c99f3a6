//! Paging files: files whose clusters the memory manager uses without the file system.

use alloc::vec::Vec;

use nt::NtStatus;

use super::FileSystem;
use crate::io::file::FileObject;
use crate::mm::Extents;

impl FileSystem {
    /// Gives an open file that many bytes, which nobody clears, and says where they are. They stay there: nobody else opens the
    /// file, which shares nothing.
    ///
    /// # Errors
    /// DISK_FULL, those of the disk; INVALID_PARAMETER for a file system whose sectors are smaller than the disk's.
    pub fn make_paging_file(&self, file: &FileObject, bytes: u64) -> Result<Extents, NtStatus> {
        let (id, now) = (Self::node(file), Self::now());
        let parts = self.gate.with(|volume| {
            volume.set_raw(id)?;
            volume.set_size(id, bytes, now)?;
            volume.flush(id)?;
            let (mut parts, mut offset) = (Vec::new(), 0);
            while offset < bytes {
                let part = volume.extent(id, offset)?.ok_or(fat::Error::Full)?;
                parts.try_reserve(1).map_err(|_| fat::Error::NoMemory)?;
                parts.push(part);
                offset += part.1;
            }
            Ok(parts)
        })?;
        let sector = u64::from(self.volume.sector_size());
        let is_whole = |&(start, length): &(u64, u64)| (start | length).is_multiple_of(sector);
        match parts.iter().all(is_whole) {
            true => Ok(Extents { volume: self.volume.clone(), parts }),
            false => Err(NtStatus::INVALID_PARAMETER),
        }
    }
}
