//! Case folding, comparison and hashing of paths, eight bytes at a time.
//!
//! Only ASCII letters are folded; all other bytes of a path's UTF-8 compare exactly.

/// One word of path bytes.
const WORD: usize = 8;
/// The same byte in each lane of a word.
const fn lanes(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; WORD])
}

/// Multiplier of the hash: 2^64 divided by the golden ratio, made odd.
const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// The hash under which the directory finds a path. Equal for paths that differ in case only.
///
/// Setting bit 5 of every byte folds more than letters (`@` and a backquote become equal). That costs one
/// instruction a word, and [`same`] has the last word anyway.
pub fn hash(path: &[u8]) -> u32 {
    let (words, tail) = path.as_chunks::<WORD>();
    let mut state = path.len() as u64;
    for word in words {
        state = mix(state, u64::from_le_bytes(*word));
    }
    if let Some(last) = last_word(path, tail) {
        state = mix(state, last);
    }
    (state ^ state >> 32) as u32
}

fn mix(state: u64, word: u64) -> u64 {
    let product = (state ^ (word | lanes(0x20))).wrapping_mul(MULTIPLIER);
    product ^ product >> 29
}

/// The word that covers the bytes which fill no whole word: the last eight bytes of the path,
/// overlapping what came before, or a short path padded with zeros.
fn last_word(path: &[u8], tail: &[u8]) -> Option<u64> {
    if tail.is_empty() {
        return None;
    }
    Some(match path.last_chunk::<WORD>() {
        Some(word) => u64::from_le_bytes(*word),
        None => path.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)),
    })
}

/// Whether two paths are the same but for the case of ASCII letters.
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let ((a_words, a_tail), (b_words, b_tail)) = (a.as_chunks::<WORD>(), b.as_chunks::<WORD>());
    let same_words = a_words.iter().zip(b_words).all(|(a, b)| {
        let (a, b) = (u64::from_le_bytes(*a), u64::from_le_bytes(*b));
        a == b || lower(a) == lower(b)
    });
    same_words && a_tail.eq_ignore_ascii_case(b_tail)
}

/// How many bytes two paths begin with that are the same but for the case of ASCII letters.
pub(crate) fn common(a: &[u8], b: &[u8]) -> usize {
    let (a_words, b_words) = (a.as_chunks::<WORD>().0, b.as_chunks::<WORD>().0);
    let mut same = 0;
    for (a, b) in a_words.iter().zip(b_words) {
        let different = lower(u64::from_le_bytes(*a)) ^ lower(u64::from_le_bytes(*b));
        if different != 0 {
            return same + different.trailing_zeros() as usize / 8;
        }
        same += WORD;
    }
    let rest = a.iter().zip(b).skip(same).take_while(|(a, b)| a.eq_ignore_ascii_case(b));
    same + rest.count()
}

/// Makes the ASCII capitals in a word small.
fn lower(word: u64) -> u64 {
    let low_bits = word & lanes(0x7F);
    // Bit 7 of a lane: it is at least `A`, it is beyond `Z`, it is ASCII. No lane carries over.
    let from_a = low_bits + lanes(0x80 - b'A');
    let beyond_z = low_bits + lanes(0x7F - b'Z');
    let capitals = from_a & !beyond_z & !word & lanes(0x80);
    word | capitals >> 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_folds_as_ascii_does() {
        for byte in 0..=u8::MAX {
            for lane in 0..WORD {
                let mut bytes = [b'Z'; WORD];
                bytes[lane] = byte;
                let folded = lower(u64::from_le_bytes(bytes)).to_le_bytes();
                assert_eq!(folded, bytes.map(|byte| byte.to_ascii_lowercase()));
            }
        }
    }

    #[test]
    fn hash_and_comparison_ignore_case_at_every_length() {
        let path = br"\SystemRoot\System32\Drivers\ETC\Hosts";
        for len in 0..=path.len() {
            let (upper, lower) = (path[..len].to_ascii_uppercase(), path[..len].to_ascii_lowercase());
            assert_eq!(hash(&upper), hash(&lower));
            assert!(same(&upper, &lower));
            assert_eq!((common(&upper, path), common(path, &lower)), (len, len));
            for at in 0..len {
                let mut other = upper.clone();
                other[at] ^= 0x01;
                assert!(!same(&other, &lower), "{len} {at}");
                assert_ne!(hash(&other), hash(&lower), "{len} {at}");
                assert_eq!(common(&other, &lower), at, "{len}");
            }
        }
    }

    #[test]
    fn bytes_that_only_look_alike_when_folded_are_told_apart() {
        assert!(!same(br"\[]", br"|{}"));
        assert!(!same("\\Ä".as_bytes(), "\\ä".as_bytes()));
    }
}
