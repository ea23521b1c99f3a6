//! Loading: PVH or Linux kernel, boot archive, command line, and the structures that tell the guest about them.
//! The layout is the table of `docs/platform.md`.

pub mod acpi;
mod bzimage;
pub mod elf;
mod load;
mod start_info;

pub use acpi::Board;
pub use bzimage::BzImageError;
pub use elf::{ElfError, Kernel, Segment};
pub use load::{Loaded, Source, load};

/// Where `hvm_start_info`, the module list and the memory map are.
pub const START_INFO: u64 = 0x6000;
/// Room for them.
pub const START_INFO_LEN: u64 = 0x1000;
/// Where the command line is.
pub const CMDLINE: u64 = 0x2_0000;
/// Longest command line, with its terminating NUL.
pub const CMDLINE_MAX: u64 = 0x4000;
/// RAM from here on reads as zero where nothing was loaded.
pub const ZEROED_FROM: u64 = 0x10_0000;
/// Smallest guest: anything below leaves no room above the first megabyte.
pub const MEMORY_MIN: u64 = 2 << 20;
/// Largest guest.
pub const MEMORY_MAX: u64 = 256 << 30;
/// The page size; memory and modules are multiples of it.
pub const PAGE: u64 = 0x1000;

/// Something about the boot files does not work out. All of it is bad input.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The kernel's ELF file is no good.
    #[error("{file}: {error}")]
    Elf {
        /// Name of the file.
        file: String,
        /// What is wrong, and at which offset.
        error: ElfError,
    },
    /// A compressed Linux kernel that is no good.
    #[error("{file}: {error}")]
    BzImage {
        /// Name of the file.
        file: String,
        /// What is wrong.
        error: BzImageError,
    },
    /// A file that no boot protocol knows.
    #[error(
        "{file}: no kernel: neither an ELF file with a PVH entry point (vmlinux) nor a compressed Linux kernel (bzImage, vmlinuz)"
    )]
    NoKernel {
        /// Name of the file.
        file: String,
    },
    /// The kernel has no room to unpack itself.
    #[error(
        "{file}: this kernel needs {} MiB of memory, and the guest has {} MiB; give it more with --memory",
        needed.div_ceil(1 << 20),
        memory >> 20
    )]
    TooLittleMemory {
        /// Name of the file.
        file: String,
        /// Bytes it needs, from address 0 on.
        needed: u64,
        /// Bytes of RAM from address 0 on.
        memory: u64,
    },
    /// A segment lies where there is no RAM.
    #[error(
        "{file}: the segment at physical {start:#x}–{end:#x} (program header {index}) is outside the guest's RAM of {memory:#x} bytes"
    )]
    OutsideRam {
        /// Name of the file.
        file: String,
        /// Number of the program header.
        index: usize,
        /// First address.
        start: u64,
        /// First address after it.
        end: u64,
        /// Size of the guest's RAM.
        memory: u64,
    },
    /// Two things want the same memory.
    #[error("{file}: the segment at physical {start:#x}–{end:#x} (program header {index}) overlaps {other}")]
    Overlap {
        /// Name of the file.
        file: String,
        /// Number of the program header.
        index: usize,
        /// First address.
        start: u64,
        /// First address after it.
        end: u64,
        /// What is there already.
        other: String,
    },
    /// The boot archive does not fit.
    #[error(
        "{file}: {len} bytes do not fit into the guest's RAM beside the kernel; give the guest more with --memory"
    )]
    ModuleTooLarge {
        /// Name of the file.
        file: String,
        /// Its length.
        len: u64,
    },
    /// The command line is too long, or has a NUL in it.
    #[error("the kernel command line {0}")]
    Cmdline(&'static str),
    /// linux-loader refuses what our own checks let through.
    #[error("{file}: {reason}")]
    Loader {
        /// Name of the file.
        file: String,
        /// Its words.
        reason: String,
    },
}
