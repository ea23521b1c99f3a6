//! The ways that the last absolute names took: who asks for the same, or for something beside it, goes on from where the
//! names part.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::key::Key;
use super::walk::SEPARATOR;

/// So many ways are kept.
const SLOTS: usize = 8;

/// Ways, each in the slot of its name.
#[derive(Debug)]
pub struct Trails {
    slots: [Trail; SLOTS],
    /// The slot of the last name.
    last: usize,
}

/// A name and the keys on its way.
#[derive(Debug)]
struct Trail {
    name: Vec<u16>,
    /// Where each key's name ends, and the key.
    keys: Vec<(usize, Arc<Key>)>,
}

impl Trails {
    /// No way yet.
    pub const fn new() -> Self {
        Self { slots: [const { Trail { name: Vec::new(), keys: Vec::new() } }; SLOTS], last: 0 }
    }

    /// A key is gone or leads elsewhere: the ways may be others now.
    pub fn forget(&mut self) {
        for trail in &mut self.slots {
            trail.name.clear();
            trail.keys.clear();
        }
    }

    /// How much of a name leads the same way as the last one of its slot, and to which key. Everything beyond is forgotten.
    /// Names in another case are other names.
    #[inline]
    pub fn follow(&mut self, name: &[u16]) -> Option<(usize, Arc<Key>)> {
        let last = core::mem::replace(&mut self.last, slot(name));
        if last != self.last
            && let Ok([last, trail]) = self.slots.get_disjoint_mut([last, self.last])
            && trail.keys.is_empty()
        {
            // The first name of its slot begins as the last one did, as far as it does.
            let count = last.shared(name);
            for (end, key) in last.keys.iter().take(count) {
                trail.add(name, *end, key);
            }
        }
        let trail = self.slots.get_mut(self.last)?;
        let count = trail.shared(name);
        trail.keys.truncate(count);
        let found = trail.keys.last().cloned();
        trail.name.truncate(found.as_ref().map_or(0, |&(end, _)| end));
        found
    }

    /// The name that was followed last has led to a key at some place.
    pub fn add(&mut self, name: &[u16], end: usize, key: &Arc<Key>) {
        if let Some(trail) = self.slots.get_mut(self.last) {
            trail.add(name, end, key);
        }
    }
}

impl Trail {
    /// How many keys are on the way of a name.
    fn shared(&self, name: &[u16]) -> usize {
        let same = common(&self.name, name);
        let is_end = |end: usize| end <= same && name.get(end).is_none_or(|&unit| unit == SEPARATOR);
        self.keys.iter().rposition(|&(end, _)| is_end(end)).map_or(0, |last| last + 1)
    }

    fn add(&mut self, name: &[u16], end: usize, key: &Arc<Key>) {
        if self.keys.capacity() == 0 {
            self.keys.reserve(16);
            self.name.reserve(128);
        }
        if self.name.len() < end {
            // All of it at once: what no key stands for is never looked at.
            self.name.extend_from_slice(name.get(self.name.len()..).unwrap_or_default());
        }
        self.keys.push((end, key.clone()));
    }
}

/// The slot of a name, by two units: `Machine\System\CurrentControlSet`, `Machine\System\Setup`, `Machine\Software` and
/// `Machine\Hardware` have one each.
fn slot(name: &[u16]) -> usize {
    let unit = |at: usize| usize::from(name.get(at).copied().unwrap_or_default());
    (5 * unit(9) + unit(15)) / 16 % SLOTS
}

/// How many units two names begin with in common: all of them if one is the beginning of the other.
fn common(a: &[u16], b: &[u16]) -> usize {
    let (fours_a, fours_b) = (a.as_chunks::<4>().0, b.as_chunks::<4>().0);
    let fours = fours_a.iter().zip(fours_b).take_while(|(a, b)| word(a) == word(b)).count();
    let (rest_a, rest_b) = (a.iter().skip(4 * fours), b.iter().skip(4 * fours));
    4 * fours + rest_a.zip(rest_b).take_while(|(a, b)| a == b).count()
}

/// Four units in one.
fn word([a, b, c, d]: &[u16; 4]) -> u64 {
    u64::from(*a) | u64::from(*b) << 16 | u64::from(*c) << 32 | u64::from(*d) << 48
}
