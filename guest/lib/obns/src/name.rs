//! Names: cut, folded and hashed in one pass, four UTF-16 units at a time.

use nt::upcase;

/// What separates the components of a name.
pub(crate) const SEPARATOR: u16 = b'\\' as u16;

/// A one in each lane of a word of four units.
const LANES: u64 = 0x0001_0001_0001_0001;
/// Multiplier of the hash: 2^64 divided by the golden ratio, made odd.
const MIX: u64 = 0x9E37_79B9_7F4A_7C15;

/// The first component of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Component {
    /// In units.
    pub(crate) len: usize,
    /// Equal for names that differ in case only.
    pub(crate) hash: u64,
}

/// Measures the first component: everything before a separator or the end.
pub(crate) fn component(name: &[u16]) -> Component {
    let (mut hash, mut len) = (0, 0);
    let (words, tail) = name.as_chunks();
    for units in words {
        let word = load(units);
        let found = separators(word);
        if found != 0 {
            return end(hash, word, len, found);
        }
        hash = mix(hash, blur(word));
        len += 4;
    }
    let word = match name.last_chunk() {
        // The last four units without those that were in the words.
        Some(_) if tail.is_empty() => 0,
        Some(units) => load(units) >> (16 * (4 - tail.len())),
        None => tail.iter().rev().fold(0, |word, &unit| word << 16 | u64::from(unit)),
    };
    // Where the name ends, a separator is thought: the tail has three units at most.
    end(hash, word, len, separators(word) | 0x8000 << (16 * tail.len()))
}

/// Sets the top bit of each lane that holds a separator. Lanes above the lowest one that is set mean nothing.
#[inline]
fn separators(word: u64) -> u64 {
    let differs = word ^ LANES.wrapping_mul(SEPARATOR as u64);
    differs.wrapping_sub(LANES) & !differs & LANES.wrapping_mul(0x8000)
}

/// Takes the units below the first separator of the last word.
#[inline]
fn end(hash: u64, word: u64, len: usize, separators: u64) -> Component {
    let bits = separators.trailing_zeros() & 0x30;
    let len = len + bits as usize / 16;
    let word = word & !(u64::MAX << bits);
    Component { len, hash: mix(mix(hash, blur(word)), len as u64) }
}

/// Whether two names are the same but for case, as NT compares names.
#[inline]
pub fn same_name(a: &[u16], b: &[u16]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let (a, a_tail) = a.as_chunks();
    let (b, b_tail) = b.as_chunks();
    a.iter().zip(b).all(|(a, b)| {
        let (a, b) = (load(a), load(b));
        a == b || fold(a) == fold(b)
    }) && a_tail.iter().zip(b_tail).all(|(&a, &b)| a == b || upcase(a) == upcase(b))
}

#[inline]
fn load(units: &[u16; 4]) -> u64 {
    let [a, b, c, d] = *units;
    u64::from(a) | u64::from(b) << 16 | u64::from(c) << 32 | u64::from(d) << 48
}

#[inline]
pub(crate) fn mix(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(23) ^ word).wrapping_mul(MIX)
}

/// Makes words equal that differ in case only, which is all that hashing needs: cheaper than capitals.
#[inline]
fn blur(word: u64) -> u64 {
    let word = if word & LANES.wrapping_mul(0xFF80) != 0 { fold_beyond_ascii(word) } else { word };
    word & !(LANES * 0x20)
}

/// Makes capitals of four units.
#[inline]
fn fold(word: u64) -> u64 {
    if word & LANES.wrapping_mul(0xFF80) != 0 {
        return fold_beyond_ascii(word);
    }
    // Bit 7 of a lane says: at least `a`; beyond `z`.
    let from_a = word + LANES * (0x80 - b'a' as u64);
    let beyond_z = word + LANES * (0x7F - b'z' as u64);
    word - ((from_a & !beyond_z & (LANES * 0x80)) >> 2)
}

#[cold]
fn fold_beyond_ascii(word: u64) -> u64 {
    [0, 16, 32, 48]
        .iter()
        .fold(0, |folded, shift| folded | u64::from(upcase((word >> shift) as u16)) << shift)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wide(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    #[test]
    fn components_end_where_they_should() {
        for len in 0..12 {
            let name: Vec<u16> = (0..len).map(|at| b'a' as u16 + at).collect();
            assert_eq!(component(&name).len, name.len());
            for more in ["\\", "\\\\", "\\b", "\\longer\\still"] {
                let mut path = name.clone();
                path.extend(wide(more));
                assert_eq!(component(&path), component(&name), "{len} {more}");
            }
        }
        assert_ne!(component(&[b'a'.into(), 0]).hash, component(&[b'a'.into()]).hash);
    }

    fn units() -> impl Strategy<Value = Vec<u16>> {
        let unit = prop_oneof![
            4 => b'A' as u16..=b'z' as u16,
            1 => Just(0),
            1 => 0x50..0x80_u16,
            1 => 0xC0..0x180_u16,
            1 => any::<u16>(),
        ];
        proptest::collection::vec(unit, 0..20)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(effort::times(256)))]

        #[test]
        fn agrees_with_the_plain_way(a in units(), b in units()) {
            let plain = |name: &[u16]| -> Vec<u16> { name.iter().copied().map(upcase).collect() };
            prop_assert_eq!(same_name(&a, &b), plain(&a) == plain(&b));
            prop_assert!(same_name(&a, &plain(&a)));
            let found = component(&a);
            prop_assert_eq!(found.len, a.iter().position(|&unit| unit == SEPARATOR).unwrap_or(a.len()));
            prop_assert_eq!(found, component(&plain(&a)), "no capital is a backslash");
        }
    }
}
