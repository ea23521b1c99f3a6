//! Tables of things that are found by id, and queues through them.
//!
//! An id is generation and index, so that a stale one finds nothing; 0 is no id. The links of a queue
//! are part of the table: to queue something allocates nothing.

use alloc::vec::Vec;
use core::num::NonZeroU32;

use nt::NtStatus;

/// Most entries of a table. The ids are what user mode sees as `MessageId`.
pub const MAX_ENTRIES: usize = 1 << INDEX_BITS;
const INDEX_BITS: u32 = 12;
const INDEX_MASK: u32 = (1 << INDEX_BITS) - 1;
const NONE: u16 = u16::MAX;

/// Id of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(NonZeroU32);

impl Id {
    /// The id that user mode alleges; it may find nothing.
    pub fn from_alleged(id: u32) -> Option<Self> {
        NonZeroU32::new(id).map(Self)
    }

    /// As user mode sees it.
    pub fn get(self) -> u32 {
        self.0.get()
    }

    fn index(self) -> usize {
        (self.0.get() & INDEX_MASK) as usize
    }

    /// The id of the next thing in the same place.
    fn next(self) -> Self {
        let generation = (self.0.get() >> INDEX_BITS).wrapping_add(1) & (u32::MAX >> INDEX_BITS);
        Self::new(generation.max(1), self.0.get() & INDEX_MASK)
    }

    fn new(generation: u32, index: u32) -> Self {
        Self(NonZeroU32::new(generation << INDEX_BITS | index).unwrap_or(NonZeroU32::MAX))
    }
}

/// A queue through a [`Slab`].
#[derive(Clone, Copy, Debug)]
pub struct List {
    head: u16,
    tail: u16,
}

impl List {
    pub const EMPTY: Self = Self { head: NONE, tail: NONE };

    pub fn is_empty(&self) -> bool {
        self.head == NONE
    }
}

#[derive(Debug)]
struct Entry<T> {
    id: Id,
    next: u16,
    prev: u16,
    value: Option<T>,
}

/// The table.
#[derive(Debug)]
pub struct Slab<T> {
    entries: Vec<Entry<T>>,
    /// First free entry; the others follow by `next`.
    free: u16,
    len: usize,
}

impl<T> Slab<T> {
    pub const fn new() -> Self {
        Self { entries: Vec::new(), free: NONE, len: 0 }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    /// Adds an entry, which is made in its place and may know its id.
    /// INSUFFICIENT_RESOURCES when the table is full, NO_MEMORY when it cannot grow.
    #[inline]
    pub fn insert(&mut self, make: impl FnOnce(Id) -> T) -> Result<Id, NtStatus> {
        if self.free == NONE {
            self.grow()?;
        }
        let entry = self.entries.get_mut(self.free as usize).ok_or(NtStatus::INSUFFICIENT_RESOURCES)?;
        self.free = entry.next;
        let id = entry.id.next();
        entry.id = id;
        entry.value = Some(make(id));
        self.len += 1;
        Ok(id)
    }

    #[cold]
    fn grow(&mut self) -> Result<(), NtStatus> {
        let index = self.entries.len();
        if index >= MAX_ENTRIES {
            return Err(NtStatus::INSUFFICIENT_RESOURCES);
        }
        self.entries.try_reserve(1).map_err(|_| NtStatus::NO_MEMORY)?;
        self.entries.push(Entry { id: Id::new(1, index as u32), next: NONE, prev: NONE, value: None });
        self.free = index as u16;
        Ok(())
    }

    /// Takes an entry out; it must be in no list.
    pub fn remove(&mut self, id: Id) -> Option<T> {
        let value = self.entry(id)?.value.take()?;
        self.vacate(id);
        Some(value)
    }

    /// Drops an entry where it is; it must be in no list.
    pub fn discard(&mut self, id: Id) {
        if self.get(id).is_some() {
            self.vacate(id);
        }
    }

    fn vacate(&mut self, id: Id) {
        let free = self.free;
        if let Some(entry) = self.entry(id) {
            entry.value = None;
            entry.next = free;
            self.free = id.index() as u16;
            self.len -= 1;
        }
    }

    pub fn get(&self, id: Id) -> Option<&T> {
        self.entries.get(id.index()).filter(|entry| entry.id == id)?.value.as_ref()
    }

    pub fn get_mut(&mut self, id: Id) -> Option<&mut T> {
        self.entry(id)?.value.as_mut()
    }

    /// Every id there can be now, some of which find nothing: to walk while entries come and go.
    pub fn ids(&self, at: usize) -> Option<Id> {
        self.entries.get(at).map(|entry| entry.id)
    }

    fn entry(&mut self, id: Id) -> Option<&mut Entry<T>> {
        self.entries.get_mut(id.index()).filter(|entry| entry.id == id)
    }

    /// The first of a list.
    pub fn first(&self, list: &List) -> Option<Id> {
        self.ids(list.head as usize)
    }

    /// The one after.
    pub fn after(&self, id: Id) -> Option<Id> {
        self.ids(self.entries.get(id.index())?.next as usize)
    }

    /// Puts an entry at the end of a list, or in front.
    pub fn link(&mut self, list: &mut List, id: Id, front: bool) {
        let index = id.index() as u16;
        let (prev, next) = if front { (NONE, list.head) } else { (list.tail, NONE) };
        let Some(entry) = self.entry(id) else { return };
        (entry.prev, entry.next) = (prev, next);
        match self.entries.get_mut(prev as usize) {
            Some(entry) => entry.next = index,
            None => list.head = index,
        }
        match self.entries.get_mut(next as usize) {
            Some(entry) => entry.prev = index,
            None => list.tail = index,
        }
    }

    /// Takes an entry out of the list it is in.
    pub fn unlink(&mut self, list: &mut List, id: Id) {
        let Some(entry) = self.entry(id) else { return };
        let (prev, next) = (entry.prev, entry.next);
        match self.entries.get_mut(prev as usize) {
            Some(entry) => entry.next = next,
            None => list.head = next,
        }
        match self.entries.get_mut(next as usize) {
            Some(entry) => entry.prev = prev,
            None => list.tail = prev,
        }
    }
}
