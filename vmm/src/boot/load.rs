//! Puts kernel, module, command line and start info into guest memory.

use std::io::Cursor;

use linux_loader::loader::KernelLoader;
use nt::platform::{OPTION_MEMZERO, OPTION_PLATFORM, PLATFORM_PORT};
use vm_memory::{Bytes, GuestAddress};

use super::{
    CMDLINE, CMDLINE_MAX, Error, Kernel, PAGE, START_INFO, START_INFO_LEN, Segment, ZEROED_FROM, start_info,
};
use crate::kvm::{Memory, RamRange};

/// A file to load, with the name that errors give it.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Name for errors.
    pub name: &'a str,
    /// Contents.
    pub bytes: &'a [u8],
}

/// What was loaded.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The kernel's entry point, segments and notes.
    pub kernel: Kernel,
    /// Where the start info is: goes into `ebx`.
    pub start_info: u32,
    /// Where the module is.
    pub module: Option<RamRange>,
}

/// Loads everything. `module` is the boot archive or initial RAM disk; `devices` are the words that announce devices.
///
/// # Errors
/// [`Error`]: bad input, named.
pub fn load(
    memory: &Memory,
    kernel: Source,
    module: Option<Source>,
    cmdline: &str,
    devices: &str,
) -> Result<Loaded, Error> {
    let elf =
        Kernel::parse(kernel.bytes).map_err(|error| Error::Elf { file: kernel.name.to_owned(), error })?;
    check_segments(memory, kernel.name, &elf.segments)?;
    let module = module.map(|source| place_module(memory, source, &elf.segments)).transpose()?;

    load_kernel(memory, kernel, &elf)?;
    if let Some((range, source)) = module {
        write(memory, source, range.start)?;
    }
    let text = full_cmdline(cmdline, devices)?;
    let own = |reason: String| Error::Loader { file: "start info".into(), reason };
    memory.map.write_slice(&text, GuestAddress(CMDLINE)).map_err(|error| own(error.to_string()))?;
    let module = module.map(|(range, _)| range);
    start_info::write(memory, module).map_err(own)?;
    Ok(Loaded { kernel: elf, start_info: START_INFO as u32, module })
}

/// The user's words and ours, with the terminating NUL.
fn full_cmdline(user: &str, devices: &str) -> Result<Vec<u8>, Error> {
    if user.contains('\0') {
        return Err(Error::Cmdline("contains a NUL character"));
    }
    let space = if user.is_empty() { "" } else { " " };
    let text = format!(
        "{user}{space}{OPTION_PLATFORM}{PLATFORM_PORT:#x} {OPTION_MEMZERO}{ZEROED_FROM:#x} {devices}\0"
    );
    if text.len() as u64 > CMDLINE_MAX {
        return Err(Error::Cmdline("is longer than 16 KiB"));
    }
    Ok(text.into_bytes())
}

fn range_of(segment: &Segment) -> RamRange {
    RamRange { start: segment.address, len: segment.memory_size }
}

fn overlap(a: RamRange, b: RamRange) -> bool {
    a.start < b.end() && b.start < a.end()
}

fn check_segments(memory: &Memory, file: &str, segments: &[Segment]) -> Result<(), Error> {
    let ours = [
        (RamRange { start: START_INFO, len: START_INFO_LEN }, "the start info"),
        (RamRange { start: CMDLINE, len: CMDLINE_MAX }, "the command line"),
    ];
    for (number, segment) in segments.iter().enumerate() {
        let range = range_of(segment);
        if !memory.layout.ranges().any(|ram| ram.start <= range.start && range.end() <= ram.end()) {
            return Err(Error::OutsideRam {
                file: file.to_owned(),
                index: segment.index,
                start: range.start,
                end: range.end(),
                memory: memory.layout.ranges().map(|ram| ram.len).sum(),
            });
        }
        let earlier = segments[..number].iter().map(|other| (range_of(other), other.index));
        let other = ours
            .iter()
            .find(|(taken, _)| overlap(*taken, range))
            .map(|(_, name)| (*name).to_owned())
            .or_else(|| {
                earlier
                    .into_iter()
                    .find(|(taken, _)| overlap(*taken, range))
                    .map(|(_, index)| format!("program header {index}"))
            });
        if let Some(other) = other {
            return Err(Error::Overlap {
                file: file.to_owned(),
                index: segment.index,
                start: range.start,
                end: range.end(),
                other,
            });
        }
    }
    Ok(())
}

/// The module ends with the last page of low RAM.
fn place_module<'a>(
    memory: &Memory,
    source: Source<'a>,
    segments: &[Segment],
) -> Result<(RamRange, Source<'a>), Error> {
    let len = source.bytes.len() as u64;
    let too_large = || Error::ModuleTooLarge { file: source.name.to_owned(), len };
    let start = memory
        .layout
        .low
        .end()
        .checked_sub(len.next_multiple_of(PAGE))
        .filter(|start| *start >= ZEROED_FROM)
        .ok_or_else(too_large)?;
    let range = RamRange { start, len };
    if segments.iter().any(|segment| overlap(range_of(segment), range)) {
        return Err(too_large());
    }
    Ok((range, source))
}

fn load_kernel(memory: &Memory, source: Source, elf: &Kernel) -> Result<(), Error> {
    if elf.is_64 {
        return linux_loader::loader::Elf::load(&memory.map, None, &mut Cursor::new(source.bytes), None)
            .map(drop)
            .map_err(|error| Error::Loader { file: source.name.to_owned(), reason: error.to_string() });
    }
    // linux-loader takes 64-bit files only. The ranges have been checked.
    for segment in &elf.segments {
        let bytes = source
            .bytes
            .get(segment.offset as usize..)
            .and_then(|rest| rest.get(..segment.file_size as usize));
        write(memory, Source { bytes: bytes.unwrap_or_default(), ..source }, segment.address)?;
    }
    Ok(())
}

fn write(memory: &Memory, source: Source, address: u64) -> Result<(), Error> {
    memory
        .map
        .write_slice(source.bytes, GuestAddress(address))
        .map_err(|error| Error::Loader { file: source.name.to_owned(), reason: error.to_string() })
}
