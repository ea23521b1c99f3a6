//! Drive letters: those that the command line names, then those that `HKLM\SYSTEM\MountedDevices` remembers, then the first
//! that are free, in the order of the volumes.

use alloc::format;
use alloc::vec::Vec;

use nt::{NtStatus, wide};
use partition::{Guid, Kind, Partition, Style};

use super::find::{SYSTEM_LETTER, link, utf16};
use crate::cm;

/// The key in which the mount manager remembers letters.
const KEY: &[u16] = wide!(r"\Registry\Machine\System\MountedDevices");
/// What is before a GPT partition's GUID in its values.
const GPT_PREFIX: &[u8] = b"DMIO:ID:";

/// What `MountedDevices` calls a volume: the MBR's signature and where the partition begins in bytes, or the GPT partition's
/// GUID. Nothing for a volume without such a name.
pub fn unique_id(style: Style, partition: &Partition, sector_size: u32) -> Option<Vec<u8>> {
    match (style, partition.kind) {
        (Style::Mbr { signature }, _) if signature != 0 => {
            let offset = partition.first.checked_mul(sector_size.into())?;
            Some([&signature.to_le_bytes()[..], &offset.to_le_bytes()].concat())
        }
        (Style::Gpt { .. }, Kind::Gpt { id, .. }) if id != Guid::default() => {
            Some([GPT_PREFIX, &id].concat())
        }
        _ => None,
    }
}

/// A volume that is to have a letter.
#[derive(Debug)]
pub struct Candidate {
    /// The path of its device.
    pub path: Vec<u16>,
    /// What the command line says, upper case.
    pub wanted: Option<u8>,
    /// [`unique_id`].
    pub id: Option<Vec<u8>>,
}

/// Gives every volume a letter, as long as there are any. C: is the boot archive's unless a disk has the system.
///
/// # Errors
/// What the object manager says.
pub fn assign(mut candidates: Vec<Candidate>, is_system: bool) -> Result<(), NtStatus> {
    let mut taken = if is_system { 0 } else { 1 << (SYSTEM_LETTER - b'A') };
    let give = |candidate: &Candidate, letter: u8, taken: &mut u32| {
        let bit = 1 << (letter - b'A');
        if *taken & bit != 0 {
            return Ok(false);
        }
        *taken |= bit;
        link(&format!(r"\??\{}:", char::from(letter)), &candidate.path).map(|()| true)
    };
    for candidate in &mut candidates {
        if let Some(letter) = candidate.wanted
            && give(candidate, letter, &mut taken)?
        {
            candidate.path.clear();
        }
    }
    for letter in b'D'..=b'Z' {
        let Some(remembered) = remembered(letter) else { continue };
        let known = |candidate: &&mut Candidate| {
            !candidate.path.is_empty() && candidate.id.as_deref() == Some(&*remembered)
        };
        if let Some(candidate) = candidates.iter_mut().find(known)
            && give(candidate, letter, &mut taken)?
        {
            candidate.path.clear();
        }
    }
    for candidate in candidates.iter().filter(|candidate| !candidate.path.is_empty()) {
        let free = (b'D'..=b'Z').find(|letter| taken & 1 << (letter - b'A') == 0);
        if let Some(letter) = free {
            give(candidate, letter, &mut taken)?;
        }
    }
    Ok(())
}

/// The volume that a letter belongs to, as far as the registry knows.
fn remembered(letter: u8) -> Option<Vec<u8>> {
    cm::read_value(KEY, &utf16(&format!(r"\DosDevices\{}:", char::from(letter))))
}
