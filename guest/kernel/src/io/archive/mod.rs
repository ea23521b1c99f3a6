//! The boot archive as drive C:, a file system that can only be read. `docs/boot-archive.md` has the format
//! and says how paths are spelled in it.

mod path;
mod volume;

use alloc::boxed::Box;

use bootarchive::{Archive, File, Found};
use nt::file::{characteristic, device};
use nt::{NtStatus, wide};

use super::device::{Device, Driver};
use crate::ob::namespace;

/// The device.
const DEVICE: &[u16] = wide!(r"\Device\BootArchive");
/// What ARC firmware calls a disk in memory.
const ARC_NAME: &[u16] = wide!(r"\ArcName\ramdisk(0)");
/// The system root, by its ARC name (spec/smss.md K4).
const SYSTEM_ROOT: &[u16] = wide!(r"\ArcName\ramdisk(0)\Windows");
/// The drive.
const DRIVE: &[u16] = wide!(r"\??\C:");

/// Makes the file system's device, and the names that lead to it. C: and the system root are its own unless a disk is
/// drive C:; then the archive has only what the kernel needs before it can read from that.
///
/// # Errors
/// What the object manager says.
pub fn init(archive: Archive<'static>) -> Result<(), NtStatus> {
    let driver = Driver::publish(wide!(r"\FileSystem\BootArchive"), "BootArchive", false)?;
    let characteristics = characteristic::READ_ONLY_DEVICE | characteristic::DEVICE_IS_MOUNTED;
    let volume = Device::new(&driver, device::DISK, characteristics, Box::new(Volume { archive }));
    volume.publish(DEVICE)?;
    namespace::create_link(ARC_NAME, DEVICE)?;
    if super::disk::has_system() {
        return Ok(());
    }
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
        let path = path::to_archive(name)?;
        match self.archive.look_up(&path) {
            Some(Found::File(file)) => return Ok(Node::File(file)),
            Some(Found::Folder(first)) => return Ok(Node::Folder(number_of_folder(depth(&path), first))),
            None if path.is_empty() => return Ok(Node::Folder(number_of_folder(0, 0))),
            None => {}
        }
        path::check(name)?;
        let parent = path::parent(&path);
        match parent.is_empty() || self.archive.folder(parent).is_some() {
            true => Err(NtStatus::OBJECT_NAME_NOT_FOUND),
            false => Err(NtStatus::OBJECT_PATH_NOT_FOUND),
        }
    }
}

/// The volume's own number. Numbers of folders are odd and above it, those of files even.
const VOLUME_NUMBER: u64 = 1;

/// The first file in a folder may be the first one in folders of it, too, but none of these is as deep.
fn number_of_folder(depth: usize, first: usize) -> u64 {
    (((first as u64) << 16 | depth as u64) << 1 | 1) + 2
}

/// How many folders a path of the archive is below the root.
fn depth(path: &[u8]) -> usize {
    path.iter().filter(|&&byte| byte == b'\\').count()
}

fn number_of_file(file: &File<'_>) -> u64 {
    (file.position() as u64 + 1) << 1
}
