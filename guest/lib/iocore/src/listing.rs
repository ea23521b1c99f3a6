//! The records in which a listing of a folder is told. Source: "[MS-FSCC]" 2.4, of each class; what happens at the
//! end of the buffer: Microsoft's documentation of `NtQueryDirectoryFile`.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::file::class;

/// Times of a file, in 100 ns since 1601, UTC; 0 for none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// When it was made.
    pub creation: i64,
    /// When it was last read.
    pub access: i64,
    /// When it was last written.
    pub write: i64,
    /// When anything of it last changed.
    pub change: i64,
}

/// What is told of a file or folder in a folder.
#[derive(Clone, Copy, Debug, Default)]
pub struct DirectoryEntry<'a> {
    /// Its name.
    pub name: &'a [u16],
    /// Its times.
    pub times: Times,
    /// Its length in bytes.
    pub end_of_file: u64,
    /// Bytes that it takes on its volume.
    pub allocation: u64,
    /// `nt::file::attribute`.
    pub attributes: u32,
    /// Its number on its volume.
    pub number: u64,
}

/// Which fields a class has, by where they are.
#[derive(Clone, Copy, Debug)]
struct Layout {
    /// Times, sizes and attributes, from 8 on.
    has_details: bool,
    /// NameLength.
    name_length: usize,
    /// FileId.
    number: Option<usize>,
    /// FileName: the fixed part ends here.
    name: usize,
    /// Size of the structure: the least buffer.
    least: usize,
}

impl Layout {
    fn of(class: u32) -> Result<Self, NtStatus> {
        let details = |number, name, least| Self { has_details: true, name_length: 60, number, name, least };
        match class {
            class::DIRECTORY => Ok(details(None, 64, 72)),
            class::FULL_DIRECTORY => Ok(details(None, 68, 72)),
            class::ID_FULL_DIRECTORY => Ok(details(Some(72), 80, 88)),
            class::BOTH_DIRECTORY => Ok(details(None, 94, 96)),
            class::ID_BOTH_DIRECTORY => Ok(details(Some(96), 104, 112)),
            class::NAMES => {
                Ok(Self { has_details: false, name_length: 8, number: None, name: 12, least: 16 })
            }
            _ => Err(NtStatus::INVALID_INFO_CLASS),
        }
    }
}

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is in the listing.
    Whole,
    /// It is the first one, and its name is cut: BUFFER_OVERFLOW.
    Cut,
    /// It is not in the listing: there is no room left.
    NoRoom,
}

/// A listing in the making.
#[derive(Debug)]
pub struct Listing {
    layout: Layout,
    room: usize,
    bytes: Vec<u8>,
    last: Option<usize>,
}

impl Listing {
    /// A listing of that class for a buffer of `room` bytes.
    ///
    /// # Errors
    /// INVALID_INFO_CLASS, INFO_LENGTH_MISMATCH.
    pub fn new(class: u32, room: u32) -> Result<Self, NtStatus> {
        let layout = Layout::of(class)?;
        let room = room as usize;
        match room < layout.least {
            true => Err(NtStatus::INFO_LENGTH_MISMATCH),
            false => Ok(Self { layout, room, bytes: Vec::new(), last: None }),
        }
    }

    /// Adds an entry, if it fits.
    pub fn add(&mut self, entry: &DirectoryEntry<'_>) -> Added {
        let start = self.bytes.len().next_multiple_of(8);
        let fixed = start + self.layout.name;
        let name_bytes = entry.name.len() * 2;
        let room = self.room.saturating_sub(fixed);
        let added = match (room < name_bytes, self.last) {
            (true, Some(_)) => return Added::NoRoom,
            (true, None) => Added::Cut,
            (false, _) => Added::Whole,
        };
        self.bytes.resize(fixed, 0);
        if let Some(last) = self.last {
            self.put(last, &((start - last) as u32).to_le_bytes());
        }
        if self.layout.has_details {
            let Times { creation, access, write, change } = entry.times;
            let details =
                [creation, access, write, change, entry.end_of_file as i64, entry.allocation as i64];
            for (n, value) in details.into_iter().enumerate() {
                self.put(start + 8 + 8 * n, &value.to_le_bytes());
            }
            self.put(start + 56, &entry.attributes.to_le_bytes());
        }
        self.put(start + self.layout.name_length, &(name_bytes as u32).to_le_bytes());
        if let Some(at) = self.layout.number {
            self.put(start + at, &entry.number.to_le_bytes());
        }
        let name = entry.name.iter().flat_map(|unit| unit.to_le_bytes());
        self.bytes.extend(name.take(room));
        self.last = Some(start);
        added
    }

    /// Whether nothing has been added.
    pub fn is_empty(&self) -> bool {
        self.last.is_none()
    }

    /// The listing as it goes to the caller.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn put(&mut self, at: usize, value: &[u8]) {
        if let Some(place) = self.bytes.get_mut(at..at + value.len()) {
            place.copy_from_slice(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use proptest::prelude::*;

    const CLASSES: [u32; 6] = [
        class::DIRECTORY,
        class::FULL_DIRECTORY,
        class::BOTH_DIRECTORY,
        class::NAMES,
        class::ID_BOTH_DIRECTORY,
        class::ID_FULL_DIRECTORY,
    ];

    fn number(bytes: &[u8], at: usize) -> usize {
        u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes")) as usize
    }

    /// Reads a listing as a program would.
    fn read(bytes: &[u8], layout: Layout) -> Vec<String> {
        let (mut at, mut names) = (0, Vec::new());
        loop {
            let start = at + layout.name;
            let len = number(bytes, at + layout.name_length);
            let units: Vec<u16> = bytes[start..start + len]
                .chunks_exact(2)
                .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
                .collect();
            names.push(String::from_utf16(&units).expect("text"));
            match number(bytes, at) {
                0 => return names,
                next => at += next,
            }
            assert!(at.is_multiple_of(8));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(effort::times(256)))]

        #[test]
        fn programs_find_the_names_that_fitted(
            names in proptest::collection::vec("[a-zä.]{1,20}", 1..12), room in 112_u32..600
        ) {
            for class in CLASSES {
                let mut listing = Listing::new(class, room).expect("room for one");
                let layout = listing.layout;
                let mut whole = Vec::new();
                for name in &names {
                    let units: Vec<u16> = name.encode_utf16().collect();
                    match listing.add(&DirectoryEntry { name: &units, ..DirectoryEntry::default() }) {
                        Added::Whole => whole.push(name.clone()),
                        Added::Cut => prop_assert!(whole.is_empty()),
                        Added::NoRoom => break,
                    }
                    if whole.is_empty() {
                        break;
                    }
                }
                let bytes = listing.into_bytes();
                prop_assert!(bytes.len() <= room as usize);
                if !whole.is_empty() {
                    prop_assert_eq!(read(&bytes, layout), whole);
                }
            }
        }
    }

    #[test]
    fn fields_are_where_the_structures_have_them() {
        let entry = DirectoryEntry {
            name: &[0x41, 0x42],
            times: Times { creation: 1, access: 2, write: 3, change: 4 },
            end_of_file: 5,
            allocation: 4096,
            attributes: 7,
            number: 8,
        };
        let mut listing = Listing::new(class::ID_BOTH_DIRECTORY, 200).expect("room");
        assert_eq!(listing.add(&entry), Added::Whole);
        let bytes = listing.into_bytes();
        let fields = [8, 16, 24, 32, 40, 48, 56, 60, 64, 68, 96].map(|at| number(&bytes, at));
        assert_eq!(fields, [1, 2, 3, 4, 5, 4096, 7, 4, 0, 0, 8]);
        assert_eq!(bytes[104..], [0x41, 0, 0x42, 0]);
    }

    #[test]
    fn a_first_name_that_does_not_fit_is_cut_and_unknown_classes_are_refused() {
        let mut listing = Listing::new(class::NAMES, 16).expect("room");
        let entry = DirectoryEntry { name: &[1, 2, 3], ..DirectoryEntry::default() };
        assert_eq!(listing.add(&entry), Added::Cut);
        assert_eq!(listing.add(&entry), Added::NoRoom);
        let bytes = listing.into_bytes();
        assert_eq!((bytes.len(), number(&bytes, 8)), (16, 6));
        assert_eq!(Listing::new(class::NAMES, 15).err(), Some(NtStatus::INFO_LENGTH_MISMATCH));
        assert_eq!(Listing::new(class::BASIC, 500).err(), Some(NtStatus::INVALID_INFO_CLASS));
    }
}
