//! Renaming keys.

use alloc::vec::Vec;

use super::{EditError, HiveMut, Image, encode};
use crate::key::{KeyFlags, KeyId, MAX_KEY_NAME};
use crate::layout::nk;
use crate::text::Name;
use crate::time::FileTime;

impl<I: Image> HiveMut<I> {
    /// Gives a key another name, and a place in its parent's list that fits. It gets another cell: what is returned is
    /// the key from now on. Subkeys and values stay what they are.
    ///
    /// # Errors
    /// [`EditError::Exists`] if its parent has another key of that name, [`EditError::Protected`] for the root, and other
    /// [`EditError`]; nothing has changed then.
    pub fn rename_key(&mut self, id: KeyId, name: impl Name) -> Result<KeyId, EditError> {
        let stored = encode(name, MAX_KEY_NAME)?;
        if stored.len == 0 || name.units().any(|unit| unit == u16::from(b'\\')) {
            return Err(EditError::Name);
        }
        if id == self.root() {
            return Err(EditError::Protected);
        }
        let key = self.key(id)?;
        let parent = key.parent_id();
        if self.key(parent)?.subkey(name)?.is_some_and(|other| other.id() != id) {
            return Err(EditError::Exists);
        }
        let mut children = Vec::new();
        for child in key.subkeys()? {
            children.push(child?.id());
        }
        let mut flags = key.flags().0 & !KeyFlags::COMP_NAME.0;
        if stored.is_latin1 {
            flags |= KeyFlags::COMP_NAME.0;
        }
        let mut node = key.node().to_vec();
        for (at, number) in [(nk::FLAGS, flags), (nk::NAME_LEN, stored.bytes.len() as u16)] {
            if let Some(field) = node.get_mut(at..at + 2) {
                field.copy_from_slice(&number.to_le_bytes());
            }
        }
        node.extend(&stored.bytes);
        let new = KeyId(self.allocate_with(&node)?);
        self.insert_subkey(parent, new, name).inspect_err(|_| self.release(new.0))?;
        self.remove_subkey(parent, id)?;
        for child in children {
            self.put_u32(child.0, nk::PARENT, new.0)?;
        }
        self.release(id.0);
        self.raise_u16(parent, nk::MAX_SUBKEY_NAME, 2 * stored.len as u16)?;
        self.touch(new)?;
        Ok(new)
    }

    /// Says when a key was last written.
    ///
    /// # Errors
    /// [`EditError::Damaged`], [`EditError::Full`].
    pub fn set_last_written(&mut self, id: KeyId, time: FileTime) -> Result<(), EditError> {
        self.key(id)?;
        self.put(id.0, nk::LAST_WRITTEN, &time.0.to_le_bytes())
    }
}
