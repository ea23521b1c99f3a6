//! `NtQueryInformationFile`.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::file::{
    FILE_ALL_NAME, FileAllInformation, FileBasicInformation, FileNetworkOpenInformation,
    FileStandardInformation, access, class, option,
};
use nt::types::{Handle, IoStatusBlock, UserPtr};
use zerocopy::IntoBytes;

use super::asker::write_status;
use super::dispatch::FileInformation;
use super::file::FileObject;
use super::{Opener, opener};
use crate::ke::service::NtResult;
use crate::mm::user;

/// What a class takes: bytes of the least buffer, and the right to ask. The classes without a right can always be
/// asked for.
fn demands(class: u32) -> Result<(usize, u32), NtStatus> {
    Ok(match class {
        class::BASIC => (size_of::<FileBasicInformation>(), access::READ_ATTRIBUTES),
        class::STANDARD => (size_of::<FileStandardInformation>(), 0),
        class::INTERNAL | class::POSITION => (8, 0),
        class::EA | class::ACCESS | class::MODE | class::ALIGNMENT => (4, 0),
        class::NAME => (8, 0),
        class::ALL => (size_of::<FileAllInformation>(), access::READ_ATTRIBUTES),
        class::NETWORK_OPEN => (size_of::<FileNetworkOpenInformation>(), access::READ_ATTRIBUTES),
        class::ATTRIBUTE_TAG => (8, access::READ_ATTRIBUTES),
        _ => return Err(NtStatus::INVALID_INFO_CLASS),
    })
}

/// `NtQueryInformationFile`.
pub fn query(
    file: Handle,
    io_status: UserPtr<IoStatusBlock>,
    information: UserPtr<u8>,
    length: u32,
    class: u32,
) -> NtResult {
    let (least, right) = demands(class)?;
    if (length as usize) < least {
        return Err(NtStatus::INFO_LENGTH_MISMATCH);
    }
    let opener = opener(file, right)?;
    let room = length as usize;
    let bytes = answer(&opener, class, room)?;
    let fits = bytes.len() <= room;
    user::write(information.address, &bytes[..bytes.len().min(room)])?;
    let status = if fits { NtStatus::SUCCESS } else { NtStatus::BUFFER_OVERFLOW };
    write_status(io_status, status, bytes.len().min(room) as u64)?;
    status.ok().map(|()| status)
}

fn answer(opener: &Opener, class: u32, room: usize) -> Result<Vec<u8>, NtStatus> {
    let Opener { file, access } = opener;
    let driver = &file.device().dispatch;
    let number = |value: u32| Vec::from(value.to_le_bytes());
    let long = |value: u64| Vec::from(value.to_le_bytes());
    Ok(match class {
        class::BASIC => basic(&driver.query(file)?).as_bytes().into(),
        class::STANDARD => standard(file, &driver.query(file)?).as_bytes().into(),
        class::NETWORK_OPEN => network_open(&driver.query(file)?).as_bytes().into(),
        class::ATTRIBUTE_TAG => {
            // No file here has a reparse tag.
            long(driver.query(file)?.attributes.into())
        }
        class::INTERNAL => long(file.number()),
        class::EA => number(0),
        class::ACCESS => number(*access),
        class::POSITION => long(file.position()),
        class::MODE => number(file.options() & option::MODE),
        class::ALIGNMENT => number(0),
        class::NAME => {
            let mut bytes = Vec::new();
            name(file, &mut bytes, room);
            bytes
        }
        class::ALL => all(opener, &driver.query(file)?, room),
        _ => return Err(NtStatus::INVALID_INFO_CLASS),
    })
}

/// Appends the length of a file's name and the name, and no more of it than one byte beyond what fits.
fn name(file: &FileObject, bytes: &mut Vec<u8>, room: usize) {
    bytes.extend_from_slice(&(2 * file.name().len() as u32).to_le_bytes());
    let left = (room + 2).saturating_sub(bytes.len()) / 2;
    for unit in file.name().iter().take(left) {
        bytes.extend_from_slice(&unit.to_le_bytes());
    }
}

/// FILE_BASIC_INFORMATION.
pub fn basic(information: &FileInformation) -> FileBasicInformation {
    FileBasicInformation {
        creation_time: information.times.creation,
        last_access_time: information.times.access,
        last_write_time: information.times.write,
        change_time: information.times.change,
        attributes: information.attributes,
        reserved: 0,
    }
}

fn standard(file: &FileObject, information: &FileInformation) -> FileStandardInformation {
    FileStandardInformation {
        allocation_size: information.allocation as i64,
        end_of_file: information.end_of_file as i64,
        number_of_links: information.links,
        delete_pending: information.delete_pending.into(),
        directory: file.is_directory().into(),
        reserved: 0,
    }
}

/// FILE_NETWORK_OPEN_INFORMATION.
pub fn network_open(information: &FileInformation) -> FileNetworkOpenInformation {
    FileNetworkOpenInformation {
        creation_time: information.times.creation,
        last_access_time: information.times.access,
        last_write_time: information.times.write,
        change_time: information.times.change,
        allocation_size: information.allocation as i64,
        end_of_file: information.end_of_file as i64,
        attributes: information.attributes,
        reserved: 0,
    }
}

fn all(opener: &Opener, information: &FileInformation, room: usize) -> Vec<u8> {
    let Opener { file, access } = opener;
    let fixed = FileAllInformation {
        basic: basic(information),
        standard: standard(file, information),
        index_number: file.number() as i64,
        ea_size: 0,
        access: *access,
        position: file.position() as i64,
        mode: file.options() & option::MODE,
        alignment: 0,
        name_length: 0,
        name: [0; 2],
    };
    let mut bytes = Vec::from(&fixed.as_bytes()[..FILE_ALL_NAME - 4]);
    name(file, &mut bytes, room);
    bytes
}
