//! `NtQueryDirectoryFile`.

use alloc::vec::Vec;

use iocore::{Added, DirectoryEntry, Listing, matches};
use nt::NtStatus;
use nt::file::access;
use nt::types::{Boolean, Handle, IoStatusBlock, UnicodeString, UserPtr};

use super::asker::Asker;
use super::dispatch::Listed;
use super::file::FileObject;
use super::irp::{Completion, Output};
use super::{Opener, opener};
use crate::ke::service::NtResult;
use crate::ob::capture::capture_string;

/// Longest pattern, in units: no name is longer.
const PATTERN_MAX: usize = 255;

/// How far the listing of an open folder has come.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// What was asked for first; `None` until then. An empty one means all.
    pattern: Option<Vec<u16>>,
    /// The driver's.
    position: u64,
}

/// `NtQueryDirectoryFile`. The pattern of the first call counts for all.
///
/// SUCCESS with as many entries as fit; BUFFER_OVERFLOW when not even the first name fits; NO_SUCH_FILE when
/// the first call finds nothing, NO_MORE_FILES later.
#[expect(clippy::too_many_arguments, reason = "NT's signature")]
pub fn query(
    file: Handle,
    event: Handle,
    routine: u64,
    context: u64,
    io_status: UserPtr<IoStatusBlock>,
    information: UserPtr<u8>,
    length: u32,
    class: u32,
    single: Boolean,
    pattern: UserPtr<UnicodeString>,
    restart: Boolean,
) -> NtResult {
    let listing = Listing::new(class, length)?;
    let Opener { file, .. } = opener(file, access::READ_DATA)?;
    let pattern = match pattern.is_null() {
        true => Vec::new(),
        false => capture_string(pattern)?,
    };
    if pattern.len() > PATTERN_MAX {
        return Err(NtStatus::OBJECT_NAME_INVALID);
    }
    let asker = Asker::new(&file, event, routine, context, io_status)?;
    if !file.is_directory() {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let completion = list(&file, listing, single.0 != 0, pattern, restart.0 != 0)?;
    asker.tell(&file, (information.address, length), None, completion.into())
}

fn list(
    folder: &FileObject,
    mut listing: Listing,
    single: bool,
    pattern: Vec<u16>,
    restart: bool,
) -> Result<Completion, NtStatus> {
    let mut progress = folder.take_progress();
    let is_first = progress.pattern.is_none();
    let pattern = progress.pattern.get_or_insert(pattern);
    if restart {
        progress.position = 0;
    }
    let mut position = progress.position;
    let mut status = Ok(NtStatus::SUCCESS);
    loop {
        let entry = match folder.device().dispatch.list(folder, position) {
            Ok(Some(entry)) => entry,
            Ok(None) => break,
            Err(error) => {
                status = Err(error);
                break;
            }
        };
        if pattern.is_empty() || matches(pattern, &entry.name) {
            match listing.add(&told(&entry)) {
                Added::Whole => {}
                Added::Cut => status = Ok(NtStatus::BUFFER_OVERFLOW),
                Added::NoRoom => break,
            }
            if single || status != Ok(NtStatus::SUCCESS) {
                position = entry.next;
                break;
            }
        }
        position = entry.next;
    }
    progress.position = position;
    folder.put_progress(progress);
    match status? {
        _ if listing.is_empty() && is_first => Err(NtStatus::NO_SUCH_FILE),
        _ if listing.is_empty() => Err(NtStatus::NO_MORE_FILES),
        status => Ok(Completion { status, ..Completion::data(Output::Bytes(listing.into_bytes())) }),
    }
}

fn told(entry: &Listed) -> DirectoryEntry<'_> {
    DirectoryEntry {
        name: &entry.name,
        times: entry.information.times,
        end_of_file: entry.information.end_of_file,
        allocation: entry.information.allocation,
        attributes: entry.information.attributes,
        number: entry.number,
    }
}
