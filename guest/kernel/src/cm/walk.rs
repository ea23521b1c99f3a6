//! From a name to a key.

use alloc::sync::Arc;
use alloc::vec::Vec;

use nt::registry::{MAX_KEY_NAME, SYMBOLIC_LINK_VALUE, value_type};
use nt::{NtStatus, wide};
use regf::KeyFlags;

use super::hive;
use super::key::Key;
use super::tree::Tree;

/// How many symbolic links a name may lead through, as in the object namespace.
const MAX_LINKS: u32 = obns::MAX_REPARSES;
/// So many followed links are kept.
const KEPT: usize = 8;
/// What stands between names.
pub const SEPARATOR: u16 = b'\\' as u16;
/// Name of the root, which the target of a link begins with.
pub const ROOT: &str = r"\REGISTRY";

/// Where a name leads.
#[derive(Debug)]
pub enum Target {
    /// To a key.
    Key(Arc<Key>),
    /// To a key that is not there, in one that is.
    Vacant(Arc<Key>, Vec<u16>),
}

/// What is left of a name.
struct Rest<'a> {
    /// The caller's name.
    name: &'a [u16],
    /// What has taken its place since a link was followed.
    spliced: Option<Vec<u16>>,
    /// Units that have been used.
    at: usize,
}

impl Rest<'_> {
    /// What is left, without separators at its beginning.
    fn units(&mut self) -> &[u16] {
        let all = self.spliced.as_deref().unwrap_or(self.name);
        while all.get(self.at) == Some(&SEPARATOR) {
            self.at += 1;
        }
        &all[self.at.min(all.len())..]
    }

    /// How much is left, separators included.
    fn left(&self) -> usize {
        self.spliced.as_deref().unwrap_or(self.name).len() - self.at
    }

    /// Puts a link's target in front of what is left.
    fn splice(&mut self, mut target: Vec<u16>, used: usize) {
        let rest = self.units();
        if !rest.is_empty() {
            target.push(SEPARATOR);
            target.extend_from_slice(rest);
        }
        (self.spliced, self.at) = (Some(target), used);
    }
}

impl Tree {
    /// Goes where a name leads from a key. Separators at its ends, or several in a row, mean nothing.
    ///
    /// # Errors
    /// OBJECT_NAME_NOT_FOUND when a key on the way is missing, or links lead too far or nowhere;
    /// INVALID_PARAMETER for a name that is too long; KEY_DELETED; REGISTRY_CORRUPT.
    pub fn resolve(&mut self, from: &Arc<Key>, name: &[u16], open_link: bool) -> Result<Target, NtStatus> {
        if from.is_deleted() {
            return Err(NtStatus::KEY_DELETED);
        }
        // Names that begin alike are to be seen as such.
        let name = name.get(name.iter().take_while(|&&unit| unit == SEPARATOR).count()..).unwrap_or_default();
        let is_absolute = from.parent().is_none();
        let known = if is_absolute { self.trails.follow(name) } else { None };
        let (at, mut key) = known.unwrap_or_else(|| (0, from.clone()));
        let mut rest = Rest { name, spliced: None, at };
        let mut links = 0;
        // The first link whose end has not come yet, and how much is left of the name there.
        let mut pending: Option<(Arc<Key>, usize)> = None;
        loop {
            if let Some((link, left)) = pending.take_if(|(_, left)| rest.left() == *left) {
                self.remember(link, &key);
                // From here on it is the caller's own name again.
                rest = Rest { name, spliced: None, at: name.len().saturating_sub(left) };
            }
            let units = rest.units();
            if key.flags().has(KeyFlags::SYMLINK) && !(open_link && units.is_empty()) {
                links += 1;
                if links > MAX_LINKS {
                    return Err(NtStatus::OBJECT_NAME_NOT_FOUND);
                }
                if let Some((_, end)) = self.followed.iter().find(|(link, _)| Arc::ptr_eq(link, &key)) {
                    key = end.clone();
                    continue;
                }
                if let Some(end) = self.control_set(&key)? {
                    self.remember(key, &end);
                    key = end;
                    continue;
                }
                let left = if units.is_empty() { 0 } else { units.len() + 1 };
                rest.splice(self.link_target(&key)?, ROOT.len());
                pending.get_or_insert((key, left));
                key = self.root().clone();
                continue;
            }
            if units.is_empty() {
                return Ok(Target::Key(key));
            }
            let len = units.iter().position(|&unit| unit == SEPARATOR).unwrap_or(units.len());
            let (part, behind) = units.split_at(len);
            if len > MAX_KEY_NAME {
                return Err(NtStatus::INVALID_PARAMETER);
            }
            match self.child(&key, part)? {
                Some(child) => {
                    key = child;
                    rest.at += len;
                    if is_absolute && rest.spliced.is_none() {
                        self.trails.add(name, rest.at, &key);
                    }
                }
                None if behind.iter().all(|&unit| unit == SEPARATOR) => {
                    return Ok(Target::Vacant(key, part.to_vec()));
                }
                None => return Err(NtStatus::OBJECT_NAME_NOT_FOUND),
            }
        }
    }

    fn remember(&mut self, link: Arc<Key>, end: &Arc<Key>) {
        if self.followed.len() >= KEPT {
            self.followed.clear();
        }
        self.followed.push((link, end.clone()));
    }

    /// The name that a symbolic link leads to: it begins with [`ROOT`].
    fn link_target(&self, link: &Key) -> Result<Vec<u16>, NtStatus> {
        let nowhere = NtStatus::OBJECT_NAME_NOT_FOUND;
        let value =
            self.live(link)?.value(wide!(SYMBOLIC_LINK_VALUE)).map_err(hive::status)?.ok_or(nowhere)?;
        let data = value.data().map_err(hive::status)?;
        let bytes = data.whole().filter(|_| value.kind().0 == value_type::LINK).ok_or(nowhere)?;
        let mut target: Vec<u16> = bytes.as_chunks().0.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
        while target.last() == Some(&SEPARATOR) {
            target.pop();
        }
        let (root, behind) = target.split_at_checked(ROOT.len()).ok_or(nowhere)?;
        let is_inside = root.iter().map(|&unit| nt::upcase(unit)).eq(wide!(ROOT).iter().copied())
            && behind.first().is_none_or(|&unit| unit == SEPARATOR);
        if is_inside { Ok(target) } else { Err(nowhere) }
    }
}
