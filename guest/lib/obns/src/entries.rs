//! One hash table for the entries of all directories.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::error::ObError;
use crate::name::{mix, same_name};
use crate::object::{Body, Object};

const NONE: u32 = u32::MAX;
/// Buckets at the start; a power of two, as always.
const FIRST_BUCKETS: usize = 64;

/// A name in a directory.
pub(crate) struct Entry<T: Body> {
    /// Hash of name and directory.
    key: u64,
    /// Number of the directory's slot.
    pub(crate) directory: u32,
    /// The next one in the bucket, an older one.
    next: u32,
    /// Its place in the directory's order.
    pub(crate) sequence: u32,
    pub(crate) name: Box<[u16]>,
    pub(crate) object: Object<T>,
}

/// The entries, by number and by name.
pub(crate) struct Entries<T: Body> {
    slots: Vec<Option<Entry<T>>>,
    free: Vec<u32>,
    buckets: Vec<u32>,
    count: usize,
}

impl<T: Body> Entries<T> {
    pub(crate) fn new() -> Self {
        Self { slots: Vec::new(), free: Vec::new(), buckets: Vec::new(), count: 0 }
    }

    /// How many names there are.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    #[inline]
    pub(crate) fn get(&self, number: u32) -> Option<&Entry<T>> {
        self.slots.get(number as usize)?.as_ref()
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut Entry<T>> {
        self.slots.get_mut(number as usize)?.as_mut()
    }

    /// Finds a name whose [`crate::name::component`] has the hash. Of several that differ in case only, the youngest.
    #[inline]
    pub(crate) fn find(
        &self,
        directory: u32,
        name: &[u16],
        hash: u64,
        ignore_case: bool,
    ) -> Option<&Entry<T>> {
        let key = key(directory, hash);
        let mut number = *self.buckets.get(bucket(key, self.buckets.len()))?;
        while let Some(entry) = self.get(number) {
            if entry.key == key
                && entry.directory == directory
                && if ignore_case { same_name(&entry.name, name) } else { *entry.name == *name }
            {
                return Some(entry);
            }
            number = entry.next;
        }
        None
    }

    /// Makes room for one more, so that [`Self::insert`] cannot fail half-way.
    pub(crate) fn reserve(&mut self) -> Result<(), ObError> {
        let no_memory = |_| ObError::InsufficientResources;
        if self.free.is_empty() {
            self.slots.try_reserve(1).map_err(no_memory)?;
            // So that removing needs no memory.
            self.free.try_reserve(self.slots.len() + 1).map_err(no_memory)?;
        }
        if self.count >= self.buckets.len() {
            let more = if self.buckets.is_empty() { FIRST_BUCKETS } else { self.buckets.len() };
            self.buckets.try_reserve_exact(more).map_err(no_memory)?;
            self.buckets.resize(self.buckets.len() + more, NONE);
            self.relink();
        }
        Ok(())
    }

    /// Spreads the entries over the buckets, each chain in its old order, which is the youngest first.
    fn relink(&mut self) {
        let len = self.buckets.len();
        let old: Vec<u32> = core::mem::replace(&mut self.buckets, alloc::vec![NONE; len]);
        let mut chain = Vec::new();
        for mut number in old {
            while let Some(entry) = self.get(number) {
                chain.push(number);
                number = entry.next;
            }
            while let Some(number) = chain.pop() {
                self.link(number);
            }
        }
    }

    fn link(&mut self, number: u32) {
        let len = self.buckets.len();
        if let Some(Some(entry)) = self.slots.get_mut(number as usize)
            && let Some(head) = self.buckets.get_mut(bucket(entry.key, len))
        {
            entry.next = core::mem::replace(head, number);
        }
    }

    /// Adds an entry; returns its number. [`Self::reserve`] comes first.
    pub(crate) fn insert(&mut self, directory: u32, name: Box<[u16]>, hash: u64, object: Object<T>) -> u32 {
        let entry = Entry { key: key(directory, hash), directory, next: NONE, sequence: 0, name, object };
        let number = self.free.pop().unwrap_or(self.slots.len() as u32);
        match self.slots.get_mut(number as usize) {
            Some(slot) => *slot = Some(entry),
            None => self.slots.push(Some(entry)),
        }
        self.count += 1;
        self.link(number);
        number
    }

    /// Removes an entry.
    pub(crate) fn remove(&mut self, number: u32) -> Option<Entry<T>> {
        let entry = self.slots.get_mut(number as usize)?.take()?;
        self.free.push(number);
        self.count -= 1;
        let len = self.buckets.len();
        let head = self.buckets.get_mut(bucket(entry.key, len))?;
        if *head == number {
            *head = entry.next;
        } else {
            let mut before = *head;
            while let Some(Some(other)) = self.slots.get_mut(before as usize) {
                if other.next == number {
                    other.next = entry.next;
                    break;
                }
                before = other.next;
            }
        }
        Some(entry)
    }
}

#[inline]
fn key(directory: u32, hash: u64) -> u64 {
    mix(hash, directory.into())
}

/// The upper half of a product is the better one.
#[inline]
fn bucket(key: u64, buckets: usize) -> usize {
    (key >> 32) as usize & buckets.wrapping_sub(1)
}
