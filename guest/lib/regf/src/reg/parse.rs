//! Line by line.

use alloc::vec::Vec;

use super::cursor::Cursor;
use super::decode::decode;
use super::{Entry, RegError, RegFault, RegFile, ValueEdit, Version, data};

pub(super) fn parse(text: &[u8]) -> Result<RegFile, RegError> {
    let (version, units) = decode(text)?;
    let mut cursor = Cursor::new(&units);
    let mut entries: Vec<Entry> = Vec::new();
    while !cursor.is_at_end() {
        if cursor.end_line() {
            continue;
        }
        match cursor.peek() {
            Some(b'[') => entries.push(key(&mut cursor)?),
            Some(b'@' | b'"') => {
                let start = cursor;
                let edit = value(&mut cursor, version)?;
                match entries.last_mut().filter(|entry| !entry.is_deletion) {
                    Some(entry) => entry.values.push(edit),
                    None => return Err(start.error(RegFault::NoKey)),
                }
            }
            _ => return Err(cursor.error(RegFault::Line)),
        }
    }
    Ok(RegFile { version, entries })
}

/// Reads a key: up to the last bracket with nothing but a comment behind it, as names may have brackets in them.
fn key(cursor: &mut Cursor<'_>) -> Result<Entry, RegError> {
    let start = *cursor;
    let fault = start.error(RegFault::Key);
    cursor.next();
    let is_deletion = cursor.eat(b'-');
    let line = cursor.line_rest();
    let end = (0..line.len()).rev().find(|&at| {
        let behind = line.get(at + 1..).unwrap_or_default();
        let first = behind.iter().find(|&&unit| !matches!(unit, 0x20 | 0x09 | 0x0D));
        line.get(at) == Some(&u16::from(b']')) && first.is_none_or(|&unit| unit == u16::from(b';'))
    });
    let end = end.filter(|&end| end != 0).ok_or(fault)?;
    let path = line.get(..end).unwrap_or_default().to_vec();
    cursor.skip(end + 1);
    cursor.end_line();
    Ok(Entry { path, is_deletion, values: Vec::new(), line: start.line })
}

fn value(cursor: &mut Cursor<'_>, version: Version) -> Result<ValueEdit, RegError> {
    let line = cursor.line;
    let name = if cursor.eat(b'@') { Vec::new() } else { data::string(cursor)? };
    cursor.skip_blanks();
    if !cursor.eat(b'=') {
        return Err(cursor.error(RegFault::Equals));
    }
    cursor.skip_blanks();
    let data = data::data(cursor, version)?;
    if !cursor.end_line() {
        return Err(cursor.error(RegFault::Trailing));
    }
    Ok(ValueEdit { name, data, line })
}
