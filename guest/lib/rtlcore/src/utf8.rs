//! UTF-8 and UTF-16. What is no character is replaced by U+FFFD, and told.

use crate::Cut;

/// Converts to UTF-16. Whether everything was a character.
pub fn to_wide(text: &[u8], out: &mut Cut<'_, u16>) -> bool {
    let mut complete = true;
    let mut room = [0; 2];
    for chunk in text.utf8_chunks() {
        chunk.valid().chars().for_each(|char| out.extend(char.encode_utf16(&mut room)));
        if !chunk.invalid().is_empty() {
            out.push(char::REPLACEMENT_CHARACTER as u16);
            complete = false;
        }
    }
    complete
}

/// Converts to UTF-8. Whether everything was a character.
pub fn from_wide(text: &[u16], out: &mut Cut<'_, u8>) -> bool {
    let mut complete = true;
    let mut room = [0; 4];
    for unit in char::decode_utf16(text.iter().copied()) {
        complete &= unit.is_ok();
        let char = unit.unwrap_or(char::REPLACEMENT_CHARACTER);
        out.extend(char.encode_utf8(&mut room).as_bytes());
    }
    complete
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_rust(text: Vec<u16>, bytes in proptest::collection::vec(prop_oneof![any::<u8>(), 0x80..0xC0_u8, Just(b'a')], 0..20)) {
            let mut buffer = [0; 1000];
            let mut out = Cut::new(&mut buffer);
            let complete = from_wide(&text, &mut out);
            let len = out.len();
            prop_assert_eq!(complete, String::from_utf16(&text).is_ok());
            prop_assert_eq!(buffer[..len].to_vec(), String::from_utf16_lossy(&text).into_bytes());

            let mut buffer = [0; 1000];
            let mut out = Cut::new(&mut buffer);
            let complete = to_wide(&bytes, &mut out);
            let len = out.len();
            prop_assert_eq!(complete, core::str::from_utf8(&bytes).is_ok());
            prop_assert_eq!(String::from_utf16_lossy(&buffer[..len]), String::from_utf8_lossy(&bytes));
        }
    }
}
