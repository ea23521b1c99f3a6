//! Time.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use nt::NtStatus;
use rtlcore::time::{self, SINCE_1970, SINCE_1980, TimeFields};

use super::shared;

/// The fields of a time.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlTimeToTimeFields(time: *const i64, fields: *mut TimeFields) {
    // SAFETY: as the caller says.
    unsafe { fields.write(TimeFields::from_time(*time)) };
}

/// The time of some fields. Whether there is such a time.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlTimeFieldsToTime(fields: *const TimeFields, time: *mut i64) -> u8 {
    // SAFETY: as the caller says.
    unsafe {
        let found = (*fields).to_time();
        found.into_iter().for_each(|found| time.write(found));
        found.is_some().into()
    }
}

/// # Safety
/// `seconds` can be written.
unsafe fn to_seconds(time: i64, era: i64, seconds: *mut u32) -> u8 {
    let found = time::to_seconds(time, era);
    // SAFETY: as the caller says.
    found.into_iter().for_each(|found| unsafe { seconds.write(found) });
    found.is_some().into()
}

/// Seconds since 1970. Whether they fit.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlTimeToSecondsSince1970(time: *const i64, seconds: *mut u32) -> u8 {
    // SAFETY: as the caller says.
    unsafe { to_seconds(*time, SINCE_1970, seconds) }
}

/// Seconds since 1980. Whether they fit.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlTimeToSecondsSince1980(time: *const i64, seconds: *mut u32) -> u8 {
    // SAFETY: as the caller says.
    unsafe { to_seconds(*time, SINCE_1980, seconds) }
}

/// The time that is so many seconds after the beginning of 1970.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlSecondsSince1970ToTime(seconds: u32, time: *mut i64) {
    // SAFETY: as the caller says.
    unsafe { time.write(time::from_seconds(seconds, SINCE_1970)) };
}

/// The time that is so many seconds after the beginning of 1980.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlSecondsSince1980ToTime(seconds: u32, time: *mut i64) {
    // SAFETY: as the caller says.
    unsafe { time.write(time::from_seconds(seconds, SINCE_1980)) };
}

/// From UTC to the time zone's time.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlSystemTimeToLocalTime(system: *const i64, local: *mut i64) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe { local.write((*system).wrapping_sub(shared::time_zone_bias())) };
    NtStatus::SUCCESS
}

/// From the time zone's time to UTC.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlLocalTimeToSystemTime(local: *const i64, system: *mut i64) -> NtStatus {
    // SAFETY: as the caller says.
    unsafe { system.write((*local).wrapping_add(shared::time_zone_bias())) };
    NtStatus::SUCCESS
}
