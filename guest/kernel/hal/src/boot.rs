//! From the loader's structures to one [`BootInfo`] value. After that nobody touches raw loader memory.

use core::{ptr, slice};

use nt::platform::{OPTION_MEMZERO, OPTION_PLATFORM};
use pfn::Content;
use pvh::{MEMORY_RAM, MemoryMapEntry, Module, Range, START_MAGIC, StartInfo};

use crate::{frames, phys, platform, trace};

/// Virtual address of physical 0 in the kernel image's mapping.
pub const KERNEL_BASE: u64 = 0x7FFF_8000_0000;
/// RAM below this belongs to firmware and loader structures.
const LOW_MEMORY: u64 = 0x10_0000;
/// Longest command line looked at.
const COMMAND_LINE_MAX: usize = 4096;
/// Most memory-map entries looked at.
const MEMORY_MAP_MAX: u32 = 128;

unsafe extern "C" {
    static __text_end: u8;
    static __data_end: u8;
    static boot_tsc: u64;
    static mut boot_pml4: [u64; 512];
}

unsafe extern "Rust" {
    /// The kernel's first policy code.
    safe fn kernel_main(boot: BootInfo) -> !;
}

/// What the kernel is told of the machine.
#[derive(Debug)]
pub struct BootInfo {
    /// The command line, empty when it is missing or no UTF-8.
    pub command_line: &'static str,
    /// The boot archive, empty when there is none. It begins on a page boundary.
    pub archive: &'static [u8],
    /// RAM of the machine in pages, with what the kernel lies in.
    pub installed_pages: u32,
    /// Time stamp at the first instruction of the kernel.
    pub entry_tsc: u64,
}

/// Called by `entry.s` on the boot stack with the physical address of the start info.
#[unsafe(no_mangle)]
extern "C" fn hal_start(start_info: u64) -> ! {
    // SAFETY: nothing but the entry code has run; the low identity mapping has served its purpose,
    // and no reference points into it.
    unsafe { (&raw mut boot_pml4).cast::<u64>().write(0) };
    // SAFETY: `entry.s` wrote it before and nobody does again.
    let entry_tsc = unsafe { boot_tsc };
    trace::init();

    let info: StartInfo = read(start_info);
    assert!(info.magic == START_MAGIC, "not started by a PVH loader");
    let command_line = command_line(info.command_line);
    let option = |name| {
        command_line.split_ascii_whitespace().find_map(|word| word.strip_prefix(name)).and_then(parse_number)
    };
    if let Some(port) =
        option(OPTION_PLATFORM).and_then(|port| u16::try_from(port).ok()).filter(|&port| port != 0)
    {
        platform::announce(port);
    }

    let module: Option<Module> = (info.modules > 0).then(|| read(info.module_list));
    let module =
        module.map(|module| Range { start: module.address, end: module.address.saturating_add(module.size) });
    let map = memory_map(&info);
    let memory_end = map
        .iter()
        .filter(|entry| entry.kind == MEMORY_RAM)
        .map(|entry| entry.address.saturating_add(entry.size));
    let memory_end = memory_end.max().unwrap_or(0).min(phys::LIMIT);
    let text_end = (&raw const __text_end).addr() as u64 - KERNEL_BASE;
    let data_end = (&raw const __data_end).addr() as u64 - KERNEL_BASE;
    let reserved = [
        Range { start: 0x20_0000, end: text_end },
        Range { start: 0x40_0000, end: data_end },
        module.unwrap_or_default(),
        Range { start: start_info, end: start_info.saturating_add(pvh::PAGE) },
        Range {
            start: info.command_line,
            end: info.command_line.saturating_add(command_line.len() as u64 + 1),
        },
        Range { start: info.memory_map, end: info.memory_map.saturating_add(pvh::PAGE) },
        Range { start: info.module_list, end: info.module_list.saturating_add(pvh::PAGE) },
    ];
    let usable = pvh::usable(map, &reserved, LOW_MEMORY, memory_end);
    let content = match option(OPTION_MEMZERO) {
        Some(from) if from <= LOW_MEMORY => Content::Zero,
        _ => Content::Unknown,
    };
    frames::init(&usable, memory_end, content);
    let archive = module.map_or(&[][..], archive);
    let installed_pages = (pvh::installed(map, memory_end) / pvh::PAGE) as u32;
    kernel_main(BootInfo { command_line, archive, installed_pages, entry_tsc })
}

/// Reads a loader structure.
fn read<T: Copy + zerocopy_plain::Plain>(address: u64) -> T {
    assert!(address < 1 << 30, "loader structure beyond the first GiB");
    // SAFETY: the first GiB is mapped; T is plain data, so any bytes make a value; loader structures
    // are not written to any more.
    unsafe { phys::pointer::<T>(address).read_unaligned() }
}

/// The loader structures are plain data.
mod zerocopy_plain {
    pub(super) trait Plain {}
    impl Plain for pvh::StartInfo {}
    impl Plain for pvh::Module {}
}

fn memory_map(info: &StartInfo) -> &'static [MemoryMapEntry] {
    if info.version < 1 || info.memory_map == 0 || info.memory_map >= 1 << 30 {
        return &[];
    }
    let entries = info.memory_map_entries.min(MEMORY_MAP_MAX) as usize;
    // SAFETY: the map lies in the first GiB, which is mapped; entries are plain data, 8-byte aligned
    // by the boot ABI; the page is reserved from the PFN database and never written.
    unsafe { slice::from_raw_parts(phys::pointer(info.memory_map), entries) }
}

fn command_line(address: u64) -> &'static str {
    if address == 0 || address >= 1 << 30 {
        return "";
    }
    let start = phys::pointer::<u8>(address);
    // SAFETY: the loop stays within COMMAND_LINE_MAX bytes of mapped memory, which is reserved from
    // the PFN database, so the bytes stay what they are.
    let bytes = unsafe {
        let mut len = 0;
        while len < COMMAND_LINE_MAX && start.add(len).read() != 0 {
            len += 1;
        }
        slice::from_raw_parts(start, len)
    };
    str::from_utf8(bytes).unwrap_or("")
}

fn archive(range: Range) -> &'static [u8] {
    let len = range.end - range.start;
    let mapped =
        range.start.is_multiple_of(pvh::PAGE) && phys::map(range.start, range.end, frames::allocate_table);
    if !mapped {
        return &[];
    }
    // SAFETY: mapped above, reserved from the PFN database, and never written: user mode gets it
    // read-only.
    unsafe {
        slice::from_raw_parts(
            ptr::with_exposed_provenance(phys::pointer::<u8>(range.start).addr()),
            len as usize,
        )
    }
}

/// A number as it stands in a command-line word: decimal or `0x…`.
fn parse_number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// Bytes of the kernel's image in memory, from [`KERNEL_BASE`] on.
pub fn image_size() -> u64 {
    (&raw const __data_end).addr() as u64 - KERNEL_BASE
}
