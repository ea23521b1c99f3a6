//! `RtlUniform` and `RtlRandom`: numbers of 31 bits. Not for secrets.

/// The next seed, which is the number: `(0x7FFFFFED * seed + 0x7FFFFFC3) % 0x7FFFFFFF`, as Microsoft documents it.
pub fn uniform(seed: u32) -> u32 {
    ((u64::from(seed) * 0x7FFF_FFED + 0x7FFF_FFC3) % 0x7FFF_FFFF) as u32
}

/// A number and the next seed. Two steps mixed: the lower bits of one alone are not very random.
pub fn random(seed: u32) -> (u32, u32) {
    let first = uniform(seed);
    let second = uniform(first);
    ((first ^ second >> 8 ^ second << 16) & 0x7FFF_FFFF, second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_the_documented_sequence() {
        assert_eq!(uniform(0), 0x7FFF_FFC3);
        assert_eq!(uniform(1), 0x7FFF_FFB1);
        assert!(uniform(u32::MAX) < 0x7FFF_FFFF);
    }

    #[test]
    fn no_seed_comes_back_soon() {
        let mut seed = 12345;
        let mut ones = 0;
        for _ in 0..10_000 {
            let number;
            (number, seed) = random(seed);
            assert!(number <= 0x7FFF_FFFF && seed != 12345);
            ones += number.count_ones();
        }
        assert!((150_000..160_000).contains(&ones), "half of 31 bits: {ones}");
    }
}
