//! Paths as commands name them.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use nt::NtStatus;
use nt::file::{access, attribute, disposition, option, share};
use rt::handle::Owned;
use rt::objects::Name;
use rt::transfer::{self, Entry, How};

use crate::failure::{About, Failure};

/// UTF-16.
pub fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// Text of UTF-16.
pub fn narrow(units: &[u16]) -> String {
    String::from_utf16_lossy(units)
}

/// The NT path of a path or of a device's name.
///
/// # Errors
/// The path, when it is none.
pub fn nt(path: &str) -> Result<Vec<u16>, Failure> {
    rt::path::to_nt(&wide(path)).ok_or(NtStatus::OBJECT_NAME_INVALID).about(path)
}

/// The full DOS path.
///
/// # Errors
/// As [`nt`].
pub fn full(path: &str) -> Result<String, Failure> {
    let full = rt::path::full(&wide(path)).ok_or(NtStatus::OBJECT_NAME_INVALID).about(path)?;
    Ok(narrow(&full))
}

/// Opens a file, folder or device.
///
/// # Errors
/// What opening it says.
pub fn open(path: &str, access: u32, disposition: u32, options: u32) -> Result<Owned, Failure> {
    let how = How { access, share: share::ALL, disposition, options };
    transfer::create(&Name::new(&nt(path)?), how).about(path)
}

/// Opens a folder to list it.
///
/// # Errors
/// What opening it says.
pub fn open_folder(path: &str) -> Result<Owned, Failure> {
    open(path, access::READ_DATA, disposition::OPEN, option::DIRECTORY_FILE)
}

/// Whether a path is that of a folder.
pub fn is_folder(path: &str) -> bool {
    open_folder(path).is_ok()
}

/// A path with a name behind it.
pub fn join(folder: &str, name: &str) -> String {
    let mut path = folder.to_string();
    if !path.is_empty() && !path.ends_with(['\\', '/', ':']) {
        path.push('\\');
    }
    path.push_str(name);
    path
}

/// The folder of a path, with what divides it from the name, and the name.
pub fn split(path: &str) -> (&str, &str) {
    let at = path.rfind(['\\', '/', ':']).map_or(0, |at| at + 1);
    path.split_at(at)
}

/// The files and folders that a path with a pattern stands for: their folder, and what is known of each.
///
/// # Errors
/// What opening the folder says.
pub fn find(path: &str) -> Result<(&str, Vec<Entry>), Failure> {
    let (folder, pattern) = split(path);
    let opened = open_folder(if folder.is_empty() { "." } else { folder })?;
    let entries = transfer::list(&opened, &wide(pattern)).about(path)?;
    Ok((folder, entries))
}

/// The paths of the files, not folders, that a path stands for: itself if there is no pattern in it.
///
/// # Errors
/// As [`find`]; not found, when a pattern matches nothing.
pub fn files(path: &str) -> Result<Vec<String>, Failure> {
    if !path.contains(['*', '?']) {
        return Ok(Vec::from([path.to_string()]));
    }
    let (folder, entries) = find(path)?;
    let is_file = |entry: &&Entry| entry.attributes & attribute::DIRECTORY == 0;
    let found: Vec<String> =
        entries.iter().filter(is_file).map(|entry| join(folder, &narrow(&entry.name))).collect();
    if found.is_empty() { Err(NtStatus::NO_SUCH_FILE).about(path) } else { Ok(found) }
}
