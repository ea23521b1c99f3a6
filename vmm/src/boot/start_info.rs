//! The structures of the PVH boot protocol (Xen, `xen/include/public/arch-x86/hvm/start_info.h`).

use linux_loader::configurator::pvh::PvhBootConfigurator;
use linux_loader::configurator::{BootConfigurator, BootParams};
use linux_loader::loader::elf::start_info::{hvm_memmap_table_entry, hvm_modlist_entry, hvm_start_info};
use vm_memory::GuestAddress;

use super::{CMDLINE, START_INFO, ZEROED_FROM};
use crate::kvm::{Memory, RamRange};

const MAGIC: u32 = 0x336E_C578;
/// Version 1 has the memory map.
const VERSION: u32 = 1;
const MODULES: u64 = START_INFO + 0x40;
const MEMORY_MAP: u64 = START_INFO + 0x100;

/// Types of memory, as in ACPI's E820.
const E820_RAM: u32 = 1;
const E820_RESERVED: u32 = 2;
/// Where a PC has video memory and ROMs instead of RAM.
const LEGACY_HOLE: u64 = 0xA_0000;

/// Writes start info, module list and memory map. `rsdp` is where ACPI's tables begin, 0 without any.
pub(super) fn write(memory: &Memory, module: Option<RamRange>, rsdp: u64) -> Result<(), String> {
    let map = memory_map(memory);
    let start_info = hvm_start_info {
        magic: MAGIC,
        version: VERSION,
        nr_modules: module.is_some().into(),
        modlist_paddr: if module.is_some() { MODULES } else { 0 },
        cmdline_paddr: CMDLINE,
        rsdp_paddr: rsdp,
        memmap_paddr: MEMORY_MAP,
        memmap_entries: map.len() as u32,
        ..Default::default()
    };
    let mut params = BootParams::new(&start_info, GuestAddress(START_INFO));
    params.set_sections(&map, GuestAddress(MEMORY_MAP));
    if let Some(module) = module {
        let entry = hvm_modlist_entry { paddr: module.start, size: module.len, ..Default::default() };
        params.set_modules(&[entry], GuestAddress(MODULES));
    }
    PvhBootConfigurator::write_bootparams(&params, &memory.map).map_err(|error| error.to_string())
}

/// What is where, in the terms of ACPI's E820.
pub(super) fn memory_map(memory: &Memory) -> Vec<hvm_memmap_table_entry> {
    let entry = |addr, end, type_| hvm_memmap_table_entry { addr, size: end - addr, type_, reserved: 0 };
    let low = memory.layout.low.end();
    let mut map = Vec::with_capacity(4);
    map.push(entry(0, LEGACY_HOLE, E820_RAM));
    map.push(entry(LEGACY_HOLE, ZEROED_FROM, E820_RESERVED));
    map.push(entry(ZEROED_FROM, low, E820_RAM));
    map.extend(memory.layout.high.map(|high| entry(high.start, high.end(), E820_RAM)));
    map
}
