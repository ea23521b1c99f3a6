//! The services about time.

use hal::cpu;
use nt::NtStatus;
use nt::security::privilege;
use nt::types::UserPtr;

use super::clock;
use super::service::NtResult;
use crate::mm::user;
use crate::se;

/// Latest system time that can be set.
const LATEST: i64 = 0x2000_0000_0000_0000;

/// `NtQueryPerformanceCounter`.
pub fn query_performance_counter(counter: UserPtr<i64>, frequency: UserPtr<i64>) -> NtResult {
    user::write(counter.address, &cpu::tsc().to_le_bytes())?;
    if !frequency.is_null() {
        user::write(frequency.address, &clock::counter_frequency().to_le_bytes())?;
    }
    Ok(NtStatus::SUCCESS)
}

/// `NtQuerySystemTime`.
pub fn query_system_time(time: UserPtr<i64>) -> NtResult {
    user::write(time.address, &clock::system_time().to_le_bytes())?;
    Ok(NtStatus::SUCCESS)
}

/// `NtSetSystemTime`, for whoever has SeSystemtimePrivilege.
pub fn set_system_time(time: UserPtr<i64>, previous: UserPtr<i64>) -> NtResult {
    let time = user::read_i64(time)?;
    if !(1..LATEST).contains(&time) {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    se::require(privilege::SYSTEMTIME)?;
    // Nothing changes when the caller cannot be told what there was.
    user::write_optional(previous, &clock::system_time().to_le_bytes())?;
    clock::set_system_time(time.unsigned_abs());
    Ok(NtStatus::SUCCESS)
}
