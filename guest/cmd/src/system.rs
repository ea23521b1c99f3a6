//! `ver`, `mem`, and dates.

use core::fmt;

use rt::{system, tasks};

use crate::failure::{About, Done};
use crate::out::{Out, say};

/// `ver`.
pub fn version(out: &mut Out) -> Done {
    say!(out, "smvm {}, a system of the NT {} family", env!("CARGO_PKG_VERSION"), rt::own::major_version());
    Ok(())
}

/// `mem`: in KiB.
pub fn memory(out: &mut Out) -> Done {
    let basic = system::basic_information().about("memory")?;
    let now = tasks::performance().about("memory")?;
    let kib = |pages: u32| u64::from(pages) * u64::from(basic.page_size) / 1024;
    say!(out, "Physical memory   {:>10} K", kib(basic.number_of_physical_pages));
    say!(out, "Free              {:>10} K", kib(now.available_pages));
    say!(out, "Committed         {:>10} K of {} K", kib(now.committed_pages), kib(now.commit_limit));
    say!(out, "Peak              {:>10} K", kib(now.peak_commitment));
    Ok(())
}

/// A time, to the minute; blank for 0.
#[derive(Clone, Copy, Debug)]
pub struct Date(i64);

impl Date {
    /// A time in 100 ns since 1601.
    pub fn of(time: i64) -> Self {
        Self(time)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// 100 ns in a minute.
        const MINUTE: i64 = 600_000_000;
        if self.0 <= 0 {
            return f.pad("");
        }
        let minutes = self.0 / MINUTE;
        let (mut days, minute) = (minutes / 1440, minutes % 1440);
        let mut year = 1601;
        let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        // Whole periods of 400 years first.
        year += days / 146_097 * 400;
        days %= 146_097;
        while days >= 365 + i64::from(is_leap(year)) {
            days -= 365 + i64::from(is_leap(year));
            year += 1;
        }
        let mut month = 1;
        for length in [31, 28 + i64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
            if days < length {
                break;
            }
            days -= length;
            month += 1;
        }
        write!(f, "{year:04}-{month:02}-{:02} {:02}:{:02}", days + 1, minute / 60, minute % 60)
    }
}
