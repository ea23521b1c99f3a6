//! Sections of files whose data are mapped, and NtFlushVirtualMemory.

use alloc::sync::Arc;

use mmcore::{Access, Rights};
use nt::NtStatus;
use nt::security::PROCESS_VM_OPERATION;
use nt::types::{Handle, IoStatusBlock, UserPtr};

use super::{Section, Source};
use crate::ke::service::NtResult;
use crate::mm::mapped::MappedFile;
use crate::mm::space::ProcessSpace;
use crate::mm::virt::{range, tell_range};
use crate::mm::{PAGE, user, with_space};
use crate::ob::handle;

impl Section {
    /// The file whose data it is a section of, unless that lies in memory anyway.
    pub(in crate::mm) fn mapped(&self) -> Option<&Arc<MappedFile>> {
        match &self.source {
            Source::Mapped(file) => Some(file),
            _ => None,
        }
    }

    /// Whether it is a section of that file.
    pub fn is_of(&self, file: &MappedFile) -> bool {
        self.mapped().is_some_and(|mapped| core::ptr::eq(&raw const **mapped, file))
    }

    /// The rights of an entry for a page that all views share: who is not going to write at once cannot, so that it is noticed
    /// when he does.
    fn noticed(&self, index: u32, rights: Rights, access: Access) -> Rights {
        let Some(file) = self.mapped().filter(|_| rights.write) else { return rights };
        let write = access == Access::Write;
        if write {
            file.mark_changed(index);
        }
        Rights { write, ..rights }
    }
}

impl ProcessSpace {
    /// The rights of an entry for a page that is shared, of what view it may be.
    pub(in crate::mm) fn shared_rights(&self, page: u64, rights: Rights, access: Access) -> Rights {
        let Some(vad) = self.space.find(page).filter(|_| rights.write) else { return rights };
        match vad.view() {
            Some(view) => view.section.noticed(view.first + vad.page(page), rights, access),
            None => rights,
        }
    }
}

/// `NtFlushVirtualMemory`: what was changed in a part of a view of a file goes to the file; all of the view behind `base` for a
/// length of 0. NOT_MAPPED_VIEW where no view is, NOT_MAPPED_DATA for an image, INVALID_PARAMETER_2 for more than the view. The second
/// place is told how the writing ended.
pub fn flush_virtual_memory(
    process: Handle,
    base: UserPtr<u64>,
    size: UserPtr<u64>,
    io_status: UserPtr<IoStatusBlock>,
) -> NtResult {
    let (wanted, length) = range(base, size)?;
    user::write(io_status.address, &[0; size_of::<IoStatusBlock>()])?;
    let process = handle::process(process, PROCESS_VM_OPERATION)?;
    let start = wanted & !(PAGE - 1);
    let (section, first, pages) = with_space(&process, |space| {
        let vad = space.space.find(start).ok_or(NtStatus::NOT_MAPPED_VIEW)?;
        let view = vad.view().ok_or(NtStatus::NOT_MAPPED_VIEW)?;
        let end = match length {
            0 => vad.end(),
            _ => wanted
                .checked_add(length)
                .filter(|&end| end <= vad.end())
                .ok_or(NtStatus::INVALID_PARAMETER_2)?,
        };
        let pages = (end.next_multiple_of(PAGE) - start) / PAGE;
        Ok((view.section.clone(), view.first + vad.page(start), pages as u32))
    })?;
    if section.image_information().is_some() {
        return Err(NtStatus::NOT_MAPPED_DATA);
    }
    // Memory, and files that nobody can write to, have nothing to be written.
    let status = match section.mapped() {
        Some(file) => file.flush(first..first.saturating_add(pages)).err().unwrap_or(NtStatus::SUCCESS),
        None => NtStatus::SUCCESS,
    };
    let length = u64::from(pages) * PAGE;
    tell_range(base, size, start, length);
    let information = if status == NtStatus::SUCCESS { length } else { 0 };
    let _ = user::write(io_status.address, &u64::from(status.0).to_le_bytes());
    let _ = user::write(io_status.address + 8, &information.to_le_bytes());
    status.ok()?;
    Ok(NtStatus::SUCCESS)
}
