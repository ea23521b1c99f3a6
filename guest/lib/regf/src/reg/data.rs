//! What stands behind `=`.

use alloc::vec::Vec;

use super::cursor::Cursor;
use super::{RegError, RegFault, Version};
use crate::kind::RegType;

/// Reads a string from its opening quotation mark to its closing one.
pub(super) fn string(cursor: &mut Cursor<'_>) -> Result<Vec<u16>, RegError> {
    quoted(cursor, false)
}

/// Reads a string, in which `\0` may be a zero.
fn quoted(cursor: &mut Cursor<'_>, has_zeros: bool) -> Result<Vec<u16>, RegError> {
    let start = *cursor;
    let mut units = Vec::new();
    cursor.next();
    loop {
        match cursor.peek() {
            None => return Err(start.error(RegFault::Unterminated)),
            Some(b'"') => {
                cursor.next();
                return Ok(units);
            }
            Some(b'\\') => {
                let escape = *cursor;
                cursor.next();
                match cursor.peek() {
                    Some(b'\\' | b'"') => {}
                    Some(b'0') if has_zeros => {
                        cursor.next();
                        units.push(0);
                        continue;
                    }
                    _ => return Err(escape.error(RegFault::Escape)),
                }
            }
            Some(_) => {}
        }
        units.extend(cursor.next());
    }
}

/// Reads data; `None` to delete.
pub(super) fn data(
    cursor: &mut Cursor<'_>,
    version: Version,
) -> Result<Option<(RegType, Vec<u8>)>, RegError> {
    let start = *cursor;
    if cursor.peek() == Some(b'"') {
        let mut units = string(cursor)?;
        units.push(0);
        return Ok(Some((RegType::SZ, units.into_iter().flat_map(u16::to_le_bytes).collect())));
    }
    if cursor.eat(b'-') {
        return Ok(None);
    }
    if cursor.eat_word("dword:") {
        cursor.skip_blanks();
        return Ok(Some((RegType::DWORD, cursor.number(8)?.to_le_bytes().to_vec())));
    }
    if cursor.eat_word("str(") {
        return strings(cursor, start).map(Some);
    }
    if !cursor.eat_word("hex") {
        return Err(start.error(RegFault::Data));
    }
    let mut kind = RegType::BINARY;
    if cursor.eat(b'(') {
        kind = RegType(cursor.number(8)?);
        if !cursor.eat(b')') {
            return Err(cursor.error(RegFault::Data));
        }
    }
    if !cursor.eat(b':') {
        return Err(cursor.error(RegFault::Data));
    }
    let mut bytes = bytes(cursor)?;
    if version == Version::V4 && matches!(kind, RegType::SZ | RegType::EXPAND_SZ | RegType::MULTI_SZ) {
        bytes = bytes.into_iter().flat_map(|byte| [byte, 0]).collect();
    }
    Ok(Some((kind, bytes)))
}

/// Reads what follows `str(`: the type of a string or of a list of them, and the text.
fn strings(cursor: &mut Cursor<'_>, start: Cursor<'_>) -> Result<(RegType, Vec<u8>), RegError> {
    let kind = RegType(cursor.number(8)?);
    let is_list = kind == RegType::MULTI_SZ;
    if !is_list && !matches!(kind, RegType::SZ | RegType::EXPAND_SZ) {
        return Err(start.error(RegFault::Data));
    }
    if !cursor.eat(b')') || !cursor.eat(b':') || cursor.peek() != Some(b'"') {
        return Err(cursor.error(RegFault::Data));
    }
    let mut units = quoted(cursor, is_list)?;
    // The zero behind the last string need not be written.
    if is_list && units.last().is_some_and(|&last| last != 0) {
        units.push(0);
    }
    units.push(0);
    Ok((kind, units.into_iter().flat_map(u16::to_le_bytes).collect()))
}

/// Reads bytes with commas between them. A `\` at the end of a line continues it.
fn bytes(cursor: &mut Cursor<'_>) -> Result<Vec<u8>, RegError> {
    let mut bytes = Vec::new();
    let mut may_follow = true;
    loop {
        cursor.skip_blanks();
        match cursor.peek() {
            Some(b'\\') => {
                let start = *cursor;
                cursor.next();
                if !cursor.end_line() {
                    return Err(start.error(RegFault::Number));
                }
            }
            Some(b',') if !may_follow => {
                cursor.next();
                may_follow = true;
            }
            Some(byte) if may_follow && byte.is_ascii_hexdigit() => {
                bytes.push(cursor.number(2)? as u8);
                may_follow = false;
            }
            None | Some(b'\n' | b';') => return Ok(bytes),
            Some(_) => return Err(cursor.error(RegFault::Number)),
        }
    }
}
