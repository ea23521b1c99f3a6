//! Making sections (NtCreateSection, NtOpenSection).

use alloc::sync::Arc;

use mmcore::{Create, Protection};
use nt::NtStatus;
use nt::file::access as file_access;
use nt::memory::{SEC_FILE, SEC_IMAGE};
use nt::types::{Handle, ObjectAttributes, UserPtr};

use super::{Section, Source, based, image, paging};
use crate::io::FileObject;
use crate::ke::service::NtResult;
use crate::mm::mapped::ImageUse;
use crate::mm::{charge, mapped, promised, room, user};
use crate::ob::body::Kind;
use crate::ob::{Body, Captured, Object, Security, handle, namespace};

/// `NtCreateSection`.
pub fn create_section(
    section: UserPtr<Handle>,
    access: u32,
    attributes: UserPtr<ObjectAttributes>,
    maximum_size: UserPtr<i64>,
    protect: u32,
    allocation: u32,
    file: Handle,
) -> NtResult {
    let captured = Captured::new(attributes)?;
    let size = match maximum_size.is_null() {
        true => 0,
        false => user::read_u64(maximum_size.address)?,
    };
    let request = Create { size, protect, attributes: allocation };
    let protection = request.check()?;
    room()?;
    let made = match file {
        Handle::NULL => promised(size, || Section::of_memory(&request))?,
        file => {
            let object = handle::reference(file, Some(Kind::File), file_rights(protection))?;
            let Some(Body::File(file)) = object.body() else { return Err(NtStatus::OBJECT_TYPE_MISMATCH) };
            // What could not be made gives the file back.
            Section::of_file(&request, file).inspect_err(|_| mapped::settle())?
        }
    };
    let object = Object::new(Body::Section(made), captured.attributes, Security::default());
    namespace::create_named(section, access, &captured, object)
}

/// `NtOpenSection`.
pub fn open_section(
    section: UserPtr<Handle>,
    access: u32,
    attributes: UserPtr<ObjectAttributes>,
) -> NtResult {
    namespace::open_by_name(section, access, attributes, Kind::Section)?;
    Ok(NtStatus::SUCCESS)
}

impl Section {
    /// A section of memory and paging file.
    ///
    /// # Errors
    /// What [`mmcore::Section::create`] says; NO_MEMORY when no address is left for a based section.
    pub fn of_memory(request: &Create) -> Result<Arc<Self>, NtStatus> {
        let core = mmcore::Section::create(&mut charge::ledger(), request, mmcore::Source::PagingFile)?;
        Self::finish(request, core, Source::PagingFile, request.attributes)
    }

    /// A section of a file: its data, or the image that it is.
    ///
    /// # Errors
    /// INVALID_FILE_FOR_SECTION for a folder or device; those of the disk that a file is on; what the image check and
    /// [`mmcore::Section::create`] say; ACCESS_DENIED for writing to a file of the boot archive; DISK_FULL.
    pub fn of_file(request: &Create, file: &FileObject) -> Result<Arc<Self>, NtStatus> {
        let Some(data) = file.archive_data() else { return Self::of_disk_file(request, file) };
        if request.attributes & SEC_IMAGE != 0 {
            let section = image::image_with(data, request)?;
            section.set_file_name(|| file.full_path());
            return Ok(section);
        }
        let source = mmcore::Source::File(data.len() as u64);
        let core = mmcore::Section::create(&mut charge::ledger(), request, source)?;
        // Nobody could ever see what is written.
        if writes(core.protection()) {
            return Err(NtStatus::ACCESS_DENIED);
        }
        let section = Self::finish(request, core, Source::Archive(data), request.attributes | SEC_FILE)?;
        section.set_file_name(|| file.full_path());
        Ok(section)
    }

    /// The same of a file on a disk. One that is smaller than the section becomes as large.
    fn of_disk_file(request: &Create, file: &FileObject) -> Result<Arc<Self>, NtStatus> {
        let dispatch = &file.device().dispatch;
        let section = if request.attributes & SEC_IMAGE != 0 {
            let used = ImageUse::new(dispatch.map(file)?);
            let (block, length) = dispatch.contents(file)?;
            image::image_of(Source::Copied(block, length, used), request)?
        } else {
            let mapped = dispatch.map(file)?;
            let length = mapped.size()?;
            let core = mmcore::Section::create(&mut charge::ledger(), request, mmcore::Source::File(length))?;
            if core.size() > length {
                mapped.extend(core.size())?;
            }
            Self::finish(request, core, Source::Mapped(mapped), request.attributes | SEC_FILE)?
        };
        section.set_file_name(|| file.full_path());
        Ok(section)
    }

    fn finish(
        request: &Create,
        core: mmcore::Section,
        source: Source,
        attributes: u32,
    ) -> Result<Arc<Self>, NtStatus> {
        let size = core.size();
        // From here on it gives back itself what it has.
        let section = Self::new(core, source, attributes, None);
        if let Some(address) = based::place(request, size)? {
            section.core.lock().set_based(address);
        }
        let section = Arc::new(section);
        if section.is_pageable() {
            paging::add(&section);
        }
        Ok(section)
    }
}

/// Whether views may write to what they share.
pub(super) fn writes(protection: Protection) -> bool {
    !protection.is_copy_on_write() && protection.rights().is_some_and(|rights| rights.write)
}

/// The access to a file that a section of it takes.
fn file_rights(protection: Protection) -> u32 {
    let write = if writes(protection) { file_access::WRITE_DATA } else { 0 };
    let execute = match protection.rights() {
        Some(rights) if rights.execute => file_access::EXECUTE,
        _ => 0,
    };
    let read = match protection.base() {
        mmcore::Base::Execute => 0,
        _ => file_access::READ_DATA,
    };
    read | write | execute
}
