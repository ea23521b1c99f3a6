//! Paths of the volume, and how the archive spells them: what is in `\Windows` is below `\SystemRoot` there.

use alloc::string::String;

use nt::NtStatus;

/// The system root's name on the volume, and in the archive.
const ON_VOLUME: &str = r"\Windows";
const IN_ARCHIVE: &str = r"\SystemRoot";

/// The archive's spelling of a path of the volume, without a backslash at its end.
///
/// # Errors
/// OBJECT_NAME_NOT_FOUND for what the archive cannot spell.
pub fn to_archive(name: &[u16]) -> Result<String, NtStatus> {
    let name = match name {
        [start @ .., b] if *b == u16::from(b'\\') => start,
        all => all,
    };
    let (mut path, rest) = match starts_with(name, ON_VOLUME) {
        Some(rest) => {
            let mut path = String::with_capacity(IN_ARCHIVE.len() + rest.len());
            path.push_str(IN_ARCHIVE);
            (path, rest)
        }
        // A folder of that name on the volume would be the system root twice.
        None if starts_with(name, IN_ARCHIVE).is_some() => return Err(NtStatus::OBJECT_NAME_NOT_FOUND),
        None => (String::with_capacity(name.len()), name),
    };
    for character in char::decode_utf16(rest.iter().copied()) {
        path.push(character.map_err(|_| NtStatus::OBJECT_NAME_NOT_FOUND)?);
    }
    Ok(path)
}

/// What follows a first name, if a path begins with it.
fn starts_with<'n>(name: &'n [u16], first: &str) -> Option<&'n [u16]> {
    let (start, rest) = name.split_at_checked(first.len())?;
    let same = start
        .iter()
        .zip(first.bytes())
        .all(|(&unit, byte)| u8::try_from(unit).is_ok_and(|unit| unit.eq_ignore_ascii_case(&byte)));
    (same && rest.first().is_none_or(|&unit| unit == u16::from(b'\\'))).then_some(rest)
}

/// The volume's spelling of a name in a folder: `folder` is empty for the root.
pub fn from_archive<'n>(folder: &str, name: &'n str) -> &'n str {
    match folder.is_empty() && name.eq_ignore_ascii_case(&IN_ARCHIVE[1..]) {
        true => &ON_VOLUME[1..],
        false => name,
    }
}

/// Whether a path that was not found could be one at all.
///
/// # Errors
/// OBJECT_NAME_INVALID.
pub fn check(name: &[u16]) -> Result<(), NtStatus> {
    let is_odd = |&unit: &u16| {
        matches!(u8::try_from(unit), Ok(0..0x20 | b'"' | b'*' | b'/' | b':' | b'<' | b'>' | b'?' | b'|'))
    };
    let behind_root = name.strip_prefix(&[u16::from(b'\\')]).unwrap_or(name);
    let mut names = behind_root
        .strip_suffix(&[u16::from(b'\\')])
        .unwrap_or(behind_root)
        .split(|&unit| unit == u16::from(b'\\'));
    match names.all(|name| !name.is_empty() && !name.iter().any(is_odd)) {
        true => Ok(()),
        false => Err(NtStatus::OBJECT_NAME_INVALID),
    }
}
