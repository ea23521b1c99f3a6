//! What all changes to the registry have in common: the time, room to make them, and what caches must forget.

use alloc::sync::Arc;

use hal::frames;
use nt::NtStatus;
use regf::{FileTime, HiveMut, KeyFlags, KeyId, Name};

use super::hive::{self, edit_status};
use super::key::{Key, MEMORY, Place};
use super::memory::Memory;
use super::tree::Tree;
use crate::ke::clock;

/// Frames that must be free for a change, besides room for its data: an edit that ran out of memory half-way would
/// leave the hive damaged.
const RESERVE: u64 = 64;

/// The time that keys are stamped with.
pub fn now() -> FileTime {
    FileTime(clock::system_time())
}

/// Makes sure that there is memory for a change with so much data.
///
/// # Errors
/// INSUFFICIENT_RESOURCES.
pub fn check_room(len: usize) -> Result<(), NtStatus> {
    let pages = 2 * (len as u64).div_ceil(crate::mm::PAGE) + RESERVE;
    if u64::from(frames::counts().0) < pages { Err(NtStatus::INSUFFICIENT_RESOURCES) } else { Ok(()) }
}

impl Tree {
    /// A hive's keys, to be changed now, with so much data.
    ///
    /// # Errors
    /// KEY_DELETED, INSUFFICIENT_RESOURCES.
    pub fn edit(&mut self, hive: u32, len: usize) -> Result<&mut HiveMut<Memory>, NtStatus> {
        check_room(len)?;
        let keys = &mut self.hive_mut(hive)?.keys;
        keys.set_clock(now());
        Ok(keys)
    }

    /// Whether subkeys of a key are not for callers to make: `\Registry` and what hives hang in.
    fn is_top(&self, key: &Key) -> bool {
        match key.parent() {
            None => true,
            Some(parent) => key.place().hive == MEMORY && Arc::ptr_eq(parent, self.root()),
        }
    }

    /// Makes a subkey that is not there.
    ///
    /// # Errors
    /// INVALID_PARAMETER right below `\Registry\Machine` and its like; CHILD_MUST_BE_VOLATILE; KEY_DELETED;
    /// those of [`edit_status`].
    pub fn create(
        &mut self,
        parent: &Arc<Key>,
        name: &[u16],
        class: &[u16],
        flags: KeyFlags,
    ) -> Result<Arc<Key>, NtStatus> {
        self.live(parent)?;
        if self.is_top(parent) {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        if parent.flags().has(KeyFlags::VOLATILE) && !flags.has(KeyFlags::VOLATILE) {
            return Err(NtStatus::CHILD_MUST_BE_VOLATILE);
        }
        let place = parent.place();
        let at = match flags.has(KeyFlags::VOLATILE) && place.hive != MEMORY {
            true => {
                // The key itself changes, though what changes lies elsewhere.
                self.edit(place.hive, 0)?.set_last_written(place.id, now()).map_err(edit_status)?;
                Place { hive: MEMORY, id: self.make_shadow(place)? }
            }
            false => place,
        };
        let keys = self.edit(at.hive, 2 * class.len())?;
        let made = keys.create_key(at.id, name, Some(class)).map_err(edit_status)?.id();
        if flags.0 != 0 {
            let flags = KeyFlags(flags.0 | keys.hive().key(made).map_err(hive::status)?.flags().0);
            keys.set_flags(made, flags).map_err(edit_status)?;
        }
        let place = Place { hive: at.hive, id: made };
        let node = self.node(place)?;
        let (flags, security) = (node.flags(), node.security_id());
        self.block(parent, place, flags, security)
    }

    /// Deletes a key.
    ///
    /// # Errors
    /// CANNOT_DELETE for the root of a hive and a key with subkeys; KEY_DELETED; REGISTRY_CORRUPT.
    pub fn delete(&mut self, key: &Arc<Key>) -> Result<(), NtStatus> {
        let node = self.live(key)?;
        let shadow = self.shadow_node(key)?;
        let count = node.subkey_count() + shadow.map_or(0, |shadow| shadow.subkey_count());
        let is_fixed = key.is_root() || key.parent().is_none_or(|parent| self.is_top(parent));
        if count != 0 || is_fixed || node.flags().has(KeyFlags::NO_DELETE) {
            return Err(NtStatus::CANNOT_DELETE);
        }
        let place = key.place();
        self.edit(place.hive, 0)?.delete_key(place.id).map_err(edit_status)?;
        if let Some(shadow) = self.take_shadow(place) {
            self.edit(MEMORY, 0)?.delete_key(shadow).map_err(edit_status)?;
        }
        self.forget(place);
        self.forget_descriptors();
        key.set_deleted();
        Ok(())
    }

    /// Gives a key another name.
    ///
    /// # Errors
    /// CANNOT_DELETE if there is a key of that name, and for the root of a hive; KEY_DELETED; those of [`edit_status`].
    pub fn rename(&mut self, key: &Arc<Key>, name: &[u16]) -> Result<(), NtStatus> {
        self.live(key)?;
        let parent = key.parent().cloned().filter(|parent| !key.is_root() && !self.is_top(parent));
        let parent = parent.ok_or(NtStatus::CANNOT_DELETE)?;
        // The name may be taken among the volatile subkeys, or by one with a file.
        if self.child(&parent, name)?.is_some_and(|other| !Arc::ptr_eq(&other, key)) {
            return Err(NtStatus::CANNOT_DELETE);
        }
        let place = key.place();
        let id = self.edit(place.hive, 0)?.rename_key(place.id, name).map_err(edit_status)?;
        self.forget(place);
        key.set_id(id);
        self.readd(key);
        let moved = Place { hive: place.hive, id };
        if let Some(shadow) = self.take_shadow(place) {
            self.set_shadow(moved, shadow);
        }
        Ok(())
    }

    /// The place of a key of the memory hive below another one, which is made if it is not there.
    ///
    /// # Errors
    /// INSUFFICIENT_RESOURCES, REGISTRY_CORRUPT.
    pub fn memory_key(&mut self, parent: KeyId, name: impl Name) -> Result<KeyId, NtStatus> {
        let memory = &mut self.hive_mut(MEMORY)?.keys;
        Ok(memory.create_key(parent, name, None).map_err(edit_status)?.id())
    }
    /// A key that is there for a hive goes unless one hangs there: what is in the memory hive is to be seen as it is.
    ///
    /// # Errors
    /// INSUFFICIENT_RESOURCES, REGISTRY_CORRUPT.
    pub fn drop_reserved(&mut self) -> Result<(), NtStatus> {
        match self.reserved.take() {
            Some(id) => self.edit(MEMORY, 0)?.delete_key(id).map_err(edit_status),
            None => Ok(()),
        }
    }
}
