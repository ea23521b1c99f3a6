//! Lists of named entries, as the session manager keeps its values (spec/smss.md 1.3 step 3).

use alloc::vec::Vec;

use nt::{NtStatus, upcase};

/// A name and what is stored under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name; for command lines and paging files the line itself.
    pub name: Vec<u16>,
    /// The data; empty where the name says it all.
    pub value: Vec<u16>,
}

/// Entries in stored order, each name once, whatever its case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List(Vec<Entry>);

/// Whether two texts are the same but for their case.
pub fn same(left: &[u16], right: &[u16]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(&left, &right)| upcase(left) == upcase(right))
}

impl List {
    /// An empty one.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Stores an entry: behind the others, or in the place of that of its name. OBJECT_NAME_EXISTS says that the
    /// same was there already.
    pub fn save(&mut self, name: &[u16], value: &[u16]) -> NtStatus {
        match self.0.iter_mut().find(|entry| same(&entry.name, name)) {
            Some(entry) if entry.value == value => NtStatus::OBJECT_NAME_EXISTS,
            Some(entry) => {
                entry.value = value.to_vec();
                NtStatus::SUCCESS
            }
            None => {
                self.0.push(Entry { name: name.to_vec(), value: value.to_vec() });
                NtStatus::SUCCESS
            }
        }
    }

    /// Takes the entry of that name out.
    pub fn take(&mut self, name: &[u16]) -> Option<Entry> {
        let at = self.0.iter().position(|entry| same(&entry.name, name))?;
        Some(self.0.remove(at))
    }

    /// The entry of that name.
    pub fn find(&self, name: &[u16]) -> Option<&Entry> {
        self.0.iter().find(|entry| same(&entry.name, name))
    }

    /// Puts an entry behind the others as it is.
    pub fn push(&mut self, entry: Entry) {
        self.0.push(entry);
    }

    /// The entries, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.0
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    fn names(list: &List) -> Vec<String> {
        list.entries().iter().map(|entry| String::from_utf16_lossy(&entry.name)).collect()
    }

    #[test]
    fn names_are_stored_once_in_their_first_place() {
        let mut list = List::new();
        assert_eq!(list.save(&wide("NUL"), &wide("a")), NtStatus::SUCCESS);
        assert_eq!(list.save(&wide("AUX"), &wide("b")), NtStatus::SUCCESS);
        assert_eq!(list.save(&wide("nul"), &wide("a")), NtStatus::OBJECT_NAME_EXISTS);
        assert_eq!(list.save(&wide("nul"), &wide("A")), NtStatus::SUCCESS);
        assert_eq!(names(&list), ["NUL", "AUX"]);
        assert_eq!(list.find(&wide("Nul")).map(|entry| entry.value.clone()), Some(wide("A")));
    }

    #[test]
    fn taking_keeps_the_order_of_the_rest() {
        let mut list = List::new();
        for name in ["a", "b", "c"] {
            list.save(&wide(name), &[]);
        }
        assert_eq!(list.take(&wide("B")).map(|entry| entry.name), Some(wide("b")));
        assert_eq!(list.take(&wide("B")), None);
        assert_eq!(names(&list), ["a", "c"]);
        assert_eq!((list.len(), list.is_empty()), (2, false));
    }
}
