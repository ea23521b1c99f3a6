//! What the volume answers.

use bootarchive::PAGE;
use nt::NtStatus;
use nt::file::{access, attribute, control, created, disposition, file_system, option};

use super::{Node, VOLUME_NUMBER, Volume, depth, number_of_file, number_of_folder, path};
use crate::io::dispatch::{Change, Create, Dispatch, FileInformation, Listed, Opened, VolumeInformation};
use crate::io::file::FileObject;
use crate::io::irp::{Completion, Irp, Outcome, Output, Request};

/// Rights that would change a file. Attributes, names and deletion are refused when it comes to them.
const WRITES: u32 = access::WRITE_DATA | access::APPEND_DATA | access::WRITE_EA | access::DELETE_CHILD;
/// What a disk calls a sector; a page of the archive is an allocation unit.
const SECTOR: u32 = 512;
const NAME_MAX: u32 = 255;

impl Dispatch for Volume {
    fn create(&self, create: &Create<'_>) -> Result<Opened, NtStatus> {
        let node = match self.find(create.name) {
            Ok(node) => node,
            Err(NtStatus::OBJECT_NAME_NOT_FOUND) if makes_missing(create.disposition) => {
                return Err(NtStatus::MEDIA_WRITE_PROTECTED);
            }
            Err(status) => return Err(status),
        };
        match create.disposition {
            disposition::CREATE => return Err(NtStatus::OBJECT_NAME_COLLISION),
            disposition::OPEN | disposition::OPEN_IF => {}
            _ => return Err(NtStatus::MEDIA_WRITE_PROTECTED),
        }
        let is_directory = matches!(node, Node::Folder(_));
        if matches!(node, Node::File(_)) && create.name.ends_with(&[u16::from(b'\\')]) {
            return Err(NtStatus::OBJECT_NAME_INVALID);
        }
        if create.options & option::DIRECTORY_FILE != 0 && !is_directory {
            return Err(NtStatus::NOT_A_DIRECTORY);
        }
        if create.options & option::NON_DIRECTORY_FILE != 0 && is_directory {
            return Err(NtStatus::FILE_IS_A_DIRECTORY);
        }
        if create.access & WRITES != 0 || create.options & option::DELETE_ON_CLOSE != 0 {
            return Err(NtStatus::MEDIA_WRITE_PROTECTED);
        }
        let (number, resident) = match &node {
            Node::Volume => (VOLUME_NUMBER, None),
            Node::Folder(number) => (*number, None),
            Node::File(file) => (number_of_file(file), Some(file.data())),
        };
        let sharing = Some(create.share(number)?);
        Ok(Opened {
            information: created::OPENED,
            number,
            is_directory,
            resident,
            sharing,
            ..Opened::default()
        })
    }

    fn read(&self, irp: Irp) -> Outcome {
        let (Request::Read { offset, length, .. }, Some(data)) = (irp.request, irp.file.archive_data())
        else {
            return NtStatus::INVALID_DEVICE_REQUEST.into();
        };
        let unbuffered = irp.file.options() & option::NO_INTERMEDIATE_BUFFERING != 0;
        if unbuffered && (offset | u64::from(length)) & u64::from(SECTOR - 1) != 0 {
            return NtStatus::INVALID_PARAMETER.into();
        }
        let rest = usize::try_from(offset).ok().and_then(|offset| data.get(offset..)).unwrap_or(&[]);
        match rest.get(..length as usize).unwrap_or(rest) {
            [] if length != 0 => NtStatus::END_OF_FILE.into(),
            bytes => Completion::data(Output::Resident(bytes)).into(),
        }
    }

    fn device_control(&self, irp: Irp) -> Outcome {
        let Request::Control { code, output_length, .. } = irp.request else {
            return NtStatus::INVALID_DEVICE_REQUEST.into();
        };
        match code {
            control::DISK_IS_WRITABLE => NtStatus::MEDIA_WRITE_PROTECTED.into(),
            control::DISK_GET_LENGTH_INFO if output_length < 8 => NtStatus::BUFFER_TOO_SMALL.into(),
            control::DISK_GET_LENGTH_INFO => {
                let length = self.archive.bytes().len() as u64;
                Completion::data(Output::Bytes(length.to_le_bytes().into())).into()
            }
            _ => NtStatus::INVALID_DEVICE_REQUEST.into(),
        }
    }

    fn fs_control(&self, irp: Irp) -> Outcome {
        match irp.request {
            Request::Control { code: control::IS_VOLUME_MOUNTED, .. } => Completion::done(0).into(),
            _ => NtStatus::INVALID_DEVICE_REQUEST.into(),
        }
    }

    fn query(&self, file: &FileObject) -> Result<FileInformation, NtStatus> {
        match (file.archive_data(), file.is_directory()) {
            (Some(data), _) => Ok(of_file(data.len())),
            (None, true) => Ok(of_folder()),
            (None, false) => Err(NtStatus::INVALID_PARAMETER),
        }
    }

    fn set(&self, _file: &FileObject, _change: Change) -> Result<(), NtStatus> {
        Err(NtStatus::MEDIA_WRITE_PROTECTED)
    }

    /// Positions: `.` and `..` at 0 and 1, except in the root; then those of the archive, plus 2.
    fn list(&self, folder: &FileObject, position: u64) -> Result<Option<Listed>, NtStatus> {
        let path = path::to_archive(folder.name())?;
        if position < 2 && !path.is_empty() {
            let name = [u16::from(b'.'); 2][..position as usize + 1].into();
            let number = if position == 0 { folder.number() } else { self.number_of_parent(&path) };
            return Ok(Some(Listed { name, number, information: of_folder(), next: position + 1 }));
        }
        let at = match position {
            // Behind the dots, or at the start of a folder without them: no child's successor has such a number.
            0..=2 => self.archive.folder(&path),
            _ => usize::try_from(position - 2).ok(),
        };
        let Some((at, child)) = at.and_then(|at| Some((at, self.archive.child(&path, at)?))) else {
            return Ok(None);
        };
        let (number, information) = match child.file {
            Some(file) => (number_of_file(&file), of_file(file.len())),
            None => (number_of_folder(depth(&path) + 1, at), of_folder()),
        };
        let name = path::from_archive(&path, child.name);
        Ok(Some(Listed { name, number, information, next: child.next as u64 + 2 }))
    }

    fn volume(&self) -> Result<VolumeInformation, NtStatus> {
        let bytes = self.archive.bytes();
        Ok(VolumeInformation {
            file_system: "BootArchive",
            attributes: file_system::CASE_PRESERVED_NAMES
                | file_system::UNICODE_ON_DISK
                | file_system::READ_ONLY_VOLUME,
            longest_name: NAME_MAX,
            label: "BOOT".encode_utf16().collect(),
            serial: bytes.len() as u32,
            created: 0,
            units: [(bytes.len() / PAGE) as u64, 0],
            sectors_per_unit: PAGE as u32 / SECTOR,
            bytes_per_sector: SECTOR,
        })
    }
}

impl Volume {
    fn number_of_parent(&self, path: &[u8]) -> u64 {
        let parent = path::parent(path);
        number_of_folder(depth(parent), self.archive.folder(parent).unwrap_or(0))
    }
}

/// Whether a file that is not there would have to be made.
fn makes_missing(disposition: u32) -> bool {
    !matches!(disposition, disposition::OPEN | disposition::OVERWRITE)
}

fn of_file(len: usize) -> FileInformation {
    FileInformation {
        end_of_file: len as u64,
        allocation: len.next_multiple_of(PAGE) as u64,
        attributes: attribute::READONLY,
        links: 1,
        ..FileInformation::default()
    }
}

fn of_folder() -> FileInformation {
    FileInformation { attributes: attribute::DIRECTORY, links: 1, ..FileInformation::default() }
}
