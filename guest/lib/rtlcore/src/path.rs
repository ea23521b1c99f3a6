//! DOS paths: what kind they are, the full ones, and the NT names of files.

mod device;
mod full;
mod nt_path;

pub use device::{DeviceName, device_name};
pub use full::{Directories, Full};
pub use nt_path::NtPath;

use crate::Unit;

const BACKSLASH: u16 = b'\\' as u16;
const DOT: u16 = b'.' as u16;
const SPACE: u16 = b' ' as u16;

/// DOS takes either kind of slash.
pub fn is_separator(&unit: &u16) -> bool {
    matches!(unit.ascii(), Some(b'\\' | b'/'))
}

/// RTL_PATH_TYPE, what `RtlDetermineDosPathNameType_U` tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Kind {
    /// `\\server\share`.
    Unc = 1,
    /// `C:\file`.
    DriveAbsolute,
    /// `C:file`.
    DriveRelative,
    /// `\file`.
    Rooted,
    /// `file`.
    Relative,
    /// `\\.\device`, also with `?`.
    LocalDevice,
    /// `\\.`, also with `?`.
    RootLocalDevice,
}

/// The kind of a path.
pub fn kind(path: &[u16]) -> Kind {
    let separator = |at| path.get(at).is_some_and(is_separator);
    match (separator(0), separator(1)) {
        (true, true) => match path.get(2).and_then(|unit| unit.ascii()) {
            Some(b'.' | b'?') if separator(3) => Kind::LocalDevice,
            Some(b'.' | b'?') if path.len() == 3 => Kind::RootLocalDevice,
            _ => Kind::Unc,
        },
        (true, false) => Kind::Rooted,
        _ if path.get(1).and_then(|unit| unit.ascii()) != Some(b':') => Kind::Relative,
        _ if separator(2) => Kind::DriveAbsolute,
        _ => Kind::DriveRelative,
    }
}

/// Whether the last part of a path has a dot in it: `RtlDosSearchPath_U` adds its extension to others only.
pub fn has_extension(path: &[u16]) -> bool {
    path.iter().rev().take_while(|unit| !is_separator(unit)).any(|&unit| unit == DOT)
}

/// The files that `RtlDosSearchPath_U` looks for, as pieces to be put together: the folders of `path`, which `;`
/// separates, each with the file's name.
pub fn candidates<'a>(
    path: &'a [u16],
    file: &'a [u16],
    extension: &'a [u16],
) -> impl Iterator<Item = [&'a [u16]; 4]> {
    let extension = if has_extension(file) { &[] } else { extension };
    path.split(|&unit| unit == u16::from(b';')).filter(|folder| !folder.is_empty()).map(move |folder| {
        let ends = folder.last().is_some_and(|unit| is_separator(unit) || unit.ascii() == Some(b':'));
        [folder, if ends { &[] } else { &[BACKSLASH] }, file, extension]
    })
}

/// UTF-16 text for tests.
#[cfg(test)]
pub(crate) fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        let cases = [
            ("", Kind::Relative),
            ("file", Kind::Relative),
            ("::", Kind::DriveRelative),
            ("C:", Kind::DriveRelative),
            (r"C:file\x", Kind::DriveRelative),
            ("C:/", Kind::DriveAbsolute),
            (r"C:\dir", Kind::DriveAbsolute),
            (r"\", Kind::Rooted),
            (r"/dir", Kind::Rooted),
            (r"\??\C:", Kind::Rooted),
            (r"\\", Kind::Unc),
            (r"/\server", Kind::Unc),
            (r"\\.x", Kind::Unc),
            (r"\\.", Kind::RootLocalDevice),
            ("//?", Kind::RootLocalDevice),
            (r"\\.\", Kind::LocalDevice),
            ("//?/C:", Kind::LocalDevice),
        ];
        for (path, expected) in cases {
            assert_eq!(kind(&wide(path)), expected, "{path}");
        }
    }

    #[test]
    fn candidates_are_in_the_order_of_the_path() {
        let found = |path: &str, file: &str| -> Vec<String> {
            let (path, file, extension) = (wide(path), wide(file), wide(".exe"));
            let candidates = candidates(&path, &file, &extension);
            candidates.map(|pieces| String::from_utf16(&pieces.concat()).unwrap()).collect()
        };
        let path = r"C:\Windows\System32;;C:\;D:";
        assert_eq!(found(path, "smss"), [r"C:\Windows\System32\smss.exe", r"C:\smss.exe", "D:smss.exe"]);
        assert_eq!(found("C:/", r"dir.x\file"), [r"C:/dir.x\file.exe"]);
        assert_eq!(found("x", "file."), [r"x\file."]);
        assert!(found("", "file").is_empty());
    }
}
