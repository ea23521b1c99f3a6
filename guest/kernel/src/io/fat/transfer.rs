//! Reading and writing.

use alloc::vec::Vec;

use iocore::Place;
use nt::NtStatus;
use nt::file::{control, option};

use super::FileSystem;
use crate::io::file::FileObject;
use crate::io::irp::{Completion, Irp, Output, Request};

impl FileSystem {
    /// IRP_MJ_READ.
    pub fn read_file(&self, irp: &Irp) -> Completion {
        match self.read_bytes(irp) {
            Ok(bytes) => Completion::data(Output::Bytes(bytes)),
            Err(status) => status.into(),
        }
    }

    fn read_bytes(&self, irp: &Irp) -> Result<Vec<u8>, NtStatus> {
        let Request::Read { offset, length, .. } = irp.request else {
            return Err(NtStatus::INVALID_DEVICE_REQUEST);
        };
        if irp.file.is_directory() {
            return Err(NtStatus::INVALID_DEVICE_REQUEST);
        }
        self.check_aligned(&irp.file, offset, length)?;
        let id = Self::node(&irp.file);
        self.flush_pages(id, offset..offset.saturating_add(length.into()))?;
        let bytes = self.gate.with(|volume| {
            let size = u64::from(volume.info(id)?.size);
            let there = size.saturating_sub(offset).min(length.into()) as usize;
            let mut bytes = Vec::new();
            bytes.try_reserve_exact(there).map_err(|_| fat::Error::NoMemory)?;
            bytes.resize(there, 0);
            let read = volume.read(id, offset, &mut bytes)?;
            bytes.truncate(read);
            Ok(bytes)
        })?;
        if bytes.is_empty() && length != 0 { Err(NtStatus::END_OF_FILE) } else { Ok(bytes) }
    }

    /// IRP_MJ_WRITE.
    pub fn write_file(&self, irp: &Irp) -> Completion {
        match self.write_bytes(irp) {
            Ok(written) => Completion::done(written),
            Err(status) => status.into(),
        }
    }

    fn write_bytes(&self, irp: &Irp) -> Result<u64, NtStatus> {
        let Request::Write { place, data, .. } = &irp.request else {
            return Err(NtStatus::INVALID_DEVICE_REQUEST);
        };
        if irp.file.is_directory() {
            return Err(NtStatus::INVALID_DEVICE_REQUEST);
        }
        if let Place::At(offset) = place {
            self.check_aligned(&irp.file, *offset, data.len() as u32)?;
        }
        let (id, now) = (Self::node(&irp.file), Self::now());
        let is_through = irp.file.options() & option::WRITE_THROUGH != 0;
        let offset = self.gate.with(|volume| {
            let offset = match *place {
                Place::At(offset) => offset,
                Place::End => volume.info(id)?.size.into(),
            };
            volume.write(id, offset, data, now)?;
            Ok(offset)
        })?;
        self.pages_follow(id, offset, data);
        if is_through {
            self.gate.with(|volume| volume.flush(id))?;
        }
        Ok(data.len() as u64)
    }

    /// Who wants no buffers in between has to ask for whole sectors.
    fn check_aligned(&self, file: &FileObject, offset: u64, length: u32) -> Result<(), NtStatus> {
        let is_unbuffered = file.options() & option::NO_INTERMEDIATE_BUFFERING != 0;
        let sector = u64::from(self.volume.sector_size()) - 1;
        match is_unbuffered && (offset | u64::from(length)) & sector != 0 {
            true => Err(NtStatus::INVALID_PARAMETER),
            false => Ok(()),
        }
    }

    /// Control codes of files and volumes.
    pub fn control(&self, irp: &Irp) -> Completion {
        let Request::Control { code, output_length, .. } = irp.request else {
            return NtStatus::INVALID_DEVICE_REQUEST.into();
        };
        let properties = self.volume.properties();
        match code {
            control::IS_VOLUME_MOUNTED => Completion::done(0),
            control::DISK_IS_WRITABLE if properties.read_only => NtStatus::MEDIA_WRITE_PROTECTED.into(),
            control::DISK_IS_WRITABLE => Completion::done(0),
            control::DISK_GET_LENGTH_INFO if output_length < 8 => NtStatus::BUFFER_TOO_SMALL.into(),
            control::DISK_GET_LENGTH_INFO => {
                let length = self.volume.sectors * u64::from(properties.sector_size);
                Completion::data(Output::Bytes(length.to_le_bytes().into()))
            }
            _ => NtStatus::INVALID_DEVICE_REQUEST.into(),
        }
    }
}
