//! The guest as bytes: what `smvm` boots when it is told nothing else. The build script has built
//! it from the crates under `guest/`, for the guest's own targets.

/// Puts contents on a page boundary.
#[repr(C, align(4096))]
struct PageAligned<T: ?Sized>(T);

static KERNEL_PAGES: &PageAligned<[u8]> =
    &PageAligned(*include_bytes!(concat!(env!("OUT_DIR"), "/ntoskrnl")));
static ARCHIVE_PAGES: &PageAligned<[u8]> =
    &PageAligned(*include_bytes!(concat!(env!("OUT_DIR"), "/boot.archive")));

/// The kernel: an ELF file with a PVH note and nothing that is not loaded
/// (`docs/platform.md`). It begins on a page boundary.
pub static KERNEL: &[u8] = &KERNEL_PAGES.0;

/// The boot archive with all system files (`docs/boot-archive.md`): a whole number of pages,
/// beginning on a page boundary, so that it can be copied or mapped page by page.
pub static ARCHIVE: &[u8] = &ARCHIVE_PAGES.0;

/// The kernel's functions, one a line as in a `System.map`: address in hexadecimal, `t`, name; in order of address.
pub static SYMBOLS: &str = include_str!(concat!(env!("OUT_DIR"), "/ntoskrnl.map"));
