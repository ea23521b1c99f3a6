//! Arguments of the command line that name files of this host, whose names are bytes: they are taken apart as text, in which
//! NUL, that no argument can have, stands before each byte that is not UTF-8.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// Stands before a byte that is not UTF-8, which follows as the character of its number.
const ESCAPE: char = '\0';

/// An argument as text.
pub fn to_text(argument: &OsStr) -> String {
    let mut text = String::with_capacity(argument.len());
    for chunk in argument.as_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        for &byte in chunk.invalid() {
            text.extend([ESCAPE, char::from(byte)]);
        }
    }
    text
}

/// The path that a part of such a text names.
pub fn to_path(text: &str) -> PathBuf {
    let mut bytes = Vec::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ESCAPE => bytes.extend(letters.next().and_then(|byte| u8::try_from(byte).ok())),
            _ => bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    OsString::from_vec(bytes).into()
}

/// Whether a part of such a text was UTF-8, as everything but paths of this host has to be.
pub fn is_utf8(text: &str) -> bool {
    !text.contains(ESCAPE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back() {
        let all: Vec<u8> = (1..=255).collect();
        for bytes in [&b"plain=x"[..], "\u{e4}\u{10ffff}=\u{3a9}".as_bytes(), b"\xFF=\xC3\xA4\xC3", &all] {
            let text = to_text(OsStr::from_bytes(bytes));
            assert_eq!(to_path(&text).as_os_str().as_bytes(), bytes);
            assert_eq!(is_utf8(&text), std::str::from_utf8(bytes).is_ok());
        }
        let text = to_text(OsStr::from_bytes(b"a\xFF=b\xC3,c"));
        let (before, after) = text.split_once('=').expect("two parts");
        assert_eq!(to_path(before).as_os_str().as_bytes(), b"a\xFF");
        assert_eq!(to_path(after).as_os_str().as_bytes(), b"b\xC3,c");
    }
}
