//! Where DLLs are looked for.
#![expect(unsafe_code, reason = "reads the process parameters and KUSER_SHARED_DATA")]

use core::ptr::with_exposed_provenance;

use nt::kuser;
use nt::layout::parameters;
use nt::types::UnicodeString;
use nt::{NtStatus, kuser::offset};

use super::handle::Owned;
use super::map;
use super::text::{Text, base_name, is_separator, units_of};
use crate::peb::peb;

/// Folders to look into.
#[derive(Clone, Copy, Debug)]
pub enum Path<'a> {
    /// Those of the process parameters.
    Process,
    /// Those that the caller names, parted by `;`.
    Given(&'a [u16]),
}

/// A section with the image that was looked for, and the path it has in messages and lists.
pub struct Found {
    pub section: Owned,
    pub path: Text,
}

/// `.dll` is appended to names without an extension; a dot at the end stands for none.
///
/// # Errors
/// NAME_TOO_LONG, and DLL_NOT_FOUND for no name at all.
pub fn complete(name: &[u16]) -> Result<Text, NtStatus> {
    let mut text = Text::new();
    text.push(name.iter().copied())?;
    let base = text.base_name();
    match base {
        [] => return Err(NtStatus::DLL_NOT_FOUND),
        [.., last] if *last == u16::from(b'.') => text.truncate(name.len() - 1),
        base if !base.contains(&u16::from(b'.')) => text.push_ascii(b".dll")?,
        _ => {}
    }
    Ok(text)
}

/// Finds the image of a name that [`complete`] gave.
///
/// # Errors
/// DLL_NOT_FOUND, and what opening a file that is there, or making a section of it, gives.
pub fn find(name: &Text, path: &Path<'_>) -> Result<Found, NtStatus> {
    let units = name.units();
    if base_name(units).len() != units.len() {
        return file(name)?.ok_or(NtStatus::DLL_NOT_FOUND);
    }
    if let Some(found) = known(name)? {
        return Ok(found);
    }
    let process;
    let folders = match path {
        Path::Given(folders) => folders,
        Path::Process => {
            process = parameter(parameters::DLL_PATH);
            process
        }
    };
    // The program's own folder comes last.
    let program = parameter(parameters::IMAGE_PATH_NAME);
    let own = &program[..program.len() - base_name(program).len()];
    for folder in folders.split(|&unit| unit == u16::from(b';')).chain([own]) {
        if folder.is_empty() {
            continue;
        }
        let mut path = Text::new();
        path.push(folder.iter().copied())?;
        if !folder.last().is_some_and(|&unit| is_separator(unit)) {
            path.push_ascii(b"\\")?;
        }
        path.push(units.iter().copied())?;
        if let Some(found) = file(&path)? {
            return Ok(found);
        }
    }
    Err(NtStatus::DLL_NOT_FOUND)
}

/// A section of `\KnownDlls`.
fn known(name: &Text) -> Result<Option<Found>, NtStatus> {
    let mut object = Text::new();
    object.push_ascii(br"\KnownDlls\")?;
    object.push(name.units().iter().copied())?;
    let section = match map::open_section(&object) {
        Err(status) if is_absence(status) => return Ok(None),
        section => section?,
    };
    let mut path = Text::new();
    path.push(system_root().take_while(|&unit| unit != 0))?;
    path.push_ascii(br"\System32\")?;
    path.push(name.units().iter().copied())?;
    Ok(Some(Found { section, path }))
}

/// A file; `None` when there is none of that path.
fn file(path: &Text) -> Result<Option<Found>, NtStatus> {
    let nt_path = nt_path(path.units())?;
    let file = match map::open_file(&nt_path) {
        Err(status) if is_absence(status) => return Ok(None),
        file => file?,
    };
    let section = map::section_of_image(file.0)?;
    Ok(Some(Found { section, path: *path }))
}

/// The name in the object namespace of an absolute path; paths from the root are such names already.
fn nt_path(path: &[u16]) -> Result<Text, NtStatus> {
    let mut text = Text::new();
    if !path.first().is_some_and(|&unit| is_separator(unit)) {
        text.push_ascii(br"\??\")?;
    }
    text.push(path.iter().map(|&unit| if is_separator(unit) { u16::from(b'\\') } else { unit }))?;
    Ok(text)
}

/// Whether a failure says that there is no such file or section.
fn is_absence(status: NtStatus) -> bool {
    matches!(
        status,
        NtStatus::OBJECT_NAME_NOT_FOUND
            | NtStatus::OBJECT_PATH_NOT_FOUND
            | NtStatus::OBJECT_NAME_INVALID
            | NtStatus::OBJECT_PATH_SYNTAX_BAD
            | NtStatus::OBJECT_TYPE_MISMATCH
            | NtStatus::NO_SUCH_FILE
            | NtStatus::NO_SUCH_DEVICE
            | NtStatus::NOT_A_DIRECTORY
            | NtStatus::FILE_IS_A_DIRECTORY
    )
}

/// A text of the process parameters.
pub fn parameter(at: usize) -> &'static [u16] {
    // SAFETY: the parameters live as long as the process; their texts lie behind the fixed part. Texts hold offsets until
    // the block is normalised.
    unsafe {
        let block = (*peb()).process_parameters;
        if block == 0 {
            return &[];
        }
        let start = with_exposed_provenance::<u8>(block as usize);
        let mut string = start.add(at).cast::<UnicodeString>().read();
        let flags = start.add(parameters::FLAGS).cast::<u32>().read();
        if flags & parameters::FLAG_NORMALISED == 0 && string.buffer != 0 {
            string.buffer += block;
        }
        units_of(&string)
    }
}

/// The folder of the system, with NULs behind it.
pub fn system_root() -> impl Iterator<Item = u16> {
    let start = with_exposed_provenance::<u16>((kuser::USER_ADDRESS as usize) + offset::NT_SYSTEM_ROOT);
    // SAFETY: every process can read the page; the field has 260 units.
    (0..260).map(move |n| unsafe { start.add(n).read() })
}
