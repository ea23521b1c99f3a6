//! Files and folders get other names, or go to other folders.

use crate::entry::{Entry, attribute};
use crate::error::Error;
use crate::find::Place;
use crate::folder::Folder;
use crate::node::{Node, NodeId};
use crate::volume::Volume;

impl Volume {
    /// Gives an open file or folder another path. With `replace`, a file of that name goes.
    ///
    /// # Errors
    /// [`Error::Exists`]; [`Error::AccessDenied`] when what is there is open, a folder or read-only, or when
    /// something below a folder is open; [`Error::InItself`]; those of [`Volume::create`].
    pub fn rename(&mut self, id: NodeId, path: &[u16], replace: bool) -> Result<(), Error> {
        self.begin_change()?;
        let place = self.walk(path)?;
        self.with(id, |volume, node| volume.move_node(node, &place, replace))
    }

    fn move_node(&mut self, node: &mut Node, place: &Place<'_>, replace: bool) -> Result<(), Error> {
        let name = place.name.ok_or(Error::Exists)?;
        let own = node.chain.first;
        if node.is_root() {
            return Err(Error::AccessDenied);
        }
        if node.is_folder() {
            if place.ancestors.contains(&own) {
                return Err(Error::InItself);
            }
            if self.nodes.iter().any(|other| other.ancestors.contains(&own)) {
                return Err(Error::AccessDenied);
            }
        }
        if let Some(there) = self.look(place.folder, name)?
            && !node.is_at(there.folder, there.slots.1)
        {
            self.make_way(&there, replace)?;
        }
        self.store_entry(node)?;
        self.store.write_back()?;
        let old_name = self.name_of(node)?;
        let (old_folder, old_slots) = (node.folder, node.slots);
        // The old entry goes first: two entries with the same clusters would be worse than none.
        Folder::new(old_folder).erase(&mut self.store, old_slots)?;
        self.store.write_back()?;
        let inserted = Folder::new(place.folder).insert(&mut self.store, name, node.short);
        let (slots, short) = match inserted {
            Ok(inserted) => inserted,
            Err(error) => {
                Folder::new(old_folder).restore(&mut self.store, &old_name, old_slots, &node.short)?;
                self.store.write_back()?;
                return Err(error);
            }
        };
        (node.folder, node.slots, node.short) = (place.folder, slots, short);
        node.ancestors.clone_from(&place.ancestors);
        if node.is_folder() && place.folder != old_folder {
            let root = self.store.geometry.root_folder();
            let parent = if place.folder == root { 0 } else { place.folder };
            Folder::new(own).put(&mut self.store, 1, |slot| {
                // Where a damaged folder has no entry of its parent, there is none to change.
                if slot.starts_with(b"..         ") {
                    let [b0, b1, b2, b3] = parent.to_le_bytes();
                    (slot[20], slot[21], slot[26], slot[27]) = (b2, b3, b0, b1);
                }
            })?;
        }
        self.store.write_back()
    }

    /// What has the new name goes, if it may.
    fn make_way(&mut self, there: &Entry, replace: bool) -> Result<(), Error> {
        if !replace {
            return Err(Error::Exists);
        }
        let is_open = self.nodes.iter().any(|node| node.is_at(there.folder, there.slots.1));
        if is_open || there.is_folder() || there.attributes & attribute::READ_ONLY != 0 {
            return Err(Error::AccessDenied);
        }
        let id = self.open(there)?;
        self.set_doomed(id, true)?;
        self.close(id)
    }

    fn name_of(&mut self, node: &Node) -> Result<alloc::vec::Vec<u16>, Error> {
        let (folder, slots) = (node.folder, node.slots);
        let name = Folder::new(folder).scan(&mut self.store, slots.0, |gather, short, _| {
            Some(gather.long(&short).map_or_else(|| short.text(), alloc::vec::Vec::from))
        })?;
        name.ok_or(Error::Corrupt("entry that has gone"))
    }
}
