//! Time: 100 ns since 1601, UTC, and its fields.

/// TIME_FIELDS. Signed, as NT has them.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeFields {
    /// 1601 and later.
    pub year: i16,
    /// 1–12.
    pub month: i16,
    /// 1–31.
    pub day: i16,
    /// 0–23.
    pub hour: i16,
    /// 0–59.
    pub minute: i16,
    /// 0–59.
    pub second: i16,
    /// 0–999.
    pub milliseconds: i16,
    /// 0: Sunday.
    pub weekday: i16,
}

/// 100 ns in a second.
const SECOND: i64 = 10_000_000;
/// In a millisecond.
const MILLISECOND: i64 = SECOND / 1000;
/// Seconds in a day.
const DAY: i64 = 86_400;
/// Days of 400 years.
const ERA: i64 = 146_097;
/// Latest year that fits.
const LAST_YEAR: i16 = 30_827;
/// Days of a year before its month 3, 4, …, 14, when the year begins in March: 30.6 days a month.
const fn days_before(month_from_march: i64) -> i64 {
    (153 * month_from_march + 2) / 5
}

/// Days from 1 January 1601 to the day that is `days_before` counted from 1 March 1600.
const FROM_MARCH: i64 = 306;

impl TimeFields {
    /// The fields of a time; a time before 1601 counts as its beginning.
    pub fn from_time(time: i64) -> Self {
        let time = time.max(0);
        let (seconds, milliseconds) = (time / SECOND, time % SECOND / MILLISECOND);
        let (days, second) = (seconds / DAY, seconds % DAY);
        // Years begin in March, so that leap days are last: eras of 400 years, then years, then months.
        let since_march = days + FROM_MARCH;
        let (era, day) = (since_march / ERA, since_march % ERA);
        let year = (day - day / 1460 + day / 36_524 - day / (ERA - 1)) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - days_before(month);
        let (year, month) = (1600 + 400 * era + year + month / 10, (month + 2) % 12 + 1);
        Self {
            year: i16::try_from(year).unwrap_or(i16::MAX),
            month: month as i16,
            day: 1 + day as i16,
            hour: (second / 3600) as i16,
            minute: (second / 60 % 60) as i16,
            second: (second % 60) as i16,
            milliseconds: milliseconds as i16,
            // 1 January 1601 was a Monday.
            weekday: ((days + 1) % 7) as i16,
        }
    }

    /// The time of the fields; the day of the week is not looked at. `None`: there is no such time.
    pub fn to_time(&self) -> Option<i64> {
        let valid = (1601..=LAST_YEAR).contains(&self.year)
            && (1..=12).contains(&self.month)
            && (1..=self.days_of_month()).contains(&self.day)
            && (0..24).contains(&self.hour)
            && (0..60).contains(&self.minute)
            && (0..60).contains(&self.second)
            && (0..1000).contains(&self.milliseconds);
        if !valid {
            return None;
        }
        let month = (i64::from(self.month) + 9) % 12;
        let year = i64::from(self.year) - 1600 - i64::from(self.month <= 2);
        let days = 365 * year + year / 4 - year / 100 + year / 400 + days_before(month) + i64::from(self.day)
            - 1
            - FROM_MARCH;
        let seconds =
            days * DAY + i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second);
        seconds.checked_mul(SECOND)?.checked_add(i64::from(self.milliseconds) * MILLISECOND)
    }

    fn days_of_month(&self) -> i16 {
        let leap = self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0);
        match self.month {
            2 => 28 + i16::from(leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }
}

/// 1970, in seconds since 1601.
pub const SINCE_1970: i64 = 11_644_473_600;
/// 1980.
pub const SINCE_1980: i64 = 11_960_006_400;

/// Whole seconds since the beginning of an era, if they fit.
pub fn to_seconds(time: i64, era: i64) -> Option<u32> {
    u32::try_from(time.div_euclid(SECOND) - era).ok()
}

/// The time that is so many seconds after the beginning of an era.
pub fn from_seconds(seconds: u32, era: i64) -> i64 {
    (i64::from(seconds) + era) * SECOND
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fields(fields: [i16; 8]) -> TimeFields {
        let [year, month, day, hour, minute, second, milliseconds, weekday] = fields;
        TimeFields { year, month, day, hour, minute, second, milliseconds, weekday }
    }

    #[test]
    fn known_days() {
        let cases = [
            (0, fields([1601, 1, 1, 0, 0, 0, 0, 1])),
            (SINCE_1970 * SECOND, fields([1970, 1, 1, 0, 0, 0, 0, 4])),
            (SINCE_1980 * SECOND, fields([1980, 1, 1, 0, 0, 0, 0, 2])),
            // 2000-02-29 12:34:56.789, a Tuesday.
            ((SINCE_1970 + 951_827_696) * SECOND + 7_890_000, fields([2000, 2, 29, 12, 34, 56, 789, 2])),
            ((SINCE_1970 + 4_107_542_399) * SECOND, fields([2100, 2, 28, 23, 59, 59, 0, 0])),
        ];
        for (time, expected) in cases {
            assert_eq!(TimeFields::from_time(time), expected);
            assert_eq!(expected.to_time(), Some(time));
        }
    }

    #[test]
    fn days_that_are_not() {
        for wrong in [
            fields([1600, 12, 31, 0, 0, 0, 0, 0]),
            fields([1900, 2, 29, 0, 0, 0, 0, 0]),
            fields([2000, 13, 1, 0, 0, 0, 0, 0]),
            fields([2000, 0, 1, 0, 0, 0, 0, 0]),
            fields([2000, 4, 31, 0, 0, 0, 0, 0]),
            fields([2000, 1, 1, 24, 0, 0, 0, 0]),
            fields([2000, 1, 1, 0, 0, 60, 0, 0]),
            fields([2000, 1, 1, 0, 0, 0, 1000, 0]),
            fields([30828, 1, 1, 0, 0, 0, 0, 0]),
        ] {
            assert_eq!(wrong.to_time(), None, "{wrong:?}");
        }
    }

    #[test]
    fn seconds_of_eras() {
        assert_eq!(to_seconds(from_seconds(5, SINCE_1970) + 9, SINCE_1970), Some(5));
        assert_eq!(to_seconds(0, SINCE_1970), None);
        assert_eq!(to_seconds(from_seconds(u32::MAX, SINCE_1980) + SECOND, SINCE_1980), None);
    }

    proptest! {
        #[test]
        fn every_day_comes_back(day in 0_i64..10_674_000) {
            let time = day * DAY * SECOND;
            let fields = TimeFields::from_time(time);
            prop_assert_eq!(fields.to_time(), Some(time));
            prop_assert_eq!(i64::from(fields.weekday), (day + 1) % 7);
        }

        #[test]
        fn any_time_is_borne(time: i64) {
            let fields = TimeFields::from_time(time);
            prop_assert_eq!(fields.to_time(), Some(time.max(0) / MILLISECOND * MILLISECOND).filter(|_| fields.year <= LAST_YEAR));
        }
    }
}
