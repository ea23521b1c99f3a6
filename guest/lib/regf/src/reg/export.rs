//! From a hive to text.

use alloc::string::String;
use alloc::vec::Vec;

use super::ExportError;
use crate::MAX_DEPTH;
use crate::error::{Fault, HiveError};
use crate::key::Key;
use crate::kind::RegType;
use crate::layout::vk;
use crate::text::Name;
use crate::values::Value;

/// How text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Version 5 in UTF-16LE with a byte order mark, as the registry editor writes it. Holds everything.
    Utf16,
    /// Version 5 in UTF-8 without one, for files that people look at.
    Utf8,
    /// Version 4 in Latin-1.
    Latin1,
}

/// Lines of bytes are broken before this column, as the registry editor does.
const WIDTH: usize = 77;

/// Writes a key with all below it as text. `path` is what it is called there, such as
/// `HKEY_LOCAL_MACHINE\SYSTEM`; lines end in CRLF.
///
/// # Errors
/// [`ExportError::Damaged`], also for keys that do not form a tree; [`ExportError::Unencodable`] for a line feed in
/// the name of a key, half a surrogate pair in UTF-8, or anything beyond Latin-1.
pub fn export(key: Key<'_>, path: &str, encoding: Encoding) -> Result<Vec<u8>, ExportError> {
    let left = key.hive().bins.len();
    let mut writer = Writer { encoding, path: path.encode_utf16().collect(), text: Vec::new(), left };
    writer.ascii(if encoding == Encoding::Latin1 {
        "REGEDIT4\r\n"
    } else {
        "Windows Registry Editor Version 5.00\r\n"
    });
    writer.key(key)?;
    // Every key is there once, so there are no more than the hive has room for.
    let (mut left, mut open) = (key.hive().key_limit(), Vec::from([(key.subkeys()?, writer.path.len())]));
    while let Some((subkeys, len)) = open.last_mut() {
        let Some(child) = subkeys.next() else {
            open.pop();
            continue;
        };
        let child = child?;
        writer.path.truncate(*len);
        writer.path.push(u16::from(b'\\'));
        writer.path.extend(child.name().units());
        left = left.checked_sub(1).ok_or(HiveError::cell(Fault::Consistency, child.id().0))?;
        if open.len() > MAX_DEPTH {
            return Err(HiveError::cell(Fault::Depth, child.id().0).into());
        }
        writer.key(child)?;
        open.push((child.subkeys()?, writer.path.len()));
    }
    writer.finish()
}

struct Writer {
    encoding: Encoding,
    path: Vec<u16>,
    text: Vec<u16>,
    /// So many bytes of values there may still be, if none is there twice.
    left: usize,
}

impl Writer {
    fn ascii(&mut self, text: &str) {
        self.text.extend(text.encode_utf16());
    }

    fn unencodable(&self) -> ExportError {
        ExportError::Unencodable { key: String::from_utf16_lossy(&self.path) }
    }

    /// Whether the encoding can hold units.
    fn holds(&self, units: &[u16]) -> bool {
        match self.encoding {
            Encoding::Utf16 => true,
            Encoding::Utf8 => char::decode_utf16(units.iter().copied()).all(|unit| unit.is_ok()),
            Encoding::Latin1 => units.iter().all(|&unit| unit < 0x100),
        }
    }

    fn key(&mut self, key: Key<'_>) -> Result<(), ExportError> {
        let has_break = self.path.iter().any(|&unit| unit == u16::from(b'\n') || unit == u16::from(b'\r'));
        if has_break || !self.holds(&self.path) {
            return Err(self.unencodable());
        }
        self.ascii("\r\n[");
        self.text.extend_from_slice(&self.path);
        self.ascii("]\r\n");
        key.values()?.try_for_each(|value| self.value(&value?))
    }

    fn value(&mut self, value: &Value<'_>) -> Result<(), ExportError> {
        let used = vk::SIZE + value.len();
        self.left = self.left.checked_sub(used).ok_or(HiveError::cell(Fault::Consistency, value.id))?;
        let start = self.text.len();
        let name: Vec<u16> = value.name().units().collect();
        if !self.holds(&name) {
            return Err(self.unencodable());
        }
        if name.is_empty() {
            self.ascii("@");
        } else {
            self.quoted(&name);
        }
        self.ascii("=");
        let (kind, data) = (value.kind(), value.data()?.to_vec()?);
        match (kind, <[u8; 4]>::try_from(data.as_slice())) {
            (RegType::DWORD, Ok(four)) => {
                self.ascii(&alloc::format!("dword:{:08x}", u32::from_le_bytes(four)))
            }
            (RegType::SZ, _) if let Some(units) = self.as_string(&data) => self.quoted(&units),
            _ => self.bytes(kind, data, start)?,
        }
        self.ascii("\r\n");
        Ok(())
    }

    /// The string in data that is one, with one zero at its end, that can stand between quotation marks.
    fn as_string(&self, data: &[u8]) -> Option<Vec<u16>> {
        let (pairs, odd) = data.as_chunks::<2>();
        let (last, pairs) = pairs.split_last()?;
        let units: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
        let is_plain = odd.is_empty() && *last == [0, 0] && units.iter().all(|&unit| unit >= 0x20);
        (is_plain && self.holds(&units)).then_some(units)
    }

    fn quoted(&mut self, units: &[u16]) {
        self.ascii("\"");
        for &unit in units {
            if unit == u16::from(b'"') || unit == u16::from(b'\\') {
                self.ascii("\\");
            }
            self.text.push(unit);
        }
        self.ascii("\"");
    }

    fn bytes(&mut self, kind: RegType, mut data: Vec<u8>, start: usize) -> Result<(), ExportError> {
        if self.encoding == Encoding::Latin1
            && matches!(kind, RegType::SZ | RegType::EXPAND_SZ | RegType::MULTI_SZ)
        {
            let (pairs, odd) = data.as_chunks::<2>();
            if !odd.is_empty() || pairs.iter().any(|pair| pair[1] != 0) {
                return Err(self.unencodable());
            }
            data = pairs.iter().map(|pair| pair[0]).collect();
        }
        match kind {
            RegType::BINARY => self.ascii("hex:"),
            kind => self.ascii(&alloc::format!("hex({:x}):", kind.0)),
        }
        let mut column = self.text.len() - start;
        for (index, byte) in data.iter().enumerate() {
            if index != 0 {
                self.ascii(",");
                column += 1;
                if column >= WIDTH {
                    self.ascii("\\\r\n  ");
                    column = 2;
                }
            }
            self.ascii(&alloc::format!("{byte:02x}"));
            column += 2;
        }
        Ok(())
    }

    fn finish(self) -> Result<Vec<u8>, ExportError> {
        match self.encoding {
            Encoding::Utf16 => {
                let mark = [0xFF, 0xFE];
                Ok(mark.into_iter().chain(self.text.iter().flat_map(|unit| unit.to_le_bytes())).collect())
            }
            Encoding::Utf8 => Ok(String::from_utf16_lossy(&self.text).into_bytes()),
            Encoding::Latin1 => Ok(self.text.iter().map(|&unit| unit as u8).collect()),
        }
    }
}
