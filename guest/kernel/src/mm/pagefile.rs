//! `NtCreatePagingFile`: who may, what sizes, and the file itself.

use nt::file::{access, attribute, disposition, option};
use nt::security::privilege;
use nt::types::{Handle, UnicodeString, UserPtr};
use nt::{NtStatus, wide};

use super::{PAGE, paging, user};
use crate::io::{self, How};
use crate::ke::service::NtResult;
use crate::ob::Captured;
use crate::ob::capture::capture_string;
use crate::se;

/// The root of the namespace: a paging file's name begins there.
const SEPARATOR: &[u16] = wide!("\\");

/// `NtCreatePagingFile`: sizes are in bytes, and count in whole pages. What is wrong with them comes before what is
/// wrong with the name (spec/smss.md 2.4: TOO_MANY_PAGING_FILES, INVALID_PARAMETER_MIX).
///
/// The volume must be one that can be written. Those of the boot archive cannot: MEDIA_WRITE_PROTECTED.
pub fn create(
    name: UserPtr<UnicodeString>,
    minimum: UserPtr<i64>,
    maximum: UserPtr<i64>,
    _priority: u32,
) -> NtResult {
    se::require(privilege::CREATE_PAGEFILE)?;
    let name = capture_string(name)?;
    let pages = |size: UserPtr<i64>| Ok::<_, NtStatus>(user::read_u64(size.address)? / PAGE);
    let (minimum, maximum) = (pages(minimum)?, pages(maximum)?);
    paging::check(minimum, maximum)?;
    if !name.starts_with(SEPARATOR) {
        return Err(NtStatus::OBJECT_PATH_SYNTAX_BAD);
    }
    let named = Captured::of_name(name, Handle::NULL)?;
    let how = How {
        access: access::READ_DATA | access::WRITE_DATA | access::SYNCHRONIZE,
        share: 0,
        disposition: disposition::OPEN_IF,
        options: option::NON_DIRECTORY_FILE | option::NO_INTERMEDIATE_BUFFERING,
        attributes: attribute::HIDDEN | attribute::SYSTEM,
        ..How::default()
    };
    let file = io::open_by_kernel(&named, how)?;
    let extents = file.device().dispatch.paging_file(&file, minimum * PAGE)?;
    paging::add(minimum, maximum, extents, file)?;
    Ok(NtStatus::SUCCESS)
}
