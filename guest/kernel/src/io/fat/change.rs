//! IRP_MJ_SET_INFORMATION.

use fat::Basic;
use nt::NtStatus;

use super::FileSystem;
use super::create::kept;
use crate::io::dispatch::Change;
use crate::io::file::FileObject;

impl FileSystem {
    /// Changes something of an open file.
    ///
    /// # Errors
    /// What the caller of `NtSetInformationFile` is told.
    pub fn change(&self, file: &FileObject, change: Change) -> Result<(), NtStatus> {
        let (id, now) = (Self::node(file), Self::now());
        let is_size = matches!(change, Change::EndOfFile(_) | Change::Allocation(_));
        if is_size && file.is_directory() {
            return Err(NtStatus::INVALID_DEVICE_REQUEST);
        }
        match change {
            Change::Basic(times, attributes) => {
                let given = |time: i64| (time > 0).then_some(time);
                let basic = Basic {
                    attributes: (attributes != 0).then(|| kept(attributes)),
                    created: given(times.creation),
                    accessed: given(times.access),
                    written: given(times.write),
                };
                self.gate.with(|volume| volume.set_basic(id, basic))
            }
            Change::Delete(true) if self.is_image(id) => Err(NtStatus::CANNOT_DELETE),
            Change::Delete(is_doomed) => self.gate.with(|volume| volume.set_doomed(id, is_doomed)),
            Change::Rename { name, replace } => self.gate.with(|volume| volume.rename(id, &name, replace)),
            Change::EndOfFile(size) => self
                .check_cut(id, size)
                .and_then(|()| self.gate.with(|volume| volume.set_size(id, size, now))),
            Change::Allocation(size) => self
                .check_cut(id, size)
                .and_then(|()| self.gate.with(|volume| volume.set_allocation(id, size, now))),
        }
    }
}
