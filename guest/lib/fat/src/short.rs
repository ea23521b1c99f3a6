//! The 32 bytes of an entry, and the short name in them: eight and three characters of the OEM code page.

use alloc::vec::Vec;

use rtlcore::codepage::{oem_from_wide, oem_to_wide};

use crate::stamp::Stamp;

/// Small letters in front of the dot, and behind it (as NT keeps them).
pub(crate) const SMALL_BASE: u8 = 0x08;
pub(crate) const SMALL_EXTENSION: u8 = 0x10;
/// First byte of a slot that is free, and of one behind which all are.
pub(crate) const FREE: u8 = 0xE5;
pub(crate) const LAST: u8 = 0;
/// What stands for a first byte of 0xE5.
const ESCAPED: u8 = 0x05;

/// An entry that is no part of a long name.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Short {
    pub name: [u8; 11],
    pub attributes: u8,
    /// [`SMALL_BASE`], [`SMALL_EXTENSION`].
    pub case: u8,
    pub created: Stamp,
    pub access_date: u16,
    pub written: Stamp,
    pub first: u32,
    pub size: u32,
}

impl Short {
    pub(crate) fn parse(slot: &[u8; 32]) -> Self {
        let word = |at: usize| u16::from_le_bytes([slot[at], slot[at + 1]]);
        let mut name = [0; 11];
        name.copy_from_slice(&slot[..11]);
        Self {
            name,
            attributes: slot[11] & 0x3F,
            case: slot[12],
            created: Stamp { date: word(16), time: word(14), hundredths: slot[13] },
            access_date: word(18),
            written: Stamp { date: word(24), time: word(22), hundredths: 0 },
            first: u32::from(word(20)) << 16 | u32::from(word(26)),
            size: u32::from(word(28)) | u32::from(word(30)) << 16,
        }
    }

    pub(crate) fn bytes(&self) -> [u8; 32] {
        let mut slot = [0; 32];
        slot[..11].copy_from_slice(&self.name);
        slot[11] = self.attributes;
        slot[12] = self.case;
        slot[13] = self.created.hundredths;
        let first = self.first.to_le_bytes();
        let words = [
            (14, self.created.time.to_le_bytes()),
            (16, self.created.date.to_le_bytes()),
            (18, self.access_date.to_le_bytes()),
            (20, [first[2], first[3]]),
            (22, self.written.time.to_le_bytes()),
            (24, self.written.date.to_le_bytes()),
            (26, [first[0], first[1]]),
        ];
        for (at, word) in words {
            slot[at..at + 2].copy_from_slice(&word);
        }
        slot[28..].copy_from_slice(&self.size.to_le_bytes());
        slot
    }

    pub(crate) fn accessed(&self) -> Stamp {
        Stamp { date: self.access_date, time: 0, hundredths: 0 }
    }

    /// The name as text, with small letters where there are some.
    pub(crate) fn text(&self) -> Vec<u16> {
        text(&self.name, self.case)
    }

    /// The name as text, in capitals.
    pub(crate) fn plain_text(&self) -> Vec<u16> {
        text(&self.name, 0)
    }
}

fn text(name: &[u8; 11], case: u8) -> Vec<u16> {
    let (base, extension) = name.split_at(8);
    let trimmed = |part: &[u8]| part.iter().rposition(|&byte| byte != b' ').map_or(0, |last| last + 1);
    let mut text = Vec::with_capacity(12);
    let add = |text: &mut Vec<u16>, part: &[u8], small: bool| {
        text.extend(part.iter().map(|&byte| {
            let unit = oem_to_wide(byte);
            if small { nt::downcase(unit) } else { unit }
        }));
    };
    let mut base = Vec::from(&base[..trimmed(base)]);
    if let Some(first) = base.first_mut()
        && *first == ESCAPED
    {
        *first = FREE;
    }
    add(&mut text, &base, case & SMALL_BASE != 0);
    let extension = &extension[..trimmed(extension)];
    if !extension.is_empty() {
        text.push(b'.'.into());
        add(&mut text, extension, case & SMALL_EXTENSION != 0);
    }
    text
}

/// A label's text.
pub(crate) fn text_of_label(label: &[u8; 11]) -> Vec<u16> {
    let end = label.iter().rposition(|&byte| byte != b' ').map_or(0, |last| last + 1);
    label[..end].iter().map(|&byte| oem_to_wide(byte)).collect()
}

/// The byte that a unit has in a short name, in capitals; `None` when it has none.
pub(crate) fn byte_of(unit: u16) -> Option<u8> {
    let capital = nt::upcase(unit);
    let byte = match capital {
        0x21..=0x7E if !b"\"*+,./:;<=>?[\\]|".contains(&(capital as u8)) => capital as u8,
        0x80.. => oem_from_wide(capital),
        _ => return None,
    };
    (byte != b'?').then_some(byte)
}

/// The short name that a name is, whatever the case of its letters.
pub(crate) fn loose(name: &[u16]) -> Option<[u8; 11]> {
    let dot = name.iter().position(|&unit| unit == u16::from(b'.'));
    let (base, extension) = match dot {
        Some(dot) => (name.get(..dot)?, name.get(dot + 1..)?),
        None => (name, &[][..]),
    };
    if base.is_empty() || base.len() > 8 || extension.len() > 3 {
        return None;
    }
    let mut short = [b' '; 11];
    for (units, at) in [(base, 0), (extension, 8)] {
        for (place, &unit) in short[at..].iter_mut().zip(units) {
            *place = byte_of(unit)?;
        }
    }
    if short[0] == FREE {
        short[0] = ESCAPED;
    }
    Some(short)
}

/// The short name that says all of a name, and the case of its letters, if there is one.
pub(crate) fn exact(name: &[u16]) -> Option<([u8; 11], u8)> {
    let (short, mut case) = (loose(name)?, 0);
    // Beyond ASCII code pages differ, and so would readers.
    if name.iter().any(|&unit| unit >= 0x80) || name.last() == Some(&u16::from(b'.')) {
        return None;
    }
    let base = name.split(|&unit| unit == u16::from(b'.')).next()?;
    let extension = name.get(base.len()..)?;
    for (units, bit) in [(base, SMALL_BASE), (extension, SMALL_EXTENSION)] {
        let (mut small, mut capital) = (false, false);
        for &unit in units {
            small |= nt::upcase(unit) != unit;
            capital |= nt::downcase(unit) != unit;
        }
        match (small, capital) {
            (true, true) => return None,
            (true, false) => case |= bit,
            _ => {}
        }
    }
    Some((short, case))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    fn units(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    #[test]
    fn short_names_keep_what_they_can() {
        for (name, short, case) in [
            ("README.TXT", b"README  TXT", 0),
            ("readme.txt", b"README  TXT", 0x18),
            ("SMSS.exe", b"SMSS    EXE", 0x10),
            ("a", b"A          ", 8),
            ("A1-~!.B", b"A1-~!   B  ", 0),
        ] {
            assert_eq!(exact(&units(name)), Some((*short, case)), "{name}");
            let back = Short { name: *short, case, ..Short::default() }.text();
            assert_eq!(String::from_utf16_lossy(&back), name);
        }
        for name in ["", ".a", "a.", "Ab", "a.Bc", "ninechars", "a.long", "a b", "a.b.c", "ä", "a+b"] {
            assert_eq!(exact(&units(name)), None, "{name}");
        }
    }

    #[test]
    fn entries_come_back() {
        let mut slot = [0; 32];
        slot.iter_mut().enumerate().for_each(|(n, byte)| *byte = n as u8 + 1);
        slot[11] = 0x21;
        assert_eq!(Short::parse(&slot).bytes(), slot);
        let escaped = Short { name: *b"\x05A         ", ..Short::default() };
        assert_eq!(escaped.text(), [0x3C3, 0x41]);
    }
}
