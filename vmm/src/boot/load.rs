//! Puts kernel, module, command line and start info into guest memory.

use std::io::Cursor;

use linux_loader::loader::KernelLoader;
use nt::platform::{OPTION_MEMZERO, OPTION_PLATFORM, PLATFORM_PORT};
use vm_memory::{Bytes, GuestAddress};

use super::{
    Board, CMDLINE, CMDLINE_MAX, Error, Kernel, PAGE, START_INFO, START_INFO_LEN, Segment, ZEROED_FROM, acpi,
    bzimage, start_info,
};
use crate::kvm::{Memory, RamRange, Start};

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
    /// Registers at its entry.
    pub start: Start,
    /// Where the module is.
    pub module: Option<RamRange>,
}

/// A module and where it goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Module<'a> {
    pub(super) range: RamRange,
    pub(super) source: Source<'a>,
}

/// Loads everything. `module` is the boot archive or initial RAM disk; `devices` are the words that announce devices; a stranger's
/// kernel learns of the `board` by ACPI tables.
///
/// # Errors
/// [`Error`]: bad input, named.
pub fn load(
    memory: &Memory,
    kernel: Source,
    module: Option<Source>,
    cmdline: &str,
    devices: &str,
    board: Option<&Board>,
) -> Result<Loaded, Error> {
    let own = |reason: String| Error::Loader { file: "start info".into(), reason };
    let text = full_cmdline(cmdline, devices)?;
    memory.map.write_slice(&text, GuestAddress(CMDLINE)).map_err(|error| own(error.to_string()))?;
    let rsdp = board.map_or(Ok(0), |board| acpi::write(memory, board)).map_err(own)?;
    if bzimage::is_one(kernel.bytes) {
        return bzimage::load(memory, kernel, module, &text, rsdp);
    }
    if board.is_some() && !kernel.bytes.starts_with(b"\x7FELF") {
        return Err(Error::NoKernel { file: kernel.name.to_owned() });
    }
    let elf =
        Kernel::parse(kernel.bytes).map_err(|error| Error::Elf { file: kernel.name.to_owned(), error })?;
    check_segments(memory, kernel.name, &elf.segments)?;
    let module =
        module.map(|source| place_module(memory.layout.low.end(), source, &elf.segments)).transpose()?;

    load_kernel(memory, kernel, &elf)?;
    if let Some(Module { range, source }) = module {
        write(memory, source, range.start)?;
    }
    let module = module.map(|module| module.range);
    start_info::write(memory, module, rsdp).map_err(own)?;
    let start = Start { entry: elf.entry, ebx: START_INFO as u32, ..Start::default() };
    Ok(Loaded { kernel: elf, start, module })
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

/// The module ends with the last page below `end`.
pub(super) fn place_module<'a>(
    end: u64,
    source: Source<'a>,
    segments: &[Segment],
) -> Result<Module<'a>, Error> {
    let len = source.bytes.len() as u64;
    let too_large = || Error::ModuleTooLarge { file: source.name.to_owned(), len };
    let start = end
        .checked_sub(len.next_multiple_of(PAGE))
        .map(|start| start & !(PAGE - 1))
        .filter(|start| *start >= ZEROED_FROM)
        .ok_or_else(too_large)?;
    let range = RamRange { start, len };
    if segments.iter().any(|segment| overlap(range_of(segment), range)) {
        return Err(too_large());
    }
    Ok(Module { range, source })
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

pub(super) fn write(memory: &Memory, source: Source, address: u64) -> Result<(), Error> {
    memory
        .map
        .write_slice(source.bytes, GuestAddress(address))
        .map_err(|error| Error::Loader { file: source.name.to_owned(), reason: error.to_string() })
}
