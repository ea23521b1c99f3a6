//! Editing a hive in place, in memory.
//!
//! Cells are allocated and freed in the hive's own bins, and bins are appended when there is no room. After
//! every edit the image is a whole, clean hive that may be written to a file as it is. An edit that fails changes nothing
//! but free room, unless the hive is damaged. Flushing to a disk so that a power cut does no harm is in [`HiveMut::flush`].

mod cells;
mod compact;
mod copy;
mod create;
mod dirty;
mod error;
mod fill;
mod image;
mod keys;
mod leaves;
mod rename;
mod secure;
mod space;
mod vals;

use alloc::vec::Vec;

pub(crate) use dirty::Dirty;
pub use error::EditError;
pub use image::Image;
pub use keys::Created;
pub use secure::default_descriptor;

use crate::base::{BaseBlock, checksum};
use crate::error::{Fault, HiveError};
use crate::flush::Disk;
use crate::hive::Hive;
use crate::key::{Key, KeyId};
use crate::layout::{BASE_SIZE, SECTOR, base};
use crate::text::Name;
use crate::time::FileTime;
use space::Space;

/// The longest name of a value, in UTF-16 units.
pub const MAX_VALUE_NAME: usize = 32767;

/// A hive that can be edited.
#[derive(Clone, Debug)]
pub struct HiveMut<I = Vec<u8>> {
    pub(crate) image: I,
    pub(crate) bins_size: usize,
    root: u32,
    minor: u32,
    pub(crate) clock: FileTime,
    pub(crate) dirty: Dirty,
    space: Space,
    pub(crate) disk: Disk,
}

impl<I: Image> HiveMut<I> {
    /// Takes a clean hive, as it is on disk. Nothing is copied and no cell is looked at.
    ///
    /// # Errors
    /// As [`Hive::clean`].
    pub fn open(image: I) -> Result<Self, HiveError> {
        let bytes = image.bytes();
        let found = BaseBlock::read(bytes)?;
        if !found.is_clean() {
            return Err(HiveError::new(Fault::Dirty, 4));
        }
        Hive::with_base(bytes, &found)?;
        Ok(Self::assemble(image, &found, Disk::clean()))
    }

    fn assemble(image: I, found: &BaseBlock, disk: Disk) -> Self {
        Self {
            image,
            bins_size: found.bins_size as usize,
            root: found.root,
            minor: found.minor,
            clock: found.last_written,
            dirty: Dirty::default(),
            space: Space::default(),
            disk,
        }
    }

    /// Lets the hive grow by so many bins before room is looked for in those that it has: growing costs less than
    /// looking at every cell of a bin.
    pub fn grow_first(&mut self, bins: u8) {
        self.space.grow_first(bins);
    }

    /// The hive as it is now.
    pub fn hive(&self) -> Hive<'_> {
        view(&self.image, self.bins_size, self.root, self.minor)
    }

    /// The root key.
    pub fn root(&self) -> KeyId {
        KeyId(self.root)
    }

    /// The file as it would be written.
    pub fn bytes(&self) -> &[u8] {
        self.image.bytes().get(..BASE_SIZE + self.bins_size).unwrap_or_default()
    }

    /// The image.
    pub fn image(&self) -> &I {
        &self.image
    }

    /// Gives the image back.
    pub fn into_image(self) -> I {
        self.image
    }

    /// Sets the time that edits from now on are stamped with.
    pub fn set_clock(&mut self, now: FileTime) {
        self.clock = now;
    }

    /// Whether anything has changed since the hive was opened or flushed.
    pub fn is_changed(&self) -> bool {
        !self.dirty.is_empty() || self.disk.is_fresh()
    }

    fn key(&self, id: KeyId) -> Result<Key<'_>, HiveError> {
        self.hive().key(id)
    }

    /// Changes the first sector of the base block and puts its checksum right; says whether it could.
    pub(crate) fn edit_base(&mut self, edit: impl FnOnce(&mut [u8; SECTOR])) -> bool {
        let Some(mut sector) = self.image.bytes().first_chunk::<SECTOR>().copied() else { return false };
        self.disk.keep(&sector);
        edit(&mut sector);
        let sum = checksum(&sector);
        set_u32(&mut sector, base::CHECKSUM, sum);
        self.image.write(0, &sector)
    }
}

fn view<I: Image>(image: &I, bins_size: usize, root: u32, minor: u32) -> Hive<'_> {
    let bins = image.bytes().get(BASE_SIZE..BASE_SIZE + bins_size).unwrap_or_default();
    Hive { bins, root, minor }
}

/// Writes a field of a sector. The fields' offsets are constants below its size.
pub(crate) fn set_u32(sector: &mut [u8; SECTOR], at: usize, number: u32) {
    if let Some(field) = sector.get_mut(at..at + 4) {
        field.copy_from_slice(&number.to_le_bytes());
    }
}

/// A name as it is stored.
struct StoredName {
    bytes: Vec<u8>,
    is_latin1: bool,
    /// In UTF-16 units.
    len: usize,
}

/// Stores a name: a byte a unit if all are Latin-1.
fn encode(name: impl Name, max: usize) -> Result<StoredName, EditError> {
    let len = name.units().take(max + 1).count();
    if len > max {
        return Err(EditError::Name);
    }
    let is_latin1 = name.units().all(|unit| unit < 0x100);
    let bytes = if is_latin1 {
        name.units().map(|unit| unit as u8).collect()
    } else {
        name.units().flat_map(u16::to_le_bytes).collect()
    };
    Ok(StoredName { bytes, is_latin1, len })
}
