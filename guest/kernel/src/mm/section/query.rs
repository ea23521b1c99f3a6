//! What sections tell of themselves, and how they grow (NtQuerySection, NtExtendSection).

use nt::NtStatus;
use nt::memory::{SECTION_BASIC_INFORMATION_CLASS, SECTION_IMAGE_INFORMATION_CLASS, SectionBasicInformation};
use nt::security::{SECTION_EXTEND_SIZE, SECTION_QUERY};
use nt::types::{Handle, UserPtr};
use zerocopy::IntoBytes;

use super::create::writes;
use super::{Section, view};
use crate::ke::service::NtResult;
use crate::mm::user;

/// `NtQuerySection`: basic and image information.
pub fn query_section(
    section: Handle,
    class: u32,
    information: UserPtr<u8>,
    length: u64,
    returned: UserPtr<u64>,
) -> NtResult {
    let section = view::reference(section, SECTION_QUERY)?;
    let basic;
    let bytes = match class {
        SECTION_BASIC_INFORMATION_CLASS => {
            basic = section.basic_information();
            basic.as_bytes()
        }
        SECTION_IMAGE_INFORMATION_CLASS => {
            section.image_information().ok_or(NtStatus::SECTION_NOT_IMAGE)?.as_bytes()
        }
        _ => return Err(NtStatus::INVALID_INFO_CLASS),
    };
    if length < bytes.len() as u64 {
        return Err(NtStatus::INFO_LENGTH_MISMATCH);
    }
    user::write(information.address, bytes)?;
    user::write_optional(returned, &bytes.len().to_le_bytes())?;
    Ok(NtStatus::SUCCESS)
}

/// `NtExtendSection`: the section of a data file; the file with it, if the section can be written to.
pub fn extend_section(section: Handle, size: UserPtr<i64>) -> NtResult {
    let wanted = user::read_u64_to_change(size.address)?;
    let section = view::reference(section, SECTION_EXTEND_SIZE)?;
    let size_now = section.extend(wanted)?;
    user::write(size.address, &size_now.to_le_bytes())?;
    Ok(NtStatus::SUCCESS)
}

impl Section {
    fn basic_information(&self) -> SectionBasicInformation {
        let core = self.core.lock();
        SectionBasicInformation {
            base_address: core.based().unwrap_or(0),
            attributes: self.attributes,
            reserved: 0,
            maximum_size: core.size(),
        }
    }

    fn extend(&self, size: u64) -> Result<u64, NtStatus> {
        let len = match self.mapped() {
            Some(file) => {
                let len = file.size()?;
                let is_writable = writes(self.core.lock().protection());
                if size > len && is_writable {
                    file.extend(size)?;
                }
                if is_writable { len.max(size) } else { len }
            }
            None => self.source.bytes().map_or(0, |file| file.len() as u64),
        };
        self.core.lock().extend(size, len)
    }
}
