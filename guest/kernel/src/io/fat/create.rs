//! IRP_MJ_CREATE and IRP_MJ_CLEANUP. The order in which contradictions are found is that of Microsoft's documentation of
//! `NtCreateFile`, and of the FAT sample of its driver kit as far as a program can tell.

use fat::{Entry, Error, NodeId};
use nt::NtStatus;
use nt::file::{access, attribute, created, disposition, option};

use super::FileSystem;
use crate::io::dispatch::{Create, Opened};
use crate::io::file::FileObject;

/// Rights that change what is in a file.
const WRITES: u32 = access::WRITE_DATA | access::APPEND_DATA;
const SEPARATOR: u16 = b'\\' as u16;

/// NT's attributes of a file: NORMAL when there are none.
pub fn attributes(attributes: u8) -> u32 {
    match u32::from(attributes) {
        0 => attribute::NORMAL,
        attributes => attributes,
    }
}

/// The attributes that FAT keeps.
pub fn kept(attributes: u32) -> u8 {
    attributes as u8 & fat::attribute::SETTABLE
}

impl FileSystem {
    /// Opens or makes what is asked for.
    ///
    /// # Errors
    /// What the caller of `NtCreateFile` is told.
    pub fn open(&self, create: &Create<'_>) -> Result<Opened, NtStatus> {
        let found = self.gate.with(|volume| match volume.find(create.name) {
            Ok(entry) => volume.open(&entry).map(|id| Some((id, entry))),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        })?;
        match found {
            Some((id, entry)) => {
                let opened = self.open_existing(create, id, &entry);
                if opened.is_err() {
                    self.gate.with(|volume| volume.close(id))?;
                }
                opened
            }
            None => self.make(create),
        }
    }

    fn open_existing(&self, create: &Create<'_>, id: NodeId, entry: &Entry) -> Result<Opened, NtStatus> {
        let (is_folder, kind) = (entry.is_folder(), create.disposition);
        if !is_folder && create.name.ends_with(&[SEPARATOR]) {
            return Err(NtStatus::OBJECT_NAME_INVALID);
        }
        if kind == disposition::CREATE {
            return Err(NtStatus::OBJECT_NAME_COLLISION);
        }
        if create.options & option::DIRECTORY_FILE != 0 && !is_folder {
            return Err(NtStatus::NOT_A_DIRECTORY);
        }
        if create.options & option::NON_DIRECTORY_FILE != 0 && is_folder {
            return Err(NtStatus::FILE_IS_A_DIRECTORY);
        }
        let empties = !matches!(kind, disposition::OPEN | disposition::OPEN_IF);
        if empties && is_folder {
            return Err(NtStatus::OBJECT_NAME_COLLISION);
        }
        let info = self.gate.with(|volume| volume.info(id))?;
        let is_fixed = info.attributes & fat::attribute::READ_ONLY != 0 && !is_folder;
        let deletes = create.options & option::DELETE_ON_CLOSE != 0;
        if deletes && is_fixed {
            return Err(NtStatus::CANNOT_DELETE);
        }
        let writes = create.access & WRITES != 0 || empties;
        if writes && is_fixed {
            return Err(NtStatus::ACCESS_DENIED);
        }
        // Who empties a hidden file must know that it is one.
        let hidden = fat::attribute::HIDDEN | fat::attribute::SYSTEM;
        if empties && info.attributes & hidden & !kept(create.attributes) != 0 {
            return Err(NtStatus::ACCESS_DENIED);
        }
        if (writes && !is_folder || deletes) && self.volume.properties().read_only {
            return Err(NtStatus::MEDIA_WRITE_PROTECTED);
        }
        if empties {
            // Others must let it be written, whatever the opener wants afterwards.
            drop(create.share_as(id.0, create.access | access::WRITE_DATA)?);
        }
        let sharing = Some(create.share(id.0)?);
        if deletes && self.is_image(id) {
            return Err(NtStatus::CANNOT_DELETE);
        }
        if create.access & access::WRITE_DATA != 0 && self.is_image(id) {
            return Err(NtStatus::SHARING_VIOLATION);
        }
        let mut information = created::OPENED;
        if empties {
            self.check_cut(id, 0)?;
            self.gate.with(|volume| volume.empty(id, kept(create.attributes), Self::now()))?;
            information = match kind {
                disposition::SUPERSEDE => created::SUPERSEDED,
                _ => created::OVERWRITTEN,
            };
            self.allocate(create, id)?;
        }
        Ok(Opened {
            information,
            number: entry.number,
            is_directory: is_folder,
            sharing,
            context: id.0,
            ..Opened::default()
        })
    }

    fn make(&self, create: &Create<'_>) -> Result<Opened, NtStatus> {
        if matches!(create.disposition, disposition::OPEN | disposition::OVERWRITE) {
            return Err(NtStatus::OBJECT_NAME_NOT_FOUND);
        }
        let is_folder = create.options & option::DIRECTORY_FILE != 0;
        if !is_folder && create.name.ends_with(&[SEPARATOR]) {
            return Err(NtStatus::OBJECT_NAME_INVALID);
        }
        let mut attributes = kept(create.attributes);
        if create.options & option::DELETE_ON_CLOSE != 0 && attributes & fat::attribute::READ_ONLY != 0 {
            return Err(NtStatus::CANNOT_DELETE);
        }
        attributes |= if is_folder { fat::attribute::FOLDER } else { fat::attribute::ARCHIVE };
        let (id, number) = self.gate.with(|volume| {
            let entry = volume.create(create.name, attributes, Self::now())?;
            Ok((volume.open(&entry)?, entry.number))
        })?;
        let opened = create.share(id.0).and_then(|sharing| {
            self.allocate(create, id)?;
            Ok(Opened {
                information: created::CREATED,
                number,
                is_directory: is_folder,
                sharing: Some(sharing),
                context: id.0,
                ..Opened::default()
            })
        });
        if opened.is_err() {
            // What could not be opened should not be there.
            self.gate.with(|volume| {
                let _ = volume.set_doomed(id, true);
                volume.close(id)
            })?;
        }
        opened
    }

    /// Clusters for what the creator says he is going to write.
    fn allocate(&self, create: &Create<'_>, id: NodeId) -> Result<(), NtStatus> {
        match create.allocation {
            0 => Ok(()),
            _ if create.options & option::DIRECTORY_FILE != 0 => Ok(()),
            bytes => self.gate.with(|volume| volume.set_allocation(id, bytes, Self::now())),
        }
    }

    /// The last handle of an open file is gone. Nobody is left to be told what goes wrong.
    pub fn close(&self, file: &FileObject) {
        let id = Self::node(file);
        let _ = self.gate.with(|volume| {
            if file.options() & option::DELETE_ON_CLOSE != 0 {
                // A folder that has something in it stays.
                let _ = volume.set_doomed(id, true);
            }
            volume.close(id)
        });
    }
}
