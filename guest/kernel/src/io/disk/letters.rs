//! Drive letters: those that the command line names, then those that `HKLM\SYSTEM\MountedDevices` remembers, then the first
//! that are free, in the order of the volumes.

use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};

use nt::{NtStatus, wide};
use partition::{Guid, Kind, Partition, Style};

use super::find::{SYSTEM_LETTER, link};
use crate::cm;

/// The key in which the mount manager remembers letters.
const KEY: &[u16] = wide!(r"\Registry\Machine\System\MountedDevices");
/// What is before the letter in its values' names.
const VALUE: &str = r"\DosDevices\";
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

/// What `MountedDevices` calls a disk without a table, as it calls removable ones: the name of its device interface (class
/// GUID_DEVINTERFACE_DISK) with `_` for the first backslash, as UTF-16 without an end; for us the disk's serial number says
/// which it is. Nothing for one without a serial number.
/// Source: winreg-kb, "Mounted devices", device string value data.
pub fn device_id(serial: &str) -> Option<Vec<u8>> {
    let serial = serial.trim();
    if serial.is_empty() {
        return None;
    }
    // What separates the parts of the name cannot be within them.
    let serial = serial.replace(['#', '\\', '/', ' '], "_");
    let name = format!("_??_VIRTIO#Disk#{serial}#{{53f56307-b6bf-11d0-94f2-00a0c91efb8b}}");
    Some(name.encode_utf16().flat_map(u16::to_le_bytes).collect())
}

/// A volume that is to have a letter.
#[derive(Debug)]
pub struct Candidate {
    /// The path of its device.
    pub path: Vec<u16>,
    /// What the command line says, upper case.
    pub wanted: Option<u8>,
    /// [`unique_id`] or [`device_id`].
    pub id: Option<Vec<u8>>,
}

/// Gives every volume a letter, as long as there are any, and remembers which. C: is the boot archive's unless a disk has
/// the system.
///
/// # Errors
/// What the object manager says.
pub fn assign(candidates: Vec<Candidate>, is_system: bool) -> Result<(), NtStatus> {
    let remembered = remembered();
    let mut letters = vec![None; candidates.len()];
    let mut taken = if is_system { 0 } else { bit(SYSTEM_LETTER) };
    let mut give = |number: usize, letter: u8| {
        if let Some(slot @ None) = letters.get_mut(number)
            && taken & bit(letter) == 0
        {
            taken |= bit(letter);
            *slot = Some(letter);
        }
    };
    for (number, candidate) in candidates.iter().enumerate() {
        if let Some(letter) = candidate.wanted {
            give(number, letter);
        }
    }
    for (letter, id) in &remembered {
        let known = |candidate: &Candidate| candidate.id.as_ref() == Some(id);
        if let Some(number) = candidates.iter().position(known) {
            give(number, *letter);
        }
    }
    for number in 0..candidates.len() {
        for letter in b'D'..=b'Z' {
            give(number, letter);
        }
    }
    for (candidate, letter) in candidates.iter().zip(&letters) {
        if let Some(letter) = *letter {
            link(&format!(r"\??\{}:", char::from(letter)), &candidate.path)?;
        }
    }
    let named = candidates.iter().zip(&letters);
    let named =
        named.filter_map(|(candidate, letter)| Some((letter.as_ref().copied()?, candidate.id.as_deref()?)));
    remember(&remembered, &named.collect::<Vec<_>>());
    Ok(())
}

const fn bit(letter: u8) -> u32 {
    1 << (letter - b'A')
}

/// Letters and the volumes that they belong to, as far as the registry knows.
fn remembered() -> Vec<(u8, Vec<u8>)> {
    let letter = |(name, id): (String, Vec<u8>)| {
        let start = name.get(..VALUE.len()).filter(|start| start.eq_ignore_ascii_case(VALUE))?;
        match name.as_bytes().get(start.len()..)? {
            [letter @ (b'C'..=b'Z' | b'c'..=b'z'), b':'] => Some((letter.to_ascii_uppercase(), id)),
            _ => None,
        }
    };
    cm::read_values(KEY).into_iter().filter_map(letter).collect()
}

/// Brings what is remembered up to date: a volume has one letter, and a letter one volume. Those of volumes that are not
/// there stay theirs. A registry that cannot take it says nothing new at the next boot.
fn remember(before: &[(u8, Vec<u8>)], now: &[(u8, &[u8])]) {
    let value = |letter: u8| format!("{VALUE}{}:", char::from(letter));
    let mut changes: Vec<(String, Option<&[u8]>)> = Vec::new();
    for (letter, id) in before {
        let is_given = now.iter().any(|(other, _)| other == letter);
        if !is_given && now.iter().any(|(_, other)| *other == &**id) {
            changes.push((value(*letter), None));
        }
    }
    for &(letter, id) in now {
        if !before.iter().any(|(known, old)| *known == letter && **old == *id) {
            changes.push((value(letter), Some(id)));
        }
    }
    if !changes.is_empty() {
        let _ = cm::write_values(KEY, &changes);
    }
}
