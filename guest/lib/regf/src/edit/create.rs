//! A hive from nothing.

use alloc::vec;
use alloc::vec::Vec;

use super::{EditError, HiveMut, Image, set_u32};
use crate::base::BaseBlock;
use crate::flush::Disk;
use crate::key::KeyFlags;
use crate::layout::{BASE_SIZE, NONE, SECTOR, base, hbin, nk, sk};
use crate::time::FileTime;

/// The version that hives are made in, 1.5: hash leaves and big data. Every Windows since XP reads it.
const MINOR: u32 = 5;

/// What the root is called. It is never looked up.
const ROOT_NAME: &[u8] = b"ROOT";

impl HiveMut<Vec<u8>> {
    /// Makes a hive as [`HiveMut::create_in`] does, in memory of its own.
    ///
    /// # Errors
    /// [`EditError::Full`] without memory.
    pub fn create(file_name: &str, now: FileTime) -> Result<Self, EditError> {
        Self::create_in(Vec::new(), file_name, now)
    }
}

impl<I: Image> HiveMut<I> {
    /// Makes a hive with nothing but a root key, in version 1.5, in an image that is empty.
    ///
    /// The base block holds the last 31 characters of the file's name, for people who look at the file.
    /// The root's security descriptor is [`crate::default_descriptor`]; subkeys share their parent's.
    ///
    /// # Errors
    /// [`EditError::Full`] without memory.
    pub fn create_in(mut image: I, file_name: &str, now: FileTime) -> Result<Self, EditError> {
        let mut sector = [0; SECTOR];
        let mut put = |at: usize, bytes: &[u8]| {
            if let Some(room) = sector.get_mut(at..at + bytes.len()) {
                room.copy_from_slice(bytes);
            }
        };
        put(0, &base::SIGNATURE);
        for (at, number) in [
            (base::PRIMARY_SEQUENCE, 1),
            (base::SECONDARY_SEQUENCE, 1),
            (base::MAJOR, 1),
            (base::MINOR, MINOR),
            (base::FILE_FORMAT, 1),
            (base::CLUSTERING, 1),
        ] {
            put(at, &u32::to_le_bytes(number));
        }
        put(base::LAST_WRITTEN, &now.0.to_le_bytes());
        let len = file_name.encode_utf16().count();
        let skipped = len.saturating_sub(base::FILE_NAME_LEN / 2 - 1);
        for (index, unit) in file_name.encode_utf16().skip(skipped).enumerate() {
            put(base::FILE_NAME + 2 * index, &unit.to_le_bytes());
        }
        if !image.grow(BASE_SIZE) || !image.write(0, &sector) {
            return Err(EditError::Full);
        }
        let found = BaseBlock::read(image.bytes())?;
        let mut hive = Self::assemble(image, &found, Disk::fresh());
        hive.set_clock(now);
        hive.make_root()?;
        hive.put_raw(hbin::TIMESTAMP, &now.0.to_le_bytes())?;
        Ok(hive)
    }

    fn make_root(&mut self) -> Result<(), EditError> {
        // The root comes first, as in hives that Windows makes: some readers look for it nowhere else.
        let root = self.allocate(nk::SIZE + ROOT_NAME.len())?;
        let descriptor = crate::default_descriptor();
        let security = self.allocate(sk::SIZE + descriptor.len())?;
        let mut item = b"sk\0\0".to_vec();
        for number in [security, security, 1, descriptor.len() as u32] {
            item.extend(number.to_le_bytes());
        }
        item.extend(descriptor);
        self.put(security, 0, &item)?;

        let flags = KeyFlags(KeyFlags::ROOT.0 | KeyFlags::NO_DELETE.0 | KeyFlags::COMP_NAME.0);
        let node = NewNode { flags, clock: self.clock, parent: NONE, security, class: (NONE, 0) };
        self.put(root, 0, &node.bytes(ROOT_NAME))?;
        self.root = root;
        if self.edit_base(|sector| set_u32(sector, base::ROOT, root)) { Ok(()) } else { Err(EditError::Full) }
    }
}

/// What a new key node says.
pub(super) struct NewNode {
    pub(super) flags: KeyFlags,
    pub(super) clock: FileTime,
    pub(super) parent: u32,
    pub(super) security: u32,
    /// Its cell and its length in bytes.
    pub(super) class: (u32, u16),
}

impl NewNode {
    /// The node without subkeys and values.
    pub(super) fn bytes(&self, name: &[u8]) -> Vec<u8> {
        let mut node = vec![0; nk::SIZE];
        let mut put = |at: usize, bytes: &[u8]| {
            if let Some(room) = node.get_mut(at..at + bytes.len()) {
                room.copy_from_slice(bytes);
            }
        };
        put(0, b"nk");
        put(nk::FLAGS, &self.flags.0.to_le_bytes());
        put(nk::LAST_WRITTEN, &self.clock.0.to_le_bytes());
        put(nk::PARENT, &self.parent.to_le_bytes());
        for at in [nk::SUBKEYS, nk::VOLATILE_SUBKEYS, nk::VALUES] {
            put(at, &NONE.to_le_bytes());
        }
        put(nk::SECURITY, &self.security.to_le_bytes());
        put(nk::CLASS, &self.class.0.to_le_bytes());
        put(nk::CLASS_LEN, &self.class.1.to_le_bytes());
        put(nk::NAME_LEN, &(name.len() as u16).to_le_bytes());
        node.extend(name);
        node
    }
}
