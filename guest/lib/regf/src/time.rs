//! FILETIME.

/// A point in time: 100 ns units since the start of 1601, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileTime(pub u64);

impl FileTime {
    /// From seconds and nanoseconds since the start of 1970; what does not fit is cut.
    pub const fn from_unix(seconds: u64, nanoseconds: u32) -> Self {
        const SECONDS_1601_TO_1970: u64 = 11_644_473_600;
        let ticks = seconds.saturating_add(SECONDS_1601_TO_1970).saturating_mul(10_000_000);
        Self(ticks.saturating_add(nanoseconds as u64 / 100))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_epochs_meet() {
        assert_eq!(FileTime::from_unix(0, 0), FileTime(116_444_736_000_000_000));
        assert_eq!(FileTime::from_unix(1, 250).0 - FileTime::from_unix(0, 0).0, 10_000_002);
    }
}
