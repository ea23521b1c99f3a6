//! Step 12: the letter of the system partition (spec/smss.md 1.3). Whatever fails, fails silently.

use nt::registry::access;
use nt::security::{DIRECTORY_QUERY, DIRECTORY_TRAVERSE, SYMBOLIC_LINK_QUERY};
use nt::{NtStatus, wide};
use rt::handle::Owned;
use rt::objects::{self, Name};
use rt::registry::Key;

const SETUP: &[u16] = wide!(r"\Registry\Machine\System\Setup");
const SOFTWARE_SETUP: &[u16] = wide!(r"\Registry\Machine\Software\Microsoft\Windows\CurrentVersion\Setup");
const COLON: u16 = b':' as u16;
const BACKSLASH: u16 = b'\\' as u16;

/// Writes `X:\` to `BootDir` in the SOFTWARE hive, X being the letter of the volume that the system was started from.
///
/// # Errors
/// Of the registry and of the directory of links; OBJECT_NAME_NOT_FOUND: no letter leads to the partition.
pub fn write() -> Result<(), NtStatus> {
    let partition = Key::open(SETUP)?.value(wide!("SystemPartition"))?.text();
    let directory = objects::open_directory(&Name::new(wide!(r"\??")), DIRECTORY_QUERY | DIRECTORY_TRAVERSE)?;
    let letter = objects::find_in_directory(&directory, |name| match *name {
        [letter, COLON] if leads_to(&directory, name, &partition) => Some(letter),
        _ => None,
    })?;
    let letter = letter.ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)?;
    let key = Key::open_for(&Name::new(SOFTWARE_SETUP), access::SET_VALUE)?;
    key.set_text(wide!("BootDir"), &[letter, COLON, BACKSLASH])
}

/// Whether a link leads to a partition, or below it.
fn leads_to(directory: &Owned, name: &[u16], partition: &[u16]) -> bool {
    let link = objects::open_link(&Name::new(name).below(directory.get()), SYMBOLIC_LINK_QUERY);
    let Ok(target) = link.and_then(|link| objects::link_target(&link)) else { return false };
    let Some((start, rest)) = target.split_at_checked(partition.len()) else { return false };
    smgrammar::same(start, partition) && matches!(rest, [] | [BACKSLASH, ..])
}
