//! The namespace: names come and go.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::attributes::Attributes;
use crate::directory::Directories;
use crate::dos::drive_bit;
use crate::entries::Entries;
use crate::error::ObError;
use crate::name::SEPARATOR;
use crate::object::{Body, Content, Object};
use crate::rest::Rest;
use crate::walk::{Place, Query};

/// Most units of a name: what a UNICODE_STRING holds.
pub const MAX_NAME: usize = 0x7FFF;

/// All names. One owner, one lock.
pub struct Namespace<T: Body> {
    pub(crate) entries: Entries<T>,
    pub(crate) directories: Directories<T>,
    pub(crate) root: Object<T>,
    pub(crate) dos_devices: Option<Object<T>>,
}

/// What a creation came to.
#[derive(Debug)]
pub enum Created<T: Body> {
    /// The new object has the name.
    New,
    /// OPENIF, and there was one: OBJECT_NAME_EXISTS.
    Exists(Object<T>),
}

impl<T: Body> Namespace<T> {
    /// The root and nothing in it.
    pub fn new(security: T::Security) -> Self {
        let mut directories = Directories::new();
        let root = directories
            .add(|number| Object::with(Content::Directory(number), Attributes::PERMANENT, security));
        Self { entries: Entries::new(), directories, root, dos_devices: None }
    }

    /// The directory `\`.
    pub fn root(&self) -> &Object<T> {
        &self.root
    }

    /// How many objects have names.
    pub fn names(&self) -> usize {
        self.entries.len()
    }

    /// A directory without name and handles.
    pub fn new_directory(&mut self, attributes: Attributes, security: T::Security) -> Object<T> {
        self.directories.add(|number| Object::with(Content::Directory(number), attributes, security))
    }

    /// Gives a new object its name. With OPENIF, an object of the same type that has it already is fine.
    ///
    /// `may_create` is asked, with the directory, before the name is made: the place for its access check.
    ///
    /// # Errors
    /// As [`Self::open`], and NameCollision, InvalidParameter (the object has a name, or is a directory with
    /// entries), InsufficientResources, and what `may_create` says.
    pub fn create<E: From<ObError>>(
        &mut self,
        query: &Query<'_, T>,
        object: &Object<T>,
        may_create: impl FnOnce(&Object<T>) -> Result<(), E>,
    ) -> Result<Created<T>, E> {
        let query = Query { kind: Some(object.kind()), ..*query };
        let mut rest = Rest::new(query.name);
        let (directory, name, hash) = match self.walk(&query, &mut rest, true)? {
            Place::Vacant { directory, name, hash } => (directory, name, hash),
            Place::Object(_) if !query.attributes.has(Attributes::OPENIF) => {
                return Err(ObError::NameCollision.into());
            }
            Place::Object(found) if found.kind() == object.kind() => {
                return Ok(Created::Exists(found.clone()));
            }
            Place::Object(_) | Place::Delegate(_) => return Err(ObError::TypeMismatch.into()),
        };
        let name = boxed(name)?;
        let owner = self.directories.get(directory).and_then(|slot| slot.owner());
        let owner = owner.ok_or(ObError::PathNotFound)?;
        may_create(&owner)?;
        self.insert(directory, &owner, name, hash, object)?;
        Ok(Created::New)
    }

    fn insert(
        &mut self,
        directory: u32,
        owner: &Object<T>,
        name: Box<[u16]>,
        hash: u64,
        object: &Object<T>,
    ) -> Result<(), ObError> {
        // A directory that is empty and not its own parent cannot close a circle.
        let has_entries = self.slot(object).is_some_and(|slot| !slot.is_empty());
        if object.is_named() || has_entries || object.is(owner) || object.is(&self.root) {
            return Err(ObError::InvalidParameter);
        }
        self.entries.reserve()?;
        let slot = self.directories.get_mut(directory).ok_or(ObError::PathNotFound)?;
        slot.reserve()?;
        let drive = if object.link_target().is_some() { drive_bit(&name) } else { 0 };
        let number = self.entries.insert(directory, name, hash, object.clone());
        match slot.append(number, owner) {
            Some(sequence) => {
                slot.drives |= drive;
                if let Some(entry) = self.entries.get_mut(number) {
                    entry.sequence = sequence;
                }
                object.set_entry(Some(number));
                Ok(())
            }
            None => {
                self.entries.remove(number);
                Err(ObError::InsufficientResources)
            }
        }
    }

    /// Takes the name from an object that is temporary and has no handle: to be called when one was closed
    /// ([`crate::Closed::needs_settling`]), or when a creation failed after [`Self::create`]. Returns whether a name went.
    pub fn settle(&mut self, object: &Object<T>) -> bool {
        let goes = !object.is_permanent() && object.handle_count() == 0;
        goes && self.remove_name(object)
    }

    /// `NtMakeTemporaryObject`: the name goes with the last handle, or now. Returns whether it went now.
    pub fn make_temporary(&mut self, object: &Object<T>) -> bool {
        object.set_permanent(false);
        self.settle(object)
    }

    /// `NtMakePermanentObject`.
    pub fn make_permanent(&mut self, object: &Object<T>) {
        object.set_permanent(true);
    }

    fn remove_name(&mut self, object: &Object<T>) -> bool {
        let Some(number) = object.entry() else { return false };
        // An object of another namespace has no name here.
        if !self.entries.get(number).is_some_and(|entry| entry.object.is(object)) {
            return false;
        }
        let Some(entry) = self.entries.remove(number) else { return false };
        object.set_entry(None);
        let bit = if object.link_target().is_some() { drive_bit(&entry.name) } else { 0 };
        if let Some(slot) = self.directories.get_mut(entry.directory) {
            slot.drives &= !bit;
            drop(slot.remove(entry.sequence));
        }
        if bit != 0 {
            self.find_drive_again(entry.directory, &entry.name);
        }
        true
    }

    /// The full name, as `ObQueryNameString` gives it: nothing for an object without one, `...` for a directory on the way
    /// that has none.
    pub fn full_name(&self, object: &Object<T>) -> Vec<u16> {
        if object.is(&self.root) {
            return alloc::vec![SEPARATOR];
        }
        let mut names: Vec<&[u16]> = Vec::new();
        let mut number = object.entry();
        while let Some(entry) = number.and_then(|number| self.entries.get(number)) {
            names.push(&entry.name);
            match self.directories.get(entry.directory).and_then(|slot| slot.owner()) {
                Some(parent) if parent.is(&self.root) => break,
                Some(parent) if parent.entry().is_some() => number = parent.entry(),
                _ => {
                    names.push(&[b'.' as u16; 3]);
                    break;
                }
            }
        }
        let mut full = Vec::new();
        for name in names.iter().rev() {
            full.push(SEPARATOR);
            full.extend_from_slice(name);
        }
        full
    }

    pub(crate) fn slot(&self, object: &Object<T>) -> Option<&crate::directory::Directory<T>> {
        match object.content() {
            Content::Directory(number) => self.directories.get(*number),
            _ => None,
        }
    }
}

fn boxed(name: &[u16]) -> Result<Box<[u16]>, ObError> {
    let mut copy = Vec::new();
    copy.try_reserve_exact(name.len()).map_err(|_| ObError::InsufficientResources)?;
    copy.extend_from_slice(name);
    Ok(copy.into_boxed_slice())
}

impl<T: Body> core::fmt::Debug for Namespace<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Namespace").field("names", &self.names()).finish_non_exhaustive()
    }
}
