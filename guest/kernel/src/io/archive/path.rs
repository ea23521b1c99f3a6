//! Paths of the volume, and how the archive spells them: what is in `\Windows` is below `\SystemRoot` there.

use alloc::vec::Vec;

use nt::NtStatus;

/// The system root's name on the volume, and in the archive.
const ON_VOLUME: &str = r"\Windows";
const IN_ARCHIVE: &str = r"\SystemRoot";
const SEPARATOR: u16 = b'\\' as u16;

/// The archive's spelling of a path of the volume, in UTF-8 and without a backslash at its end.
///
/// # Errors
/// OBJECT_NAME_NOT_FOUND for what the archive cannot spell; INSUFFICIENT_RESOURCES.
pub fn to_archive(name: &[u16]) -> Result<Vec<u8>, NtStatus> {
    let name = match name {
        [start @ .., b] if *b == SEPARATOR => start,
        all => all,
    };
    let (prefix, rest) = match starts_with(name, ON_VOLUME) {
        Some(rest) => (IN_ARCHIVE, rest),
        // A folder of that name on the volume would be the system root twice.
        None if starts_with(name, IN_ARCHIVE).is_some() => return Err(NtStatus::OBJECT_NAME_NOT_FOUND),
        None => ("", name),
    };
    let mut path = Vec::new();
    path.try_reserve(prefix.len() + rest.len()).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
    path.extend_from_slice(prefix.as_bytes());
    // ASCII goes the short way: this runs interpreted on some hosts.
    if rest.iter().fold(0, |bits, unit| bits | unit) < 0x80 {
        path.extend(rest.iter().map(|&unit| unit as u8));
        return Ok(path);
    }
    for character in char::decode_utf16(rest.iter().copied()) {
        let character = character.map_err(|_| NtStatus::OBJECT_NAME_NOT_FOUND)?;
        path.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    Ok(path)
}

/// The folder that a path of the archive is in; empty for the root.
pub fn parent(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|&byte| byte == b'\\').unwrap_or(0);
    path.get(..end).unwrap_or_default()
}

/// What follows a first name, if a path begins with it.
fn starts_with<'n>(name: &'n [u16], first: &str) -> Option<&'n [u16]> {
    let (start, rest) = name.split_at_checked(first.len())?;
    let same = start
        .iter()
        .zip(first.bytes())
        .all(|(&unit, byte)| u8::try_from(unit).is_ok_and(|unit| unit.eq_ignore_ascii_case(&byte)));
    (same && rest.first().is_none_or(|&unit| unit == SEPARATOR)).then_some(rest)
}

/// The volume's spelling of a name in a folder: `folder` is empty for the root.
pub fn from_archive(folder: &[u8], name: &[u8]) -> Vec<u16> {
    let name = match folder.is_empty() && name.eq_ignore_ascii_case(&IN_ARCHIVE.as_bytes()[1..]) {
        true => &ON_VOLUME[1..],
        false => str::from_utf8(name).unwrap_or_default(),
    };
    name.encode_utf16().collect()
}

/// Whether a path that was not found could be one at all.
///
/// # Errors
/// OBJECT_NAME_INVALID.
pub fn check(name: &[u16]) -> Result<(), NtStatus> {
    let is_odd = |&unit: &u16| {
        matches!(u8::try_from(unit), Ok(0..0x20 | b'"' | b'*' | b'/' | b':' | b'<' | b'>' | b'?' | b'|'))
    };
    let behind_root = name.strip_prefix(&[SEPARATOR]).unwrap_or(name);
    let mut names =
        behind_root.strip_suffix(&[SEPARATOR]).unwrap_or(behind_root).split(|&unit| unit == SEPARATOR);
    match names.all(|name| !name.is_empty() && !name.iter().any(is_odd)) {
        true => Ok(()),
        false => Err(NtStatus::OBJECT_NAME_INVALID),
    }
}
