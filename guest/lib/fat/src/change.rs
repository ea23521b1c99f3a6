//! Files and folders are made, changed and deleted.

use crate::chain::Chain;
use crate::entry::{Entry, attribute};
use crate::error::Error;
use crate::file::touch;
use crate::folder::Folder;
use crate::node::{Node, NodeId};
use crate::short::Short;
use crate::stamp::Stamp;
use crate::volume::Volume;

/// What of a file is to be set; nothing stays as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Basic {
    /// [`attribute::SETTABLE`].
    pub attributes: Option<u8>,
    /// When it was made.
    pub created: Option<i64>,
    /// When it was last read.
    pub accessed: Option<i64>,
    /// When it was last written.
    pub written: Option<i64>,
}

impl Volume {
    /// Makes a file, or with [`attribute::FOLDER`] a folder.
    ///
    /// # Errors
    /// [`Error::Exists`], [`Error::PathNotFound`], [`Error::NameInvalid`], [`Error::Full`], [`Error::WriteProtected`].
    pub fn create(&mut self, path: &[u16], attributes: u8, now: i64) -> Result<Entry, Error> {
        let place = self.walk(path)?;
        let name = place.name.ok_or(Error::Exists)?;
        if self.look(place.folder, name)?.is_some() {
            return Err(Error::Exists);
        }
        self.begin_change()?;
        let stamp = Stamp::from_time(now);
        let is_folder = attributes & attribute::FOLDER != 0;
        let mut short = Short {
            attributes: attributes & (attribute::SETTABLE | attribute::FOLDER),
            created: stamp,
            access_date: stamp.date,
            written: Stamp { hundredths: 0, ..stamp },
            ..Short::default()
        };
        let mut chain = Chain::default();
        if is_folder {
            short.first = self.make_folder(&mut chain, place.folder, short)?;
        }
        let inserted = Folder::new(place.folder).insert(&mut self.store, name, short);
        let (slots, short) = match inserted {
            Ok(inserted) => inserted,
            Err(error) => {
                chain.cut(&mut self.store, 0)?;
                self.store.write_back()?;
                return Err(error);
            }
        };
        self.store.write_back()?;
        let root = self.store.geometry.root_folder();
        let mut entry = Entry::of(name.into(), place.folder, slots, short, root);
        entry.ancestors = place.ancestors;
        Ok(entry)
    }

    /// Makes the cluster of a new folder, with the entries of itself and its parent. Returns it.
    fn make_folder(&mut self, chain: &mut Chain, parent: u32, like: Short) -> Result<u32, Error> {
        *chain = Chain::new(0);
        chain.grow(&mut self.store, 1)?;
        let geometry = &self.store.geometry;
        let (first, sector, sectors) = (chain.first, geometry.sector_of(chain.first), geometry.cluster);
        let parent = if parent == geometry.root_folder() { 0 } else { parent };
        self.store.forget(sector, sectors);
        self.store.zero_sectors(sector, sectors)?;
        let mut folder = Folder::new(first);
        for (at, name, first) in [(0, b".          ", first), (1, b"..         ", parent)] {
            let entry = Short { name: *name, attributes: attribute::FOLDER, first, ..like };
            folder.put(&mut self.store, at, |slot| *slot = entry.bytes())?;
        }
        Ok(first)
    }

    /// Empties a file and gives it these attributes.
    ///
    /// # Errors
    /// [`Error::IsAFolder`], [`Error::WriteProtected`].
    pub fn empty(&mut self, id: NodeId, attributes: u8, now: i64) -> Result<(), Error> {
        self.set_size(id, 0, now)?;
        self.with(id, |_, node| {
            touch(node, now);
            node.short.attributes = attributes & attribute::SETTABLE | attribute::ARCHIVE;
            Ok(())
        })
    }

    /// Sets times and attributes.
    ///
    /// # Errors
    /// [`Error::WriteProtected`]; [`Error::AccessDenied`] for the root folder, which has none.
    pub fn set_basic(&mut self, id: NodeId, basic: Basic) -> Result<(), Error> {
        self.begin_change()?;
        self.with(id, |volume, node| {
            if node.is_root() {
                return Err(Error::AccessDenied);
            }
            let short = &mut node.short;
            if let Some(attributes) = basic.attributes {
                short.attributes = short.attributes & attribute::FOLDER | attributes & attribute::SETTABLE;
            }
            if let Some(time) = basic.created {
                short.created = Stamp::from_time(time);
            }
            if let Some(time) = basic.accessed {
                short.access_date = Stamp::from_time(time).date;
            }
            if let Some(time) = basic.written {
                short.written = Stamp { hundredths: 0, ..Stamp::from_time(time) };
            }
            node.is_dirty = true;
            volume.store_entry(node)?;
            volume.store.write_back()
        })
    }

    /// Whether a file is to go with its last user.
    ///
    /// # Errors
    /// [`Error::CannotDelete`], [`Error::NotEmpty`], [`Error::WriteProtected`].
    pub fn set_doomed(&mut self, id: NodeId, is_doomed: bool) -> Result<(), Error> {
        if self.is_read_only() {
            return Err(Error::WriteProtected);
        }
        self.with(id, |volume, node| {
            if is_doomed {
                if node.is_root() || node.short.attributes & attribute::READ_ONLY != 0 {
                    return Err(Error::CannotDelete);
                }
                volume.check_empty(node)?;
            }
            node.is_doomed = is_doomed;
            Ok(())
        })
    }

    /// A folder with files in it stays.
    pub(crate) fn check_empty(&mut self, node: &Node) -> Result<(), Error> {
        if !node.is_folder() {
            return Ok(());
        }
        let found = Folder::new(node.chain.first).scan(&mut self.store, 0, |_, short, _| {
            let is_own = matches!(&short.name, b".          " | b"..         ");
            (!is_own && short.attributes & attribute::LABEL == 0).then_some(())
        })?;
        if found.is_some() { Err(Error::NotEmpty) } else { Ok(()) }
    }

    /// Deletes what nobody has open any more.
    pub(crate) fn remove(&mut self, node: &mut Node) -> Result<(), Error> {
        self.begin_change()?;
        // Something may have come into a folder meanwhile.
        self.check_empty(node)?;
        Folder::new(node.folder).erase(&mut self.store, node.slots)?;
        self.store.write_back()?;
        if node.chain.first != 0 {
            node.chain.cut(&mut self.store, 0)?;
        }
        self.store.write_back()?;
        self.store.give_back_if_much()
    }
}
