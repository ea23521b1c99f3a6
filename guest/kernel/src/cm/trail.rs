//! The way that the last absolute name took: who asks for the same, or for something beside it, goes on from where the
//! names part.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::key::Key;
use super::walk::SEPARATOR;

/// A name and the keys on its way.
#[derive(Debug)]
pub struct Trail {
    name: Vec<u16>,
    /// Where each key's name ends, and the key.
    keys: Vec<(usize, Arc<Key>)>,
}

impl Trail {
    /// No way yet.
    pub const fn new() -> Self {
        Self { name: Vec::new(), keys: Vec::new() }
    }

    /// A key is gone or leads elsewhere: the way may be another one now.
    pub fn forget(&mut self) {
        self.name.clear();
        self.keys.clear();
    }

    /// How much of a name leads the same way, and to which key. Everything beyond is forgotten. Names in another case are
    /// other names.
    #[inline]
    pub fn follow(&mut self, name: &[u16]) -> Option<(usize, Arc<Key>)> {
        let same = common(&self.name, name);
        let is_end = |end: usize| end <= same && name.get(end).is_none_or(|&unit| unit == SEPARATOR);
        let count = self.keys.iter().rposition(|&(end, _)| is_end(end)).map_or(0, |last| last + 1);
        self.keys.truncate(count);
        let last = self.keys.last().cloned();
        self.name.truncate(last.as_ref().map_or(0, |&(end, _)| end));
        last
    }

    /// A name, which begins like that of the trail, has led to a key at some place.
    pub fn add(&mut self, name: &[u16], end: usize, key: &Arc<Key>) {
        if self.keys.capacity() == 0 {
            self.keys.reserve(16);
            self.name.reserve(128);
        }
        self.name.extend_from_slice(name.get(self.name.len()..end).unwrap_or_default());
        self.keys.push((end, key.clone()));
    }
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
