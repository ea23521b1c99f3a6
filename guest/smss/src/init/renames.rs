//! Step 7: pending renames and deletes (spec/smss.md 2.6). What fails is passed over.

use alloc::string::String;

use nt::file::{access, attribute, option, share};
use nt::security::privilege;
use nt::{NtStatus, events};
use rt::file;
use rt::handle::Owned;
use rt::objects::Name;
use smgrammar::Rename;

use super::Init;

/// Does all of them, in order.
pub fn all(init: &Init) {
    let renames = &init.settings.renames;
    if renames.is_empty() {
        return;
    }
    // Without the privilege access checks count, and some of them fail.
    let _ = rt::adjust_privilege(privilege::RESTORE, true);
    for rename in renames {
        let status = one(rename).err().unwrap_or(NtStatus::SUCCESS);
        let source = String::from_utf16_lossy(rename.source());
        rt::trace(events::SMSS_FILE_RENAME, b'I', [status.0.into(), 0], &source);
    }
}

fn open(path: &[u16], access: u32) -> Result<Owned, NtStatus> {
    file::open(&Name::new(path), access, share::ALL, option::OPEN_FOR_BACKUP_INTENT)
}

fn one(rename: &Rename) -> Result<(), NtStatus> {
    let file = open(rename.source(), access::DELETE)?;
    let Rename::Move { target, replace, .. } = rename else { return file::delete(&file) };
    match file::rename(&file, target, *replace) {
        // A target that is read-only does not make way until it is no longer.
        Err(NtStatus::OBJECT_NAME_COLLISION | NtStatus::ACCESS_DENIED | NtStatus::CANNOT_DELETE)
            if *replace =>
        {
            let old = open(target, access::WRITE_ATTRIBUTES)?;
            file::set_attributes(&old, attribute::NORMAL)?;
            drop(old);
            file::rename(&file, target, true)
        }
        result => result,
    }
}
