//! The registry as one tree: hives hung into one that lies in memory, volatile keys in a shadow of it, symbolic
//! links between keys.

use alloc::sync::Arc;
use alloc::vec::Vec;

use hal::cell::{Guard, KernelCell};
use nt::NtStatus;
use regf::{KeyFlags, KeyId};

use super::hardware::Hardware;
use super::hive::{self, Hive};
use super::initialize::Progress;
use super::key::{Key, MEMORY, Place, Table};
use super::security::Known;
use super::template;
use super::trail::Trails;

static TREE: KernelCell<Tree> = KernelCell::new(Tree::new());

/// The registry.
#[derive(Debug)]
pub struct Tree {
    /// The hives; that in memory is the first.
    hives: Vec<Option<Hive>>,
    table: Table,
    /// `\Registry`.
    root: Option<Arc<Key>>,
    /// Which key of the memory hive holds the volatile subkeys of a key elsewhere; in order of place.
    shadows: Vec<(Place, KeyId)>,
    /// Where hives hang: the key of the memory hive, and the hive.
    mounts: Vec<(KeyId, u32)>,
    /// A key of the memory hive that is there for a hive to hang at. Nobody finds it before.
    pub(super) reserved: Option<KeyId>,
    /// Links that were followed, and the keys they led to.
    pub(super) followed: Vec<(Arc<Key>, Arc<Key>)>,
    pub(super) trails: Trails,
    /// `CurrentControlSet` leads where it does in the kernel image.
    pub(super) has_usual_control_set: bool,
    /// Descriptors of keys that have been looked at.
    pub(super) descriptors: Known,
    pub(super) progress: Progress,
    pub(super) hardware: Hardware,
}

/// Borrows the registry: never across user memory or a wait.
#[inline]
#[track_caller]
pub fn registry() -> Guard<'static, Tree> {
    TREE.lock()
}

impl Tree {
    const fn new() -> Self {
        Self {
            hives: Vec::new(),
            table: Table::new(),
            root: None,
            shadows: Vec::new(),
            mounts: Vec::new(),
            reserved: Some(template::SOFTWARE),
            followed: Vec::new(),
            trails: Trails::new(),
            has_usual_control_set: false,
            descriptors: Vec::new(),
            progress: Progress::new(),
            hardware: Hardware::new(),
        }
    }

    /// Fills the registry with what is in the kernel image: `\Registry` and what is right below.
    ///
    /// # Errors
    /// REGISTRY_CORRUPT.
    pub fn fill(&mut self) -> Result<(), NtStatus> {
        self.hives.push(Some(Hive::volatile(template::file())?));
        let place = Place { hive: MEMORY, id: template::REGISTRY };
        let security = self.node(place)?.security_id();
        let root = Arc::new(Key::new(place, KeyFlags(0), security, None, None, None));
        self.table.add(root.clone());
        self.root = Some(root);
        Ok(())
    }

    /// `\Registry`.
    pub fn root(&self) -> &Arc<Key> {
        self.root.as_ref().expect("the registry is filled in phase 0")
    }

    /// A hive.
    ///
    /// # Errors
    /// KEY_DELETED when it has been unloaded.
    pub fn hive(&self, number: u32) -> Result<&Hive, NtStatus> {
        self.hives.get(number as usize).and_then(Option::as_ref).ok_or(NtStatus::KEY_DELETED)
    }

    /// A hive, to be changed.
    ///
    /// # Errors
    /// As [`Self::hive`].
    pub fn hive_mut(&mut self, number: u32) -> Result<&mut Hive, NtStatus> {
        self.hives.get_mut(number as usize).and_then(Option::as_mut).ok_or(NtStatus::KEY_DELETED)
    }

    /// All hives.
    pub fn hives(&self) -> impl Iterator<Item = &Hive> {
        self.hives.iter().flatten()
    }

    /// All numbers of hives are below.
    pub fn hive_count(&self) -> u32 {
        self.hives.len() as u32
    }

    /// What a hive says of a key.
    ///
    /// # Errors
    /// KEY_DELETED, REGISTRY_CORRUPT.
    #[inline]
    pub fn node(&self, place: Place) -> Result<regf::Key<'_>, NtStatus> {
        self.hive(place.hive)?.keys.hive().key(place.id).map_err(hive::status)
    }

    /// What a hive says of a key that must not be gone.
    ///
    /// # Errors
    /// As [`Self::node`].
    #[inline]
    pub fn live(&self, key: &Key) -> Result<regf::Key<'_>, NtStatus> {
        if key.is_deleted() { Err(NtStatus::KEY_DELETED) } else { self.node(key.place()) }
    }

    /// The key that holds the volatile subkeys of a key with a file, if there are any.
    ///
    /// # Errors
    /// REGISTRY_CORRUPT.
    pub fn shadow_node(&self, key: &Key) -> Result<Option<regf::Key<'_>>, NtStatus> {
        key.shadow().map(|id| self.node(Place { hive: MEMORY, id })).transpose()
    }

    /// The key that holds the volatile subkeys of a key elsewhere.
    pub fn shadow(&self, of: Place) -> Option<KeyId> {
        let at = self.shadows.binary_search_by_key(&of, |&(place, _)| place).ok()?;
        self.shadows.get(at).map(|&(_, shadow)| shadow)
    }

    /// Says which key that is.
    pub fn set_shadow(&mut self, of: Place, shadow: KeyId) {
        if let Err(at) = self.shadows.binary_search_by_key(&of, |&(place, _)| place) {
            self.shadows.insert(at, (of, shadow));
        }
        if let Some(key) = self.table.find(of) {
            key.set_shadow(Some(shadow));
        }
    }

    /// A key is no longer where it was, or is gone: its volatile subkeys are nobody's until [`Self::set_shadow`].
    pub fn take_shadow(&mut self, of: Place) -> Option<KeyId> {
        let at = self.shadows.binary_search_by_key(&of, |&(place, _)| place).ok()?;
        Some(self.shadows.remove(at).1)
    }

    /// Hangs a hive at a key of the memory hive, which must not have subkeys.
    ///
    /// # Errors
    /// REGISTRY_CORRUPT.
    pub fn mount(&mut self, at: KeyId, hive: Hive) -> Result<u32, NtStatus> {
        let free = self.hives.iter().position(Option::is_none);
        let number = free.unwrap_or(self.hives.len());
        let memory = &mut self.hive_mut(MEMORY)?.keys;
        let flags = memory.hive().key(at).map_err(hive::status)?.flags();
        if !flags.has(KeyFlags::HIVE_EXIT) {
            let flags = KeyFlags(flags.0 | KeyFlags::HIVE_EXIT.0);
            memory.set_flags(at, flags).map_err(hive::edit_status)?;
        }
        match free {
            Some(free) => self.hives[free] = Some(hive),
            None => self.hives.push(Some(hive)),
        }
        self.mounts.push((at, number as u32));
        self.reserved.take_if(|reserved| *reserved == at);
        Ok(number as u32)
    }

    /// The hive that hangs at a key of the memory hive.
    pub fn mounted(&self, at: KeyId) -> Option<u32> {
        self.mounts.iter().find(|(key, _)| *key == at).map(|&(_, hive)| hive)
    }

    /// Takes the hive that hangs at a key of the memory hive away, and the key; nobody may have a key of it open.
    ///
    /// # Errors
    /// INVALID_PARAMETER when no hive hangs there; CANNOT_DELETE when somebody has a key of it open, and for hives that
    /// the system came up with.
    pub fn unmount(&mut self, at: KeyId) -> Result<Hive, NtStatus> {
        let mount = self.mounts.iter().position(|&(key, _)| key == at).ok_or(NtStatus::INVALID_PARAMETER)?;
        let (_, number) = self.mounts[mount];
        self.forget_names();
        self.forget_descriptors();
        if !self.hive(number)?.is_loaded || self.table.is_open(number) {
            return Err(NtStatus::CANNOT_DELETE);
        }
        let memory = &mut self.hive_mut(MEMORY)?.keys;
        let flags = memory.hive().key(at).map_err(hive::status)?.flags();
        memory.set_flags(at, KeyFlags(flags.0 & !KeyFlags::HIVE_EXIT.0)).map_err(hive::edit_status)?;
        memory.delete_key(at).map_err(hive::edit_status)?;
        for shadow in self.shadows.extract_if(.., |(of, _)| of.hive == number).map(|(_, shadow)| shadow) {
            if let Some(Some(memory)) = self.hives.get_mut(MEMORY as usize) {
                memory.keys.delete_tree(shadow).map_err(hive::edit_status)?;
            }
        }
        self.mounts.remove(mount);
        self.hives.get_mut(number as usize).and_then(Option::take).ok_or(NtStatus::KEY_DELETED)
    }

    /// The subkey of a name.
    ///
    /// # Errors
    /// KEY_DELETED, REGISTRY_CORRUPT.
    pub fn child(&mut self, parent: &Arc<Key>, name: &[u16]) -> Result<Option<Arc<Key>>, NtStatus> {
        let found = self.live(parent)?.subkey(name).map_err(hive::status)?;
        let (hive, id, flags, security) = match found {
            Some(node) => (parent.place().hive, node.id(), node.flags(), node.security_id()),
            None => {
                let Some(shadow) = self.shadow_node(parent)? else { return Ok(None) };
                let Some(node) = shadow.subkey(name).map_err(hive::status)? else { return Ok(None) };
                (MEMORY, node.id(), node.flags(), node.security_id())
            }
        };
        if hive == MEMORY && self.reserved == Some(id) {
            return Ok(None);
        }
        self.block(parent, Place { hive, id }, flags, security).map(Some)
    }

    /// The block of a subkey that lies at a place of its parent's or the memory hive.
    ///
    /// # Errors
    /// KEY_DELETED, REGISTRY_CORRUPT.
    pub fn block(
        &mut self,
        parent: &Arc<Key>,
        named: Place,
        flags: KeyFlags,
        security: u32,
    ) -> Result<Arc<Key>, NtStatus> {
        let place = self.behind(named, flags)?;
        if let Some(key) = self.table.find(place) {
            return Ok(key);
        }
        if place.hive == MEMORY {
            self.describe(place.id)?;
        }
        let mount = (place != named).then_some(named.id);
        let (flags, security) = match mount {
            Some(_) => {
                let root = self.node(place)?;
                (root.flags(), root.security_id())
            }
            None => (flags, security),
        };
        let shadow = self.shadow(place);
        let key = Arc::new(Key::new(place, flags, security, mount, shadow, Some(parent.clone())));
        self.table.add(key.clone());
        Ok(key)
    }

    /// A key is no longer where it was: nobody finds it there, or by a name that was followed before.
    pub fn forget(&mut self, place: Place) {
        self.table.remove(place);
        self.forget_names();
    }

    /// Names may lead elsewhere than they did.
    pub fn forget_names(&mut self) {
        self.followed.clear();
        self.trails.forget();
    }

    /// A key that was forgotten is somewhere else.
    pub fn readd(&mut self, key: &Arc<Key>) {
        self.table.add(key.clone());
    }

    /// Where a key really is: the root of a hive, if one hangs there.
    ///
    /// # Errors
    /// KEY_DELETED.
    pub fn behind(&self, named: Place, flags: KeyFlags) -> Result<Place, NtStatus> {
        if named.hive != MEMORY || !flags.has(KeyFlags::HIVE_EXIT) {
            return Ok(named);
        }
        match self.mounts.iter().find(|(at, _)| *at == named.id) {
            Some(&(_, hive)) => Ok(Place { hive, id: self.hive(hive)?.keys.root() }),
            None => Ok(named),
        }
    }
}
