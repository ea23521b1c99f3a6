//! Lists of subkeys: "Index leaf" (`li`), "Fast leaf" (`lf`), "Hash leaf" (`lh`), "Index root" (`ri`).

#[cfg(feature = "alloc")]
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::error::{Fault, HiveError};
use crate::hive::Hive;
use crate::key::{Key, KeyId};
use crate::layout::{NONE, u32_at};
use crate::needle::{Needle, may_be};
use crate::text::Name;

/// From this many entries on, halving beats looking at every hash: a step of halving reads and compares
/// a name, which costs as much as some twenty hashes.
const HALVE_FROM: usize = 128;

/// The kinds of list that name keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Plain,
    Hints,
    Hashes,
}

impl Kind {
    /// Bytes of an entry. It begins with the key's cell.
    pub(crate) fn stride(self) -> usize {
        if self == Kind::Plain { 4 } else { 8 }
    }
}

/// A list that names keys.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leaf<'a> {
    pub(crate) kind: Kind,
    pub(crate) entries: &'a [u8],
}

/// Splits the cell of a list in what it is and its entries.
fn split(hive: Hive<'_>, id: u32) -> Result<([u8; 2], &[u8]), HiveError> {
    let fault = HiveError::cell(Fault::SubkeyList, id);
    let (&[a, b, low, high], entries) = hive.cell(id)?.split_first_chunk().ok_or(fault)?;
    let stride = if matches!([a, b], [b'l', b'f' | b'h']) { 8 } else { 4 };
    let len = stride * usize::from(u16::from_le_bytes([low, high]));
    Ok(([a, b], entries.get(..len).ok_or(fault)?))
}

impl<'a> Leaf<'a> {
    pub(crate) fn read(hive: Hive<'a>, id: u32) -> Result<Self, HiveError> {
        let (signature, entries) = split(hive, id)?;
        Self::of(signature, entries).ok_or(HiveError::cell(Fault::SubkeyList, id))
    }

    #[inline]
    fn of(signature: [u8; 2], entries: &'a [u8]) -> Option<Self> {
        let kind = match &signature {
            b"lh" => Kind::Hashes,
            b"lf" => Kind::Hints,
            b"li" => Kind::Plain,
            _ => return None,
        };
        Some(Self { kind, entries })
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len() / self.kind.stride()
    }

    pub(crate) fn get(&self, index: usize) -> Option<KeyId> {
        u32_at(self.entries, index * self.kind.stride()).map(KeyId)
    }

    /// An entry: a key, and its hint or hash.
    #[cfg(feature = "alloc")]
    pub(crate) fn entry(&self, index: usize) -> Option<(KeyId, u32)> {
        let at = index * self.kind.stride();
        let mark = if self.kind == Kind::Plain { 0 } else { u32_at(self.entries, at + 4)? };
        Some((self.get(index)?, mark))
    }

    /// Finds a name by looking at every hash or hint, or at every name where there are none.
    fn scan<N: Name>(&self, hive: Hive<'a>, needle: &Needle<N>) -> Result<Option<Key<'a>>, HiveError> {
        let (pairs, _) = self.entries.as_chunks::<8>();
        let (plain, _) = self.entries.as_chunks::<4>();
        let split = |&pair: &[u8; 8]| {
            let pair = u64::from_le_bytes(pair);
            (pair as u32, (pair >> 32) as u32)
        };
        let mut found = |id: u32| -> Result<Option<Key<'a>>, HiveError> {
            let key = hive.key(KeyId(id))?;
            Ok(needle.is(key.name()).then_some(key))
        };
        match self.kind {
            Kind::Hashes => {
                let hash = needle.hash();
                first(
                    pairs.iter().map(split).filter(|&(_, other)| other == hash).map(|(id, _)| id),
                    &mut found,
                )
            }
            Kind::Hints => {
                let own = needle.hint();
                let candidates = pairs.iter().map(split).filter(|&(_, hint)| may_be(own, hint));
                first(candidates.map(|(id, _)| id), &mut found)
            }
            Kind::Plain => first(plain.iter().map(|&id| u32::from_le_bytes(id)), &mut found),
        }
    }

    /// Where a name is, or would be, in a sorted leaf. Faults on the way are as good as other names.
    pub(crate) fn halve<N: Name>(&self, hive: Hive<'a>, needle: &Needle<N>) -> Result<usize, usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            let key = self.get(middle).and_then(|id| hive.key(id).ok());
            match key.map_or(Ordering::Greater, |key| needle.cmp(key.name())) {
                Ordering::Equal => return Ok(middle),
                Ordering::Greater => low = middle + 1,
                Ordering::Less => high = middle,
            }
        }
        Err(low)
    }
}

fn first<'a>(
    candidates: impl Iterator<Item = u32>,
    mut found: impl FnMut(u32) -> Result<Option<Key<'a>>, HiveError>,
) -> Result<Option<Key<'a>>, HiveError> {
    for id in candidates {
        if let Some(key) = found(id)? {
            return Ok(Some(key));
        }
    }
    Ok(None)
}

/// The leaves of a key's list, one after the other: no more of them than the hive has room for.
#[derive(Clone, Debug)]
pub(crate) struct Leaves<'a> {
    hive: Hive<'a>,
    list: u32,
    /// What is left of an index root.
    root: &'a [u8],
    /// A list that is no index root.
    only: Option<Leaf<'a>>,
    /// How many more keys there may be.
    limit: usize,
}

impl<'a> Leaves<'a> {
    pub(crate) fn new(hive: Hive<'a>, list: u32) -> Result<Self, HiveError> {
        let mut leaves = Self { hive, list, root: &[], only: None, limit: hive.key_limit() };
        if list != NONE {
            let (signature, entries) = split(hive, list)?;
            if signature == *b"ri" {
                leaves.root = entries;
            } else {
                let leaf = Leaf::of(signature, entries);
                leaves.only = Some(leaf.ok_or(HiveError::cell(Fault::SubkeyList, list))?);
            }
        }
        Ok(leaves)
    }

    fn step(&mut self) -> Result<Option<Leaf<'a>>, HiveError> {
        let leaf = match (self.only.take(), self.root.split_first_chunk()) {
            (Some(leaf), _) => leaf,
            (None, Some((id, rest))) => {
                self.root = rest;
                Leaf::read(self.hive, u32::from_le_bytes(*id))?
            }
            (None, None) => return Ok(None),
        };
        self.limit =
            self.limit.checked_sub(leaf.len()).ok_or(HiveError::cell(Fault::SubkeyList, self.list))?;
        Ok(Some(leaf))
    }
}

impl<'a> Iterator for Leaves<'a> {
    type Item = Result<Leaf<'a>, HiveError>;

    fn next(&mut self) -> Option<Self::Item> {
        let leaf = self.step().transpose();
        if matches!(leaf, Some(Err(_))) {
            self.root = &[];
        }
        leaf
    }
}

/// The subkeys of a key. Ends after an error.
#[derive(Clone, Debug)]
pub struct Subkeys<'a> {
    hive: Hive<'a>,
    leaves: Leaves<'a>,
    leaf: Leaf<'a>,
}

impl<'a> Subkeys<'a> {
    pub(crate) fn new(hive: Hive<'a>, list: u32) -> Result<Self, HiveError> {
        let leaf = Leaf { kind: Kind::Plain, entries: &[] };
        Ok(Self { hive, leaves: Leaves::new(hive, list)?, leaf })
    }

    fn step(&mut self) -> Result<Option<KeyId>, HiveError> {
        loop {
            if let Some(id) = self.leaf.get(0) {
                self.leaf.entries = self.leaf.entries.get(self.leaf.kind.stride()..).unwrap_or_default();
                return Ok(Some(id));
            }
            match self.leaves.step()? {
                Some(leaf) => self.leaf = leaf,
                None => return Ok(None),
            }
        }
    }
}

impl<'a> Iterator for Subkeys<'a> {
    type Item = Result<Key<'a>, HiveError>;

    fn next(&mut self) -> Option<Self::Item> {
        let id = self.step().transpose()?;
        let key = id.and_then(|id| self.hive.key(id));
        if key.is_err() {
            (self.leaves.root, self.leaf.entries) = (&[], &[]);
        }
        Some(key)
    }
}

/// The key at an index of a list. One step per leaf.
pub(crate) fn at(hive: Hive<'_>, list: u32, mut index: usize) -> Result<Option<Key<'_>>, HiveError> {
    for leaf in Leaves::new(hive, list)? {
        let leaf = leaf?;
        match leaf.get(index) {
            Some(id) => return hive.key(id).map(Some),
            None => index -= leaf.len(),
        }
    }
    Ok(None)
}

/// Finds a name in a list: by halving where that pays, otherwise, or when the list proves unsorted, everywhere.
pub(crate) fn find<'a, N: Name>(
    hive: Hive<'a>,
    list: u32,
    needle: &Needle<N>,
) -> Result<Option<Key<'a>>, HiveError> {
    if list == NONE {
        return Ok(None);
    }
    let (signature, entries) = split(hive, list)?;
    if let Some(leaf) = Leaf::of(signature, entries) {
        let from = if leaf.kind == Kind::Plain { HALVE_FROM / 16 } else { HALVE_FROM };
        if leaf.len() >= from
            && let Ok(at) = leaf.halve(hive, needle)
        {
            return leaf.get(at).map(|id| hive.key(id)).transpose();
        }
        return leaf.scan(hive, needle);
    }
    let leaves = Leaves::new(hive, list)?;
    if let Some(key) = find_sorted(hive, leaves.clone(), needle) {
        return Ok(Some(key));
    }
    for leaf in leaves {
        if let Some(key) = leaf?.scan(hive, needle)? {
            return Ok(Some(key));
        }
    }
    Ok(None)
}

/// Finds a name on the assumption that all is in order. Not to be found says nothing.
fn find_sorted<'a, N: Name>(hive: Hive<'a>, leaves: Leaves<'a>, needle: &Needle<N>) -> Option<Key<'a>> {
    for leaf in leaves {
        let leaf = leaf.ok()?;
        let last = hive.key(leaf.get(leaf.len().checked_sub(1)?)?).ok()?;
        if needle.cmp(last.name()) != Ordering::Greater {
            let index = leaf.halve(hive, needle).ok()?;
            return hive.key(leaf.get(index)?).ok();
        }
    }
    None
}

/// The leaves of a list, if it is an index root.
#[cfg(feature = "alloc")]
pub(crate) fn index_root(hive: Hive<'_>, list: u32) -> Result<Option<Vec<u32>>, HiveError> {
    let (signature, entries) = split(hive, list)?;
    let (ids, _) = entries.as_chunks::<4>();
    Ok((signature == *b"ri").then(|| ids.iter().map(|id| u32::from_le_bytes(*id)).collect()))
}

/// Which leaf of an index root a name belongs to: its place and its cell.
#[cfg(feature = "alloc")]
pub(crate) fn leaf_for<N: Name>(
    hive: Hive<'_>,
    root: &[u32],
    needle: &Needle<N>,
) -> Result<(usize, u32), HiveError> {
    let mut place = None;
    for (index, &id) in root.iter().enumerate() {
        place = Some((index, id));
        let leaf = Leaf::read(hive, id)?;
        if let Some(last) = leaf.len().checked_sub(1).and_then(|last| leaf.get(last))
            && needle.cmp(hive.key(last)?.name()) != Ordering::Greater
        {
            break;
        }
    }
    place.ok_or(HiveError::cell(Fault::SubkeyList, NONE))
}
