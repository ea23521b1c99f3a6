//! Files: opening, telling, renaming, deleting.
#![expect(unsafe_code, reason = "calls system services")]

use alloc::vec::Vec;

use nt::NtStatus;
use nt::file::{
    FileBasicInformation, FileFsDeviceInformation, FileFsSizeInformation, FileStandardInformation, class,
    option, volume_class,
};
use nt::types::IoStatusBlock;
use zerocopy::{FromBytes, Immutable, IntoBytes};

use crate::handle::Owned;
use crate::objects::Name;
use crate::services::{pointer_to, pointer_to_mut, syscall};

/// Opens a file or folder for synchronous use.
///
/// # Errors
/// What `NtOpenFile` says.
pub fn open(name: &Name<'_>, access: u32, share: u32, options: u32) -> Result<Owned, NtStatus> {
    let mut io_status = IoStatusBlock::default();
    let io_status = pointer_to_mut(&mut io_status);
    let options = options | option::SYNCHRONOUS_IO_NONALERT;
    let access = access | nt::file::access::SYNCHRONIZE;
    // SAFETY: the name passes what lives through the call, and so does the status.
    let opened =
        name.make(|to, name| unsafe { syscall::NtOpenFile(to, access, name, io_status, share, options) });
    opened.map(|(object, _)| object)
}

/// A class of information of a file.
fn query<T: FromBytes>(file: &Owned, class: u32) -> Result<T, NtStatus> {
    let (mut io_status, mut information) = (IoStatusBlock::default(), T::new_zeroed());
    let size = size_of::<T>() as u32;
    // SAFETY: both outlive the call; the size is told.
    unsafe {
        let (io_status, to) = (pointer_to_mut(&mut io_status), pointer_to_mut(&mut information));
        syscall::NtQueryInformationFile(file.get(), io_status, to, size, class)
    }
    .ok()?;
    Ok(information)
}

/// A class of information of the volume that a file is on.
fn query_volume<T: FromBytes>(file: &Owned, class: u32) -> Result<T, NtStatus> {
    let (mut io_status, mut information) = (IoStatusBlock::default(), T::new_zeroed());
    let size = size_of::<T>() as u32;
    // SAFETY: both outlive the call; the size is told.
    unsafe {
        let (io_status, to) = (pointer_to_mut(&mut io_status), pointer_to_mut(&mut information));
        syscall::NtQueryVolumeInformationFile(file.get(), io_status, to, size, class)
    }
    .ok()?;
    Ok(information)
}

fn set<T: IntoBytes + Immutable + ?Sized>(file: &Owned, class: u32, information: &T) -> Result<(), NtStatus> {
    let mut io_status = IoStatusBlock::default();
    let bytes = information.as_bytes();
    // SAFETY: both outlive the call; the size is told.
    unsafe {
        let io_status = pointer_to_mut(&mut io_status);
        syscall::NtSetInformationFile(
            file.get(),
            io_status,
            pointer_to::<_, u8>(bytes),
            bytes.len() as u32,
            class,
        )
    }
    .ok()
}

/// Sizes of a file.
///
/// # Errors
/// What `NtQueryInformationFile` says.
pub fn standard_information(file: &Owned) -> Result<FileStandardInformation, NtStatus> {
    query(file, class::STANDARD)
}

/// Clusters of a file's volume.
///
/// # Errors
/// What `NtQueryVolumeInformationFile` says.
pub fn volume_size(file: &Owned) -> Result<FileFsSizeInformation, NtStatus> {
    query_volume(file, volume_class::SIZE)
}

/// The device that a file's volume is on.
///
/// # Errors
/// What `NtQueryVolumeInformationFile` says.
pub fn volume_device(file: &Owned) -> Result<FileFsDeviceInformation, NtStatus> {
    query_volume(file, volume_class::DEVICE)
}

/// Deletes a file that was opened for it, at its last close.
///
/// # Errors
/// What `NtSetInformationFile` says.
pub fn delete(file: &Owned) -> Result<(), NtStatus> {
    set(file, class::DISPOSITION, &1_u8)
}

/// Renames a file that was opened to be deleted. The target is a full NT path.
///
/// # Errors
/// What `NtSetInformationFile` says.
pub fn rename(file: &Owned, target: &[u16], replace: bool) -> Result<(), NtStatus> {
    // FILE_RENAME_INFORMATION: a flag, a folder, a length, the name.
    let bytes = (target.len() * 2) as u32;
    let mut information: Vec<u8> = Vec::with_capacity(20 + target.len() * 2);
    information.extend_from_slice(&u64::from(replace).to_le_bytes());
    information.extend_from_slice(&0_u64.to_le_bytes());
    information.extend_from_slice(&bytes.to_le_bytes());
    target.iter().for_each(|unit| information.extend_from_slice(&unit.to_le_bytes()));
    set(file, class::RENAME, information.as_slice())
}

/// Sets a file's attributes; its times stay.
///
/// # Errors
/// What `NtSetInformationFile` says.
pub fn set_attributes(file: &Owned, attributes: u32) -> Result<(), NtStatus> {
    set(file, class::BASIC, &FileBasicInformation { attributes, ..FileBasicInformation::default() })
}
