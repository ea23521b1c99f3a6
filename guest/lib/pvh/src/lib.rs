//! PVH boot: the structures a loader leaves for the kernel, and which RAM is free after it.
//! Source: Xen `public/arch-x86/hvm/start_info.h` (the PVH boot ABI that QEMU, Firecracker, Cloud
//! Hypervisor and smvm share). Addresses are physical.
#![no_std]
#![forbid(unsafe_code)]

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// First field of [`StartInfo`].
pub const START_MAGIC: u32 = 0x336E_C578;
/// Type of a [`MemoryMapEntry`] that is RAM.
pub const MEMORY_RAM: u32 = 1;

/// Where a PC shows video memory and ROMs instead of the RAM that is there.
pub const LEGACY_HOLE: Range = Range { start: 0xA_0000, end: 0x10_0000 };

/// `hvm_start_info`, version 1.
#[repr(C)]
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct StartInfo {
    /// [`START_MAGIC`].
    pub magic: u32,
    /// 1 when the memory map is there.
    pub version: u32,
    /// Xen's flags.
    pub flags: u32,
    /// Number of [`Module`]s.
    pub modules: u32,
    /// Address of the modules.
    pub module_list: u64,
    /// Address of the command line, NUL-terminated; 0 for none.
    pub command_line: u64,
    /// Address of the ACPI RSDP; 0 for none.
    pub rsdp: u64,
    /// Address of the memory map.
    pub memory_map: u64,
    /// Number of [`MemoryMapEntry`]s.
    pub memory_map_entries: u32,
    /// Zero.
    pub reserved: u32,
}

/// One loaded module.
#[repr(C)]
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Module {
    /// Address of the module.
    pub address: u64,
    /// Its size in bytes.
    pub size: u64,
    /// Address of its command line; 0 for none.
    pub command_line: u64,
    /// Zero.
    pub reserved: u64,
}

/// One range of the memory map.
#[repr(C)]
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct MemoryMapEntry {
    /// First address.
    pub address: u64,
    /// Size in bytes.
    pub size: u64,
    /// E820 type, [`MEMORY_RAM`] for RAM.
    pub kind: u32,
    /// Zero.
    pub reserved: u32,
}

/// Size of a page in bytes.
pub const PAGE: u64 = 4096;
/// Most ranges that [`usable`] can tell apart; further ones are left unused.
pub const MAX_RANGES: usize = 16;

/// A range of physical addresses, `start <= end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// First address.
    pub start: u64,
    /// First address after it.
    pub end: u64,
}

/// A few ranges, in no special order.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ranges {
    items: [Range; MAX_RANGES],
    len: usize,
}

impl Ranges {
    /// The ranges.
    pub fn as_slice(&self) -> &[Range] {
        &self.items[..self.len]
    }

    fn push(&mut self, range: Range) {
        if range.start < range.end && self.len < MAX_RANGES {
            self.items[self.len] = range;
            self.len += 1;
        }
    }

    fn exclude(&mut self, hole: Range) {
        let old = *self;
        self.len = 0;
        for range in old.as_slice() {
            self.push(Range { start: range.start, end: range.end.min(hole.start) });
            self.push(Range { start: range.start.max(hole.end), end: range.end });
        }
    }
}

/// The whole pages of RAM between `floor` and `ceiling` that none of `reserved` touches.
pub fn usable<'a>(
    map: impl IntoIterator<Item = &'a MemoryMapEntry>,
    reserved: &[Range],
    floor: u64,
    ceiling: u64,
) -> Ranges {
    let mut ranges = Ranges::default();
    for entry in map {
        if entry.kind == MEMORY_RAM {
            let end = entry.address.saturating_add(entry.size).min(ceiling) & !(PAGE - 1);
            let start = entry.address.max(floor).checked_next_multiple_of(PAGE).unwrap_or(end);
            ranges.push(Range { start, end });
        }
    }
    for hole in reserved {
        let end = hole.end.checked_next_multiple_of(PAGE).unwrap_or(u64::MAX);
        ranges.exclude(Range { start: hole.start & !(PAGE - 1), end });
    }
    ranges
}

const _: () = {
    assert!(size_of::<StartInfo>() == 56);
    assert!(size_of::<Module>() == 32);
    assert!(size_of::<MemoryMapEntry>() == 24);
};

/// Bytes of RAM that the machine has, whoever uses it: what the map says below `end`, and the legacy hole if there is RAM
/// on both sides of it. Windows counts that memory, too, and sizes are computed from the sum.
pub fn installed(map: &[MemoryMapEntry], end: u64) -> u64 {
    let ram = || map.iter().filter(|entry| entry.kind == MEMORY_RAM);
    let reach = |entry: &MemoryMapEntry| entry.address.saturating_add(entry.size).min(end);
    let bytes = ram().fold(0u64, |sum, entry| sum.saturating_add(reach(entry).saturating_sub(entry.address)));
    let around = ram().any(|entry| reach(entry) == LEGACY_HOLE.start)
        && ram().any(|entry| entry.address == LEGACY_HOLE.end && entry.address < end);
    let hole = if around { LEGACY_HOLE.end - LEGACY_HOLE.start } else { 0 };
    bytes.saturating_add(hole).min(end)
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    fn ram(address: u64, size: u64) -> MemoryMapEntry {
        MemoryMapEntry { address, size, kind: MEMORY_RAM, reserved: 0 }
    }

    fn list(ranges: &Ranges) -> Vec<(u64, u64)> {
        ranges.as_slice().iter().map(|range| (range.start, range.end)).collect()
    }

    #[test]
    fn holes_are_cut_out_to_whole_pages() {
        let map = [ram(0, 0x9FC00), ram(0x10_0000, 0x70_0000)];
        let reserved =
            [Range { start: 0x20_0000, end: 0x20_1001 }, Range { start: 0x7F_0FFF, end: 0x80_0000 }];
        let free = usable(&map, &reserved, 0x10_0000, u64::MAX);
        assert_eq!(list(&free), [(0x10_0000, 0x20_0000), (0x20_2000, 0x7F_0000)]);
    }

    #[test]
    fn installed_memory_is_counted_whole() {
        let pc = [ram(0, 0xA_0000), ram(0x10_0000, 0x3F0_0000), ram(1 << 32, 1 << 30)];
        assert_eq!(installed(&pc, u64::MAX), (64 << 20) + (1 << 30));
        assert_eq!(installed(&pc, 64 << 20), 64 << 20);
        assert_eq!(installed(&pc[1..], u64::MAX), (63 << 20) + (1 << 30));
        assert_eq!(installed(&[ram(0, u64::MAX), ram(1, u64::MAX)], 1 << 30), 1 << 30);
        assert_eq!(installed(&[], 1 << 30), 0);
    }

    #[test]
    fn hostile_entries_do_no_harm() {
        let map = [
            ram(u64::MAX - 5, u64::MAX),
            ram(0x10_0001, 0xFFE),
            MemoryMapEntry { address: 0, size: u64::MAX, kind: 2, reserved: 0 },
            ram(0x20_0000, 0x1000),
        ];
        let free = usable(&map, &[Range { start: 5, end: u64::MAX - 1 }], 0, u64::MAX);
        assert_eq!(list(&free), []);
        assert_eq!(list(&usable(&map, &[], 0, 1 << 40)), [(0x20_0000, 0x20_1000)]);
    }

    #[test]
    fn too_many_ranges_are_left_unused() {
        let map: Vec<_> = (0..40).map(|n| ram(n * 0x2000, 0x1000)).collect();
        assert_eq!(usable(&map, &[], 0, u64::MAX).as_slice().len(), MAX_RANGES);
    }
}
