//! Security items: shared by keys, counted, in a ring.

use alloc::vec::Vec;

use super::{EditError, HiveMut, Image};
use crate::error::{Fault, HiveError};
use crate::key::KeyId;
use crate::layout::{nk, sk};
use crate::security::Security;

impl<I: Image> HiveMut<I> {
    /// Gives a key a security descriptor. Keys with the same one share it.
    ///
    /// # Errors
    /// [`EditError`]; nothing has changed then.
    pub fn set_security(&mut self, id: KeyId, descriptor: &[u8]) -> Result<(), EditError> {
        let old = self.key(id)?.security_id();
        let item = match self.find_security(old, descriptor)? {
            Some(item) => item,
            None => self.new_security(old, descriptor)?,
        };
        let references = Security::read(self.hive(), item)?.references();
        self.set_references(item, references.saturating_add(1))?;
        self.put_u32(id.0, nk::SECURITY, item)?;
        self.drop_reference(old);
        self.touch(id)
    }

    /// Looks for an item in the ring of another one.
    fn find_security(&self, start: u32, descriptor: &[u8]) -> Result<Option<u32>, HiveError> {
        let mut item = Security::read(self.hive(), start)?;
        for _ in 0..self.hive().key_limit() {
            if item.descriptor() == descriptor {
                return Ok(Some(item.id));
            }
            if item.next_id() == start {
                return Ok(None);
            }
            item = Security::read(self.hive(), item.next_id())?;
        }
        Err(HiveError::cell(Fault::Consistency, start))
    }

    /// Makes an item without references, after another one in the ring.
    fn new_security(&mut self, before: u32, descriptor: &[u8]) -> Result<u32, EditError> {
        let len = u32::try_from(descriptor.len()).map_err(|_| EditError::TooLarge)?;
        let after = Security::read(self.hive(), before)?.next_id();
        Security::read(self.hive(), after)?;
        let mut bytes = b"sk\0\0".to_vec();
        for number in [after, before, 0, len] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(descriptor);
        let item = self.allocate_with(&bytes)?;
        self.put_u32(before, sk::FLINK, item)?;
        self.put_u32(after, sk::BLINK, item)?;
        Ok(item)
    }

    pub(super) fn set_references(&mut self, item: u32, references: u32) -> Result<(), EditError> {
        self.put_u32(item, sk::REFERENCES, references)
    }

    /// Counts a reference to an item down; the last one takes it out of the ring.
    pub(super) fn drop_reference(&mut self, id: u32) {
        let Ok(item) = Security::read(self.hive(), id) else { return };
        let (references, next, previous) = (item.references(), item.next_id(), item.previous_id());
        if references > 1 {
            let _ = self.set_references(id, references - 1);
            return;
        }
        let hive = self.hive();
        if Security::read(hive, next).is_ok() && Security::read(hive, previous).is_ok() {
            let _ = self.put_u32(previous, sk::FLINK, next);
            let _ = self.put_u32(next, sk::BLINK, previous);
            self.release(id);
        }
    }
}

/// `KEY_ALL_ACCESS`.
const ALL: u32 = 0x000F_003F;
/// `KEY_READ`.
const READ: u32 = 0x0002_0019;
/// `S-1-5-18`, the system.
const SYSTEM: &[u32] = &[18];
/// `S-1-5-32-544`, administrators.
const ADMINISTRATORS: &[u32] = &[32, 544];
/// `S-1-5-32-545`, users.
const USERS: &[u32] = &[32, 545];

/// The security descriptor of new hives, self-relative: the system and administrators may do everything,
/// users may read, and subkeys inherit that. It belongs to the administrators.
///
/// Source: Microsoft, "[MS-DTYP] Windows Data Types", sections 2.4.2 to 2.4.6.
pub fn default_descriptor() -> Vec<u8> {
    let mut aces = Vec::new();
    for (sid, mask) in [(SYSTEM, ALL), (ADMINISTRATORS, ALL), (USERS, READ)] {
        let sid = sid_bytes(sid);
        // ACCESS_ALLOWED_ACE, CONTAINER_INHERIT_ACE.
        aces.extend([0, 2]);
        aces.extend((8 + sid.len() as u16).to_le_bytes());
        aces.extend(mask.to_le_bytes());
        aces.extend(sid);
    }
    let (owner, group) = (sid_bytes(ADMINISTRATORS), sid_bytes(SYSTEM));
    let acl_size = 8 + aces.len();
    let (header, owner_at) = (20, 20 + acl_size);
    // Revision 1, SE_DACL_PRESENT and SE_SELF_RELATIVE.
    let mut bytes = Vec::from([1, 0, 0x04, 0x80]);
    for offset in [owner_at, owner_at + owner.len(), 0, header] {
        bytes.extend((offset as u32).to_le_bytes());
    }
    bytes.extend([2, 0]);
    bytes.extend((acl_size as u16).to_le_bytes());
    bytes.extend([3, 0, 0, 0]);
    bytes.extend(aces);
    bytes.extend(owner);
    bytes.extend(group);
    bytes
}

/// A SID of the NT authority.
fn sid_bytes(authorities: &[u32]) -> Vec<u8> {
    let mut bytes = Vec::from([1, authorities.len() as u8, 0, 0, 0, 0, 0, 5]);
    bytes.extend(authorities.iter().flat_map(|number| number.to_le_bytes()));
    bytes
}
