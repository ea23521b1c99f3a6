//! Enumeration, as `NtQueryDirectoryObject` needs it.

use crate::error::ObError;
use crate::namespace::Namespace;
use crate::object::{Body, Object};

/// One entry of a directory.
#[derive(Debug)]
pub struct Listed<'a, T: Body> {
    /// Its name.
    pub name: &'a [u16],
    /// The object; its kind gives the type name.
    pub object: &'a Object<T>,
    /// The context with which the enumeration goes on behind it.
    pub context: u32,
}

impl<T: Body> Namespace<T> {
    /// The entry of a directory behind a context; 0 is the start. Nothing at the end (NO_MORE_ENTRIES).
    ///
    /// Entries come in the order in which they were made. Whatever is made or deleted between two calls, an
    /// entry that is there all the time comes exactly once.
    ///
    /// # Errors
    /// TypeMismatch when it is not a directory.
    pub fn entry_after(&self, directory: &Object<T>, context: u32) -> Result<Option<Listed<'_, T>>, ObError> {
        let slot = self.slot(directory).ok_or(ObError::TypeMismatch)?;
        Ok(slot.after(context).and_then(|(context, number)| {
            let entry = self.entries.get(number)?;
            Some(Listed { name: &entry.name, object: &entry.object, context })
        }))
    }
}
