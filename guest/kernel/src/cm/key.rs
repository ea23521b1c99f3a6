//! Key control blocks: one for each key that is open, or was a moment ago.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use hal::cell::KernelCell;
use regf::{KeyFlags, KeyId};

/// Number of the hive that lies in memory only: `\Registry` itself, what is volatile, what has no file.
pub const MEMORY: u32 = 0;
/// Blocks are kept for keys that nobody has open any more, up to about so many.
const KEPT: usize = 128;
const BUCKETS: usize = 64;
/// No key.
const NONE: u32 = u32::MAX;
/// Of the flags: the key is gone.
const DELETED: u32 = 1 << 16;

/// Where a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Number of the hive.
    pub hive: u32,
    /// The key in it.
    pub id: KeyId,
}

/// A key control block. Who has one finds the key without its name.
#[derive(Debug)]
pub struct Key {
    hive: u32,
    id: AtomicU32,
    /// The key's flags as [`KeyFlags`], and DELETED.
    flags: AtomicU32,
    /// Number of its security descriptor in its hive.
    security: AtomicU32,
    /// The key of the memory hive that holds the volatile subkeys of a key with a file.
    shadow: AtomicU32,
    /// Where its name is, if it is the root of a hive: in the memory hive.
    mount: Option<KeyId>,
    parent: Option<Arc<Key>>,
    /// The next block of its bucket.
    next: KernelCell<Option<Arc<Key>>>,
}

impl Key {
    /// A block for a key.
    pub fn new(
        place: Place,
        flags: KeyFlags,
        security: u32,
        mount: Option<KeyId>,
        shadow: Option<KeyId>,
        parent: Option<Arc<Self>>,
    ) -> Self {
        Self {
            hive: place.hive,
            id: AtomicU32::new(place.id.0),
            flags: AtomicU32::new(flags.0.into()),
            security: AtomicU32::new(security),
            shadow: AtomicU32::new(shadow.map_or(NONE, |shadow| shadow.0)),
            mount,
            parent,
            next: KernelCell::new(None),
        }
    }

    /// Where the key is.
    #[inline]
    pub fn place(&self) -> Place {
        Place { hive: self.hive, id: KeyId(self.id.load(Relaxed)) }
    }

    /// Notes that the key has got another cell.
    pub fn set_id(&self, id: KeyId) {
        self.id.store(id.0, Relaxed);
    }

    /// Where its name is.
    pub fn name_place(&self) -> Place {
        match self.mount {
            Some(id) => Place { hive: MEMORY, id },
            None => self.place(),
        }
    }

    /// The key it is in; nothing for `\Registry`.
    pub fn parent(&self) -> Option<&Arc<Self>> {
        self.parent.as_ref()
    }

    /// The key that holds its volatile subkeys, if there are any and they are not in itself.
    #[inline]
    pub fn shadow(&self) -> Option<KeyId> {
        match self.shadow.load(Relaxed) {
            NONE => None,
            id => Some(KeyId(id)),
        }
    }

    /// Notes which key holds its volatile subkeys.
    pub fn set_shadow(&self, shadow: Option<KeyId>) {
        self.shadow.store(shadow.map_or(NONE, |shadow| shadow.0), Relaxed);
    }

    /// Number of its security descriptor in its hive.
    #[inline]
    pub fn security(&self) -> u32 {
        self.security.load(Relaxed)
    }

    /// Notes that it has another one.
    pub fn set_security(&self, number: u32) {
        self.security.store(number, Relaxed);
    }

    /// Its flags.
    #[inline]
    pub fn flags(&self) -> KeyFlags {
        KeyFlags(self.flags.load(Relaxed) as u16)
    }

    /// Whether it is the root of a hive.
    pub fn is_root(&self) -> bool {
        self.mount.is_some()
    }

    /// Whether it has been deleted, or its hive unloaded.
    #[inline]
    pub fn is_deleted(&self) -> bool {
        self.flags.load(Relaxed) & DELETED != 0
    }

    /// Notes that the key is gone.
    pub fn set_deleted(&self) {
        self.flags.fetch_or(DELETED, Relaxed);
    }
}

/// The blocks there are, by place. Each leads to the next one of its bucket, so that adding one allocates nothing.
#[derive(Debug)]
pub struct Table {
    buckets: [Option<Arc<Key>>; BUCKETS],
    count: usize,
}

impl Table {
    /// A table without blocks.
    pub const fn new() -> Self {
        Self { buckets: [const { None }; BUCKETS], count: 0 }
    }

    #[inline]
    fn bucket(place: Place) -> usize {
        (place.id.0 >> 3 ^ place.hive << 2) as usize % BUCKETS
    }

    /// The block of a key, if there is one.
    #[inline]
    pub fn find(&self, place: Place) -> Option<Arc<Key>> {
        let first = self.buckets[Self::bucket(place)].as_ref()?;
        if first.place() == place {
            return Some(first.clone());
        }
        let mut next = first.next.lock().clone();
        while let Some(key) = next {
            if key.place() == place {
                return Some(key);
            }
            next = key.next.lock().clone();
        }
        None
    }

    /// Adds a block.
    pub fn add(&mut self, key: Arc<Key>) {
        if self.count >= KEPT {
            self.prune();
        }
        let bucket = &mut self.buckets[Self::bucket(key.place())];
        *key.next.lock() = bucket.take();
        *bucket = Some(key);
        self.count += 1;
    }

    /// Takes out the block of a key that is gone.
    pub fn remove(&mut self, place: Place) {
        self.keep(Self::bucket(place), |key| key.place() != place);
    }

    /// Forgets blocks that nobody else refers to. A key refers to the one it is in, so one pass leaves some over.
    #[cold]
    fn prune(&mut self) {
        for bucket in 0..BUCKETS {
            self.keep(bucket, |key| Arc::strong_count(key) > 1);
        }
    }

    /// Whether somebody has a key of a hive open. Blocks that nobody refers to are gone then.
    pub fn is_open(&mut self, hive: u32) -> bool {
        let mut before = usize::MAX;
        while self.count != before {
            before = self.count;
            self.prune();
        }
        let mut blocks = self
            .buckets
            .iter()
            .flat_map(|first| core::iter::successors(first.clone(), |key| key.next.lock().clone()));
        blocks.any(|key| key.hive == hive)
    }

    /// Keeps some blocks of a bucket, in the opposite order.
    fn keep(&mut self, bucket: usize, is_kept: impl Fn(&Arc<Key>) -> bool) {
        let mut kept = None;
        let mut next = self.buckets[bucket].take();
        while let Some(key) = next {
            next = key.next.lock().take();
            if is_kept(&key) {
                *key.next.lock() = kept;
                kept = Some(key);
            } else {
                self.count -= 1;
            }
        }
        self.buckets[bucket] = kept;
    }
}
