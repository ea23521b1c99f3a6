//! Handles that go from one process to another.

use crate::attributes::Attributes;
use crate::error::ObError;
use crate::handle::{HandleEntry, HandleTable};
use crate::object::Body;

impl<T: Body> HandleTable<T> {
    /// The table of a new child: the handles that are inherited, with the same values. An object that
    /// somebody holds exclusively is left out.
    ///
    /// # Errors
    /// InsufficientResources.
    pub fn inherited_by(&self, child: u32) -> Result<Self, ObError> {
        let mut table = Self::new(child);
        let inherited = self.iter().filter(|(_, entry)| entry.attributes.has(Attributes::INHERIT));
        for (handle, entry) in inherited.filter(|(_, entry)| !entry.object.is_owned()) {
            while (table.slots() + 1) * 4 < handle {
                table.append(None)?;
            }
            table.append(Some(entry.clone()))?;
        }
        Ok(table)
    }

    /// What a duplicate of a handle would be (`NtDuplicateObject`); to be inserted into the target's table with
    /// [`HandleTable::insert`], after which DUPLICATE_CLOSE_SOURCE closes the source, whatever came of it.
    ///
    /// `access` is nothing for DUPLICATE_SAME_ACCESS, `attributes` nothing for DUPLICATE_SAME_ATTRIBUTES.
    /// `may_widen` is asked when more access is wanted than the source grants: the place for an access check.
    ///
    /// # Errors
    /// InvalidHandle, and what `may_widen` says.
    pub fn duplicate<E: From<ObError>>(
        &self,
        handle: u64,
        access: Option<u32>,
        attributes: Option<Attributes>,
        may_widen: impl FnOnce(&HandleEntry<T>, u32) -> Result<(), E>,
    ) -> Result<HandleEntry<T>, E> {
        let mut entry = self.get(handle)?.clone();
        if let Some(access) = access {
            if access & !entry.access != 0 {
                may_widen(&entry, access)?;
            }
            entry.access = access;
        }
        if let Some(attributes) = attributes {
            entry.attributes = attributes.only(Attributes::INHERIT);
        }
        Ok(entry)
    }

    /// Makes a handle of a [`Self::duplicate`].
    ///
    /// # Errors
    /// As [`Self::insert`].
    pub fn insert_entry(&mut self, entry: HandleEntry<T>) -> Result<u64, ObError> {
        self.insert(entry.object, entry.access, entry.attributes)
    }
}
