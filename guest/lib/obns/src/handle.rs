//! Handle tables.

use alloc::vec::Vec;

use crate::attributes::Attributes;
use crate::closed::Closed;
use crate::error::ObError;
use crate::object::{Body, Object};

/// Bits that tell handles of the kernel's own table; such a value is none in a process's table.
///
/// The pseudo-handles (-1, -2) have them too and are to be recognised first.
pub const KERNEL_HANDLE: u64 = 0xFFFF_FFFF_8000_0000;
/// Most handles of a table, as in NT: 2^24.
pub const MAX_HANDLES: usize = 1 << 24;

const NONE: u32 = u32::MAX;

/// What a handle stands for and what it allows.
#[derive(Debug)]
pub struct HandleEntry<T: Body> {
    /// The object.
    pub object: Object<T>,
    /// The access granted when the handle was made (ACCESS_MASK, no generic bits).
    pub access: u32,
    /// INHERIT and PROTECT_CLOSE, as far as they are set.
    pub attributes: Attributes,
}

impl<T: Body> Clone for HandleEntry<T> {
    fn clone(&self) -> Self {
        Self { object: self.object.clone(), ..*self }
    }
}

enum Slot<T: Body> {
    Used(HandleEntry<T>),
    /// The next free one.
    Free(u32),
}

/// The handles of a process. Values are multiples of four from 4 on; the one freed last is used first.
pub struct HandleTable<T: Body> {
    slots: Vec<Slot<T>>,
    free: u32,
    count: usize,
    process: u32,
}

impl<T: Body> HandleTable<T> {
    /// An empty table of a process; its id is what exclusive objects know their holder by.
    pub const fn new(process: u32) -> Self {
        Self { slots: Vec::new(), free: NONE, count: 0, process }
    }

    /// How many handles there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Makes a handle. Of the attributes INHERIT, PROTECT_CLOSE and EXCLUSIVE matter. The access is granted: whoever calls has checked it.
    ///
    /// # Errors
    /// InvalidParameter, AccessDenied (about exclusive objects), InsufficientResources. A named object that
    /// thereby is left without handle goes to [`crate::Namespace::settle`].
    pub fn insert(&mut self, object: Object<T>, access: u32, attributes: Attributes) -> Result<u64, ObError> {
        if self.free == NONE {
            if self.slots.len() >= MAX_HANDLES {
                return Err(ObError::InsufficientResources);
            }
            self.slots.try_reserve(1).map_err(|_| ObError::InsufficientResources)?;
        }
        object.add_handle(self.process, attributes)?;
        let attributes = attributes.only(Attributes::INHERIT | Attributes::PROTECT_CLOSE);
        let used = Slot::Used(HandleEntry { object, access, attributes });
        self.count += 1;
        let index = self.free as usize;
        if let Some(slot) = self.slots.get_mut(index)
            && let Slot::Free(next) = *slot
        {
            self.free = next;
            *slot = used;
            return Ok(value(index));
        }
        self.slots.push(used);
        Ok(value(self.slots.len() - 1))
    }

    /// The entry of a handle. The lowest two bits of the value do not matter.
    ///
    /// # Errors
    /// InvalidHandle.
    #[inline]
    pub fn get(&self, handle: u64) -> Result<&HandleEntry<T>, ObError> {
        match self.slots.get(index(handle)) {
            Some(Slot::Used(entry)) => Ok(entry),
            _ => Err(ObError::InvalidHandle),
        }
    }

    /// The object of a handle, which must be of the type, if one is given, and grant all the access asked for.
    ///
    /// # Errors
    /// InvalidHandle, TypeMismatch, AccessDenied, looked for in this order.
    #[inline]
    pub fn lookup(&self, handle: u64, kind: Option<T::Kind>, access: u32) -> Result<&Object<T>, ObError> {
        let entry = self.get(handle)?;
        if kind.is_some_and(|kind| kind != entry.object.kind()) {
            return Err(ObError::TypeMismatch);
        }
        if entry.access & access != access {
            return Err(ObError::AccessDenied);
        }
        Ok(&entry.object)
    }

    /// Sets INHERIT and PROTECT_CLOSE of a handle (ObjectHandleFlagInformation).
    ///
    /// # Errors
    /// InvalidHandle.
    pub fn set_attributes(&mut self, handle: u64, attributes: Attributes) -> Result<(), ObError> {
        match self.slots.get_mut(index(handle)) {
            Some(Slot::Used(entry)) => {
                entry.attributes = attributes.only(Attributes::INHERIT | Attributes::PROTECT_CLOSE);
                Ok(())
            }
            _ => Err(ObError::InvalidHandle),
        }
    }

    /// `NtClose`.
    ///
    /// # Errors
    /// InvalidHandle, HandleNotClosable.
    pub fn close(&mut self, handle: u64) -> Result<Closed<T>, ObError> {
        if self.get(handle)?.attributes.has(Attributes::PROTECT_CLOSE) {
            return Err(ObError::HandleNotClosable);
        }
        self.remove(index(handle)).ok_or(ObError::InvalidHandle)
    }

    /// Closes the next handle of a process that ends, protected or not; nothing when all are closed.
    /// The highest one goes first.
    pub fn close_next(&mut self) -> Option<Closed<T>> {
        loop {
            // The chain of free slots need not be kept: from here on they only become fewer.
            self.free = NONE;
            if let Slot::Used(entry) = self.slots.pop()? {
                self.count -= 1;
                return Some(Closed::new(entry.object));
            }
        }
    }

    /// Every handle and what it stands for, in the order of values.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &HandleEntry<T>)> {
        self.slots.iter().enumerate().filter_map(|(index, slot)| match slot {
            Slot::Used(entry) => Some((value(index), entry)),
            Slot::Free(_) => None,
        })
    }

    fn remove(&mut self, index: usize) -> Option<Closed<T>> {
        let slot = self.slots.get_mut(index)?;
        match core::mem::replace(slot, Slot::Free(self.free)) {
            Slot::Used(entry) => {
                self.free = index as u32;
                self.count -= 1;
                Some(Closed::new(entry.object))
            }
            free => {
                *slot = free;
                None
            }
        }
    }

    /// How many slots there are, free ones included.
    pub(crate) fn slots(&self) -> u64 {
        self.slots.len() as u64
    }

    /// Appends a slot at the end: an entry or a free one.
    pub(crate) fn append(&mut self, entry: Option<HandleEntry<T>>) -> Result<(), ObError> {
        self.slots.try_reserve(1).map_err(|_| ObError::InsufficientResources)?;
        let slot = match entry {
            Some(entry) => {
                entry.object.add_handle(self.process, Attributes::NONE)?;
                self.count += 1;
                Slot::Used(entry)
            }
            None => Slot::Free(core::mem::replace(&mut self.free, self.slots.len() as u32)),
        };
        self.slots.push(slot);
        Ok(())
    }
}

/// A table that is dropped counts its handles off; names stay, so [`HandleTable::close_next`] is the better way.
impl<T: Body> Drop for HandleTable<T> {
    fn drop(&mut self) {
        while self.close_next().is_some() {}
    }
}

impl<T: Body> core::fmt::Debug for HandleTable<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("HandleTable").field("process", &self.process).field("handles", &self.count).finish()
    }
}

/// Index of a handle's slot; beyond every table for what is no handle.
#[inline]
fn index(handle: u64) -> usize {
    ((handle >> 2) as usize).wrapping_sub(1)
}

fn value(index: usize) -> u64 {
    (index as u64 + 1) * 4
}
