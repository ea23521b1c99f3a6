//! `NtCreateFile` and `NtOpenFile`.

use nt::NtStatus;
use nt::file::{access, attribute, disposition, option, share};
use nt::types::{Handle, IoStatusBlock, ObjectAttributes, UserPtr};
use zerocopy::IntoBytes;

use super::open::{How, open};
use crate::ke::service::NtResult;
use crate::mm::user;
use crate::ob::kind::MAXIMUM_ALLOWED;
use crate::ob::{self, Body, Captured, Object, Security, body::Kind};

/// `NtOpenFile`.
pub fn open_file(
    file: UserPtr<Handle>,
    desired: u32,
    attributes: UserPtr<ObjectAttributes>,
    io_status: UserPtr<IoStatusBlock>,
    share: u32,
    options: u32,
) -> NtResult {
    let how = How { access: desired, share, disposition: disposition::OPEN, options, ..How::default() };
    create(file, attributes, io_status, how)
}

/// `NtCreateFile`. No file system here has extended attributes.
#[expect(clippy::too_many_arguments, reason = "NT's signature")]
pub fn create_file(
    file: UserPtr<Handle>,
    desired: u32,
    attributes: UserPtr<ObjectAttributes>,
    io_status: UserPtr<IoStatusBlock>,
    allocation: UserPtr<i64>,
    file_attributes: u32,
    share: u32,
    disposition: u32,
    options: u32,
    extended: UserPtr<u8>,
    extended_length: u32,
) -> NtResult {
    if file_attributes & !attribute::VALID_SET != 0 {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let allocation = match allocation.is_null() {
        true => 0,
        false => i64::from_le_bytes(user::read(UserPtr::<[u8; 8]>::new(allocation.address))?),
    };
    let allocation = u64::try_from(allocation).map_err(|_| NtStatus::INVALID_PARAMETER)?;
    if !extended.is_null() && extended_length != 0 {
        return Err(NtStatus::EAS_NOT_SUPPORTED);
    }
    let how = How { access: desired, share, disposition, options, attributes: file_attributes, allocation };
    create(file, attributes, io_status, how)
}

fn create(
    file: UserPtr<Handle>,
    attributes: UserPtr<ObjectAttributes>,
    io_status: UserPtr<IoStatusBlock>,
    how: How,
) -> NtResult {
    let how = How { access: Kind::File.map_generic(how.access), ..how };
    check(&how)?;
    let captured = Captured::to_open(attributes)?;
    if how.disposition != disposition::OPEN {
        // What is made should not be there if its maker cannot be told of it.
        let probe: [u8; size_of::<IoStatusBlock>()] = user::read(UserPtr::new(io_status.address))?;
        user::write(io_status.address, &probe)?;
    }
    let (opened, information, granted) = open(&captured, how)?;
    let object = Object::new(Body::File(opened), obns::Attributes::NONE, Security::default());
    let handle = ob::handle::insert(object, granted, captured.attributes)?;
    let status = IoStatusBlock { status: NtStatus::SUCCESS.0.into(), information };
    let told = user::write(file.address, handle.as_bytes())
        .and_then(|()| user::write(io_status.address, status.as_bytes()));
    match told {
        Ok(()) => Ok(NtStatus::SUCCESS),
        Err(fault) => {
            let _ = ob::handle::close(handle);
            Err(fault)
        }
    }
}

/// What contradicts itself is refused before anything is looked for.
/// Source: Microsoft's documentation of `NtCreateFile`, of each option.
fn check(how: &How) -> Result<(), NtStatus> {
    let How { access, share, disposition, options, .. } = *how;
    let has = |option: u32| options & option != 0;
    let wrong = options & !option::VALID != 0
        || share & !share::ALL != 0
        || disposition > disposition::MAXIMUM
        || has(option::SYNCHRONOUS) && access & access::SYNCHRONIZE == 0
        || options & option::SYNCHRONOUS == option::SYNCHRONOUS
        || has(option::DELETE_ON_CLOSE) && access & (access::DELETE | MAXIMUM_ALLOWED) == 0
        || has(option::COMPLETE_IF_OPLOCKED) && has(option::RESERVE_OPFILTER)
        || has(option::NO_INTERMEDIATE_BUFFERING) && access & access::APPEND_DATA != 0
        || has(option::DIRECTORY_FILE)
            && (options & !option::VALID_WITH_DIRECTORY != 0
                || !matches!(disposition, disposition::CREATE | disposition::OPEN | disposition::OPEN_IF));
    if wrong { Err(NtStatus::INVALID_PARAMETER) } else { Ok(()) }
}
