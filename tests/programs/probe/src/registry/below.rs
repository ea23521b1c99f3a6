//! All values of a key and of its subkeys in one call (`key_class::VALUES_BELOW`).

use nt::NtStatus;
use nt::registry::{KeyValuesEntry, KeyValuesSection, access, key_class, options, value_type};
use nt::types::Handle;

use super::{ROOT, ends, works};
use crate::checks::verdict;
use crate::reg::{self as calls, CASE_INSENSITIVE, make, query_key};

const PARENT: &str = r"\Registry\Machine\System\ProbeBelow";

pub fn checks() {
    let Some(parent) = works("below-key", make(ROOT, PARENT, 0)) else { return };
    let set = |key: Handle, name: &str, data: &[u8]| {
        ends("below-set", calls::set_value(key, name, value_type::BINARY, data), NtStatus::SUCCESS);
    };
    set(parent, "own", &[1, 2, 3]);
    let plain = works("below-plain", make(parent, "Plain", 0));
    let wide = works("below-wide", make(parent, "\u{3a9}", 0));
    let link = works("below-link", make(parent, "Link", options::CREATE_LINK));
    let volatile = works("below-volatile", make(parent, "Fleeting", options::VOLATILE));
    if let (Some(plain), Some(wide), Some(volatile)) = (plain, wide, volatile) {
        set(plain, "", &[]);
        set(plain, "large", &[7; 600]);
        set(wide, "\u{3a9}mega", &[9]);
        set(volatile, "unseen", &[5]);
        told(parent);
        room(parent);
        rights();
    }
    for key in [plain, wide, link, volatile, Some(parent)].into_iter().flatten() {
        ends("below-delete", calls::delete_key(key), NtStatus::SUCCESS);
        rt::close(key);
    }
}

/// What every key has: its name and how many values, and of each value name, length and first byte.
fn told(key: Handle) {
    let mut buffer = [0; 2048];
    let (status, len) = query_key(key, key_class::VALUES_BELOW, &mut buffer);
    verdict("below-told", status == NtStatus::SUCCESS && len as usize <= buffer.len(), "refused");
    let mut reader = Reader { bytes: &buffer[..(len as usize).min(buffer.len())] };
    for expected in ["", "Link", "Plain", "\u{3a9}", "Fleeting"] {
        let (name, values) = reader.section();
        // The key itself comes first; the others in the order of their names, those that are not kept last.
        verdict("below-name", is_name(name, expected), "another name");
        let closed = matches!(expected, "Link" | "Fleeting");
        verdict("below-closed", (values == KeyValuesSection::CLOSED) == closed, "told, or not told");
        for _ in 0..if closed { 0 } else { values } {
            let (name, data) = reader.value();
            let good = match (data.len(), data.first()) {
                (3, Some(1)) => expected.is_empty() && is_name(name, "own"),
                (0, None) => expected == "Plain" && is_name(name, ""),
                (600, Some(7)) => expected == "Plain" && is_name(name, "large"),
                (1, Some(9)) => expected == "\u{3a9}" && is_name(name, "\u{3a9}mega"),
                _ => false,
            };
            verdict("below-value", good, "another value");
        }
        let count = match expected {
            "" | "\u{3a9}" => 1,
            "Plain" => 2,
            _ => KeyValuesSection::CLOSED,
        };
        verdict("below-count", values == count, "another number of values");
    }
    verdict("below-end", reader.bytes.is_empty(), "there is more");
}

/// Too little room: how much there must be, and nothing behind the room.
fn room(key: Handle) {
    let mut buffer = [0xAA; 2048];
    let (_, all) = query_key(key, key_class::VALUES_BELOW, &mut buffer);
    for length in [0, 1, 7, 8, 40, all as usize - 1] {
        let mut buffer = [0xAA; 2048];
        let (status, needed) = query_key(key, key_class::VALUES_BELOW, &mut buffer[..length]);
        let refused = matches!(status, NtStatus::BUFFER_OVERFLOW | NtStatus::BUFFER_TOO_SMALL);
        verdict("below-small", refused && needed == all, "another status or length");
        verdict("below-behind", buffer[length..].iter().all(|&byte| byte == 0xAA), "written behind the room");
    }
    let mut exact = [0; 2048];
    let (status, _) = query_key(key, key_class::VALUES_BELOW, &mut exact[..all as usize]);
    ends("below-exact", status, NtStatus::SUCCESS);
}

/// It takes both rights.
fn rights() {
    for (rights, expected) in [
        (access::QUERY_VALUE, NtStatus::ACCESS_DENIED),
        (access::ENUMERATE_SUB_KEYS, NtStatus::ACCESS_DENIED),
        (access::QUERY_VALUE | access::ENUMERATE_SUB_KEYS, NtStatus::SUCCESS),
    ] {
        let Some(key) = works("below-open", calls::open_with(ROOT, PARENT, rights, CASE_INSENSITIVE)) else {
            continue;
        };
        ends("below-rights", query_key(key, key_class::VALUES_BELOW, &mut [0; 2048]).0, expected);
        rt::close(key);
    }
}

/// A name, and whether it has a byte for each character.
type Name<'a> = (&'a [u8], bool);

fn is_name((bytes, narrow): Name<'_>, text: &str) -> bool {
    match narrow {
        true => text.is_ascii() && bytes == text.as_bytes(),
        false => calls::is_text(bytes, text),
    }
}

/// What is left of an answer.
struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.bytes.split_at(len.min(self.bytes.len()));
        self.bytes = rest;
        taken
    }

    fn skip_to_four(&mut self, len: usize) {
        self.take(len.next_multiple_of(4) - len);
    }

    /// Name and number of values of a key.
    fn section(&mut self) -> (Name<'a>, u32) {
        let head = self.take(size_of::<KeyValuesSection>());
        let Some([a, b, c, d, low, high, narrow, _]) = head.first_chunk() else { return ((&[], true), 0) };
        let length = usize::from(u16::from_le_bytes([*low, *high]));
        let name = self.take(length);
        self.skip_to_four(length);
        ((name, *narrow == 1), u32::from_le_bytes([*a, *b, *c, *d]))
    }

    /// Name and data of a value.
    fn value(&mut self) -> (Name<'a>, &'a [u8]) {
        let head = self.take(size_of::<KeyValuesEntry>());
        let Some([_, _, _, _, a, b, c, d, low, high, narrow, _]) = head.first_chunk() else {
            return ((&[], true), &[]);
        };
        let (length, name) =
            (u32::from_le_bytes([*a, *b, *c, *d]) as usize, usize::from(u16::from_le_bytes([*low, *high])));
        let data = self.take(length);
        let text = self.take(name);
        self.skip_to_four(length + name);
        ((text, *narrow == 1), data)
    }
}
