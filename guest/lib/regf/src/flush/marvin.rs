//! Marvin32, the hash that sums log entries.
//!
//! Source: the hash as published with .NET (github.com/dotnet/runtime, `System.Marvin`, MIT licence); the seed is from the
//! specification, "Log entries".

/// The seed for log entries, as two numbers.
const SEED: (u32, u32) = (0x884D_EF82, 0xC555_4E7A);

/// The hash of a log entry's bytes.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    seeded(SEED, bytes)
}

fn seeded((low, high): (u32, u32), bytes: &[u8]) -> u64 {
    let (words, tail) = bytes.as_chunks::<4>();
    let mut state = (low, high);
    for word in words {
        state = mix(state, u32::from_le_bytes(*word));
    }
    // A one bit ends the text.
    let end = tail.iter().rev().fold(0x80, |end, &byte| end << 8 | u32::from(byte));
    let (low, high) = mix(mix(state, end), 0);
    u64::from(high) << 32 | u64::from(low)
}

#[inline]
fn mix((low, high): (u32, u32), word: u32) -> (u32, u32) {
    let low = low.wrapping_add(word);
    let high = high ^ low;
    let low = low.rotate_left(20).wrapping_add(high);
    let high = high.rotate_left(9) ^ low;
    let low = low.rotate_left(27).wrapping_add(high);
    (low, high.rotate_left(19))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first test vector that comes with .NET.
    #[test]
    fn known_answers() {
        assert_eq!(seeded((0x001B_DBCC, 0x004F_B61A), b""), 0x30ED_35C1_00CD_3C7D);
        assert_eq!(seeded((0x001B_DBCC, 0x004F_B61A), &[0xAF]), 0x48E7_3FC7_7D75_DDC1);
    }
}
