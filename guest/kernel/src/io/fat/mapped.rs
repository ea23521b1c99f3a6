//! Files that are mapped: the file is open for as long as somebody has a section of it, or pages that are not written yet.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::ops::Range;

use fat::NodeId;
use nt::NtStatus;

use super::FileSystem;
use crate::io::file::FileObject;
use crate::mm::PAGE;
use crate::mm::mapped::{self, Contents, Key, MappedFile};

/// A file that is open for its sections.
#[derive(Debug)]
struct Open {
    file_system: Arc<FileSystem>,
    id: NodeId,
}

impl Contents for Open {
    fn size(&self) -> Result<u64, NtStatus> {
        self.file_system.gate.with(|volume| Ok(volume.info(self.id)?.size.into()))
    }

    fn extend(&self, size: u64) -> Result<(), NtStatus> {
        self.file_system.gate.with(|volume| match size > volume.info(self.id)?.size.into() {
            true => volume.set_size(self.id, size, FileSystem::now()),
            false => Ok(()),
        })
    }

    fn read(&self, offset: u64, into: &mut [u8]) -> Result<(), NtStatus> {
        self.file_system.gate.with(|volume| {
            let read = volume.read(self.id, offset, into)?;
            into.get_mut(read..).unwrap_or_default().fill(0);
            Ok(())
        })
    }

    fn write(&self, offset: u64, length: usize, fill: &dyn Fn(&mut [u8])) -> Result<(), NtStatus> {
        self.file_system.gate.with(|volume| {
            let size = u64::from(volume.info(self.id)?.size);
            let mut bytes = alloc::vec::Vec::new();
            bytes.try_reserve_exact(length).map_err(|_| fat::Error::NoMemory)?;
            bytes.resize(length, 0);
            fill(&mut bytes);
            bytes.truncate(size.saturating_sub(offset).min(length as u64) as usize);
            volume.write(self.id, offset, &bytes, FileSystem::now())
        })
    }

    fn close(&self) {
        let _ = self.file_system.gate.with(|volume| volume.close(self.id));
    }
}

impl FileSystem {
    fn key(&self, id: NodeId) -> Key {
        (core::ptr::from_ref(self).addr(), id.0)
    }

    /// The data of an open file, for sections.
    ///
    /// # Errors
    /// INVALID_FILE_FOR_SECTION for a folder; INSUFFICIENT_RESOURCES.
    pub fn map_file(&self, file: &FileObject) -> Result<Arc<MappedFile>, NtStatus> {
        if file.is_directory() {
            return Err(NtStatus::INVALID_FILE_FOR_SECTION);
        }
        let id = Self::node(file);
        let file_system = self.own.upgrade().ok_or(NtStatus::INVALID_FILE_FOR_SECTION)?;
        mapped::open(self.key(id), || {
            self.gate.with(|volume| volume.open_again(id))?;
            Ok(Box::new(Open { file_system, id }))
        })
    }

    /// What was changed in views of a part of a file goes to the volume.
    ///
    /// # Errors
    /// Those of the disk; INSUFFICIENT_RESOURCES.
    pub fn flush_pages(&self, id: NodeId, bytes: Range<u64>) -> Result<(), NtStatus> {
        let Some(file) = mapped::find(self.key(id)) else { return Ok(()) };
        let page = |offset: u64| u32::try_from(offset).unwrap_or(u32::MAX);
        file.flush(page(bytes.start / PAGE)..page(bytes.end.div_ceil(PAGE)))
    }

    /// Pages in memory follow what was written to a file. Nothing may have waited since then.
    pub fn pages_follow(&self, id: NodeId, offset: u64, data: &[u8]) {
        if let Some(file) = mapped::find(self.key(id)) {
            file.written(offset, data);
        }
    }

    /// Whether a section of a file as an image is there.
    pub fn is_image(&self, id: NodeId) -> bool {
        mapped::has_image(self.key(id))
    }

    /// A file that somebody has mapped cannot become smaller.
    ///
    /// # Errors
    /// USER_MAPPED_FILE; those of the disk.
    pub fn check_cut(&self, id: NodeId, size: u64) -> Result<(), NtStatus> {
        if !mapped::is_mapped(self.key(id)) {
            return Ok(());
        }
        let now = self.gate.with(|volume| Ok(u64::from(volume.info(id)?.size)))?;
        if size < now { Err(NtStatus::USER_MAPPED_FILE) } else { Ok(()) }
    }
}
