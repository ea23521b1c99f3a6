//! A hive written anew: lists are as long as they have to be, what belongs to a key follows it, and there is no
//! free room but at the ends of bins. Hives that grew edit by edit have dozens of small free cells, which whoever
//! edits them next has to look at.

use alloc::vec::Vec;

use super::create::NewNode;
use super::leaves::{MAX_ENTRIES, entry};
use super::vals::raise_in;
use super::{EditError, HiveMut};
use crate::MAX_DEPTH;
use crate::hive::Hive;
use crate::key::{Key, KeyFlags, KeyId};
use crate::layout::{NONE, nk};
use crate::list::Kind;
use crate::needle::Needle;
use crate::text::Name;
use crate::time::FileTime;

impl HiveMut<Vec<u8>> {
    /// A copy of a hive without free room in between. Keys have their names, classes, flags, descriptors and values, in the
    /// order they had; all were last written now.
    ///
    /// # Errors
    /// [`EditError::Damaged`] where the hive is; [`EditError::TooDeep`].
    pub fn compact(hive: Hive<'_>, file_name: &str, now: FileTime) -> Result<Self, EditError> {
        let mut new = Self::create(file_name, now)?;
        let (from, to) = (hive.root()?, new.root());
        new.set_security(to, from.security()?.descriptor())?;
        new.copy_below(from, to, 0)?;
        Ok(new)
    }

    fn copy_below(&mut self, from: Key<'_>, to: KeyId, depth: usize) -> Result<(), EditError> {
        if depth >= MAX_DEPTH {
            return Err(EditError::TooDeep);
        }
        self.copy_values(from, to)?;
        let (mut entries, mut children) = (Vec::new(), Vec::new());
        for child in from.subkeys()? {
            let child = child?;
            let id = self.copy_node(child, to)?;
            entries.extend(entry(Kind::Hashes, id, child.name(), Needle::new(child.name()).hash()));
            children.push((child, id));
        }
        if entries.len() > MAX_ENTRIES {
            children.iter().try_for_each(|(child, id)| self.insert_subkey(to, *id, child.name()))?;
        } else if !entries.is_empty() {
            let list = self.allocate_leaf(Kind::Hashes, &entries)?;
            self.put_u32(to.0, nk::SUBKEYS, list)?;
            self.put_u32(to.0, nk::SUBKEY_COUNT, children.len() as u32)?;
        }
        children.into_iter().try_for_each(|(child, id)| self.copy_below(child, id, depth + 1))
    }

    /// Copies a key without what is in it; its parent does not list it yet.
    fn copy_node(&mut self, from: Key<'_>, parent: KeyId) -> Result<KeyId, EditError> {
        let stored = super::encode(from.name(), crate::MAX_KEY_NAME)?;
        let class: Vec<u8> =
            from.class()?.into_iter().flat_map(|class| class.units()).flat_map(u16::to_le_bytes).collect();
        let class_cell = if class.is_empty() { NONE } else { self.allocate_with(&class)? };
        let latin1 = if stored.is_latin1 { KeyFlags::COMP_NAME.0 } else { 0 };
        let flags = KeyFlags(from.flags().0 & !KeyFlags::COMP_NAME.0 | latin1);
        let security = self.key(parent)?.security()?;
        let (security, references) = (security.id, security.references());
        let class_field = (class_cell, class.len() as u16);
        let node = NewNode { flags, clock: self.clock, parent: parent.0, security, class: class_field };
        let id = KeyId(self.allocate_with(&node.bytes(&stored.bytes))?);
        self.set_references(security, references.saturating_add(1))?;
        if self.key(id)?.security()?.descriptor() != from.security()?.descriptor() {
            self.set_security(id, from.security()?.descriptor())?;
        }
        self.raise_u16(parent, nk::MAX_SUBKEY_NAME, 2 * stored.len as u16)?;
        self.raise(parent, nk::MAX_CLASS, class.len() as u32)?;
        Ok(id)
    }

    fn copy_values(&mut self, from: Key<'_>, to: KeyId) -> Result<(), EditError> {
        let mut list = Vec::new();
        for value in from.values()? {
            let value = value?;
            let data = value.data()?.to_vec()?;
            let stored = super::encode(value.name(), super::MAX_VALUE_NAME)?;
            let placed = self.place(&data)?;
            let cell =
                self.allocate_with(&super::vals::node(&stored, placed.size, placed.field, value.kind()))?;
            list.extend(cell.to_le_bytes());
            self.edit_node(to, |node| raise_in(node, 2 * stored.len as u32, &data))?;
        }
        if list.is_empty() {
            return Ok(());
        }
        let cell = self.allocate_with(&list)?;
        self.put_u32(to.0, nk::VALUES, cell)?;
        self.put_u32(to.0, nk::VALUE_COUNT, list.len() as u32 / 4)
    }
}
