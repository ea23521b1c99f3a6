//! From bytes to UTF-16, by the byte order mark or the first line.

use alloc::vec::Vec;

use super::{RegError, RegFault, Version};

const UTF16_MARK: [u8; 2] = [0xFF, 0xFE];
const UTF8_MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];
const HEADERS: [(&str, Version); 2] =
    [("REGEDIT4", Version::V4), ("Windows Registry Editor Version 5.00", Version::V5)];

/// The text behind the first line's end, and the version in the first line.
pub(super) fn decode(bytes: &[u8]) -> Result<(Version, Vec<u16>), RegError> {
    let units = if let Some(rest) = bytes.strip_prefix(&UTF16_MARK) {
        let (pairs, odd) = rest.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
        if !odd.is_empty() {
            return Err(at_end(&units));
        }
        units
    } else if bytes.starts_with(HEADERS[0].0.as_bytes()) {
        bytes.iter().map(|&byte| byte.into()).collect()
    } else {
        let bytes = bytes.strip_prefix(&UTF8_MARK).unwrap_or(bytes);
        match core::str::from_utf8(bytes) {
            Ok(text) => text.encode_utf16().collect(),
            Err(error) => {
                let good = bytes.get(..error.valid_up_to()).and_then(|good| core::str::from_utf8(good).ok());
                return Err(at_end(&good.unwrap_or_default().encode_utf16().collect::<Vec<_>>()));
            }
        }
    };
    let end = units.iter().position(|&unit| unit == u16::from(b'\n')).unwrap_or(units.len());
    let first = units.get(..end).unwrap_or_default();
    let is_blank = |unit: &u16| matches!(*unit, 0x20 | 0x09 | 0x0D);
    let len = first.iter().rposition(|unit| !is_blank(unit)).map_or(0, |last| last + 1);
    let header = first.get(..len).unwrap_or_default();
    let version = HEADERS.iter().find(|(text, _)| text.encode_utf16().eq(header.iter().copied()));
    let (_, version) = version.ok_or(RegError { fault: RegFault::Header, line: 1, column: 1 })?;
    Ok((*version, units.get(end..).unwrap_or_default().to_vec()))
}

/// Where the text is no longer text.
fn at_end(good: &[u16]) -> RegError {
    let newline = u16::from(b'\n');
    let line = good.iter().filter(|&&unit| unit == newline).count() + 1;
    let column = good.iter().rev().take_while(|&&unit| unit != newline).count() + 1;
    RegError { fault: RegFault::Encoding, line: line as u32, column: column as u32 }
}
