//! Making and deleting keys.

use alloc::vec::Vec;

use super::create::NewNode;
use super::{EditError, HiveMut, Image, encode};
use crate::MAX_DEPTH;
use crate::data::ValueData;
use crate::error::{Fault, HiveError};
use crate::key::{Key, KeyFlags, KeyId, MAX_KEY_NAME};
use crate::layout::{NONE, nk};
use crate::text::{Name, Path};
use crate::values::Value;

/// What [`HiveMut::create_key`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    /// There was no such key: there is now.
    New(KeyId),
    /// There was one already.
    Existing(KeyId),
}

impl Created {
    /// The key, new or old.
    pub fn id(self) -> KeyId {
        let (Self::New(id) | Self::Existing(id)) = self;
        id
    }
}

impl<I: Image> HiveMut<I> {
    /// Makes a subkey, or finds it. A new one has its parent's security descriptor and, if one is given, a class name.
    ///
    /// # Errors
    /// [`EditError`]; nothing has changed then.
    pub fn create_key(
        &mut self,
        parent: KeyId,
        name: impl Name,
        class: Option<&[u16]>,
    ) -> Result<Created, EditError> {
        let stored = encode(name, MAX_KEY_NAME)?;
        if stored.len == 0 || name.units().any(|unit| unit == u16::from(b'\\')) {
            return Err(EditError::Name);
        }
        let key = self.key(parent)?;
        if let Some(existing) = key.subkey(name)? {
            return Ok(Created::Existing(existing.id()));
        }
        if self.depth(&key)? >= MAX_DEPTH {
            return Err(EditError::TooDeep);
        }
        let security = key.security()?;
        let (security, references) = (security.id, security.references());

        let class: Vec<u8> = class.unwrap_or_default().iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let class_len = u16::try_from(class.len()).map_err(|_| EditError::TooLarge)?;
        let class_cell = if class.is_empty() { NONE } else { self.allocate_with(&class)? };
        let flags = if stored.is_latin1 { KeyFlags::COMP_NAME } else { KeyFlags(0) };
        let class = (class_cell, class_len);
        let node = NewNode { flags, clock: self.clock, parent: parent.0, security, class };
        let made = self.allocate_with(&node.bytes(&stored.bytes)).and_then(|child| {
            let child = KeyId(child);
            self.insert_subkey(parent, child, name).inspect_err(|_| self.release(child.0)).map(|()| child)
        });
        let child = made.inspect_err(|_| self.release(class_cell))?;
        self.set_references(security, references.saturating_add(1))?;
        self.raise_u16(parent, nk::MAX_SUBKEY_NAME, 2 * stored.len as u16)?;
        self.raise(parent, nk::MAX_CLASS, class_len.into())?;
        Ok(Created::New(child))
    }

    /// Makes every key on a path from a key down, as far as there is none; the last one.
    ///
    /// # Errors
    /// As [`HiveMut::create_key`]; keys that were made before the error stay.
    pub fn create_path(&mut self, from: KeyId, path: impl Path) -> Result<KeyId, EditError> {
        path.parts().try_fold(from, |key, name| Ok(self.create_key(key, name, None)?.id()))
    }

    /// Deletes a key without subkeys, with its values.
    ///
    /// # Errors
    /// [`EditError::HasSubkeys`], [`EditError::Protected`], and [`EditError::Damaged`].
    pub fn delete_key(&mut self, id: KeyId) -> Result<(), EditError> {
        let key = self.key(id)?;
        if id == self.root() || key.flags().has(KeyFlags::NO_DELETE) {
            return Err(EditError::Protected);
        }
        if key.subkey_count() != 0 {
            return Err(EditError::HasSubkeys);
        }
        let (parent, security) = (key.parent_id(), key.security_id());
        let mut cells = Vec::from([id.0, key.class_id()]);
        if key.value_count() != 0 {
            cells.push(key.value_list_id());
            for value in key.values()?.flatten() {
                cells_of(&value, &mut cells);
            }
        }
        self.remove_subkey(parent, id)?;
        cells.into_iter().for_each(|cell| self.release(cell));
        self.drop_reference(security);
        Ok(())
    }

    /// Deletes a key with all below it.
    ///
    /// # Errors
    /// As [`HiveMut::delete_key`], and [`Fault::Depth`] or [`Fault::Consistency`] where keys do not form a
    /// tree; keys that were deleted before the error are gone.
    pub fn delete_tree(&mut self, id: KeyId) -> Result<(), EditError> {
        let (mut path, mut current) = (Vec::new(), id);
        // A key is come upon once on the way down to each of its subkeys and once to be deleted.
        for _ in 0..=2 * self.hive().key_limit() {
            let key = self.key(current)?;
            if let Some(child) = key.subkeys()?.next().transpose()? {
                if child.parent_id() != current {
                    return Err(HiveError::cell(Fault::Consistency, child.id().0).into());
                }
                if path.len() >= MAX_DEPTH {
                    return Err(HiveError::cell(Fault::Depth, current.0).into());
                }
                path.push(current);
                current = child.id();
                continue;
            }
            self.delete_key(current)?;
            match path.pop() {
                Some(parent) => current = parent,
                None => return Ok(()),
            }
        }
        Err(HiveError::cell(Fault::Consistency, current.0).into())
    }

    /// Sets a key's flags, but for what says how its name is stored and that it is the root.
    ///
    /// # Errors
    /// [`EditError::Damaged`].
    pub fn set_flags(&mut self, id: KeyId, flags: KeyFlags) -> Result<(), EditError> {
        const KEPT: u16 = KeyFlags::COMP_NAME.0 | KeyFlags::ROOT.0;
        let old = self.key(id)?.flags().0;
        self.put_u16(id.0, nk::FLAGS, flags.0 & !KEPT | old & KEPT)?;
        self.touch(id)
    }

    /// How many keys are above a key.
    fn depth(&self, key: &Key<'_>) -> Result<usize, HiveError> {
        let (mut key, mut depth) = (*key, 0);
        while key.id() != self.root() {
            depth += 1;
            if depth > MAX_DEPTH {
                return Err(HiveError::cell(Fault::Depth, key.id().0));
            }
            key = self.key(key.parent_id())?;
        }
        Ok(depth)
    }

    /// Stamps a key with the time.
    pub(super) fn touch(&mut self, id: KeyId) -> Result<(), EditError> {
        self.put(id.0, nk::LAST_WRITTEN, &self.clock.0.to_le_bytes())
    }

    /// Raises a maximum that a key keeps.
    pub(super) fn raise(&mut self, id: KeyId, at: usize, to: u32) -> Result<(), EditError> {
        if self.key(id)?.field(at) < to { self.put_u32(id.0, at, to) } else { Ok(()) }
    }

    pub(super) fn raise_u16(&mut self, id: KeyId, at: usize, to: u16) -> Result<(), EditError> {
        if (self.key(id)?.field(at) as u16) < to { self.put_u16(id.0, at, to) } else { Ok(()) }
    }
}

/// Adds the cells of a value and its data.
pub(super) fn cells_of(value: &Value<'_>, cells: &mut Vec<u32>) {
    cells.push(value.id);
    let Some(data) = value.data_id() else { return };
    cells.push(data);
    if let Ok(ValueData::Big(segments)) = value.data()
        && let Ok((list, ids)) = segments.cells()
    {
        cells.push(list);
        cells.extend(ids);
    }
}
