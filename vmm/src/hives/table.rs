//! Reads the guest's table of hives. Every field is the guest's word: it is checked before it is used.

use nt::hives::{
    HIVE_NAME_MAX, HIVE_PAGE, HIVE_PAGES_MAX, HIVE_TABLE_MAGIC, HIVES_MAX, HiveEntry, HiveTable, is_hive_name,
};
use nt::kd::{DebuggerData, KD_VERSION, padded_str};

use crate::trace::reader::{GuestBytes, debugger_data, object};

/// A hive in guest memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestHive {
    /// The name of its file; no path.
    pub name: String,
    pages: u32,
    page_list: u64,
}

/// Why there are no hives to be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// The kernel has none, or is none of ours.
    #[error("the guest has left no table of its hives")]
    Missing,
    /// The table is not one.
    #[error("the guest's table of hives is unusable: {0}")]
    Table(&'static str),
    /// A hive is not one.
    #[error("the guest's hive {0} is unusable: {1}")]
    Hive(String, &'static str),
}

/// The hives in the table of a guest with so many pages of RAM. `debugger_data` is the address from the
/// kernel's ELF note.
///
/// # Errors
/// [`TableError`] for the first thing that cannot be true.
pub fn hives(
    memory: &impl GuestBytes,
    debugger_data_address: u64,
    ram_pages: u64,
) -> Result<Vec<GuestHive>, TableError> {
    let data = debugger_data(memory, debugger_data_address).ok_or(TableError::Missing)?;
    // A kernel from before there were tables has a shorter block.
    if (data.size as usize) < size_of::<DebuggerData>() || data.hives == 0 {
        return Err(TableError::Missing);
    }
    let table: HiveTable = object(memory, data.hives).ok_or(TableError::Table("it is not in RAM"))?;
    if table.magic != HIVE_TABLE_MAGIC {
        return Err(TableError::Table("it does not begin as one"));
    }
    if table.version != KD_VERSION {
        return Err(TableError::Table("it has another version"));
    }
    if table.count > HIVES_MAX {
        return Err(TableError::Table("it has too many entries"));
    }
    let mut hives: Vec<GuestHive> = Vec::new();
    let mut left = ram_pages;
    for index in 0..u64::from(table.count) {
        let offset = (size_of::<HiveTable>() as u64) + index * (size_of::<HiveEntry>() as u64);
        let entry = data.hives.checked_add(offset).and_then(|address| object::<HiveEntry>(memory, address));
        let entry = entry.ok_or(TableError::Table("an entry is not in RAM"))?;
        let hive = check(&entry, &mut left)?;
        if hives.iter().any(|other| other.name.eq_ignore_ascii_case(&hive.name)) {
            return Err(TableError::Hive(hive.name, "there are two of that name"));
        }
        hives.push(hive);
    }
    Ok(hives)
}

/// `left` is how many pages the hives may still have: together no more than there is RAM.
fn check(entry: &HiveEntry, left: &mut u64) -> Result<GuestHive, TableError> {
    let name = padded_str(&entry.name);
    let is_padded = entry.name.get(name.len()..).is_none_or(|rest| rest.iter().all(|&byte| byte == 0));
    if !is_hive_name(name) || !is_padded {
        return Err(TableError::Table("an entry's name is none that a file may have"));
    }
    let fail = |why| Err(TableError::Hive(name.to_owned(), why));
    if entry.pages == 0 || entry.pages > HIVE_PAGES_MAX {
        return fail("no hive has that many pages");
    }
    match left.checked_sub(entry.pages.into()) {
        Some(rest) => *left = rest,
        None => return fail("it has more pages than the guest"),
    }
    Ok(GuestHive { name: name.to_owned(), pages: entry.pages, page_list: entry.page_list })
}

impl GuestHive {
    /// The hive's bytes.
    ///
    /// # Errors
    /// [`TableError::Hive`] when a page is not where the list says.
    pub fn read(&self, memory: &impl GuestBytes) -> Result<Vec<u8>, TableError> {
        let fail = |why| TableError::Hive(self.name.clone(), why);
        let mut bytes = Vec::new();
        let len = u64::from(self.pages) * HIVE_PAGE;
        bytes.try_reserve_exact(len as usize).map_err(|_| fail("the host lacks the memory for it"))?;
        let mut page = [0; HIVE_PAGE as usize];
        for index in 0..u64::from(self.pages) {
            let mut address = [0; 8];
            let place = self.page_list.checked_add(index * 8);
            if !place.is_some_and(|place| memory.read(place, &mut address)) {
                return Err(fail("the list of its pages is not in RAM"));
            }
            let address = u64::from_le_bytes(address);
            if !address.is_multiple_of(HIVE_PAGE) || !memory.read(address, &mut page) {
                return Err(fail("one of its pages is no page of RAM"));
            }
            bytes.extend_from_slice(&page);
        }
        Ok(bytes)
    }
}

const _: () = assert!(HIVE_NAME_MAX <= 255, "a file of the host may have the name");

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
