//! `NtAdjustPrivilegesToken` and `NtAdjustGroupsToken`. The previous state is written before anything changes; the
//! change is worked out again afterwards, since others may have run meanwhile.

use alloc::vec;
use alloc::vec::Vec;

use nt::NtStatus;
use nt::security::{LuidAndAttributes, TOKEN_ADJUST_GROUPS, TOKEN_ADJUST_PRIVILEGES, TOKEN_QUERY};
use nt::types::{Boolean, Handle, UserPtr};
use secore::{GroupChange, PrivilegeChange, PrivilegeList, Token};

use super::capture;
use super::token::of_object;
use crate::ke::service::NtResult;
use crate::mm::user;
use crate::ob::body::Kind;
use crate::ob::{Object, handle};

/// The token object of a handle, which must also allow queries if the previous state is asked for.
fn reference(token: Handle, access: u32, previous: UserPtr<u8>) -> Result<Object, NtStatus> {
    let query = if previous.is_null() { 0 } else { TOKEN_QUERY };
    handle::reference(token, Some(Kind::Token), access | query)
}

/// Writes the previous state, if it is asked for; its length is told even if it does not fit.
fn tell(
    previous: UserPtr<u8>,
    length: u32,
    returned: UserPtr<u32>,
    needed: usize,
    write: impl FnOnce(&mut [u8]) -> Result<usize, usize>,
) -> Result<(), NtStatus> {
    if previous.is_null() {
        return Ok(());
    }
    user::write(returned.address, &(needed as u32).to_le_bytes())?;
    if (length as usize) < needed {
        return Err(NtStatus::BUFFER_TOO_SMALL);
    }
    let mut bytes = vec![0; needed];
    write(&mut bytes).map_err(|_| NtStatus::BUFFER_TOO_SMALL)?;
    user::write(previous.address, &bytes)
}

/// `NtAdjustPrivilegesToken`: NOT_ALL_ASSIGNED when the token lacks some.
pub fn privileges(
    token: Handle,
    disable_all: Boolean,
    new_state: UserPtr<u8>,
    length: u32,
    previous: UserPtr<u8>,
    returned: UserPtr<u32>,
) -> NtResult {
    let wanted: Option<Vec<LuidAndAttributes>> = match disable_all.0 {
        0 if new_state.is_null() => return Err(NtStatus::INVALID_PARAMETER),
        0 => Some(PrivilegeList::parse(&capture::privileges(new_state.address)?)?.collect()),
        _ => None,
    };
    let plan = |token: &Token| -> PrivilegeChange {
        match &wanted {
            Some(wanted) => token.plan_privileges(wanted.iter().copied()),
            None => token.plan_to_disable_all(),
        }
    };
    let object = reference(token, TOKEN_ADJUST_PRIVILEGES, previous)?;
    let token = of_object(&object)?;
    let change = plan(&token.now());
    tell(previous, length, returned, change.length(), |to| change.write_previous(to))?;
    if change.previous().next().is_some() {
        token.change(|token, modified| token.apply_privileges(&plan(token), modified));
    }
    Ok(change.status())
}

/// `NtAdjustGroupsToken`: NOT_ALL_ASSIGNED when the token lacks some.
pub fn groups(
    token: Handle,
    reset: Boolean,
    new_state: UserPtr<u8>,
    length: u32,
    previous: UserPtr<u8>,
    returned: UserPtr<u32>,
) -> NtResult {
    let wanted = match reset.0 {
        0 if new_state.is_null() => return Err(NtStatus::INVALID_PARAMETER),
        0 => Some(capture::groups(new_state.address)?),
        _ => None,
    };
    let plan = |token: &Token| -> Result<GroupChange, NtStatus> {
        match &wanted {
            Some(wanted) => token.plan_groups(wanted),
            None => Ok(token.plan_default_groups()),
        }
    };
    let object = reference(token, TOKEN_ADJUST_GROUPS, previous)?;
    let token = of_object(&object)?;
    let change = plan(&token.now())?;
    tell(previous, length, returned, change.length(), |to| change.write_previous(previous.address, to))?;
    if change.previous().next().is_some() {
        token.change(|token, modified| plan(token).map(|change| token.apply_groups(&change, modified)))?;
    }
    Ok(change.status())
}
