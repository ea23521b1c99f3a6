//! Open files and folders. A file that is open several times is one node.

use alloc::vec::Vec;

use crate::chain::Chain;
use crate::entry::{Entry, attribute, number};
use crate::error::Error;
use crate::folder::Folder;
use crate::short::Short;
use crate::volume::Volume;

/// An open file or folder, until it is closed. No two that are open have the same, nor has a later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeId(pub u64);

#[derive(Debug)]
pub(crate) struct Node {
    pub id: NodeId,
    /// Times it has been opened.
    pub users: u32,
    /// Where its entry is: the folder, or [`Entry::NOWHERE`] for the root; the folders on the way; its slots.
    pub folder: u32,
    pub ancestors: Vec<u32>,
    pub slots: (u32, u32),
    /// What its entry says, or is going to.
    pub short: Short,
    pub chain: Chain,
    /// Bytes that have been written; what is between them and the size is zero, whatever is on the disk.
    pub valid: u32,
    /// The entry on the disk is an older one.
    pub is_dirty: bool,
    /// It may have clusters behind its size, which go with its last user.
    pub has_more: bool,
    /// It goes with its last user.
    pub is_doomed: bool,
    /// Its contents are its user's business: nothing of it is ever cleared.
    pub is_raw: bool,
}

/// What a file is like. Times are in 100 ns since 1601, 0 for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// [`attribute`].
    pub attributes: u8,
    /// Its length in bytes.
    pub size: u32,
    /// Bytes that its clusters have.
    pub allocation: u64,
    /// When it was made.
    pub created: i64,
    /// Day on which it was last read or written.
    pub accessed: i64,
    /// When it was last written.
    pub written: i64,
    /// A number for as long as it stays in its place.
    pub number: u64,
    /// Whether it goes with its last user.
    pub is_doomed: bool,
}

impl Node {
    pub(crate) const fn is_root(&self) -> bool {
        self.folder == Entry::NOWHERE
    }

    pub(crate) const fn is_folder(&self) -> bool {
        self.short.attributes & attribute::FOLDER != 0
    }

    /// Whether its entry's last slot is that one.
    pub(crate) const fn is_at(&self, folder: u32, slot: u32) -> bool {
        self.folder == folder && self.slots.1 == slot
    }

    pub(crate) fn bring_up_to_date(&self, entry: &mut Entry) {
        entry.attributes = self.short.attributes;
        entry.size = self.short.size;
        entry.first = self.chain.first;
        entry.written = self.short.written.to_time();
        entry.accessed = self.short.accessed().to_time();
    }
}

impl Volume {
    /// Opens what was found by its path, or made.
    ///
    /// # Errors
    /// [`Error::DeletePending`], [`Error::Corrupt`] for a folder without clusters or a file that has none for its size.
    pub fn open(&mut self, entry: &Entry) -> Result<NodeId, Error> {
        let open = self.nodes.iter_mut().find(|node| node.is_at(entry.folder, entry.slots.1));
        if let Some(node) = open {
            if node.is_doomed {
                return Err(Error::DeletePending);
            }
            node.users += 1;
            return Ok(node.id);
        }
        let is_root = entry.folder == Entry::NOWHERE;
        let geometry = &self.store.geometry;
        let has_first = geometry.holds(entry.first);
        let is_sound = is_root || has_first || entry.first == 0 && !entry.is_folder() && entry.size == 0;
        if !is_sound || !is_root && has_first && entry.first == geometry.root_cluster {
            return Err(Error::Corrupt("first cluster of a file"));
        }
        self.nodes.try_reserve(1).map_err(|_| Error::NoMemory)?;
        self.last_id += 1;
        let id = NodeId(self.last_id);
        self.nodes.push(Node {
            id,
            users: 1,
            folder: entry.folder,
            ancestors: entry.ancestors.clone(),
            slots: entry.slots,
            short: entry.short,
            chain: Chain::new(entry.first),
            valid: entry.size,
            is_dirty: false,
            has_more: false,
            is_doomed: false,
            is_raw: false,
        });
        Ok(id)
    }

    /// One more user of what is open.
    ///
    /// # Errors
    /// [`Error::NotOpen`].
    pub fn open_again(&mut self, id: NodeId) -> Result<(), Error> {
        let at = self.index(id)?;
        let node = self.nodes.get_mut(at).ok_or(Error::NotOpen)?;
        node.users += 1;
        Ok(())
    }

    /// A user of it is gone. With the last one the file goes, if that was asked for; otherwise all of it is on the disk.
    ///
    /// # Errors
    /// Those of the disk. It is closed all the same.
    pub fn close(&mut self, id: NodeId) -> Result<(), Error> {
        let at = self.index(id)?;
        let Some(node) = self.nodes.get_mut(at) else { return Err(Error::NotOpen) };
        node.users -= 1;
        if node.users > 0 {
            return Ok(());
        }
        let mut node = self.nodes.swap_remove(at);
        if node.is_doomed { self.remove(&mut node) } else { self.settle(&mut node) }
    }

    /// Everything of an open file goes to the disk, and is there to stay.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn flush(&mut self, id: NodeId) -> Result<(), Error> {
        self.with(id, |volume, node| volume.store_entry(node))?;
        self.store.flush()
    }

    /// What a file is like.
    ///
    /// # Errors
    /// [`Error::NotOpen`], [`Error::Corrupt`].
    pub fn info(&mut self, id: NodeId) -> Result<Info, Error> {
        self.with(id, |volume, node| {
            let clusters = match node.chain.first {
                0 => 0,
                _ => node.chain.length(&mut volume.store)?,
            };
            let bytes = u64::from(volume.store.geometry.cluster_bytes());
            Ok(Info {
                attributes: node.short.attributes,
                size: if node.is_folder() { 0 } else { node.short.size },
                allocation: if node.is_folder() { 0 } else { u64::from(clusters) * bytes },
                created: node.short.created.to_time(),
                accessed: node.short.accessed().to_time(),
                written: node.short.written.to_time(),
                number: if node.is_root() { 1 } else { number(node.folder, node.slots.1) },
                is_doomed: node.is_doomed,
            })
        })
    }

    /// The first cluster of an open folder, for [`Volume::list`].
    ///
    /// # Errors
    /// [`Error::NotOpen`], [`Error::NotAFolder`].
    pub fn folder_of(&self, id: NodeId) -> Result<u32, Error> {
        let node = self.nodes.iter().find(|node| node.id == id).ok_or(Error::NotOpen)?;
        if node.is_folder() { Ok(node.chain.first) } else { Err(Error::NotAFolder) }
    }

    /// Whether a folder is the root.
    ///
    /// # Errors
    /// [`Error::NotOpen`].
    pub fn is_root(&self, id: NodeId) -> Result<bool, Error> {
        Ok(self.nodes.iter().find(|node| node.id == id).ok_or(Error::NotOpen)?.is_root())
    }

    fn index(&self, id: NodeId) -> Result<usize, Error> {
        self.nodes.iter().position(|node| node.id == id).ok_or(Error::NotOpen)
    }

    /// Works on a node and the volume.
    pub(crate) fn with<T>(
        &mut self,
        id: NodeId,
        work: impl FnOnce(&mut Self, &mut Node) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let at = self.index(id)?;
        // It is out of the list while it is worked on: nobody else is at the volume.
        let mut node = self.nodes.swap_remove(at);
        let result = work(self, &mut node);
        self.nodes.push(node);
        result
    }

    /// Brings a file whose last user is gone to an end: what it has beyond its size, and its entry.
    fn settle(&mut self, node: &mut Node) -> Result<(), Error> {
        let stored = self.store_entry(node);
        if node.has_more && stored.is_ok() {
            let wanted = self.store.geometry.clusters_for(node.short.size.into());
            self.shorten(node, wanted)?;
        }
        stored?;
        self.store.write_back()
    }

    /// Writes a file's entry, if it is not as it should be.
    pub(crate) fn store_entry(&mut self, node: &mut Node) -> Result<(), Error> {
        if !node.is_dirty || node.is_root() {
            return Ok(());
        }
        if !node.is_raw && node.valid < node.short.size {
            self.clear(node, node.valid, node.short.size)?;
            node.valid = node.short.size;
        }
        node.short.first = node.chain.first;
        let bytes = node.short.bytes();
        Folder::new(node.folder).put(&mut self.store, node.slots.1, |slot| *slot = bytes)?;
        node.is_dirty = false;
        Ok(())
    }
}
