//! Images as they lie in memory.
#![expect(unsafe_code, reason = "images are reached by their base addresses")]

use core::ptr::{null_mut, with_exposed_provenance};

use nt::NtStatus;
use pe::Image;

use super::data::Module;
use super::entries::module_at;
use super::lock::LOADER_LOCK;

/// Offsets in the headers that are read before there is an [`Image`].
const E_LFANEW: usize = 0x3C;
const SIZE_OF_IMAGE: usize = 24 + 56;
const DIRECTORIES: usize = 24 + 112;
/// Headers begin in the first page.
const PAGE: u32 = 4096;

/// The image that is mapped at an address.
///
/// # Errors
/// INVALID_IMAGE_FORMAT when there is none that this processor can run.
///
/// # Safety
/// There is an image mapped at `base`, as long as the result is used. What is written to it meanwhile is not
/// looked at again.
pub unsafe fn mapped<'a>(base: u64) -> Result<Image<'a>, NtStatus> {
    let start = with_exposed_provenance::<u8>(base as usize);
    // SAFETY: the headers of a mapped image take a page at least, and all of it can be read.
    let parsed = unsafe {
        let header = start.add(E_LFANEW).cast::<u32>().read_unaligned();
        if header > PAGE - DIRECTORIES as u32 {
            return Err(NtStatus::INVALID_IMAGE_FORMAT);
        }
        let size = start.add(header as usize + SIZE_OF_IMAGE).cast::<u32>().read_unaligned();
        Image::parse_mapped(core::slice::from_raw_parts(start, size as usize))
    };
    parsed.map_err(|_| NtStatus::INVALID_IMAGE_FORMAT)
}

/// The image of a module.
///
/// # Errors
/// INVALID_IMAGE_FORMAT.
pub fn of<'a>(module: *mut Module) -> Result<Image<'a>, NtStatus> {
    // SAFETY: a module is mapped until it is forgotten.
    unsafe { mapped((*module).dll_base) }
}

/// The module that an address lies in. The lock is taken if nobody has it: exceptions are looked into by whoever
/// raises them, also while another thread loads.
pub fn containing(address: u64) -> Option<*mut Module> {
    let locked = LOADER_LOCK.try_enter();
    let module = module_at(address);
    if locked {
        LOADER_LOCK.leave();
    }
    module
}

/// The NT headers of an image; NULL when there are none.
///
/// # Safety
/// A page can be read at `base`, unless it is NULL.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlImageNtHeader(base: *const u8) -> *const u8 {
    if base.is_null() || base.addr() == usize::MAX {
        return null_mut();
    }
    // SAFETY: as the caller says.
    unsafe {
        if base.cast::<[u8; 2]>().read_unaligned() != *b"MZ" {
            return null_mut();
        }
        let header = base.add(E_LFANEW).cast::<u32>().read_unaligned();
        if header > PAGE - 4 || base.add(header as usize).cast::<[u8; 4]>().read_unaligned() != *b"PE\0\0" {
            return null_mut();
        }
        base.add(header as usize)
    }
}

/// Where a data directory is, and its size; NULL when the image has none. `mapped` says whether the image lies as it
/// is mapped, or as it is in its file.
///
/// # Safety
/// `base` is that of an image; `size` can be written to.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlImageDirectoryEntryToData(
    base: u64,
    mapped_as_image: u8,
    directory: u16,
    size: *mut u32,
) -> *const u8 {
    // Low bits of the base mark files that are mapped as data.
    let as_image = mapped_as_image != 0 && base & 3 == 0;
    let base = with_exposed_provenance::<u8>((base & !3) as usize);
    // SAFETY: as the caller says.
    unsafe {
        *size = 0;
        let header = RtlImageNtHeader(base);
        if header.is_null() {
            return null_mut();
        }
        let length = header.add(SIZE_OF_IMAGE).cast::<u32>().read_unaligned() as usize;
        let bytes = core::slice::from_raw_parts(base, length);
        let image = if as_image { Image::parse_mapped(bytes) } else { Image::parse(bytes) };
        let Ok(image) = image else {
            return null_mut();
        };
        let Ok(Some(found)) = image.directory_by_number(directory.into()) else {
            return null_mut();
        };
        let Some(data) = image.tail(found.rva) else {
            return null_mut();
        };
        *size = found.size;
        data.as_ptr()
    }
}

/// The base of the module that an address lies in, also written to `base`; NULL when there is none.
///
/// # Safety
/// `base` can be written to.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlPcToFileHeader(address: u64, base: *mut u64) -> u64 {
    // SAFETY: what is found is a module; `base` as the caller says.
    unsafe {
        let found = containing(address).map_or(0, |module| (*module).dll_base);
        *base = found;
        found
    }
}
