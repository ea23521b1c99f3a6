//! `NtSetInformationFile`.

use alloc::vec::Vec;

use iocore::Times;
use nt::NtStatus;
use nt::file::{FileBasicInformation, access, attribute, class};
use nt::types::{Handle, IoStatusBlock, UserPtr};

use super::asker::write_status;
use super::dispatch::Change;
use super::file::FileObject;
use super::{Opener, opener};
use crate::ke::service::NtResult;
use crate::mm::user;
use crate::ob::namespace::Found;
use crate::ob::{Body, Captured, namespace};

/// Fixed part of FILE_RENAME_INFORMATION: ReplaceIfExists, RootDirectory at 8, FileNameLength at 16, then the name.
const RENAME_NAME: usize = 20;
const RENAME_SIZE: usize = 24;
const SEPARATOR: u16 = b'\\' as u16;

/// What a class takes: bytes of the least buffer, and the right to ask.
fn demands(class: u32) -> Result<(usize, u32), NtStatus> {
    Ok(match class {
        class::BASIC => (size_of::<FileBasicInformation>(), access::WRITE_ATTRIBUTES),
        class::DISPOSITION => (1, access::DELETE),
        class::RENAME => (RENAME_SIZE, access::DELETE),
        class::END_OF_FILE | class::ALLOCATION => (8, access::WRITE_DATA),
        class::POSITION => (8, 0),
        class::MODE => (4, 0),
        _ => return Err(NtStatus::INVALID_INFO_CLASS),
    })
}

/// `NtSetInformationFile`.
pub fn set(
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
    let Opener { file, .. } = opener(file, right)?;
    let at = information.address;
    match class {
        class::POSITION => {
            let position = u64::try_from(long(at)?).map_err(|_| NtStatus::INVALID_PARAMETER)?;
            file.set_position(position);
        }
        class::MODE => {
            let mode = u32::from_le_bytes(user::read(UserPtr::new(at))?);
            file.set_mode(mode)?;
        }
        _ => {
            let change = capture(&file, at, length as usize, class)?;
            file.device().dispatch.set(&file, change)?;
        }
    }
    write_status(io_status, NtStatus::SUCCESS, 0)?;
    Ok(NtStatus::SUCCESS)
}

fn long(at: u64) -> Result<i64, NtStatus> {
    Ok(i64::from_le_bytes(user::read(UserPtr::new(at))?))
}

fn capture(file: &FileObject, at: u64, length: usize, class: u32) -> Result<Change, NtStatus> {
    let size = || u64::try_from(long(at)?).map_err(|_| NtStatus::INVALID_PARAMETER);
    Ok(match class {
        class::BASIC => {
            let basic: FileBasicInformation = user::read(UserPtr::new(at))?;
            let times = Times {
                creation: basic.creation_time,
                access: basic.last_access_time,
                write: basic.last_write_time,
                change: basic.change_time,
            };
            let wrong_time =
                [times.creation, times.access, times.write, times.change].iter().any(|&t| t < -1);
            let wrong_kind = basic.attributes & attribute::DIRECTORY != 0 && !file.is_directory();
            if wrong_time || wrong_kind {
                return Err(NtStatus::INVALID_PARAMETER);
            }
            Change::Basic(times, basic.attributes)
        }
        class::DISPOSITION => Change::Delete(user::read(UserPtr::<[u8; 1]>::new(at))? != [0]),
        class::END_OF_FILE => Change::EndOfFile(size()?),
        class::ALLOCATION => Change::Allocation(size()?),
        _ => rename(file, at, length)?,
    })
}

/// A new name: in the same folder when it is a name alone, else a full one, on the same device.
fn rename(file: &FileObject, at: u64, length: usize) -> Result<Change, NtStatus> {
    let fixed: [u8; RENAME_NAME] = user::read(UserPtr::new(at))?;
    let [replace, _, _, _, _, _, _, _, root @ .., l0, l1, l2, l3] = fixed;
    let name_length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
    if name_length == 0 || !name_length.is_multiple_of(2) || name_length > length - RENAME_NAME {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let name = user::read_utf16(at + RENAME_NAME as u64, name_length / 2)?;
    let root = u64::from_le_bytes(root);
    let replace = replace != 0;
    if root == 0 && !name.contains(&SEPARATOR) {
        let folder = file.name().iter().rposition(|&unit| unit == SEPARATOR).map_or(0, |end| end + 1);
        let mut full = Vec::from(file.name().get(..folder).unwrap_or_default());
        full.extend_from_slice(&name);
        return Ok(Change::Rename { name: full, replace });
    }
    let captured = Captured::of_name(name, Handle(root))?;
    let Found::Delegate(object, rest) = namespace::find(&captured, None)? else {
        return Err(NtStatus::NOT_SAME_DEVICE);
    };
    let (device, name) = match object.body() {
        Some(Body::Device(device)) => (device, rest),
        Some(Body::File(folder)) => (folder.device(), folder.name_below(&rest)?),
        _ => return Err(NtStatus::NOT_SAME_DEVICE),
    };
    match alloc::sync::Arc::ptr_eq(device, file.device()) {
        true => Ok(Change::Rename { name, replace }),
        false => Err(NtStatus::NOT_SAME_DEVICE),
    }
}
