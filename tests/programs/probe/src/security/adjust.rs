//! Changes of tokens: privileges, groups, defaults.

use nt::NtStatus;
use nt::security::{
    MAXIMUM_ALLOWED, TOKEN_ADJUST_GROUPS, TOKEN_ADJUST_PRIVILEGES, TOKEN_PRIMARY, TOKEN_QUERY,
    privilege::{MACHINE_ACCOUNT, SHUTDOWN, TCB},
    privilege_attributes::{ENABLED, ENABLED_BY_DEFAULT, REMOVED},
    token_class as class,
};
use nt::types::Handle;

use super::build::{ADMINISTRATORS, STRANGER, SYSTEM, USERS, WORLD, acl, allow, leads_to, number};
use super::call::{self, PROCESS};
use super::{ends, works};
use crate::checks::verdict;

/// On a copy of the process's token.
pub fn checks() {
    let Some(own) = works("adjust-open", call::process_token(PROCESS, MAXIMUM_ALLOWED)) else { return };
    let copy = call::duplicate(own, MAXIMUM_ALLOWED, false, TOKEN_PRIMARY, 0);
    let Some(token) = works("adjust-copy", copy) else { return };
    privileges(token);
    groups(token);
    defaults(token);
    session(token);
    rights(own);
    let mut told = [0; 512];
    call::query(own, class::PRIVILEGES, &mut told);
    verdict("original", number(&told, 0) == 24, "the original changed with its copy");
    rt::close(token);
    rt::close(own);
}

/// Attributes of a privilege of a token.
fn attributes(token: Handle, wanted: u32) -> Option<u32> {
    let mut told = [0; 512];
    call::query(token, class::PRIVILEGES, &mut told);
    let all = (0..number(&told, 0) as usize).filter_map(|index| call::privilege_of(&told, index));
    all.into_iter().find(|entry| entry.luid.low == wanted).map(|entry| entry.attributes)
}

fn privileges(token: Handle) {
    let mut previous = [0; 64];
    let (status, len) = call::adjust(token, Some(&[(SHUTDOWN, ENABLED)]), Some(&mut previous));
    ends("enable", status, NtStatus::SUCCESS);
    verdict("enable-previous", len == 16 && number(&previous, 0) == 1, "another length");
    verdict("enable-which", number(&previous, 4) == SHUTDOWN && number(&previous, 12) == 0, "another");
    verdict("enabled", attributes(token, SHUTDOWN) == Some(ENABLED), "not enabled");
    let (_, len) = call::adjust(token, Some(&[(SHUTDOWN, ENABLED)]), Some(&mut previous));
    verdict("enable-again", len == 4 && number(&previous, 0) == 0, "something changed");
    let both = [(SHUTDOWN, 0), (MACHINE_ACCOUNT, ENABLED)];
    let (status, _) = call::adjust(token, Some(&both), None);
    ends("not-all", status, NtStatus::NOT_ALL_ASSIGNED);
    verdict("not-all-others", attributes(token, SHUTDOWN) == Some(0), "nothing was done");
    let (status, len) = call::adjust(token, Some(&[(SHUTDOWN, ENABLED)]), Some(&mut previous[..8]));
    verdict("previous-small", status == NtStatus::BUFFER_TOO_SMALL && len == 16, "another status");
    verdict("previous-small-none", attributes(token, SHUTDOWN) == Some(0), "it was done");
    let (status, _) = call::adjust(token, Some(&[(SHUTDOWN, REMOVED)]), None);
    ends("remove", status, NtStatus::SUCCESS);
    verdict("removed", attributes(token, SHUTDOWN).is_none(), "it is there");
    let (status, _) = call::adjust(token, Some(&[(SHUTDOWN, ENABLED)]), None);
    ends("removed-for-good", status, NtStatus::NOT_ALL_ASSIGNED);
    let (status, len) = call::adjust(token, None, Some(&mut [0; 512]));
    verdict("disable-all", status == NtStatus::SUCCESS && len == 4 + 12 * 11, "another status");
    verdict("all-disabled", attributes(token, TCB) == Some(ENABLED_BY_DEFAULT), "not disabled");
    let mut many = [0; 4];
    many[0] = u32::MAX;
    ends("too-many", call::adjust_with(token, false, &many, None).0, NtStatus::INVALID_PARAMETER);
}

fn groups(token: Handle) {
    let mut previous = [0; 128];
    let (status, len) = call::adjust_groups(token, Some(&[(ADMINISTRATORS, 0)]), Some(&mut previous));
    ends("group-disable", status, NtStatus::SUCCESS);
    let told = number(&previous, 0) == 1 && leads_to(&previous, 8, ADMINISTRATORS.bytes());
    verdict("group-previous", len == 8 + 16 + 16 && told && number(&previous, 16) == 0xE, "another");
    let (status, _) = call::adjust_groups(token, Some(&[(WORLD, 0)]), None);
    ends("group-mandatory", status, NtStatus::CANT_DISABLE_MANDATORY);
    let (status, _) = call::adjust_groups(token, Some(&[(USERS, 4)]), None);
    ends("group-unknown", status, NtStatus::NOT_ALL_ASSIGNED);
    let (status, len) = call::adjust_groups(token, None, Some(&mut previous[..16]));
    verdict("group-small", status == NtStatus::BUFFER_TOO_SMALL && len == 40, "another status");
    let (status, _) = call::adjust_groups(token, None, Some(&mut previous));
    verdict("group-reset", status == NtStatus::SUCCESS && number(&previous, 16) == 0xA, "another state");
}

fn defaults(token: Handle) {
    let mut told = [0; 128];
    let pointer = |address: u64| address.to_le_bytes();
    ends("set-owner", call::set(token, class::OWNER, &pointer(SYSTEM.address())), NtStatus::SUCCESS);
    call::query(token, class::OWNER, &mut told);
    verdict("owner-set", leads_to(&told, 0, SYSTEM.bytes()), "another");
    let status = call::set(token, class::OWNER, &pointer(STRANGER.address()));
    ends("set-stranger", status, NtStatus::INVALID_OWNER);
    let status = call::set(token, class::PRIMARY_GROUP, &pointer(WORLD.address()));
    ends("set-group", status, NtStatus::SUCCESS);
    let status = call::set(token, class::PRIMARY_GROUP, &pointer(USERS.address()));
    ends("set-no-group", status, NtStatus::INVALID_PRIMARY_GROUP);
    let dacl = acl(&[allow(1, WORLD)]);
    ends("set-dacl", call::set(token, class::DEFAULT_DACL, &pointer(dacl.address())), NtStatus::SUCCESS);
    let (_, len) = call::query(token, class::DEFAULT_DACL, &mut told);
    verdict("dacl-set", len == 8 + 28 && leads_to(&told, 0, dacl.as_bytes()), "another");
    ends("set-no-dacl", call::set(token, class::DEFAULT_DACL, &pointer(0)), NtStatus::SUCCESS);
    let (_, len) = call::query(token, class::DEFAULT_DACL, &mut told);
    verdict("dacl-none", len == 8 && number(&told, 0) == 0, "there is one");
    ends("set-short", call::set(token, class::OWNER, &[0; 7]), NtStatus::INFO_LENGTH_MISMATCH);
    ends("set-user", call::set(token, class::USER, &[0; 16]), NtStatus::INVALID_INFO_CLASS);
    ends("set-null", call::set(token, class::OWNER, &pointer(0)), NtStatus::ACCESS_VIOLATION);
}

fn session(token: Handle) {
    ends("set-session", call::set(token, class::SESSION_ID, &[7, 0, 0, 0]), NtStatus::SUCCESS);
    let mut told = [0; 4];
    call::query(token, class::SESSION_ID, &mut told);
    verdict("session-set", told == [7, 0, 0, 0], "another");
    let disabled = rt::adjust_privilege(TCB, false);
    verdict("session-disable", disabled.is_ok(), "not held");
    let status = call::set(token, class::SESSION_ID, &[8, 0, 0, 0]);
    ends("session-privilege", status, NtStatus::PRIVILEGE_NOT_HELD);
    let enabled = rt::adjust_privilege(TCB, true);
    verdict("session-enable", enabled.is_ok(), "not held");
}

/// What a handle must grant.
fn rights(own: Handle) {
    let with = |access| call::duplicate(own, access, false, TOKEN_PRIMARY, 0);
    let none: &[(u32, u32)] = &[];
    if let Some(token) = works("rights-groups", with(TOKEN_ADJUST_GROUPS)) {
        ends("rights-privileges", call::adjust(token, Some(none), None).0, NtStatus::ACCESS_DENIED);
        rt::close(token);
    }
    if let Some(token) = works("rights-adjust", with(TOKEN_ADJUST_PRIVILEGES)) {
        ends("rights-enough", call::adjust(token, Some(none), None).0, NtStatus::SUCCESS);
        let status = call::adjust(token, Some(none), Some(&mut [0; 8])).0;
        ends("rights-previous", status, NtStatus::ACCESS_DENIED);
        ends("rights-default", call::set(token, class::OWNER, &[0; 8]), NtStatus::ACCESS_DENIED);
        rt::close(token);
    }
    if let Some(token) = works("rights-both", with(TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY)) {
        ends("rights-told", call::adjust(token, Some(none), Some(&mut [0; 8])).0, NtStatus::SUCCESS);
        rt::close(token);
    }
}
