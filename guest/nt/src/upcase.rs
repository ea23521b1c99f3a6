//! Capital and small letters, as names are compared, hashed and converted.
//!
//! NT folds UTF-16 unit by unit with a table of its own, and never changes a name's length. Here: ASCII, and
//! for the rest of the plane the one-to-one upper-case pairs among the characters of Unicode 3.2, as runs.
//! Left out, as NT's table has them map to themselves: `µ` (U+00B5), `ı` (U+0131), `ſ` (U+017F).

/// The unit's capital, or the unit.
#[inline]
pub fn upcase(unit: u16) -> u16 {
    if unit < 0x80 {
        let is_small = unit.wrapping_sub(u16::from(b'a')) < 26;
        unit - (u16::from(is_small) << 5)
    } else {
        upcase_beyond_ascii(unit)
    }
}

fn upcase_beyond_ascii(unit: u16) -> u16 {
    let after = RUNS.partition_point(|run| run.0 <= unit);
    match after.checked_sub(1).and_then(|at| RUNS.get(at)) {
        Some(&(first, last, step, delta)) if unit <= last && (unit - first).is_multiple_of(step) => {
            unit.wrapping_add_signed(delta)
        }
        _ => unit,
    }
}

/// The unit's small letter, or the unit: the way back from [`upcase`]. For conversions of text; comparisons use
/// capitals.
pub fn downcase(unit: u16) -> u16 {
    if unit < 0x80 {
        let is_capital = unit.wrapping_sub(u16::from(b'A')) < 26;
        return unit + (u16::from(is_capital) << 5);
    }
    if TITLES.contains(&unit) {
        return unit + 1;
    }
    let mut small = RUNS.iter().filter_map(|&(first, last, step, delta)| {
        let small = unit.wrapping_add_signed(-delta);
        let listed = (first..=last).contains(&small) && (small - first).is_multiple_of(step);
        (listed && !TITLES.contains(&small) && !VARIANTS.contains(&small)).then_some(small)
    });
    small.next_back().unwrap_or(unit)
}

/// Letters such as `ǅ`, half capital: they have a capital before them and a small letter after them.
const TITLES: [u16; 4] = [0x01C5, 0x01C8, 0x01CB, 0x01F2];

/// Second forms of small letters, `ς` for one: their capital's small letter is the first form.
const VARIANTS: [u16; 11] =
    [0x0345, 0x03C2, 0x03D0, 0x03D1, 0x03D5, 0x03D6, 0x03F0, 0x03F1, 0x03F5, 0x1E9B, 0x1FBE];

/// One run of small letters: first, last, distance of one from the next, what makes them capitals.
type Run = (u16, u16, u16, i16);

#[rustfmt::skip]
const RUNS: [Run; 103] = [
    (0x00E0, 0x00F6, 1, -32), (0x00F8, 0x00FE, 1, -32), (0x00FF, 0x00FF, 1, 121), (0x0101, 0x012F, 2, -1),
    (0x0133, 0x0137, 2, -1), (0x013A, 0x0148, 2, -1), (0x014B, 0x0177, 2, -1), (0x017A, 0x017E, 2, -1),
    (0x0183, 0x0185, 2, -1), (0x0188, 0x0188, 1, -1), (0x018C, 0x018C, 1, -1), (0x0192, 0x0192, 1, -1),
    (0x0195, 0x0195, 1, 97), (0x0199, 0x0199, 1, -1), (0x019E, 0x019E, 1, 130), (0x01A1, 0x01A5, 2, -1),
    (0x01A8, 0x01A8, 1, -1), (0x01AD, 0x01AD, 1, -1), (0x01B0, 0x01B0, 1, -1), (0x01B4, 0x01B6, 2, -1),
    (0x01B9, 0x01B9, 1, -1), (0x01BD, 0x01BD, 1, -1), (0x01BF, 0x01BF, 1, 56), (0x01C5, 0x01C5, 1, -1),
    (0x01C6, 0x01C6, 1, -2), (0x01C8, 0x01C8, 1, -1), (0x01C9, 0x01C9, 1, -2), (0x01CB, 0x01CB, 1, -1),
    (0x01CC, 0x01CC, 1, -2), (0x01CE, 0x01DC, 2, -1), (0x01DD, 0x01DD, 1, -79), (0x01DF, 0x01EF, 2, -1),
    (0x01F2, 0x01F2, 1, -1), (0x01F3, 0x01F3, 1, -2), (0x01F5, 0x01F5, 1, -1), (0x01F9, 0x021F, 2, -1),
    (0x0223, 0x0233, 2, -1), (0x0253, 0x0253, 1, -210), (0x0254, 0x0254, 1, -206),
    (0x0256, 0x0257, 1, -205), (0x0259, 0x0259, 1, -202), (0x025B, 0x025B, 1, -203),
    (0x0260, 0x0260, 1, -205), (0x0263, 0x0263, 1, -207), (0x0268, 0x0268, 1, -209),
    (0x0269, 0x0269, 1, -211), (0x026F, 0x026F, 1, -211), (0x0272, 0x0272, 1, -213),
    (0x0275, 0x0275, 1, -214), (0x0280, 0x0280, 1, -218), (0x0283, 0x0283, 1, -218),
    (0x0288, 0x0288, 1, -218), (0x028A, 0x028B, 1, -217), (0x0292, 0x0292, 1, -219),
    (0x0345, 0x0345, 1, 84), (0x03AC, 0x03AC, 1, -38), (0x03AD, 0x03AF, 1, -37), (0x03B1, 0x03C1, 1, -32),
    (0x03C2, 0x03C2, 1, -31), (0x03C3, 0x03CB, 1, -32), (0x03CC, 0x03CC, 1, -64), (0x03CD, 0x03CE, 1, -63),
    (0x03D0, 0x03D0, 1, -62), (0x03D1, 0x03D1, 1, -57), (0x03D5, 0x03D5, 1, -47), (0x03D6, 0x03D6, 1, -54),
    (0x03D9, 0x03EF, 2, -1), (0x03F0, 0x03F0, 1, -86), (0x03F1, 0x03F1, 1, -80), (0x03F5, 0x03F5, 1, -96),
    (0x0430, 0x044F, 1, -32), (0x0450, 0x045F, 1, -80), (0x0461, 0x0481, 2, -1), (0x048B, 0x04BF, 2, -1),
    (0x04C2, 0x04CE, 2, -1), (0x04D1, 0x04F5, 2, -1), (0x04F9, 0x04F9, 1, -1), (0x0501, 0x050F, 2, -1),
    (0x0561, 0x0586, 1, -48), (0x1E01, 0x1E95, 2, -1), (0x1E9B, 0x1E9B, 1, -59), (0x1EA1, 0x1EF9, 2, -1),
    (0x1F00, 0x1F07, 1, 8), (0x1F10, 0x1F15, 1, 8), (0x1F20, 0x1F27, 1, 8), (0x1F30, 0x1F37, 1, 8),
    (0x1F40, 0x1F45, 1, 8), (0x1F51, 0x1F57, 2, 8), (0x1F60, 0x1F67, 1, 8), (0x1F70, 0x1F71, 1, 74),
    (0x1F72, 0x1F75, 1, 86), (0x1F76, 0x1F77, 1, 100), (0x1F78, 0x1F79, 1, 128), (0x1F7A, 0x1F7B, 1, 112),
    (0x1F7C, 0x1F7D, 1, 126), (0x1FB0, 0x1FB1, 1, 8), (0x1FBE, 0x1FBE, 1, -7205), (0x1FD0, 0x1FD1, 1, 8),
    (0x1FE0, 0x1FE1, 1, 8), (0x1FE5, 0x1FE5, 1, 7), (0x2170, 0x217F, 1, -16), (0x24D0, 0x24E9, 1, -26),
    (0xFF41, 0xFF5A, 1, -32),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_is_folded_as_usual() {
        for byte in 0..0x80_u8 {
            assert_eq!(upcase(byte.into()), byte.to_ascii_uppercase().into());
        }
    }

    #[test]
    fn runs_are_in_order_and_agree_with_unicode() {
        assert!(RUNS.is_sorted_by(|a, b| a.1 < b.0));
        let mut pairs = 0;
        for unit in 0x80..=u16::MAX {
            let capital = upcase(unit);
            if capital == unit {
                continue;
            }
            pairs += 1;
            let small = char::from_u32(unit.into()).expect("no surrogate has a capital");
            let large = char::from_u32(capital.into()).expect("nor is one");
            assert!(small.to_uppercase().eq([large]), "{small:?} {large:?}");
            assert!(!large.is_ascii(), "a filter on ASCII relies on it");
            assert_eq!(upcase(capital), capital);
        }
        assert_eq!(pairs, 664);
    }

    #[test]
    fn small_letters_agree_with_unicode() {
        for unit in 0..=u16::MAX {
            let small = downcase(unit);
            assert_eq!(downcase(small), small);
            let Some(large) = char::from_u32(unit.into()) else {
                assert_eq!(small, unit, "half of a surrogate pair");
                continue;
            };
            if small != unit {
                let small = char::from_u32(small.into()).expect("a letter");
                assert!(large.to_lowercase().eq([small]), "{large:?} {small:?}");
            } else {
                // What has a small letter in Unicode has it here, if the table has the pair.
                let mut unicode = large.to_lowercase().map(|char| u16::try_from(char).unwrap_or(0));
                let first = unicode.next().unwrap_or(0);
                assert!(unicode.next().is_some() || first == unit || upcase(first) != unit, "{large:?}");
            }
        }
    }

    #[test]
    fn letters_of_several_scripts() {
        let upper = |text: &str| -> String {
            let units: Vec<u16> = text.encode_utf16().map(upcase).collect();
            String::from_utf16_lossy(&units)
        };
        assert_eq!(upper("größe straße ÿ÷ µ"), "GRÖßE STRAßE Ÿ÷ µ");
        assert_eq!(upper("ελλάς жизнь ֆ ｚ ⅻ"), "ΕΛΛΆΣ ЖИЗНЬ Ֆ Ｚ Ⅻ");
    }
}
