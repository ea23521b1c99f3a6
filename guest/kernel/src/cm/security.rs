//! Security descriptors of keys: they lie in the hives, and keys share them. Those that have been looked at are kept,
//! by hive and number.

use alloc::sync::Arc;
use alloc::vec::Vec;

use nt::NtStatus;
use nt::registry::notify as filter;
use nt::security::{KEY_MAPPING, KEY_WOW64_32KEY, KEY_WOW64_64KEY};
use secore::{Creation, Descriptor};

use super::hive::{edit_status, status};
use super::key::Key;
use super::notify;
use super::tree::{Tree, registry};
use crate::ob::access;
use crate::ob::body::Kind;
use crate::ob::capture::Captured;
use crate::se::{self, TokenRef};

/// So many descriptors are kept; most hives have one or two.
const KEPT: usize = 16;
/// Bits of a desired access that say which view of the registry is meant: there is one.
const VIEWS: u32 = KEY_WOW64_64KEY | KEY_WOW64_32KEY;

/// Descriptors that have been looked at.
pub(super) type Known = Vec<Seen>;

/// A descriptor that has been looked at.
#[derive(Debug)]
pub(super) struct Seen {
    hive: u32,
    number: u32,
    /// As it lies in the hive: most hives have the same one.
    bytes: Arc<[u8]>,
    descriptor: Arc<Descriptor>,
}

impl Tree {
    /// The descriptor of a key.
    ///
    /// # Errors
    /// KEY_DELETED, REGISTRY_CORRUPT.
    pub fn descriptor(&mut self, key: &Key) -> Result<Arc<Descriptor>, NtStatus> {
        if key.is_deleted() {
            return Err(NtStatus::KEY_DELETED);
        }
        let (hive, number) = (key.place().hive, key.security());
        match self.descriptors.iter().find(|seen| seen.hive == hive && seen.number == number) {
            Some(seen) => Ok(seen.descriptor.clone()),
            None => self.read_descriptor(key),
        }
    }

    #[cold]
    fn read_descriptor(&mut self, key: &Key) -> Result<Arc<Descriptor>, NtStatus> {
        let bytes = self.live(key)?.security().map_err(status)?.descriptor();
        let (bytes, descriptor) = match self.descriptors.iter().find(|seen| *seen.bytes == *bytes) {
            Some(seen) => (seen.bytes.clone(), seen.descriptor.clone()),
            None => {
                let mut descriptor = Descriptor::parse(bytes).map_err(|_| NtStatus::REGISTRY_CORRUPT)?;
                descriptor.map_generic(&KEY_MAPPING);
                (bytes.into(), Arc::new(descriptor))
            }
        };
        if self.descriptors.len() >= KEPT {
            self.descriptors.clear();
        }
        let (hive, number) = (key.place().hive, key.security());
        self.descriptors.push(Seen { hive, number, bytes, descriptor: descriptor.clone() });
        Ok(descriptor)
    }

    /// Gives a key another descriptor, self-relative.
    ///
    /// # Errors
    /// KEY_DELETED, INSUFFICIENT_RESOURCES, REGISTRY_CORRUPT.
    pub fn set_descriptor(&mut self, key: &Key, descriptor: &[u8]) -> Result<(), NtStatus> {
        self.live(key)?;
        let place = key.place();
        self.edit(place.hive, descriptor.len())?.set_security(place.id, descriptor).map_err(edit_status)?;
        let number = self.node(place)?.security_id();
        key.set_security(number);
        self.forget_descriptors();
        Ok(())
    }

    /// A descriptor may be gone, and its number another one's.
    pub fn forget_descriptors(&mut self) {
        self.descriptors.clear();
    }
}

/// The access that opening a key grants.
///
/// # Errors
/// ACCESS_DENIED, PRIVILEGE_NOT_HELD, BAD_IMPERSONATION_LEVEL; KEY_DELETED, REGISTRY_CORRUPT.
pub fn check(key: &Key, desired: u32) -> Result<u32, NtStatus> {
    let desired = desired & !VIEWS;
    let Some(token) = se::effective() else { return Ok(access::everything(Kind::Key, desired)) };
    let descriptor = registry().descriptor(key)?;
    access::check_descriptor(&token, Kind::Key, Some(&descriptor), desired)
}

/// The descriptor of a key.
///
/// # Errors
/// KEY_DELETED, REGISTRY_CORRUPT.
pub fn query(key: &Key) -> Result<Arc<Descriptor>, NtStatus> {
    registry().descriptor(key)
}

/// Gives a key another descriptor.
///
/// # Errors
/// KEY_DELETED, INSUFFICIENT_RESOURCES, REGISTRY_CORRUPT.
pub fn set(key: &Arc<Key>, descriptor: &Descriptor) -> Result<(), NtStatus> {
    registry().set_descriptor(key, &descriptor.to_bytes())?;
    notify::changed(key, filter::SECURITY);
    Ok(())
}

/// The access that its creator has to a new key, and its descriptor unless that is its parent's.
///
/// # Errors
/// As for objects of other types ([`access::for_new`]).
pub fn of_new(parent: &Key, captured: &Captured, desired: u32) -> Result<(u32, Option<Vec<u8>>), NtStatus> {
    let token = se::effective().unwrap_or(TokenRef::System);
    access::check_new(&token, captured, desired)?;
    let above = registry().descriptor(parent)?;
    let creation = Creation {
        explicit: captured.descriptor(),
        parent: Some(&above),
        is_container: true,
        token: &token,
        mapping: &KEY_MAPPING,
    };
    let own = creation.assign()?;
    let granted = access::everything(Kind::Key, desired & !VIEWS);
    Ok((granted, (own != *above).then(|| own.to_bytes())))
}
