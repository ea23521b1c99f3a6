//! Disks and volumes as devices: without a name behind theirs they are their sectors; with one, the file system on them.

use alloc::sync::Arc;
use alloc::vec::Vec;

use hal::cell::KernelCell;
use hal::dma::{Block, Memory, Pages};
use iocore::Place;
use nt::NtStatus;
use nt::file::control;

use super::control as codes;
use super::mount;
use super::transfer::{Gather, Operation, Transfer};
use super::volume::Volume;
use crate::io::dispatch::{Change, Create, Dispatch, FileInformation, Listed, Opened, VolumeInformation};
use crate::io::file::FileObject;
use crate::io::irp::{Completion, Irp, Outcome, Output, Request};
use crate::io::pending::Ticket;
use crate::mm::Extents;
use crate::mm::mapped::MappedFile;

/// The sectors' number among the files of the volume, for sharing.
const NUMBER: u64 = u64::MAX;

/// A disk or volume.
#[derive(Debug)]
pub struct RawDevice {
    volume: Arc<Volume>,
    file_system: KernelCell<FileSystem>,
}

/// What is known of the file system on a volume.
#[derive(Clone, Debug)]
enum FileSystem {
    /// Nobody has asked.
    Unknown,
    /// None that anybody recognises.
    Raw,
    Mounted(Arc<dyn Dispatch>),
}

impl RawDevice {
    /// The device of a volume.
    pub fn new(volume: Arc<Volume>) -> Self {
        Self { volume, file_system: KernelCell::new(FileSystem::Unknown) }
    }

    /// The file system on the volume, which is mounted when somebody first wants it.
    ///
    /// # Errors
    /// UNRECOGNIZED_VOLUME, or why the volume cannot be read.
    fn file_system(&self) -> Result<Arc<dyn Dispatch>, NtStatus> {
        let known = self.file_system.lock().clone();
        match known {
            FileSystem::Mounted(file_system) => return Ok(file_system),
            FileSystem::Raw => return Err(NtStatus::UNRECOGNIZED_VOLUME),
            FileSystem::Unknown => {}
        }
        let mounted = mount::mount(&self.volume);
        let mut slot = self.file_system.lock();
        match (&*slot, mounted) {
            // Somebody else was faster, while this thread waited.
            (FileSystem::Mounted(other), _) => Ok(other.clone()),
            (_, Ok(Some(file_system))) => {
                *slot = FileSystem::Mounted(file_system.clone());
                Ok(file_system)
            }
            (_, Ok(None)) => {
                *slot = FileSystem::Raw;
                Err(NtStatus::UNRECOGNIZED_VOLUME)
            }
            (_, Err(status)) => Err(status),
        }
    }

    /// The file system that a file belongs to; nothing for the volume itself.
    fn owner(&self, file: &FileObject) -> Option<Arc<dyn Dispatch>> {
        match &*self.file_system.lock() {
            FileSystem::Mounted(file_system) if !file.name().is_empty() => Some(file_system.clone()),
            _ => None,
        }
    }

    /// Bytes.
    fn len(&self) -> u64 {
        self.volume.sectors * u64::from(self.volume.sector_size())
    }

    /// Reads or writes sectors, in as many transfers as it takes.
    fn transfer(&self, irp: Irp, operation: Operation, offset: u64, pages: Pages) -> Outcome {
        let sector_size = u64::from(self.volume.sector_size());
        let len = pages.len() as u64;
        if !offset.is_multiple_of(sector_size) || !len.is_multiple_of(sector_size) {
            return NtStatus::INVALID_PARAMETER.into();
        }
        let (pended, ticket) = irp.pend();
        let gather = Gather::new(move |result| {
            pended.complete(match result {
                Ok(()) => Completion::done(len),
                Err(status) => status.into(),
            });
        });
        // A page each, but for the first and the last one.
        let most =
            (self.volume.properties().most_pieces.max(2) - 1) as u64 * 4096 / sector_size * sector_size;
        let mut done = 0;
        while done < len {
            let now = most.min(len - done);
            let Some(part) = pages.part(done as usize, now as usize) else { break };
            self.volume.start(Transfer {
                operation,
                sector: (offset + done) / sector_size,
                count: now / sector_size,
                memory: Memory::Pages(part),
                done: gather.part(),
            });
            done += now;
        }
        Outcome::Pending(ticket)
    }
}

impl Dispatch for RawDevice {
    fn create(&self, create: &Create<'_>) -> Result<Opened, NtStatus> {
        if !create.name.is_empty() {
            return self.file_system()?.create(create);
        }
        let sharing = Some(create.share(NUMBER)?);
        Ok(Opened { sharing, ..Opened::device() })
    }

    fn cleanup(&self, file: &FileObject) {
        if let Some(owner) = self.owner(file) {
            owner.cleanup(file);
        }
    }

    fn takes_data(&self) -> bool {
        true
    }

    fn direct(&self, file: &FileObject) -> bool {
        self.owner(file).is_none_or(|owner| owner.direct(file))
    }

    fn read(&self, irp: Irp) -> Outcome {
        if let Some(owner) = self.owner(&irp.file) {
            return owner.read(irp);
        }
        let (offset, pages) = match &irp.request {
            Request::Read { offset, pages: Some(pages), .. } => (*offset, pages.clone()),
            _ => return NtStatus::INVALID_DEVICE_REQUEST.into(),
        };
        let there = self.len().saturating_sub(offset).min(pages.len() as u64) as usize;
        match pages.part(0, there) {
            _ if pages.is_empty() => Completion::done(0).into(),
            Some(pages) if there > 0 => self.transfer(irp, Operation::Read, offset, pages),
            _ => NtStatus::END_OF_FILE.into(),
        }
    }

    fn write(&self, irp: Irp) -> Outcome {
        if let Some(owner) = self.owner(&irp.file) {
            return owner.write(irp);
        }
        let (offset, pages) = match &irp.request {
            Request::Write { place: Place::At(offset), pages: Some(pages), .. } => (*offset, pages.clone()),
            _ => return NtStatus::INVALID_PARAMETER.into(),
        };
        if self.volume.properties().read_only {
            return NtStatus::MEDIA_WRITE_PROTECTED.into();
        }
        match offset.checked_add(pages.len() as u64) {
            _ if pages.is_empty() => Completion::done(0).into(),
            Some(end) if end <= self.len() => self.transfer(irp, Operation::Write, offset, pages),
            _ => NtStatus::INVALID_PARAMETER.into(),
        }
    }

    fn device_control(&self, irp: Irp) -> Outcome {
        if let Some(owner) = self.owner(&irp.file) {
            return owner.device_control(irp);
        }
        let Request::Control { code, input, output_length } = &irp.request else {
            return NtStatus::INVALID_DEVICE_REQUEST.into();
        };
        match codes::answer(&self.volume, *code, input) {
            Ok(bytes) if bytes.is_empty() => Completion::done(0).into(),
            Ok(bytes) if bytes.len() > *output_length as usize => NtStatus::BUFFER_TOO_SMALL.into(),
            Ok(bytes) => Completion::data(Output::Bytes(bytes)).into(),
            Err(status) => status.into(),
        }
    }

    fn fs_control(&self, irp: Irp) -> Outcome {
        match (self.file_system(), &irp.request) {
            // A volume that was opened as such is that of its file system, if it has one.
            (Ok(file_system), _) => file_system.fs_control(irp),
            (Err(_), Request::Control { code: control::IS_VOLUME_MOUNTED, .. }) => {
                NtStatus::UNRECOGNIZED_VOLUME.into()
            }
            _ => NtStatus::INVALID_DEVICE_REQUEST.into(),
        }
    }

    fn cancel(&self, ticket: &Ticket) {
        // Sectors are on their way to the device at once and cannot be called back.
        let mounted = self.file_system.lock().clone();
        if let FileSystem::Mounted(file_system) = mounted {
            file_system.cancel(ticket);
        }
    }

    fn flush(&self, file: &FileObject) -> Result<(), NtStatus> {
        match self.owner(file) {
            Some(owner) => owner.flush(file),
            None => self.volume.flush(),
        }
    }

    fn query(&self, file: &FileObject) -> Result<FileInformation, NtStatus> {
        self.owner(file).ok_or(NtStatus::INVALID_DEVICE_REQUEST)?.query(file)
    }

    fn set(&self, file: &FileObject, change: Change) -> Result<(), NtStatus> {
        self.owner(file).ok_or(NtStatus::INVALID_DEVICE_REQUEST)?.set(file, change)
    }

    fn paging_file(&self, file: &FileObject, bytes: u64) -> Result<Extents, NtStatus> {
        self.owner(file).ok_or(NtStatus::INVALID_DEVICE_REQUEST)?.paging_file(file, bytes)
    }

    fn map(&self, file: &FileObject) -> Result<Arc<MappedFile>, NtStatus> {
        self.owner(file).ok_or(NtStatus::INVALID_FILE_FOR_SECTION)?.map(file)
    }

    fn contents(&self, file: &FileObject) -> Result<(Block, usize), NtStatus> {
        self.owner(file).ok_or(NtStatus::INVALID_FILE_FOR_SECTION)?.contents(file)
    }

    fn list(&self, folder: &FileObject, position: u64) -> Result<Option<Listed>, NtStatus> {
        self.owner(folder).ok_or(NtStatus::INVALID_DEVICE_REQUEST)?.list(folder, position)
    }

    fn volume(&self) -> Result<VolumeInformation, NtStatus> {
        match self.file_system() {
            Ok(file_system) => file_system.volume(),
            Err(_) => Ok(VolumeInformation {
                file_system: "RAW",
                attributes: 0,
                longest_name: 0,
                label: Vec::new(),
                serial: 0,
                created: 0,
                units: [self.volume.sectors, 0],
                sectors_per_unit: 1,
                bytes_per_sector: self.volume.sector_size(),
            }),
        }
    }
}
