//! The contents of directories.

use alloc::sync::Weak;
use alloc::vec::Vec;

use crate::error::ObError;
use crate::object::{Body, Inner, Object};

/// Directories at which dead ones are looked for first.
const FIRST_SWEEP: usize = 32;

/// A directory's own part; the names are in [`crate::entries::Entries`].
pub(crate) struct Directory<T: Body> {
    /// Whose contents these are. Once nobody refers to it any more, the slot is free.
    owner: Weak<Inner<T>>,
    /// A directory with entries lives on.
    keep: Option<Object<T>>,
    /// Sequence and entry numbers, oldest first.
    order: Vec<(u32, u32)>,
    last_sequence: u32,
    /// Where names are looked for that are not here.
    pub(crate) shadow: Option<Object<T>>,
    /// Bit n: there is a link named by the n-th letter and a colon.
    pub(crate) drives: u32,
}

/// The slots of all directories.
pub(crate) struct Directories<T: Body> {
    slots: Vec<Directory<T>>,
    sweep_at: usize,
}

impl<T: Body> Directory<T> {
    fn empty() -> Self {
        Self { owner: Weak::new(), keep: None, order: Vec::new(), last_sequence: 0, shadow: None, drives: 0 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The entry after a sequence number.
    pub(crate) fn after(&self, sequence: u32) -> Option<(u32, u32)> {
        let at = self.order.partition_point(|&(other, _)| other <= sequence);
        self.order.get(at).copied()
    }

    pub(crate) fn reserve(&mut self) -> Result<(), ObError> {
        self.order.try_reserve(1).map_err(|_| ObError::InsufficientResources)
    }

    /// Appends an entry; returns its sequence number, or nothing when numbers have run out.
    pub(crate) fn append(&mut self, entry: u32, owner: &Object<T>) -> Option<u32> {
        let sequence = self.last_sequence.checked_add(1)?;
        self.last_sequence = sequence;
        self.order.push((sequence, entry));
        if self.keep.is_none() {
            self.keep = Some(owner.clone());
        }
        Some(sequence)
    }

    /// Removes an entry. The reference that goes with the last one is returned.
    pub(crate) fn remove(&mut self, sequence: u32) -> Option<Object<T>> {
        if let Ok(at) = self.order.binary_search_by_key(&sequence, |&(other, _)| other) {
            self.order.remove(at);
        }
        if !self.order.is_empty() {
            return None;
        }
        if self.last_sequence > u32::MAX / 2 {
            self.last_sequence = 0;
        }
        self.keep.take()
    }

    pub(crate) fn owner(&self) -> Option<Object<T>> {
        Object::upgrade(&self.owner)
    }
}

impl<T: Body> Directories<T> {
    pub(crate) fn new() -> Self {
        Self { slots: Vec::new(), sweep_at: FIRST_SWEEP }
    }

    #[inline]
    pub(crate) fn get(&self, number: u32) -> Option<&Directory<T>> {
        self.slots.get(number as usize)
    }

    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut Directory<T>> {
        self.slots.get_mut(number as usize)
    }

    /// Makes a slot for the directory that `make` makes of its number.
    pub(crate) fn add(&mut self, make: impl FnOnce(u32) -> Object<T>) -> Object<T> {
        let number = self.dead().unwrap_or_else(|| {
            self.slots.push(Directory::empty());
            self.slots.len() - 1
        });
        let object = make(number as u32);
        if let Some(slot) = self.slots.get_mut(number) {
            *slot = Directory { owner: object.downgrade(), ..Directory::empty() };
        }
        object
    }

    /// A slot that nobody refers to, if it is time to look for one. No two calls in a row look in vain.
    fn dead(&mut self) -> Option<usize> {
        if self.slots.len() < self.sweep_at {
            return None;
        }
        let found = self.slots.iter().position(|slot| slot.owner.strong_count() == 0);
        if found.is_none() {
            self.sweep_at = self.slots.len() * 2;
        }
        found
    }
}
