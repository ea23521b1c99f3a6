//! What is left of a name: a rope, so that following a link copies nothing.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::name::SEPARATOR;

/// The rest of a name behind an object that parses names itself: empty, or with a leading `\`; relative to
/// such an object (as a root directory) without one.
///
/// It is the end of the caller's name, or the end of a link's target and then that. Eight words at most, so that
/// moving one is no call.
#[derive(Clone, Debug)]
#[expect(clippy::box_collection, reason = "a word instead of three")]
pub struct Rest<'a> {
    /// Empty only if all is.
    current: &'a [u16],
    /// What follows. Each part begins with a separator; the first empty one ends them.
    next: [&'a [u16]; 2],
    /// What follows that, the last one first.
    more: Option<Box<Vec<&'a [u16]>>>,
}

impl<'a> Rest<'a> {
    #[inline]
    pub(crate) fn new(name: &'a [u16]) -> Self {
        Self { current: name, next: [&[]; 2], more: None }
    }

    /// Whether nothing is left.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.current.is_empty()
    }

    /// Length in units.
    pub fn len(&self) -> usize {
        let more = self.more.as_ref().map_or(0, |more| more.iter().map(|part| part.len()).sum());
        self.current.len() + self.next[0].len() + self.next[1].len() + more
    }

    /// The pieces it consists of.
    pub fn parts(&self) -> impl Iterator<Item = &'a [u16]> {
        [self.current, self.next[0], self.next[1]]
            .into_iter()
            .chain(self.more.iter().flat_map(|more| more.iter().rev().copied()))
    }

    /// A copy in one piece.
    pub fn to_vec(&self) -> Vec<u16> {
        let mut all = Vec::with_capacity(self.len());
        self.parts().for_each(|part| all.extend_from_slice(part));
        all
    }

    /// Where in the caller's `name` it begins, if it is the end of it: then no copy is needed.
    pub fn within(&self, name: &[u16]) -> Option<usize> {
        let is_end = self.next[0].is_empty() && self.current.as_ptr_range().end == name.as_ptr_range().end;
        if self.is_empty() || is_end { name.len().checked_sub(self.current.len()) } else { None }
    }

    /// The piece that the next component is in.
    #[inline]
    pub(crate) fn current(&self) -> &'a [u16] {
        self.current
    }

    /// Replaces the current piece by what is left of it, or by [`Self::next_piece`].
    #[inline]
    pub(crate) fn set_current(&mut self, left: &'a [u16]) {
        self.current = left;
    }

    /// Takes the piece after the current one; empty at the end.
    #[inline]
    pub(crate) fn next_piece(&mut self) -> &'a [u16] {
        let next = self.next[0];
        if !next.is_empty() {
            self.next[0] = self.next[1];
            self.next[1] = self.more.as_mut().and_then(|more| more.pop()).unwrap_or_default();
        }
        next
    }

    /// Drops units of the current piece.
    pub(crate) fn skip(&mut self, units: usize) {
        self.current = self.current.get(units..).unwrap_or_default();
        if self.current.is_empty() {
            self.current = self.next_piece();
        }
    }

    /// Puts a link's target in front. Two separators that meet become one.
    pub(crate) fn prepend(&mut self, target: &'a [u16]) {
        let target = match target {
            [start @ .., SEPARATOR] if !self.is_empty() => start,
            whole => whole,
        };
        if target.is_empty() {
            return;
        }
        if !self.current.is_empty() {
            if !self.next[1].is_empty() {
                self.more.get_or_insert_default().push(self.next[1]);
            }
            self.next = [self.current, self.next[0]];
        }
        self.current = target;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(effort::times(256)))]

        /// Against a name that is really put together.
        #[test]
        fn is_as_if_it_were_one_piece(steps in proptest::collection::vec((0_usize..6, 0_u8..5), 0..40)) {
            let texts: Vec<Vec<u16>> = ["\\abcdef", "", "\\", "\\a\\b", "\\xyz\\"].iter().map(|text| text.encode_utf16().collect()).collect();
            let name = &texts[0];
            let mut rest = Rest::new(name);
            let mut model = name.clone();
            for (skip, text) in steps {
                let skip = skip.min(rest.current().len());
                rest.skip(skip);
                model.drain(..skip);
                if model.is_empty() || model[0] == SEPARATOR {
                    let target = &texts[usize::from(text)];
                    rest.prepend(target);
                    let mut joined = target.clone();
                    if joined.last() == Some(&SEPARATOR) && !model.is_empty() {
                        joined.pop();
                    }
                    joined.extend(&model);
                    model = joined;
                }
                prop_assert_eq!(rest.to_vec(), model.clone());
                prop_assert_eq!(rest.is_empty(), model.is_empty());
                if let Some(at) = rest.within(name) {
                    prop_assert_eq!(&name[at..], &model);
                }
            }
        }
    }
}
