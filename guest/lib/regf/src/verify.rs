//! Looking at everything in a hive: for hosts, which have time.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::MAX_DEPTH;
use crate::data::ValueData;
use crate::error::{Fault, HiveError};
use crate::hive::Hive;
use crate::key::{Key, KeyId};
use crate::layout::NONE;
use crate::list::{self, Kind, Leaf};
use crate::needle::{Needle, may_be};
use crate::security::Security;

/// What is in a hive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Keys, with the root.
    pub keys: usize,
    /// Values.
    pub values: usize,
    /// Security items.
    pub security_items: usize,
    /// Free bytes, in free cells.
    pub free: usize,
    /// Bytes in allocated cells that nothing refers to.
    pub lost: usize,
}

/// Checks all of a hive: bins, cells, that no cell is used twice, counts, parents, the order and the hashes of
/// lists, security items and their ring. Everything that can be reached has been read when this succeeds.
///
/// # Errors
/// The first fault found.
pub fn verify(hive: Hive<'_>) -> Result<Census, HiveError> {
    let mut check =
        Check { hive, cells: BTreeMap::new(), references: BTreeMap::new(), census: Census::default() };
    check.cells()?;
    check.tree()?;
    check.ring()?;
    check.census.lost = check.cells.values().sum();
    Ok(check.census)
}

struct Check<'a> {
    hive: Hive<'a>,
    /// Sizes of the allocated cells that nothing has referred to yet.
    cells: BTreeMap<u32, usize>,
    /// How many keys refer to each security item.
    references: BTreeMap<u32, u32>,
    census: Census,
}

fn inconsistent(cell: u32) -> HiveError {
    HiveError::cell(Fault::Consistency, cell)
}

impl<'a> Check<'a> {
    fn cells(&mut self) -> Result<(), HiveError> {
        for bin in self.hive.bins() {
            for cell in self.hive.cells(bin?) {
                let cell = cell?;
                if cell.is_free {
                    self.census.free += cell.size as usize;
                } else {
                    self.cells.insert(cell.offset, cell.size as usize);
                }
            }
        }
        Ok(())
    }

    /// Notes that a cell is used.
    fn take(&mut self, cell: u32) -> Result<(), HiveError> {
        self.cells.remove(&cell).map(|_| ()).ok_or(inconsistent(cell))
    }

    /// Walks all keys. As every key is taken once, this ends.
    fn tree(&mut self) -> Result<(), HiveError> {
        let root = self.hive.root()?;
        self.take(root.id().0)?;
        let mut left = Vec::from([(root, 0)]);
        while let Some((key, depth)) = left.pop() {
            if depth > MAX_DEPTH {
                return Err(HiveError::cell(Fault::Depth, key.id().0));
            }
            self.census.keys += 1;
            *self.references.entry(key.security_id()).or_default() += 1;
            if key.class()?.is_some() {
                self.take(key.class_id())?;
            }
            self.values(&key)?;
            let children = self.subkeys(&key)?;
            left.extend(children.into_iter().map(|child| (child, depth + 1)));
        }
        Ok(())
    }

    fn subkeys(&mut self, key: &Key<'a>) -> Result<Vec<Key<'a>>, HiveError> {
        let list = key.list_id();
        if list == NONE {
            return Ok(Vec::new());
        }
        self.take(list)?;
        let root = list::index_root(self.hive, list)?;
        for &leaf in root.iter().flatten() {
            self.take(leaf)?;
        }
        let mut children = Vec::new();
        for leaf in root.unwrap_or_else(|| Vec::from([list])) {
            self.leaf(key.id(), leaf, &mut children)?;
        }
        if children.len() != key.subkey_count() as usize {
            return Err(inconsistent(key.id().0));
        }
        Ok(children)
    }

    fn leaf(&mut self, parent: KeyId, cell: u32, children: &mut Vec<Key<'a>>) -> Result<(), HiveError> {
        let leaf = Leaf::read(self.hive, cell)?;
        for index in 0..leaf.len() {
            let (id, mark) = leaf.entry(index).ok_or(inconsistent(cell))?;
            self.take(id.0)?;
            let child = self.hive.key(id)?;
            let needle = Needle::new(child.name());
            let is_marked = match leaf.kind {
                Kind::Plain => true,
                Kind::Hints => may_be(needle.hint(), mark),
                Kind::Hashes => needle.hash() == mark,
            };
            let is_sorted = children.last().is_none_or(|last| needle.cmp(last.name()) == Ordering::Greater);
            if child.parent_id() != parent || !is_marked || !is_sorted {
                return Err(inconsistent(id.0));
            }
            children.push(child);
        }
        Ok(())
    }

    fn values(&mut self, key: &Key<'a>) -> Result<(), HiveError> {
        if key.value_count() != 0 {
            self.take(key.value_list_id())?;
        }
        for value in key.values()? {
            let value = value?;
            self.census.values += 1;
            self.take(value.id)?;
            let data = value.data()?;
            if let Some(cell) = value.data_id() {
                self.take(cell)?;
            }
            if let ValueData::Big(segments) = &data {
                let (list, cells) = segments.cells()?;
                self.take(list)?;
                cells.into_iter().try_for_each(|cell| self.take(cell))?;
            }
            data.pieces().try_for_each(|piece| piece.map(|_| ()))?;
        }
        Ok(())
    }

    /// Walks the ring of security items. As every item is taken once, this ends.
    fn ring(&mut self) -> Result<(), HiveError> {
        let first = self.hive.root()?.security_id();
        let mut id = first;
        loop {
            self.take(id)?;
            let item = Security::read(self.hive, id)?;
            let next = Security::read(self.hive, item.next_id())?;
            if next.previous_id() != id || self.references.remove(&id).unwrap_or(0) != item.references() {
                return Err(inconsistent(id));
            }
            self.census.security_items += 1;
            if next.id == first {
                break;
            }
            id = next.id;
        }
        match self.references.keys().next() {
            Some(&outside) => Err(inconsistent(outside)),
            None => Ok(()),
        }
    }
}
