//! Copying keys from one hive to another.

use alloc::vec::Vec;

use super::{EditError, HiveMut, Image};
use crate::error::{Fault, HiveError};
use crate::key::{Key, KeyFlags, KeyId};
use crate::layout::nk;
use crate::text::Name;

impl<I: Image> HiveMut<I> {
    /// Copies what a key of another hive has: values, security descriptor, time, and subkeys with all of theirs. Volatile
    /// subkeys are left out. What is in `to` already stays, under other names.
    ///
    /// # Errors
    /// [`EditError`], also about the other hive; then a part has been copied.
    pub fn copy_tree(&mut self, to: KeyId, from: Key<'_>) -> Result<(), EditError> {
        // A hive whose lists name keys twice would be copied for ever.
        let mut left = from.hive.bins.len() / nk::SIZE;
        let mut todo = Vec::from([(from, to)]);
        while let Some((from, to)) = todo.pop() {
            self.copy_key(to, from)?;
            for child in from.subkeys()? {
                let child = child?;
                if child.flags().has(KeyFlags::VOLATILE) {
                    continue;
                }
                left = left.checked_sub(1).ok_or(HiveError::cell(Fault::Consistency, from.id().0))?;
                let name: Vec<u16> = child.name().units().collect();
                let class: Option<Vec<u16>> = child.class()?.map(|class| class.units().collect());
                let made = self.create_key(to, &name[..], class.as_deref())?.id();
                todo.push((child, made));
            }
            self.set_last_written(to, from.last_written())?;
        }
        Ok(())
    }

    fn copy_key(&mut self, to: KeyId, from: Key<'_>) -> Result<(), EditError> {
        for value in from.values()? {
            let value = value?;
            let name: Vec<u16> = value.name().units().collect();
            self.set_value(to, &name[..], value.kind(), &value.data()?.to_vec()?)?;
        }
        let descriptor = from.security()?.descriptor();
        if self.key(to)?.security()?.descriptor() != descriptor {
            self.set_security(to, descriptor)?;
        }
        let own = self.key(to)?.flags();
        if from.flags().has(KeyFlags::SYMLINK) && !own.has(KeyFlags::SYMLINK) {
            self.set_flags(to, KeyFlags(own.0 | KeyFlags::SYMLINK.0))?;
        }
        Ok(())
    }
}
