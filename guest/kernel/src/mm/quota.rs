//! How much memory a process should and may have (ProcessQuotaLimits).

use nt::NtStatus;
use nt::psinfo::QuotaLimits;
use nt::security::privilege;

use super::{PAGE, with_space};
use crate::ps::Process;
use crate::se;

/// What every process begins with: NT's 50 and 345 pages.
pub(super) const WORKING_SET: (u64, u64) = (50 * PAGE, 345 * PAGE);

/// The limits of a process. Pool is not accounted for processes, and time is not limited.
///
/// # Errors
/// PROCESS_IS_TERMINATING.
pub fn limits(process: &Process) -> Result<QuotaLimits, NtStatus> {
    with_space(process, |space| {
        let (minimum, maximum) = space.working_set;
        Ok(QuotaLimits {
            paged_pool_limit: u64::MAX,
            non_paged_pool_limit: u64::MAX,
            minimum_working_set_size: minimum,
            maximum_working_set_size: maximum,
            pagefile_limit: space.space.account().quota().map_or(u64::MAX, |pages| pages * PAGE),
            time_limit: -1,
        })
    })
}

/// Changes the limits of a process; what is 0 stays. A working set that is too large is trimmed at once; it may
/// grow again as long as memory is not short.
///
/// # Errors
/// PRIVILEGE_NOT_HELD for the limit of private memory; BAD_WORKING_SET_LIMIT when the minimum is above the maximum, or only one of them is given;
/// PROCESS_IS_TERMINATING.
pub fn set_limits(process: &Process, limits: &QuotaLimits) -> Result<(), NtStatus> {
    if limits.pagefile_limit != 0 {
        se::require(privilege::INCREASE_QUOTA)?;
    }
    let wanted = (limits.minimum_working_set_size, limits.maximum_working_set_size);
    with_space(process, |space| {
        match wanted {
            (u64::MAX, u64::MAX) => {
                space.trim(u32::MAX);
            }
            (0, 0) => {}
            (minimum, maximum) if minimum == 0 || minimum > maximum => {
                return Err(NtStatus::BAD_WORKING_SET_LIMIT);
            }
            (_, maximum) => {
                space.working_set = wanted;
                let most = u32::try_from(maximum / PAGE).unwrap_or(u32::MAX);
                space.trim(space.tables.present().saturating_sub(most));
            }
        }
        match limits.pagefile_limit {
            0 => {}
            u64::MAX => space.space.account_mut().set_quota(None),
            bytes => space.space.account_mut().set_quota(Some(bytes / PAGE)),
        }
        Ok(())
    })
}
