//! Services that take a name instead of an open file.

use nt::NtStatus;
use nt::file::{access, disposition, option, share};
use nt::types::{ObjectAttributes, UserPtr};
use zerocopy::IntoBytes;

use super::dispatch::FileInformation;
use super::open::{How, open};
use super::query::{basic, network_open};
use crate::ke::service::NtResult;
use crate::mm::user;
use crate::ob::Captured;

/// `NtQueryAttributesFile`: FILE_BASIC_INFORMATION of a file that nobody needs to open.
pub fn query_attributes(attributes: UserPtr<ObjectAttributes>, information: UserPtr<u8>) -> NtResult {
    let found = ask(attributes)?;
    user::write(information.address, basic(&found).as_bytes())?;
    Ok(NtStatus::SUCCESS)
}

/// `NtQueryFullAttributesFile`: the same as FILE_NETWORK_OPEN_INFORMATION.
pub fn query_full_attributes(attributes: UserPtr<ObjectAttributes>, information: UserPtr<u8>) -> NtResult {
    let found = ask(attributes)?;
    user::write(information.address, network_open(&found).as_bytes())?;
    Ok(NtStatus::SUCCESS)
}

fn ask(attributes: UserPtr<ObjectAttributes>) -> Result<FileInformation, NtStatus> {
    let captured = Captured::to_open(attributes)?;
    let how = How {
        access: access::READ_ATTRIBUTES,
        share: share::ALL,
        disposition: disposition::OPEN,
        options: option::OPEN_REPARSE_POINT,
        ..How::default()
    };
    let (file, ..) = open(&captured, how)?;
    file.device().dispatch.query(&file)
}

/// `NtDeleteFile`: deletes a file that nobody needs to open.
pub fn delete(attributes: UserPtr<ObjectAttributes>) -> NtResult {
    let captured = Captured::to_open(attributes)?;
    let how = How {
        access: access::DELETE,
        share: share::ALL,
        disposition: disposition::OPEN,
        options: option::DELETE_ON_CLOSE,
        ..How::default()
    };
    open(&captured, how)?;
    Ok(NtStatus::SUCCESS)
}
