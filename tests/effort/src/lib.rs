//! How long random tests look. `SMVM_EFFORT=100` makes every one of them try a hundred times as many cases
//! as usual; see `docs/testing.md`.

/// The environment variable: a factor, 1 when it is absent.
pub const VARIABLE: &str = "SMVM_EFFORT";

/// So many cases, times the effort that is asked for.
///
/// # Panics
/// When the variable is no number: a long search that was not made must not look like one that was.
pub fn times(usual: u32) -> u32 {
    let factor = std::env::var(VARIABLE).map_or(1.0, |text| {
        text.parse::<f64>().unwrap_or_else(|_| panic!("{VARIABLE} is {text}, which is no number"))
    });
    (f64::from(usual) * factor).clamp(1.0, u32::MAX.into()) as u32
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_usual_number_unless_told() {
        let factor: f64 = std::env::var(super::VARIABLE).map_or(1.0, |text| text.parse().expect("a number"));
        assert_eq!(super::times(1000), (1000.0 * factor) as u32);
        assert!(super::times(0) >= 1, "no test tries nothing");
    }
}
