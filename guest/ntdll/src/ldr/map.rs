//! Mapping images and files.
#![expect(unsafe_code, reason = "calls system services")]

use nt::NtStatus;
use nt::memory::{PAGE_EXECUTE, PAGE_READWRITE, SEC_COMMIT, SEC_IMAGE, VIEW_SHARE};
use nt::types::{Handle, IoStatusBlock, UserPtr};

use super::handle::{Owned, at, into, named};
use super::text::Text;
use crate::stubs::{NtCreateSection, NtMapViewOfSection, NtOpenFile, NtOpenSection, NtUnmapViewOfSection};

/// SECTION_QUERY, MAP_WRITE, MAP_READ, MAP_EXECUTE.
const SECTION_ACCESS: u32 = 0xF;
/// SECTION_MAP_EXECUTE.
const SECTION_MAP_EXECUTE: u32 = 8;
/// FILE_READ_DATA, FILE_EXECUTE and SYNCHRONIZE.
const FILE_ACCESS: u32 = 0x0010_0021;
/// FILE_SHARE_READ and FILE_SHARE_DELETE.
const FILE_SHARE: u32 = 5;
/// FILE_NON_DIRECTORY_FILE and FILE_SYNCHRONOUS_IO_NONALERT.
const FILE_OPTIONS: u32 = 0x60;

/// A view of a section. It stays mapped until [`unmap`].
#[derive(Clone, Copy, Debug)]
pub struct View {
    pub base: u64,
    pub size: u64,
    /// An image that has to be relocated.
    pub moved: bool,
}

/// Opens a section by name.
///
/// # Errors
/// What `NtOpenSection` says.
pub fn open_section(name: &Text) -> Result<Owned, NtStatus> {
    let string = name.string();
    let attributes = named(&string, Handle::NULL);
    let mut section = Handle::NULL;
    // SAFETY: name, attributes and the handle's place live through the call.
    unsafe { NtOpenSection(into(&mut section), SECTION_ACCESS, at(&raw const attributes)) }.ok()?;
    Ok(Owned(section))
}

/// Opens a file, to be executed, by its NT path.
///
/// # Errors
/// What `NtOpenFile` says.
pub fn open_file(path: &Text) -> Result<Owned, NtStatus> {
    let string = path.string();
    let attributes = named(&string, Handle::NULL);
    let (mut file, mut io_status) = (Handle::NULL, IoStatusBlock::default());
    let status = into(&mut io_status);
    // SAFETY: path, attributes and both places live through the call.
    unsafe {
        NtOpenFile(into(&mut file), FILE_ACCESS, at(&raw const attributes), status, FILE_SHARE, FILE_OPTIONS)
    }
    .ok()?;
    Ok(Owned(file))
}

/// Makes a section of a file: its image.
///
/// # Errors
/// What `NtCreateSection` says.
pub fn section_of_image(file: Handle) -> Result<Owned, NtStatus> {
    section_of(file, SECTION_ACCESS, SEC_IMAGE)
}

/// Makes a section of a file: its bytes. Executing them is what the file was opened for.
///
/// # Errors
/// What `NtCreateSection` says.
pub fn section_of_data(file: Handle) -> Result<Owned, NtStatus> {
    section_of(file, SECTION_MAP_EXECUTE, SEC_COMMIT)
}

fn section_of(file: Handle, access: u32, kind: u32) -> Result<Owned, NtStatus> {
    let mut section = Handle::NULL;
    let (place, none) = (into(&mut section), UserPtr::new(0));
    // SAFETY: the handle's place lives through the call.
    unsafe { NtCreateSection(place, access, UserPtr::new(0), none, PAGE_EXECUTE, kind, file) }.ok()?;
    Ok(Owned(section))
}

/// Maps an image, wherever it can be.
///
/// # Errors
/// What `NtMapViewOfSection` says.
pub fn map_image(section: &Owned) -> Result<View, NtStatus> {
    map(section, PAGE_READWRITE)
}

/// Maps the bytes of a file, to be read.
///
/// # Errors
/// What `NtMapViewOfSection` says.
pub fn map_data(section: &Owned) -> Result<View, NtStatus> {
    map(section, PAGE_EXECUTE)
}

fn map(section: &Owned, protection: u32) -> Result<View, NtStatus> {
    let (mut base, mut size) = (0_u64, 0_u64);
    // SAFETY: both places live through the call, and the view goes where nothing is.
    let status = unsafe {
        NtMapViewOfSection(
            section.0,
            Handle::CURRENT_PROCESS,
            into(&mut base),
            0,
            0,
            UserPtr::new(0),
            into(&mut size),
            VIEW_SHARE,
            0,
            protection,
        )
    };
    status.ok()?;
    Ok(View { base, size, moved: status == NtStatus::IMAGE_NOT_AT_BASE })
}

/// Takes a view away.
///
/// # Safety
/// Nobody uses it any more.
pub unsafe fn unmap(base: u64) {
    // SAFETY: as the caller says.
    unsafe { NtUnmapViewOfSection(Handle::CURRENT_PROCESS, base) };
}
