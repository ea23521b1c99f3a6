//! Compressed Linux kernels, as distributions ship them (`vmlinuz`). Source: Linux, `Documentation/arch/x86/boot.rst`; the
//! 32-bit boot protocol, whose start state is PVH's but for one register.

use std::io::Cursor;

use linux_loader::configurator::linux::LinuxBootConfigurator;
use linux_loader::configurator::{BootConfigurator, BootParams};
use linux_loader::loader::bootparam::{boot_e820_entry, boot_params, setup_header};
use linux_loader::loader::{BzImage, KernelLoader};
use vm_memory::{ByteValued, Bytes, GuestAddress};

use super::load::{Module, place_module, write};
use super::start_info::memory_map;
use super::{CMDLINE, Error, Kernel, Loaded, START_INFO, Segment, Source, ZEROED_FROM};
use crate::kvm::{Memory, Start};

/// Where the header is in the file, and in `boot_params`.
const HEADER: usize = 0x1F1;
/// Where its magic is.
const MAGIC: std::ops::Range<usize> = 0x202..0x206;
/// Where the length of what follows it is.
const HEADER_LEN: usize = 0x201;
/// The oldest protocol that says how much memory the kernel needs: 2.10, of Linux 2.6.31.
const PROTOCOL_MIN: u16 = 0x020A;
/// `loadflags`: the kernel proper is loaded at 1 MiB.
const LOADED_HIGH: u8 = 1;
/// `type_of_loader`: one without a number.
const LOADER_UNDEFINED: u8 = 0xFF;
/// Where the kernel proper is loaded and entered.
const KERNEL: u64 = ZEROED_FROM;
/// Where the descriptors are that the protocol asks for, in front of `boot_params`.
const GDT: u64 = START_INFO - 0x1000;
/// Two empty ones, `__BOOT_CS` and `__BOOT_DS`: flat, 32 bits, accessed.
const DESCRIPTORS: [u64; 4] = [0, 0, 0x00CF_9B00_0000_FFFF, 0x00CF_9300_0000_FFFF];

/// What is wrong with a compressed kernel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BzImageError {
    /// The file ends before its header or setup code does.
    #[error("truncated: {len} bytes hold no whole Linux kernel")]
    Truncated {
        /// Length of the file.
        len: usize,
    },
    /// The header is of a boot protocol that says too little.
    #[error("a Linux kernel of boot protocol {}.{:02}; 2.10 (Linux 2.6.31) is the oldest that can be started", version >> 8, version & 0xFF)]
    Old {
        /// Its version, major and minor.
        version: u16,
    },
    /// A zImage, which is loaded below 640 KiB.
    #[error("a zImage: only kernels that are loaded at 1 MiB (bzImage) can be started")]
    Low,
}

/// Whether a file claims to be a Linux kernel with a setup header.
pub(super) fn is_one(file: &[u8]) -> bool {
    file.get(MAGIC) == Some(b"HdrS")
}

/// A checked header.
#[derive(Clone, Copy, Debug)]
struct Setup {
    header: setup_header,
    /// Bytes in front of the kernel proper.
    skipped: usize,
}

impl Setup {
    fn parse(file: &[u8]) -> Result<Self, BzImageError> {
        let truncated = BzImageError::Truncated { len: file.len() };
        // A header that is shorter than today's has no say about the fields that were added since.
        let end = MAGIC.start + usize::from(*file.get(HEADER_LEN).ok_or(truncated.clone())?);
        let known = HEADER + size_of::<setup_header>();
        let text = file.get(HEADER..end.min(known)).ok_or(truncated.clone())?;
        let mut header = setup_header::default();
        header.as_mut_slice()[..text.len()].copy_from_slice(text);
        let version = header.version;
        if version < PROTOCOL_MIN {
            return Err(BzImageError::Old { version });
        }
        if header.loadflags & LOADED_HIGH == 0 {
            return Err(BzImageError::Low);
        }
        let sectors = if header.setup_sects == 0 { 4 } else { usize::from(header.setup_sects) };
        let skipped = (sectors + 1) * 512;
        if file.len() <= skipped {
            return Err(truncated);
        }
        Ok(Self { header, skipped })
    }

    /// Where the kernel is and will be: as loaded, and as it unpacks itself.
    fn segments(&self, file: &[u8]) -> [Segment; 2] {
        let len = (file.len() - self.skipped) as u64;
        let (address, memory_size) = (self.header.pref_address.max(KERNEL), self.header.init_size.into());
        let packed = Segment {
            index: 0,
            offset: self.skipped as u64,
            file_size: len,
            address: KERNEL,
            memory_size: len,
        };
        [packed, Segment { index: 1, offset: 0, file_size: 0, address, memory_size }]
    }
}

/// Loads a compressed kernel, its initial RAM disk, and `boot_params` that tell of it and of the ACPI tables.
pub(super) fn load(
    memory: &Memory,
    kernel: Source,
    module: Option<Source>,
    cmdline: &[u8],
    rsdp: u64,
) -> Result<Loaded, Error> {
    let file = || kernel.name.to_owned();
    let setup = Setup::parse(kernel.bytes).map_err(|error| Error::BzImage { file: file(), error })?;
    let segments = setup.segments(kernel.bytes);
    let low = memory.layout.low.end();
    let needed = segments.iter().filter_map(|part| part.address.checked_add(part.memory_size)).max();
    let needed = needed.unwrap_or(u64::MAX);
    if needed > low {
        return Err(Error::TooLittleMemory { file: file(), needed, memory: low });
    }
    if cmdline.len() as u64 > u64::from(setup.header.cmdline_size) + 1 {
        return Err(Error::Cmdline("is longer than this kernel takes"));
    }
    let highest = u64::from(setup.header.initrd_addr_max) + 1;
    let module = module.map(|source| place_module(low.min(highest), source, &segments)).transpose()?;

    let own = |reason: String| Error::Loader { file: file(), reason };
    let mut image = Cursor::new(kernel.bytes);
    BzImage::load(&memory.map, Some(GuestAddress(KERNEL)), &mut image, None)
        .map_err(|error| own(error.to_string()))?;
    if let Some(Module { range, source }) = module {
        write(memory, source, range.start)?;
    }
    for (number, descriptor) in (0..).zip(DESCRIPTORS) {
        let address = GuestAddress(GDT + 8 * number);
        memory.map.write_obj(descriptor, address).map_err(|error| own(error.to_string()))?;
    }
    let range = module.map(|module| module.range);
    let mut params = boot_params { hdr: setup.header, acpi_rsdp_addr: rsdp, ..Default::default() };
    params.hdr.type_of_loader = LOADER_UNDEFINED;
    params.hdr.cmd_line_ptr = CMDLINE as u32;
    params.hdr.ramdisk_image = range.map_or(0, |range| range.start as u32);
    params.hdr.ramdisk_size = range.map_or(0, |range| range.len as u32);
    let map = memory_map(memory);
    params.e820_entries = map.len() as u8;
    let mut table = params.e820_table;
    for (to, from) in table.iter_mut().zip(&map) {
        *to = boot_e820_entry { addr: from.addr, size: from.size, r#type: from.type_ };
    }
    params.e820_table = table;
    let params = BootParams::new(&params, GuestAddress(START_INFO));
    LinuxBootConfigurator::write_bootparams(&params, &memory.map).map_err(|error| own(error.to_string()))?;
    Ok(Loaded {
        kernel: Kernel {
            is_64: true,
            entry: KERNEL as u32,
            segments: segments.to_vec(),
            debugger_data: None,
        },
        start: Start {
            entry: KERNEL as u32,
            esi: START_INFO as u32,
            gdt: Some((GDT, size_of_val(&DESCRIPTORS) as u16 - 1)),
            ..Start::default()
        },
        module: range,
    })
}

#[cfg(test)]
#[path = "bzimage_tests.rs"]
mod tests;
