//! Keys as objects: every open makes one, which refers to the key's block.

use alloc::sync::Arc;
use alloc::vec::Vec;

use hal::cell::KernelCell;
use nt::NtStatus;
use nt::types::{Handle, UserPtr};
use obns::Attributes;

use super::key::Key;
use super::notify::{self, Watch};
use super::tree::registry;
use crate::ob::body::{Body, Kind, Security};
use crate::ob::capture::Captured;
use crate::ob::{Object, handle};

/// An open key.
#[derive(Debug)]
pub struct OpenKey {
    key: Arc<Key>,
    watch: KernelCell<Option<Arc<Watch>>>,
}

impl OpenKey {
    fn new(key: Arc<Key>) -> Self {
        Self { key, watch: KernelCell::new(None) }
    }

    /// The key.
    pub fn key(&self) -> &Arc<Key> {
        &self.key
    }

    /// What is of interest to who has it open; made if nothing was so far.
    pub fn watch(&self, make: impl FnOnce(&Arc<Key>) -> Arc<Watch>) -> Arc<Watch> {
        self.watch.lock().get_or_insert_with(|| make(&self.key)).clone()
    }

    /// The last handle is gone.
    pub fn close(&self) {
        let watch = self.watch.lock().take();
        if let Some(watch) = watch {
            notify::closed(&watch);
        }
    }
}

/// Makes the object for an open of a key.
pub fn new(key: Arc<Key>) -> Object {
    Object::new(Body::Key(OpenKey::new(key)), Attributes::NONE, Security::default())
}

/// The same for an object that has a name in the namespace.
pub fn permanent(key: Arc<Key>) -> Object {
    Object::new(Body::Key(OpenKey::new(key)), Attributes::PERMANENT, Security::default())
}

/// The key object of a handle.
///
/// # Errors
/// INVALID_HANDLE, OBJECT_TYPE_MISMATCH, ACCESS_DENIED.
#[inline]
pub fn reference(handle: Handle, access: u32) -> Result<Object, NtStatus> {
    handle::reference(handle, Some(Kind::Key), access)
}

/// The open key that an object is.
///
/// # Errors
/// OBJECT_TYPE_MISMATCH.
pub fn open_of(object: &Object) -> Result<&OpenKey, NtStatus> {
    match object.body() {
        Some(Body::Key(open)) => Ok(open),
        _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
    }
}

/// The key that an object is an open of.
///
/// # Errors
/// OBJECT_TYPE_MISMATCH.
#[inline]
pub fn key_of(object: &Object) -> Result<&Arc<Key>, NtStatus> {
    match object.body() {
        Some(Body::Key(open)) => Ok(&open.key),
        _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
    }
}

/// Gives the caller a handle to a key, which it has that access to.
///
/// # Errors
/// Those of making a handle, ACCESS_VIOLATION.
pub fn give(to: UserPtr<Handle>, granted: u32, captured: &Captured, key: Arc<Key>) -> Result<(), NtStatus> {
    handle::give(to, new(key), granted, captured.attributes)
}

/// The full name of an open key; nothing if it has been deleted.
pub fn name(open: &OpenKey) -> Vec<u16> {
    let tree = registry();
    if open.key.is_deleted() { Vec::new() } else { tree.full_name(&open.key).unwrap_or_default() }
}
