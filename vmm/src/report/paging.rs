//! Linear to physical addresses, through the guest's own page tables. Every entry is the guest's word.

use crate::kvm::Registers;
use crate::trace::reader::GuestBytes;

const CR0_PG: u64 = 1 << 31;
const CR4_PAE: u64 = 1 << 5;
const EFER_LMA: u64 = 1 << 10;

const PRESENT: u64 = 1 << 0;
const LARGE: u64 = 1 << 7;
/// Bits 12–51 of an entry: the physical address.
const ADDRESS: u64 = 0x000F_FFFF_FFFF_F000;

/// The guest-physical address of a linear one; `None` when it is not mapped.
pub fn translate(memory: &impl GuestBytes, registers: &Registers, linear: u64) -> Option<u64> {
    if registers.cr0 & CR0_PG == 0 {
        return Some(linear & 0xFFFF_FFFF);
    }
    if registers.efer & EFER_LMA != 0 {
        // Four levels of 512 entries; bit 47 is repeated above it.
        let canonical = (linear << 16) as i64 >> 16;
        return (canonical as u64 == linear).then(|| walk(memory, registers.cr3 & ADDRESS, linear, 4))?;
    }
    if registers.cr4 & CR4_PAE != 0 {
        let table = registers.cr3 & 0xFFFF_FFE0;
        let top = entry(memory, table + (linear >> 30 & 3) * 8)?;
        return walk(memory, top & ADDRESS, linear, 2);
    }
    walk_legacy(memory, registers.cr3 & 0xFFFF_F000, linear)
}

fn entry(memory: &impl GuestBytes, address: u64) -> Option<u64> {
    let mut bytes = [0; 8];
    memory.read(address, &mut bytes).then_some(())?;
    Some(u64::from_le_bytes(bytes)).filter(|entry| entry & PRESENT != 0)
}

/// Walks `levels` levels of eight-byte entries.
fn walk(memory: &impl GuestBytes, mut table: u64, linear: u64, levels: u32) -> Option<u64> {
    for level in (0..levels).rev() {
        let shift = 12 + 9 * level;
        let found = entry(memory, table + (linear >> shift & 0x1FF) * 8)?;
        let inside = (1 << shift) - 1;
        if level == 0 || level <= 2 && found & LARGE != 0 {
            return Some(found & ADDRESS & !inside | linear & inside);
        }
        table = found & ADDRESS;
    }
    None
}

/// Two levels of four-byte entries.
fn walk_legacy(memory: &impl GuestBytes, directory: u64, linear: u64) -> Option<u64> {
    let read = |address| {
        let mut bytes = [0; 4];
        memory.read(address, &mut bytes).then_some(())?;
        Some(u64::from(u32::from_le_bytes(bytes))).filter(|entry| entry & PRESENT != 0)
    };
    let top = read(directory + (linear >> 22 & 0x3FF) * 4)?;
    if top & LARGE != 0 {
        return Some(top & 0xFFC0_0000 | linear & 0x3F_FFFF);
    }
    let page = read((top & 0xFFFF_F000) + (linear >> 12 & 0x3FF) * 4)?;
    Some(page & 0xFFFF_F000 | linear & 0xFFF)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::reader::RamImage;

    fn long_mode() -> Registers {
        Registers { cr0: CR0_PG | 1, cr3: 0x1000, cr4: CR4_PAE, efer: EFER_LMA, ..Default::default() }
    }

    fn set(ram: &mut [u8], at: usize, entry: u64) {
        ram[at..at + 8].copy_from_slice(&entry.to_le_bytes());
    }

    #[test]
    fn long_mode_pages_of_all_sizes() {
        let mut ram = vec![0; 0x6000];
        set(&mut ram, 0x1000 + 511 * 8, 0x2003);
        set(&mut ram, 0x2000 + 510 * 8, 0x3003);
        set(&mut ram, 0x2000 + 511 * 8, 0x4000_0083);
        set(&mut ram, 0x3000, 0x20_0083);
        set(&mut ram, 0x3008, 0x4003);
        set(&mut ram, 0x4000 + 5 * 8, 0x8000_0000_0000_5003);
        let walk = |linear| translate(&RamImage(&ram), &long_mode(), linear);
        assert_eq!(walk(0xFFFF_FFFF_8001_2345), Some(0x21_2345));
        assert_eq!(walk(0xFFFF_FFFF_8020_5678), Some(0x5678));
        assert_eq!(walk(0xFFFF_FFFF_C000_0001), Some(0x4000_0001));
        assert_eq!(walk(0xFFFF_FFFF_8020_6000), None);
        assert_eq!(walk(0x0000_FFFF_8001_2345), None);
        assert_eq!(walk(0), None);
    }

    #[test]
    fn without_paging_and_with_tables_outside_ram() {
        assert_eq!(translate(&RamImage(&[]), &Registers::default(), 0x1234), Some(0x1234));
        assert_eq!(translate(&RamImage(&[]), &long_mode(), 0x1234), None);
        let mut legacy = Registers { cr0: CR0_PG, cr3: 0, ..Default::default() };
        let mut ram = vec![0; 0x2000];
        ram[4..8].copy_from_slice(&0x83u32.to_le_bytes());
        assert_eq!(translate(&RamImage(&ram), &legacy, 0x40_0123), Some(0x123));
        legacy.cr3 = 0xFFFF_F000;
        assert_eq!(translate(&RamImage(&ram), &legacy, 0x40_0123), None);
    }
}
