//! GUIDs as text: `{00112233-4455-6677-8899-AABBCCDDEEFF}`.

/// Units of the text.
pub const LEN: usize = 38;

/// Where the bytes stand in the text, in the order of the structure: its first three fields are little-endian.
const PLACES: [usize; 16] = [7, 5, 3, 1, 12, 10, 17, 15, 20, 22, 25, 27, 29, 31, 33, 35];
/// What stands between them.
const MARKS: [(usize, u8); 6] = [(0, b'{'), (9, b'-'), (14, b'-'), (19, b'-'), (24, b'-'), (37, b'}')];

/// The text of a GUID, capitals.
pub fn format(guid: &[u8; 16]) -> [u16; LEN] {
    let mut text = [0; LEN];
    for (at, mark) in MARKS {
        text[at] = mark.into();
    }
    for (&byte, at) in guid.iter().zip(PLACES) {
        for (offset, digit) in [(0, byte >> 4), (1, byte & 15)] {
            text[at + offset] = (if digit < 10 { b'0' + digit } else { b'A' + digit - 10 }).into();
        }
    }
    text
}

/// The GUID of a text, in either case. `None`: it is none.
pub fn parse(text: &[u16]) -> Option<[u8; 16]> {
    let text: &[u16; LEN] = text.try_into().ok()?;
    if MARKS.iter().any(|&(at, mark)| text[at] != mark.into()) {
        return None;
    }
    let digit = |at: usize| char::from_u32(text[at].into())?.to_digit(16);
    let mut guid = [0; 16];
    for (byte, at) in guid.iter_mut().zip(PLACES) {
        *byte = (digit(at)? << 4 | digit(at + 1)?) as u8;
    }
    Some(guid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fields_are_little_endian() {
        let guid =
            [0x33, 0x22, 0x11, 0, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF];
        let text = String::from_utf16(&format(&guid)).unwrap();
        assert_eq!(text, "{00112233-4455-6677-8899-AABBCCDDEEFF}");
        let parsed = |text: &str| parse(&text.encode_utf16().collect::<Vec<_>>());
        assert_eq!(parsed(&text.to_lowercase()), Some(guid));
        for wrong in ["", &text[1..], &text.replace('-', ":"), &text.replace('A', "G"), &(text.clone() + " ")]
        {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn guids_come_back(guid: [u8; 16]) {
            prop_assert_eq!(parse(&format(&guid)), Some(guid));
        }

        #[test]
        fn any_text_is_borne(text in proptest::collection::vec(any::<u16>(), LEN)) {
            let _ = parse(&text);
        }
    }
}
