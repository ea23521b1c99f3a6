//! Making a section (NtCreateSection).

use nt::NtStatus;
use nt::memory::{
    PAGE_GUARD, PAGE_NOACCESS, PAGE_NOCACHE, PAGE_WRITECOMBINE, SEC_BASED, SEC_COMMIT, SEC_FILE, SEC_IMAGE,
    SEC_NO_CHANGE, SEC_NOCACHE, SEC_RESERVE,
};

use super::{ImageMap, Section, SectionKind};
use crate::PAGE;
use crate::charge::Ledger;
use crate::protect::Protection;
use crate::runs::Runs;

const KNOWN: u32 = SEC_BASED | SEC_NO_CHANGE | SEC_FILE | SEC_IMAGE | SEC_RESERVE | SEC_COMMIT | SEC_NOCACHE;
/// Pages are numbered with 32 bits.
const MAX_SIZE: u64 = (u32::MAX as u64) * PAGE;

/// The arguments of NtCreateSection that are numbers.
#[derive(Clone, Copy, Debug)]
pub struct Create {
    /// MaximumSize; 0 when it was not given.
    pub size: u64,
    /// SectionPageProtection.
    pub protect: u32,
    /// AllocationAttributes.
    pub attributes: u32,
}

/// What a section is to be made of.
#[derive(Debug)]
pub enum Source {
    /// No file handle: memory and paging file.
    PagingFile,
    /// A file of this many bytes.
    File(u64),
    /// A file that was found to be an image.
    Image(ImageMap),
}

impl Create {
    /// Checks what can be checked before the file is looked at.
    ///
    /// # Errors
    /// INVALID_PARAMETER_6 unless the attributes are known ones with exactly one of SEC_COMMIT,
    /// SEC_RESERVE and SEC_IMAGE, the last of them with nothing else; INVALID_PAGE_PROTECTION for no
    /// protection, PAGE_NOACCESS or a modifier.
    pub fn check(&self) -> Result<Protection, NtStatus> {
        let kinds = self.attributes & (SEC_COMMIT | SEC_RESERVE | SEC_IMAGE);
        let alone = kinds == SEC_IMAGE && self.attributes & !(SEC_IMAGE | SEC_NO_CHANGE) != 0;
        if self.attributes & !KNOWN != 0 || !kinds.is_power_of_two() || alone {
            return Err(NtStatus::INVALID_PARAMETER_6);
        }
        if self.protect & (PAGE_NOACCESS | PAGE_GUARD | PAGE_NOCACHE | PAGE_WRITECOMBINE) != 0 {
            return Err(NtStatus::INVALID_PAGE_PROTECTION);
        }
        Protection::parse(self.protect)
    }
}

impl Section {
    /// Makes a section. One of a file may turn out larger than the file, which the caller then extends.
    ///
    /// # Errors
    /// As [`Create::check`]; INVALID_PARAMETER_4 for memory of no size; SECTION_TOO_BIG when it is larger
    /// than a file that may not be written, or than any section can be; MAPPED_FILE_SIZE_ZERO for an
    /// empty file; INVALID_FILE_FOR_SECTION for an image without a file; COMMITMENT_LIMIT.
    pub fn create(ledger: &mut Ledger, request: &Create, source: Source) -> Result<Self, NtStatus> {
        let protection = request.check()?;
        let is_image = request.attributes & SEC_IMAGE != 0;
        let (size, kind) = match source {
            Source::Image(map) if is_image => (u64::from(map.pages()) * PAGE, SectionKind::Image(map)),
            Source::PagingFile if !is_image => anonymous(ledger, request)?,
            Source::File(len) if !is_image => (file_size(request, protection, len)?, SectionKind::File),
            _ => return Err(NtStatus::INVALID_FILE_FOR_SECTION),
        };
        let no_change = request.attributes & SEC_NO_CHANGE != 0;
        Ok(Self { size, protection, based: None, no_change, kind })
    }
}

fn anonymous(ledger: &mut Ledger, request: &Create) -> Result<(u64, SectionKind), NtStatus> {
    match request.size {
        0 => return Err(NtStatus::INVALID_PARAMETER_4),
        size if size > MAX_SIZE => return Err(NtStatus::SECTION_TOO_BIG),
        _ => {}
    }
    let commit = request.attributes & SEC_COMMIT != 0;
    if commit {
        ledger.charge(request.size.div_ceil(PAGE))?;
    }
    Ok((request.size.next_multiple_of(PAGE), SectionKind::Anonymous { committed: Runs::new(commit) }))
}

fn file_size(request: &Create, protection: Protection, len: u64) -> Result<u64, NtStatus> {
    let size = if request.size == 0 { len } else { request.size };
    let writes = protection.rights().is_some_and(|rights| rights.write) && !protection.is_copy_on_write();
    match size {
        0 => Err(NtStatus::MAPPED_FILE_SIZE_ZERO),
        size if size > MAX_SIZE || size > len && !writes => Err(NtStatus::SECTION_TOO_BIG),
        size => Ok(size),
    }
}
