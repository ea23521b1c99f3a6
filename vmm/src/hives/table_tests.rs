use nt::kd::DEBUGGER_DATA_MAGIC;
use zerocopy::{FromZeros, Immutable, IntoBytes};

use super::*;
use crate::trace::reader::RamImage;

const KD: u64 = 0x100;
const TABLE: u64 = 0x200;
const LIST: u64 = 0x800;
const PAGES: u64 = 16;

/// A guest's RAM with a table of hives that have pages 3, 2, 3, … of it.
struct Ram(Vec<u8>);

impl Ram {
    fn new(hives: &[(&str, u32)]) -> Self {
        let mut ram = Self(vec![0; (PAGES * HIVE_PAGE) as usize]);
        let mut data = DebuggerData::new_zeroed();
        (data.magic, data.version) = (DEBUGGER_DATA_MAGIC, KD_VERSION);
        (data.size, data.hives) = (size_of::<DebuggerData>() as u32, TABLE);
        ram.put(KD, &data);
        ram.put(TABLE, &HiveTable::new(hives.len() as u32));
        for (index, (name, pages)) in (0..).zip(hives) {
            ram.put(Self::entry(index), &HiveEntry::new(name, *pages, LIST).expect("a good name"));
        }
        for (at, page) in (LIST..).step_by(8).zip([3, 2, 3, 15]) {
            ram.put(at, &(page * HIVE_PAGE));
        }
        for (page, bytes) in (0..).zip(ram.0.chunks_mut(HIVE_PAGE as usize)).skip(1) {
            bytes.fill(page);
        }
        ram
    }

    fn entry(index: u64) -> u64 {
        TABLE + 16 + index * 48
    }

    fn put<T: IntoBytes + Immutable>(&mut self, address: u64, object: &T) {
        self.0[address as usize..][..size_of::<T>()].copy_from_slice(object.as_bytes());
    }

    fn hives(&self) -> Result<Vec<GuestHive>, TableError> {
        hives(&RamImage(&self.0), KD, PAGES)
    }

    fn contents(&self) -> Result<Vec<Vec<u8>>, TableError> {
        self.hives()?.iter().map(|hive| hive.read(&RamImage(&self.0))).collect()
    }
}

#[test]
fn hives_are_gathered_page_by_page() {
    let ram = Ram::new(&[("SYSTEM", 4), ("SOFTWARE", 1)]);
    let names: Vec<String> = ram.hives().expect("a good table").into_iter().map(|hive| hive.name).collect();
    assert_eq!(names, ["SYSTEM", "SOFTWARE"]);
    let pages = |pages: &[u8]| -> Vec<u8> { pages.iter().flat_map(|&page| [page; 4096]).collect() };
    assert_eq!(ram.contents(), Ok(vec![pages(&[3, 2, 3, 15]), pages(&[3])]));
    assert_eq!(Ram::new(&[]).contents(), Ok(vec![]));
}

#[test]
fn guests_without_a_table_are_told_apart() {
    let none = Ram(vec![0; 0x1000]);
    assert_eq!(none.hives(), Err(TableError::Missing));
    let mut not_yet = Ram::new(&[]);
    not_yet.put(KD + 32, &0_u64);
    assert_eq!(not_yet.hives(), Err(TableError::Missing));
    let mut older = Ram::new(&[]);
    older.put(KD + 12, &32_u32);
    assert_eq!(older.hives(), Err(TableError::Missing));
}

#[test]
fn tables_that_lie_are_refused() {
    let cases: [(u64, u64, &str); 11] = [
        (KD + 32, PAGES * HIVE_PAGE, "not in RAM"),
        (KD + 32, u64::MAX - 3, "not in RAM"),
        (KD + 32, PAGES * HIVE_PAGE - 32, "does not begin"),
        (TABLE, 7, "does not begin"),
        (TABLE + 8, 2 << 32 | 2, "another version"),
        (TABLE + 8, u64::from(HIVES_MAX + 1) << 32 | 1, "too many entries"),
        (TABLE + 8, 3 << 32 | 1, "name"),
        (TABLE + 16, u64::from_le_bytes(*b"../x\0\0\0\0"), "name"),
        (TABLE + 16, u64::from_le_bytes(*b"A\0B\0\0\0\0\0"), "name"),
        (TABLE + 16 + 32, 0, "many pages"),
        (TABLE + 16 + 32, u64::from(u32::MAX), "many pages"),
    ];
    for (address, value, why) in cases {
        let mut ram = Ram::new(&[("SYSTEM", 4), ("SOFTWARE", 1)]);
        ram.put(address, &value);
        let error = ram.hives().expect_err(why).to_string();
        assert!(error.contains(why), "{address:#x}: {error}");
    }
    let twice = Ram::new(&[("SYSTEM", 4), ("system", 1)]).hives();
    assert_eq!(twice, Err(TableError::Hive("system".into(), "there are two of that name")));
    // However often a page is listed, no more is written than the guest has memory.
    let large = Ram::new(&[("A", 15), ("B", 1), ("C", 1)]).hives();
    assert_eq!(large, Err(TableError::Hive("C".into(), "it has more pages than the guest")));
}

/// The last entry would go beyond the end of RAM, or of the address space.
#[test]
fn entries_must_be_in_ram() {
    let mut ram = Ram::new(&[]);
    let table = PAGES * HIVE_PAGE - 16;
    ram.put(table, &HiveTable::new(1));
    ram.put(KD + 32, &table);
    assert_eq!(ram.hives(), Err(TableError::Table("an entry is not in RAM")));
}

#[test]
fn pages_that_are_none_are_refused() {
    let page = "one of its pages is no page of RAM";
    let list = "the list of its pages is not in RAM";
    for (address, value, why) in [
        (LIST + 8, HIVE_PAGE + 8, page),
        (LIST + 24, PAGES * HIVE_PAGE, page),
        (LIST, !0xFFF, page),
        (Ram::entry(0) + 40, PAGES * HIVE_PAGE - 4, list),
        (Ram::entry(0) + 40, u64::MAX - 10, list),
    ] {
        let mut ram = Ram::new(&[("SYSTEM", 4)]);
        ram.put(address, &value);
        assert_eq!(ram.contents(), Err(TableError::Hive("SYSTEM".into(), why)), "{address:#x}");
    }
}

/// Whatever a word says, the reader comes to an end, and gives no more than there is RAM.
#[test]
fn no_word_makes_the_reader_panic_or_run_away() {
    let values =
        [0, 1, 7, HIVE_PAGE, PAGES * HIVE_PAGE - 8, 1 << 32, 1 << 52, 1 << 63, u64::MAX - 7, u64::MAX];
    for address in (KD..KD + 40).chain(TABLE..TABLE + 112).chain(LIST..LIST + 32).step_by(4) {
        for value in values {
            let mut ram = Ram::new(&[("SYSTEM", 4), ("SOFTWARE", 1)]);
            ram.put(address, &value);
            let len: usize = ram.contents().unwrap_or_default().iter().map(Vec::len).sum();
            assert!(len as u64 <= PAGES * HIVE_PAGE, "{address:#x} {value:#x}");
        }
    }
}
