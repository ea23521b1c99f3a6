//! The table of hives that is left for the monitor (`nt::hives`).

use alloc::vec::Vec;

use nt::hives::{HiveEntry, HiveTable};
use zerocopy::IntoBytes;

use crate::cell::KernelCell;
use crate::{phys, trace};

/// The table and the lists of pages that it refers to. The monitor reads them when the system is off.
static TABLE: KernelCell<(Vec<u8>, Vec<Vec<u64>>)> = KernelCell::new((Vec::new(), Vec::new()));

/// Leaves hives: the name of each one's file, and its pages' physical addresses. What was left before counts no more. A hive
/// whose name no file may have is left out.
pub fn publish(hives: Vec<(&str, Vec<u64>)>) {
    let (mut entries, mut lists, mut count) = (Vec::new(), Vec::new(), 0);
    for (name, pages) in hives {
        // The list's address does not change when the vector moves.
        let list = phys::address_of(pages.as_ptr());
        if let Some(entry) = HiveEntry::new(name, pages.len() as u32, list) {
            entries.extend_from_slice(entry.as_bytes());
            lists.push(pages);
            count += 1;
        }
    }
    let mut table = Vec::with_capacity(size_of::<HiveTable>() + entries.len());
    table.extend_from_slice(HiveTable::new(count).as_bytes());
    table.append(&mut entries);
    trace::set_hives(phys::address_of(table.as_ptr()));
    *TABLE.lock() = (table, lists);
}
