//! Dates and times as folders keep them: local time since 1980, which is UTC here, in steps of two seconds.

use rtlcore::time::TimeFields;

/// 100 ns in 10 ms, the unit of the finer part of creation times.
const HUNDREDTH: i64 = 100_000;

/// A date and a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Day (0–4), month (5–8), years since 1980 (9–15).
    pub date: u16,
    /// Seconds / 2 (0–4), minutes (5–10), hours (11–15).
    pub time: u16,
    /// Hundredths of a second beyond it, 0–199.
    pub hundredths: u8,
}

impl Stamp {
    /// The stamp of a time in 100 ns since 1601; what the format cannot hold becomes what is next to it.
    pub(crate) fn from_time(time: i64) -> Self {
        let fields = TimeFields::from_time(time);
        let year = fields.year - 1980;
        if year < 0 {
            return Self { date: 1 << 5 | 1, time: 0, hundredths: 0 };
        }
        if year > 127 {
            return Self { date: 127 << 9 | 12 << 5 | 31, time: 23 << 11 | 59 << 5 | 29, hundredths: 199 };
        }
        let (year, month, day) = (year as u16, fields.month as u16, fields.day as u16);
        let (hour, minute, second) = (fields.hour as u16, fields.minute as u16, fields.second as u16);
        Self {
            date: year << 9 | month << 5 | day,
            time: (hour << 11) | (minute << 5) | (second / 2),
            hundredths: (second % 2 * 100) as u8 + (fields.milliseconds / 10) as u8,
        }
    }

    /// The time in 100 ns since 1601; 0 for no date, or one that there is not.
    pub(crate) fn to_time(self) -> i64 {
        let Self { date, time, hundredths } = self;
        let fields = TimeFields {
            year: 1980 + (date >> 9) as i16,
            month: (date >> 5 & 0xF) as i16,
            day: (date & 0x1F) as i16,
            hour: (time >> 11) as i16,
            minute: (time >> 5 & 0x3F) as i16,
            second: (time & 0x1F) as i16 * 2,
            milliseconds: 0,
            weekday: 0,
        };
        fields.to_time().map_or(0, |whole| whole + i64::from(hundredths.min(199)) * HUNDREDTH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_times_to_ten_milliseconds() {
        // 2024-02-29 23:59:59.99
        let time = TimeFields {
            year: 2024,
            month: 2,
            day: 29,
            hour: 23,
            minute: 59,
            second: 59,
            milliseconds: 990,
            weekday: 0,
        };
        let time = time.to_time().expect("a day that there was");
        let stamp = Stamp::from_time(time);
        assert_eq!(stamp.to_time(), time);
        assert_eq!((stamp.date, stamp.time, stamp.hundredths), (44 << 9 | 2 << 5 | 29, 0xBF7D, 199));
    }

    #[test]
    fn what_the_format_cannot_hold_is_cut() {
        assert_eq!(Stamp::from_time(0).date, 0x21);
        assert_eq!(Stamp::from_time(i64::MAX).date >> 9, 127);
        for date in [0, 13 << 5 | 1, 2 << 5 | 30, u16::MAX] {
            assert_eq!(Stamp { date, time: 0, hundredths: 0 }.to_time(), 0, "{date:x}");
        }
        assert_eq!(Stamp { date: 0x21, time: u16::MAX, hundredths: 255 }.to_time(), 0);
    }
}
