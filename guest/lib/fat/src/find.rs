//! From names to entries.

use alloc::vec::Vec;

use crate::entry::{Entry, attribute};
use crate::error::Error;
use crate::folder::{Folder, Gather};
use crate::name::check;
use crate::short::{Short, loose};
use crate::volume::Volume;

const SEPARATOR: u16 = b'\\' as u16;
/// Folders within each other at most: no path of NT is longer.
const DEEPEST: usize = 16_384;

/// Where a path leads.
pub(crate) struct Place<'p> {
    /// The folder.
    pub folder: u32,
    /// All folders on the way to it, itself included, without the root.
    pub ancestors: Vec<u32>,
    /// The name in it; `None` for the root folder itself.
    pub name: Option<&'p [u16]>,
}

pub(crate) fn same(a: &[u16], b: &[u16]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(&a, &b)| a == b || nt::upcase(a) == nt::upcase(b))
}

impl Volume {
    /// The file or folder that a path names. A backslash at its start, and one at its end, do not count.
    ///
    /// # Errors
    /// [`Error::NameInvalid`], [`Error::PathNotFound`], [`Error::NotFound`].
    pub fn find(&mut self, path: &[u16]) -> Result<Entry, Error> {
        let place = self.walk(path)?;
        let Some(name) = place.name else { return Ok(self.root()) };
        let mut entry = self.look(place.folder, name)?.ok_or(Error::NotFound)?;
        entry.ancestors = place.ancestors;
        Ok(entry)
    }

    /// The root folder, as an entry.
    pub(crate) fn root(&self) -> Entry {
        let short = Short { attributes: attribute::FOLDER, ..Short::default() };
        let first = self.store.geometry.root_folder();
        let mut entry = Entry::of(Vec::new(), Entry::NOWHERE, (0, 0), short, first);
        entry.number = 1;
        entry
    }

    /// Goes down a path to the folder of its last name.
    pub(crate) fn walk<'p>(&mut self, path: &'p [u16]) -> Result<Place<'p>, Error> {
        let path = path.strip_prefix(&[SEPARATOR]).unwrap_or(path);
        let path = path.strip_suffix(&[SEPARATOR]).unwrap_or(path);
        let root = self.store.geometry.root_folder();
        let mut place = Place { folder: root, ancestors: Vec::new(), name: None };
        if path.is_empty() {
            return Ok(place);
        }
        // A wrong name is wrong wherever the path breaks off.
        let mut names = path.split(|&unit| unit == SEPARATOR);
        names.try_for_each(|name| check(name).map(drop))?;
        let mut names = path.split(|&unit| unit == SEPARATOR).peekable();
        while let Some(name) = names.next() {
            let name = check(name)?;
            if names.peek().is_none() {
                place.name = Some(name);
                break;
            }
            let entry = self.look(place.folder, name)?.ok_or(Error::PathNotFound)?;
            if !entry.is_folder() {
                return Err(Error::PathNotFound);
            }
            self.enter(&mut place, &entry)?;
        }
        Ok(place)
    }

    fn enter(&self, place: &mut Place<'_>, entry: &Entry) -> Result<(), Error> {
        let is_loop = place.ancestors.contains(&entry.first) || place.ancestors.len() >= DEEPEST;
        if !self.store.geometry.holds(entry.first)
            || is_loop
            || entry.first == self.store.geometry.root_cluster
        {
            return Err(Error::Corrupt("folder leads nowhere or back"));
        }
        place.ancestors.try_reserve(1).map_err(|_| Error::NoMemory)?;
        place.ancestors.push(entry.first);
        place.folder = entry.first;
        Ok(())
    }

    /// The entry of a name in a folder.
    pub(crate) fn look(&mut self, folder: u32, name: &[u16]) -> Result<Option<Entry>, Error> {
        let short_name = loose(name);
        let root = self.store.geometry.root_folder();
        Folder::new(folder).scan(&mut self.store, 0, |gather, short, slots| {
            let is_it = short.attributes & attribute::LABEL == 0
                && (gather.is(&short, name) || short_name == Some(short.name));
            is_it.then(|| entry(gather, short, slots, folder, root))
        })
    }

    /// The entry of a folder that comes first from a position on, 0 at first, and the position behind it. What is open is told as
    /// it is now.
    ///
    /// # Errors
    /// [`Error::Corrupt`] and those of the disk.
    pub fn list(&mut self, folder: u32, position: u64) -> Result<Option<(Entry, u64)>, Error> {
        let root = self.store.geometry.root_folder();
        let from = u32::try_from(position).unwrap_or(u32::MAX);
        let found = Folder::new(folder).scan(&mut self.store, from, |gather, short, slots| {
            let is_file = short.attributes & attribute::LABEL == 0;
            is_file.then(|| (entry(gather, short, slots, folder, root), slots.1))
        })?;
        Ok(found.map(|(mut entry, last)| {
            if let Some(node) = self.nodes.iter().find(|node| node.is_at(folder, last)) {
                node.bring_up_to_date(&mut entry);
            }
            (entry, u64::from(last) + 1)
        }))
    }
}

fn entry(gather: &Gather, short: Short, slots: (u32, u32), folder: u32, root: u32) -> Entry {
    let name = gather.long(&short).map_or_else(|| short.text(), Vec::from);
    Entry::of(name, folder, slots, short, root)
}
