//! The boot archive as drive C:, a file system that can only be read. `docs/boot-archive.md` has the format
//! and says how paths are spelled in it.

mod path;

use alloc::boxed::Box;
use alloc::string::String;

use bootarchive::{Archive, File};
use nt::file::{access, characteristic, created, device, disposition, option};
use nt::{NtStatus, wide};

use super::device::{Device, Driver};
use super::dispatch::{Create, Dispatch, Opened};
use crate::ob::namespace;

/// The device.
const DEVICE: &[u16] = wide!(r"\Device\BootArchive");
/// What ARC firmware calls a disk in memory.
const ARC_NAME: &[u16] = wide!(r"\ArcName\ramdisk(0)");
/// The system root, by its ARC name (spec/smss.md K4).
const SYSTEM_ROOT: &[u16] = wide!(r"\ArcName\ramdisk(0)\Windows");
/// The drive.
const DRIVE: &[u16] = wide!(r"\??\C:");

/// Rights that would change a file.
const WRITES: u32 = access::WRITE_DATA | access::APPEND_DATA | access::WRITE_EA | access::DELETE_CHILD;

/// Makes the file system's device, and the names that lead to it.
///
/// # Errors
/// What the object manager says.
pub fn init(archive: Archive<'static>) -> Result<(), NtStatus> {
    let driver = Driver::publish(wide!(r"\FileSystem\BootArchive"), "BootArchive")?;
    let characteristics = characteristic::READ_ONLY_DEVICE | characteristic::DEVICE_IS_MOUNTED;
    let volume = Device::new(&driver, device::DISK, characteristics, Box::new(Volume { archive }));
    volume.publish(DEVICE)?;
    namespace::create_link(ARC_NAME, DEVICE)?;
    namespace::create_link(wide!(r"\SystemRoot"), SYSTEM_ROOT)?;
    namespace::create_link(DRIVE, DEVICE)
}

#[derive(Debug)]
struct Volume {
    archive: Archive<'static>,
}

/// What a path names.
enum Node {
    Volume,
    /// With a number of its own.
    Folder(u64),
    File(File<'static>),
}

impl Volume {
    /// # Errors
    /// OBJECT_NAME_INVALID, OBJECT_NAME_NOT_FOUND, OBJECT_PATH_NOT_FOUND.
    fn find(&self, name: &[u16]) -> Result<Node, NtStatus> {
        if name.is_empty() {
            return Ok(Node::Volume);
        }
        let path: String = path::to_archive(name)?;
        if let Some(file) = self.archive.find(&path) {
            return Ok(Node::File(file));
        }
        // The first file in a folder may be the first one in folders of it, too, but none of these is as deep.
        let number = |first: usize| ((first as u64) << 16) | path.matches('\\').count() as u64;
        match self.archive.folder(&path) {
            Some(first) => return Ok(Node::Folder(number(first))),
            None if path.is_empty() => return Ok(Node::Folder(0)),
            None => {}
        }
        path::check(name)?;
        let parent = path.rsplit_once('\\').map_or("", |(parent, _)| parent);
        match parent.is_empty() || self.archive.folder(parent).is_some() {
            true => Err(NtStatus::OBJECT_NAME_NOT_FOUND),
            false => Err(NtStatus::OBJECT_PATH_NOT_FOUND),
        }
    }
}

impl Dispatch for Volume {
    fn create(&self, create: &Create<'_>) -> Result<Opened, NtStatus> {
        let ends_open = create.name.len() > 1 && create.name.ends_with(&[u16::from(b'\\')]);
        let missing = |status| match create.disposition {
            disposition::OPEN | disposition::OVERWRITE => Err(status),
            _ if status == NtStatus::OBJECT_NAME_NOT_FOUND => Err(NtStatus::MEDIA_WRITE_PROTECTED),
            _ => Err(status),
        };
        let node = match self.find(create.name) {
            Ok(node) => node,
            Err(status) => return missing(status),
        };
        match create.disposition {
            disposition::CREATE => return Err(NtStatus::OBJECT_NAME_COLLISION),
            disposition::OPEN | disposition::OPEN_IF => {}
            _ => return Err(NtStatus::MEDIA_WRITE_PROTECTED),
        }
        let is_directory = matches!(node, Node::Folder(_));
        if ends_open && !is_directory {
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
            Node::Volume => (1, None),
            // Numbers of folders and of files are of two kinds, and 1 is the volume.
            Node::Folder(number) => (number << 2 | 2, None),
            Node::File(file) => ((file.position() as u64) << 2 | 3, Some(file.data())),
        };
        let sharing = Some(create.share(number)?);
        Ok(Opened { information: created::OPENED, number, is_directory, resident, sharing })
    }
}
