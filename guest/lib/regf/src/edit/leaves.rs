//! Keeping the lists of subkeys sorted.

use alloc::vec::Vec;

use super::{EditError, HiveMut, Image};
use crate::error::{Fault, HiveError};
use crate::key::KeyId;
use crate::layout::{NONE, nk};
use crate::list::{self, Kind, Leaf};
use crate::needle::Needle;
use crate::text::Name;

/// Bytes of entries that a leaf may have: it fills a bin of one page, with the bin's header and its own.
pub(super) const MAX_ENTRIES: usize = 4096 - 32 - 4 - 4;
/// The newest minor version without hash leaves.
const LAST_MINOR_WITHOUT_HASHES: u32 = 4;

/// What became of a leaf: the cells that now stand for it.
struct Change {
    leaves: Vec<u32>,
    /// A cell that is no longer used.
    old: u32,
}

impl<I: Image> HiveMut<I> {
    /// Puts a new key in its parent's list, counts and stamps.
    pub(super) fn insert_subkey(
        &mut self,
        parent: KeyId,
        child: KeyId,
        name: impl Name,
    ) -> Result<(), EditError> {
        let key = self.key(parent)?;
        let (list, count) = (key.list_id(), key.subkey_count());
        let needle = Needle::new(name);
        let new_list = if list == NONE {
            let kind = if self.minor > LAST_MINOR_WITHOUT_HASHES { Kind::Hashes } else { Kind::Hints };
            self.allocate_leaf(kind, &entry(kind, child, name, needle.hash()))?
        } else if let Some(mut root) = list::index_root(self.hive(), list)? {
            let (at, leaf) = list::leaf_for(self.hive(), &root, &needle)?;
            let change = self.insert_in_leaf(leaf, child, name, &needle)?;
            if change.leaves == [leaf] {
                list
            } else {
                root.splice(at..=at, change.leaves.iter().copied());
                let new = self.write_root(list, &root);
                self.settle(new, change, Some(list))?
            }
        } else {
            let change = self.insert_in_leaf(list, child, name, &needle)?;
            match change.leaves[..] {
                [leaf] if leaf == list => list,
                [leaf] => self.settle(Ok(leaf), change, None)?,
                _ => {
                    let root = self.allocate_root(&change.leaves);
                    self.settle(root, change, None)?
                }
            }
        };
        self.put_u32(parent.0, nk::SUBKEYS, new_list)?;
        self.put_u32(parent.0, nk::SUBKEY_COUNT, count.saturating_add(1))?;
        self.touch(parent)
    }

    /// After a list has been made anew: frees what it replaces, or, if it could not be made, what was made for it.
    fn settle(
        &mut self,
        new: Result<u32, EditError>,
        change: Change,
        old_root: Option<u32>,
    ) -> Result<u32, EditError> {
        match new {
            Ok(list) => {
                self.release(change.old);
                if let Some(root) = old_root.filter(|&root| root != list) {
                    self.release(root);
                }
            }
            Err(_) => change.leaves.into_iter().for_each(|leaf| self.release(leaf)),
        }
        new
    }

    fn insert_in_leaf<N: Name>(
        &mut self,
        id: u32,
        child: KeyId,
        name: N,
        needle: &Needle<N>,
    ) -> Result<Change, EditError> {
        let hive = self.hive();
        let leaf = Leaf::read(hive, id)?;
        let (kind, room) = (leaf.kind, hive.cell(id)?.len() - 4);
        let at = leaf.halve(hive, needle).unwrap_or_else(|at| at) * kind.stride();
        let mut entries = leaf.entries.to_vec();
        entries.splice(at..at, entry(kind, child, name, needle.hash()));
        if entries.len() > MAX_ENTRIES {
            let half = entries.len() / 2 / kind.stride() * kind.stride();
            let (low, high) = entries.split_at(half);
            let low = self.allocate_leaf(kind, low)?;
            let high = self.allocate_leaf(kind, high).inspect_err(|_| self.release(low))?;
            return Ok(Change { leaves: Vec::from([low, high]), old: id });
        }
        if entries.len() > room {
            let new = self.allocate_leaf(kind, &entries)?;
            return Ok(Change { leaves: Vec::from([new]), old: id });
        }
        self.put(id, 4 + at, entries.get(at..).unwrap_or_default())?;
        self.put_u16(id, 2, (entries.len() / kind.stride()) as u16)?;
        Ok(Change { leaves: Vec::from([id]), old: NONE })
    }

    /// Makes a leaf, with some room to grow.
    pub(super) fn allocate_leaf(&mut self, kind: Kind, entries: &[u8]) -> Result<u32, EditError> {
        let room = (entries.len() + entries.len() / 4).min(MAX_ENTRIES).max(entries.len());
        let cell = self.allocate(4 + room)?;
        let signature = match kind {
            Kind::Plain => b"li",
            Kind::Hints => b"lf",
            Kind::Hashes => b"lh",
        };
        self.put(cell, 0, signature)?;
        self.put_u16(cell, 2, (entries.len() / kind.stride()) as u16)?;
        self.put(cell, 4, entries)?;
        Ok(cell)
    }

    fn allocate_root(&mut self, leaves: &[u32]) -> Result<u32, EditError> {
        let cell = self.allocate(4 + 4 * (leaves.len() + leaves.len() / 4))?;
        self.put(cell, 0, b"ri")?;
        self.fill_root(cell, leaves)
    }

    fn fill_root(&mut self, cell: u32, leaves: &[u32]) -> Result<u32, EditError> {
        let count = u16::try_from(leaves.len()).map_err(|_| EditError::Full)?;
        self.put_u16(cell, 2, count)?;
        let bytes: Vec<u8> = leaves.iter().flat_map(|leaf| leaf.to_le_bytes()).collect();
        self.put(cell, 4, &bytes)?;
        Ok(cell)
    }

    /// Writes an index root where it is, or elsewhere if it has grown too much.
    fn write_root(&mut self, cell: u32, leaves: &[u32]) -> Result<u32, EditError> {
        let room = self.hive().cell(cell)?.len();
        if 4 + 4 * leaves.len() <= room { self.fill_root(cell, leaves) } else { self.allocate_root(leaves) }
    }

    /// Takes a key out of its parent's list, counts and stamps.
    pub(super) fn remove_subkey(&mut self, parent: KeyId, child: KeyId) -> Result<(), EditError> {
        let key = self.key(parent)?;
        let (list, count) = (key.list_id(), key.subkey_count());
        let root = if list == NONE { None } else { list::index_root(self.hive(), list)? };
        let leaves = root.clone().unwrap_or_else(|| Vec::from([list]));
        let (mut place, mut limit) = (None, self.hive().key_limit());
        for (index, &id) in leaves.iter().enumerate() {
            let leaf = Leaf::read(self.hive(), id)?;
            limit = limit.checked_sub(leaf.len()).ok_or(HiveError::cell(Fault::SubkeyList, list))?;
            if let Some(at) = (0..leaf.len()).find(|&at| leaf.get(at) == Some(child)) {
                place = Some((index, id, leaf.kind, leaf.len(), at));
                break;
            }
        }
        let (index, id, kind, len, at) = place.ok_or(HiveError::cell(Fault::Consistency, child.0))?;
        if len > 1 {
            let leaf = Leaf::read(self.hive(), id)?;
            let rest = leaf.entries.get((at + 1) * kind.stride()..).unwrap_or_default().to_vec();
            self.put(id, 4 + at * kind.stride(), &rest)?;
            self.put_u16(id, 2, len as u16 - 1)?;
        } else if let Some(mut leaves) = root.filter(|leaves| leaves.len() > 1) {
            leaves.remove(index);
            self.fill_root(list, &leaves)?;
            self.release(id);
        } else {
            self.put_u32(parent.0, nk::SUBKEYS, NONE)?;
            self.release(id);
            if id != list {
                self.release(list);
            }
        }
        self.put_u32(parent.0, nk::SUBKEY_COUNT, count.saturating_sub(1))?;
        self.touch(parent)
    }
}

/// An entry of a leaf.
pub(super) fn entry(kind: Kind, child: KeyId, name: impl Name, hash: u32) -> Vec<u8> {
    let mut bytes = child.0.to_le_bytes().to_vec();
    match kind {
        Kind::Plain => {}
        Kind::Hashes => bytes.extend(hash.to_le_bytes()),
        Kind::Hints => {
            // "Fast leaf": a first byte of zero where the characters are not all Latin-1.
            let mut hint = [0; 4];
            let first = name.units().take(4);
            let is_latin1 = first.clone().all(|unit| unit < 0x100);
            for (to, unit) in hint.iter_mut().zip(first).filter(|_| is_latin1) {
                *to = unit as u8;
            }
            bytes.extend(hint);
        }
    }
    bytes
}
