//! `--drive L=FILE[,ro][,format=raw|qcow2][,serial=TEXT]`. A comma in the file's name is written twice.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::devices::virtio::block::ID_LEN;
use crate::host_path::to_path;

/// The drive that the system is booted from, if there is one.
pub const SYSTEM_LETTER: char = 'c';
/// Most drives: as many as a system with its own C: has letters for.
pub const DRIVES_MAX: usize = 23;

/// How an image's contents are laid out. It is never guessed from the contents, which the guest could have written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The sectors, one after the other.
    Raw,
    /// QEMU's qcow2, without other files behind it.
    Qcow2,
}

/// A drive, as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriveSpec {
    /// Its letter, lower case.
    pub letter: char,
    /// The image.
    pub path: PathBuf,
    /// Nothing is ever written.
    pub read_only: bool,
    /// How it is laid out.
    pub format: Format,
    /// What the guest is told as its serial number, at most 20 bytes.
    pub serial: String,
}

/// What is wrong with one.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// No letter.
    #[error("use L=FILE, as in d=disk.img; L is a letter from C to Z")]
    Letter,
    /// No file.
    #[error("the drive has no file: use L=FILE, as in d=disk.img")]
    File,
    /// An unknown word.
    #[error(
        "unknown option {0:?}: there are ro, format=raw, format=qcow2 and serial=TEXT; a comma in the file's name is written twice"
    )]
    Option(String),
    /// A serial number that does not fit.
    #[error("a serial number is 1 to {ID_LEN} printable ASCII characters")]
    Serial,
}

impl FromStr for DriveSpec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let (letter, rest) = text.split_once('=').ok_or(SpecError::Letter)?;
        let letter = match letter.as_bytes() {
            [letter] if matches!(letter.to_ascii_lowercase(), b'c'..=b'z') => {
                letter.to_ascii_lowercase().into()
            }
            _ => return Err(SpecError::Letter),
        };
        let mut words = split(rest).into_iter();
        let path = to_path(&words.next().filter(|file| !file.is_empty()).ok_or(SpecError::File)?);
        let mut spec =
            Self { letter, format: by_name(&path), path, read_only: false, serial: format!("smvm-{letter}") };
        for word in words {
            match word.split_once('=') {
                None if word == "ro" => spec.read_only = true,
                Some(("format", "raw")) => spec.format = Format::Raw,
                Some(("format", "qcow2")) => spec.format = Format::Qcow2,
                Some(("serial", serial)) => {
                    let printable = serial.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
                    if serial.is_empty() || serial.len() > ID_LEN || !printable {
                        return Err(SpecError::Serial);
                    }
                    spec.serial = serial.into();
                }
                _ => return Err(SpecError::Option(word)),
            }
        }
        Ok(spec)
    }
}

/// The format that a name speaks of.
fn by_name(path: &Path) -> Format {
    match path.extension() {
        Some(extension) if extension.eq_ignore_ascii_case("qcow2") => Format::Qcow2,
        _ => Format::Raw,
    }
}

/// Splits at single commas; two are one in a word.
fn split(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == ',' && letters.next_if_eq(&',').is_none() {
            words.push(String::new());
        } else if let Some(word) = words.last_mut() {
            word.push(letter);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<DriveSpec, SpecError> {
        text.parse()
    }

    #[test]
    fn options_say_what_they_say() {
        let plain = parse("d=disk.img").expect("a drive");
        assert_eq!((plain.letter, plain.path.to_str()), ('d', Some("disk.img")));
        assert_eq!((plain.read_only, plain.format, &*plain.serial), (false, Format::Raw, "smvm-d"));
        let full = parse("E=a,,b.qcow2,ro,serial=No 1").expect("a drive");
        assert_eq!((full.letter, full.path.to_str()), ('e', Some("a,b.qcow2")));
        assert_eq!((full.read_only, full.format, &*full.serial), (true, Format::Qcow2, "No 1"));
        assert_eq!(parse("z=x.qcow2,format=raw").expect("a drive").format, Format::Raw);
        assert_eq!(parse("z=x,format=qcow2").expect("a drive").format, Format::Qcow2);
    }

    #[test]
    fn nonsense_is_named() {
        for bad in ["", "disk.img", "a=x", "b=x", "1=x", "cd=x", "=x"] {
            assert_eq!(parse(bad), Err(SpecError::Letter), "{bad}");
        }
        assert_eq!(parse("d="), Err(SpecError::File));
        assert_eq!(parse("d=,ro"), Err(SpecError::File));
        for bad in ["rw", "format=vmdk", "format=", "cache=none", ""] {
            assert_eq!(parse(&format!("d=x,{bad}")), Err(SpecError::Option(bad.into())), "{bad}");
        }
        for bad in ["serial=", "serial=123456789012345678901", "serial=ä"] {
            assert_eq!(parse(&format!("d=x,{bad}")), Err(SpecError::Serial), "{bad}");
        }
    }
}
