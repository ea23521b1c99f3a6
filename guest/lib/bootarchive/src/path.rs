//! Under which path a file is kept.

use alloc::format;
use alloc::string::String;
use core::fmt;

/// How paths into the system root begin in an archive.
const SYSTEM_ROOT: &str = r"\SystemRoot";
/// What the system root is called on its volume.
const WINDOWS: &str = "Windows";
/// Object directories that hold drive letters.
const LETTERS: [&str; 3] = [r"\??\", r"\DosDevices\", r"\GLOBAL??\"];
/// The first names of NT paths that lead to devices by other ways.
const DEVICES: [&str; 2] = ["Device", "ArcName"];

/// The path under which an archive keeps a file: below `\SystemRoot` what is in the folder `\Windows` of drive C:,
/// and the path without the drive for the rest of that drive.
///
/// `\SystemRoot\x`, `\Windows\x`, `C:\Windows\x` and `\??\C:\Windows\x` are the same file, and so are `C:\dir\x`,
/// `\??\C:\dir\x` and `\dir\x`. Case is kept, except in the first name of paths below the system root.
///
/// # Errors
/// [`PathError`] for a path that can name no file of that drive.
///
/// ```
/// use bootarchive::archive_path;
/// assert_eq!(archive_path(r"\??\c:\windows\x.exe"), archive_path(r"\SystemRoot\x.exe"));
/// assert_eq!(archive_path(r"C:\Dir\File").as_deref(), Ok(r"\Dir\File"));
/// ```
pub fn archive_path(path: &str) -> Result<String, PathError> {
    let lettered = LETTERS.iter().find_map(|prefix| strip(path, prefix));
    let on_drive = match (lettered.or((!path.starts_with('\\')).then_some(path)), lettered.is_some()) {
        (Some(rest), is_nt) => match rest.as_bytes() {
            [b'C' | b'c', b':', b'\\', ..] => Some(rest.get(2..).unwrap_or_default()),
            [letter, b':', b'\\', ..] if letter.is_ascii_alphabetic() => return Err(PathError::Drive),
            _ if is_nt => return Err(PathError::Device),
            _ => return Err(PathError::Relative),
        },
        (None, _) => None,
    };
    let full = on_drive.unwrap_or(path);
    let mut names = full.split('\\').skip(1);
    if !names.clone().all(is_name) {
        return Err(PathError::Name);
    }
    let first = names.next().unwrap_or_default();
    let is_root = on_drive.is_none() && first.eq_ignore_ascii_case(&SYSTEM_ROOT[1..]);
    let rest = full.get(1 + first.len()..).unwrap_or_default();
    if is_root || first.eq_ignore_ascii_case(WINDOWS) {
        return if rest.is_empty() { Err(PathError::Folder) } else { Ok(format!("{SYSTEM_ROOT}{rest}")) };
    }
    // A folder of that name on the drive would be taken for the system root.
    if first.eq_ignore_ascii_case(&SYSTEM_ROOT[1..]) {
        return Err(PathError::Name);
    }
    if on_drive.is_none() && DEVICES.iter().any(|name| first.eq_ignore_ascii_case(name)) {
        return Err(PathError::Device);
    }
    Ok(full.into())
}

fn strip<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = path.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// Whether a file may have the name. Source: Microsoft, "Naming Files, Paths, and Namespaces".
fn is_name(name: &str) -> bool {
    let is_odd =
        |letter: char| letter < ' ' || matches!(letter, '"' | '*' | '/' | ':' | '<' | '>' | '?' | '|');
    !matches!(name, "" | "." | "..") && !name.contains(is_odd)
}

/// Why an archive can hold no file of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathError {
    /// It begins neither with a backslash nor with a drive letter.
    Relative,
    /// It is on another drive than C:.
    Drive,
    /// It leads to a device.
    Device,
    /// It is the system root itself.
    Folder,
    /// One of its names is empty, `.` or `..`, or has a character that no name may have.
    Name,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Relative => r"not a full path, such as \SystemRoot\System32\x.exe or C:\dir\x",
            Self::Drive => "the boot archive is drive C: only",
            Self::Device => "a path into a device, which the boot archive is not",
            Self::Folder => "a folder, not a file",
            Self::Name => "no file can have this name",
        })
    }
}

impl core::error::Error for PathError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_file_is_kept_under_one_path() {
        for path in [
            r"\SystemRoot\System32\x.exe",
            r"\SYSTEMROOT\System32\x.exe",
            r"\Windows\System32\x.exe",
            r"\windows\System32\x.exe",
            r"C:\Windows\System32\x.exe",
            r"c:\WINDOWS\System32\x.exe",
            r"\??\C:\Windows\System32\x.exe",
            r"\DosDevices\c:\windows\System32\x.exe",
            r"\global??\c:\windows\System32\x.exe",
        ] {
            assert_eq!(archive_path(path).as_deref(), Ok(r"\SystemRoot\System32\x.exe"), "{path}");
        }
        for path in [r"\Dir\file", r"C:\Dir\file", r"\??\c:\Dir\file"] {
            assert_eq!(archive_path(path).as_deref(), Ok(r"\Dir\file"), "{path}");
        }
        assert_eq!(archive_path(r"\WindowsNT\x").as_deref(), Ok(r"\WindowsNT\x"));
        assert_eq!(archive_path(r"C:\Device\x").as_deref(), Ok(r"\Device\x"));
        assert_eq!(archive_path("C:\\größe").as_deref(), Ok("\\größe"));
    }

    #[test]
    fn paths_that_name_no_file_of_the_drive_are_refused() {
        for (path, error) in [
            ("", PathError::Relative),
            ("x", PathError::Relative),
            ("C:", PathError::Relative),
            ("C:x", PathError::Relative),
            ("C:/x", PathError::Relative),
            ("/x", PathError::Relative),
            ("ü:\\x", PathError::Relative),
            (r"D:\x", PathError::Drive),
            (r"\??\d:\x", PathError::Drive),
            (r"\??\COM1", PathError::Device),
            (r"\??\", PathError::Device),
            (r"\Device\HarddiskVolume1\x", PathError::Device),
            (r"\arcname\x", PathError::Device),
            (r"C:\Windows", PathError::Folder),
            (r"\SystemRoot", PathError::Folder),
            (r"\SystemRoot\", PathError::Name),
            (r"\", PathError::Name),
            (r"C:\", PathError::Name),
            (r"\\server\share", PathError::Name),
            (r"\a\..\b", PathError::Name),
            (r"\a\.", PathError::Name),
            (r"\a\b:stream", PathError::Name),
            (r"\a/b", PathError::Name),
            ("\\a\0", PathError::Name),
            (r"C:\SystemRoot\x", PathError::Name),
        ] {
            assert_eq!(archive_path(path), Err(error), "{path}");
        }
    }
}
