//! Step 4: links in `\??` (spec/smss.md 1.3, 2.2).

use alloc::string::String;

use nt::security::{DIRECTORY_ALL_ACCESS, SYMBOLIC_LINK_ALL_ACCESS};
use nt::types::Handle;
use nt::{NtStatus, events, wide};
use rt::objects::{self, Name, OPEN_IF, PERMANENT};
use smgrammar::Entry;

use super::Init;

/// Makes all links, in order.
///
/// # Errors
/// That of the first one that cannot be made.
pub fn all(init: &Init) -> Result<(), NtStatus> {
    let directory = objects::open_directory(&Name::new(wide!(r"\??")), DIRECTORY_ALL_ACCESS)?;
    for entry in init.settings.dos_devices.entries() {
        let result = one(directory.get(), entry, &init.descriptors.link);
        let status = result.err().unwrap_or(NtStatus::SUCCESS);
        let name = String::from_utf16_lossy(&entry.name);
        rt::trace(events::SMSS_DOS_DEVICE, b'I', [status.0.into(), 0], &name);
        result?;
    }
    Ok(())
}

/// Makes a link. One of that name vanishes, and is made again unless there is no new target.
fn one(directory: Handle, entry: &Entry, descriptor: &[u8]) -> Result<(), NtStatus> {
    let name = Name::new(&entry.name).below(directory).with(PERMANENT | OPEN_IF).described(descriptor);
    let (link, existed) = objects::create_link(&name, SYMBOLIC_LINK_ALL_ACCESS, &entry.value)?;
    if !existed {
        return Ok(());
    }
    objects::make_temporary(&link)?;
    drop(link);
    if entry.value.is_empty() {
        return Ok(());
    }
    objects::create_link(&name, SYMBOLIC_LINK_ALL_ACCESS, &entry.value).map(drop)
}
