//! What tokens are, how they are made and copied.

use nt::NtStatus;
use nt::security::{
    MAXIMUM_ALLOWED, TOKEN_ALL_ACCESS, TOKEN_DUPLICATE, TOKEN_IMPERSONATION, TOKEN_PRIMARY, TOKEN_QUERY,
    TOKEN_QUERY_SOURCE, privilege, privilege_attributes, token_class as class,
};
use nt::types::Handle;

use super::build::{ADMINISTRATORS, STRANGER, SYSTEM, USER, USERS, WORLD, acl, allow, leads_to, number};
use super::call::{self, NewToken, PROCESS};
use super::{MANDATORY, ends, fails, user, works};
use crate::checks::verdict;

pub fn checks() {
    let Some(own) = works("token-open", call::process_token(PROCESS, MAXIMUM_ALLOWED)) else { return };
    verdict("token-granted", call::granted(own) == TOKEN_ALL_ACCESS, "not everything");
    system(own);
    made();
    refused();
    copied(own);
    luids();
    rt::close(own);
}

/// The token of the first processes.
fn system(own: Handle) {
    let mut told = [0; 512];
    let (status, len) = call::query(own, class::USER, &mut told);
    ends("query-user", status, NtStatus::SUCCESS);
    verdict("user-length", len == 16 + 12, "another length");
    verdict("user-system", leads_to(&told, 0, SYSTEM.bytes()) && number(&told, 8) == 0, "another user");
    let (status, _) = call::query(own, class::GROUPS, &mut told);
    ends("query-groups", status, NtStatus::SUCCESS);
    verdict("groups-count", number(&told, 0) == 3, "not three");
    verdict("groups-admins", leads_to(&told, 8, ADMINISTRATORS.bytes()) && number(&told, 16) == 0xE, "other");
    verdict("groups-world", leads_to(&told, 24, WORLD.bytes()) && number(&told, 32) == 7, "other");
    let (status, len) = call::query(own, class::PRIVILEGES, &mut told);
    ends("query-privileges", status, NtStatus::SUCCESS);
    let count = number(&told, 0);
    verdict("privileges-length", count == 24 && len == 4 + 12 * 24, "another count");
    let of = |wanted: u32| {
        (0..count as usize)
            .filter_map(|index| call::privilege_of(&told, index))
            .find(|entry| entry.luid.low == wanted)
            .map(|entry| entry.attributes)
    };
    let enabled = privilege_attributes::ENABLED | privilege_attributes::ENABLED_BY_DEFAULT;
    verdict("privilege-tcb", of(privilege::TCB) == Some(enabled), "not enabled");
    verdict("privilege-shutdown", of(privilege::SHUTDOWN) == Some(0), "not there, or enabled");
    verdict("privilege-machine", of(privilege::MACHINE_ACCOUNT).is_none(), "there");
    call::query(own, class::OWNER, &mut told);
    verdict("owner", leads_to(&told, 0, ADMINISTRATORS.bytes()), "another");
    call::query(own, class::PRIMARY_GROUP, &mut told);
    verdict("primary-group", leads_to(&told, 0, SYSTEM.bytes()), "another");
    let (status, len) = call::query(own, class::DEFAULT_DACL, &mut told);
    verdict("default-dacl", status == NtStatus::SUCCESS && len == 8 + 52 && told[8] == 2, "another");
    call::query(own, class::SOURCE, &mut told);
    verdict("source", told.starts_with(b"*SYSTEM*"), "another");
    call::query(own, class::TYPE, &mut told);
    verdict("type", number(&told, 0) == TOKEN_PRIMARY, "not primary");
    let (status, _) = call::query(own, class::IMPERSONATION_LEVEL, &mut told);
    ends("no-level", status, NtStatus::INVALID_INFO_CLASS);
    let (status, len) = call::query(own, class::STATISTICS, &mut told);
    verdict("statistics", status == NtStatus::SUCCESS && len == 0x38, "another length");
    verdict("statistics-session", number(&told, 8) == 0x3E7 && number(&told, 0x18) == 1, "other");
    verdict("statistics-counts", number(&told, 0x28) == 3 && number(&told, 0x2C) == 24, "other");
    let (status, len) = call::query(own, class::SESSION_ID, &mut told[..2]);
    verdict("too-small", status == NtStatus::BUFFER_TOO_SMALL && len == 4, "another status");
    let (status, _) = call::query(own, 99, &mut told);
    ends("class", status, NtStatus::INVALID_INFO_CLASS);
    let (status, _) = call::query(own, 0, &mut told);
    ends("class-zero", status, NtStatus::INVALID_INFO_CLASS);
    let Some(only) = works("query-only", call::process_token(PROCESS, TOKEN_QUERY)) else { return };
    ends("source-needs-right", call::query(only, class::SOURCE, &mut told).0, NtStatus::ACCESS_DENIED);
    rt::close(only);
    let Some(only) = works("source-only", call::process_token(PROCESS, TOKEN_QUERY_SOURCE)) else { return };
    ends("user-needs-right", call::query(only, class::USER, &mut told).0, NtStatus::ACCESS_DENIED);
    rt::close(only);
}

/// A token of an ordinary user.
fn made() {
    let Some(token) = works("create", user(TOKEN_IMPERSONATION, 1)) else { return };
    let mut told = [0; 256];
    call::query(token, class::USER, &mut told);
    verdict("created-user", leads_to(&told, 0, USER.bytes()), "another");
    call::query(token, class::OWNER, &mut told);
    verdict("created-owner", leads_to(&told, 0, USER.bytes()), "another");
    call::query(token, class::PRIMARY_GROUP, &mut told);
    verdict("created-group", leads_to(&told, 0, USERS.bytes()), "another");
    call::query(token, class::TYPE, &mut told);
    verdict("created-type", number(&told, 0) == TOKEN_IMPERSONATION, "another");
    call::query(token, class::IMPERSONATION_LEVEL, &mut told);
    verdict("created-level", number(&told, 0) == 1, "another");
    let (_, len) = call::query(token, class::PRIVILEGES, &mut told);
    verdict("created-privileges", number(&told, 0) == 2 && len == 28, "not two");
    call::query(token, class::SOURCE, &mut told);
    verdict("created-source", told.starts_with(b"probe\0\0\0"), "another");
    rt::close(token);
}

/// Tokens that cannot be made.
fn refused() {
    let mut new = NewToken {
        token_type: TOKEN_PRIMARY,
        level: 0,
        session: 0x3E7,
        user: USER,
        groups: &[(WORLD, MANDATORY)],
        privileges: &[],
        owner: None,
        primary_group: WORLD,
        dacl: None,
    };
    let create = |new: &NewToken<'_>| call::create_token(new, TOKEN_QUERY);
    fails("create-privilege", create(&new), NtStatus::PRIVILEGE_NOT_HELD);
    let enabled = rt::adjust_privilege(privilege::CREATE_TOKEN, true);
    verdict("create-enable", enabled.is_ok(), "not held");
    works("create-enabled", create(&new).map(rt::close));
    new.session = 0x1234;
    fails("create-session", create(&new), NtStatus::NO_SUCH_LOGON_SESSION);
    new.session = 0x3E5;
    new.owner = Some(STRANGER);
    fails("create-owner", create(&new), NtStatus::INVALID_OWNER);
    new.owner = Some(USER);
    new.primary_group = USERS;
    fails("create-group", create(&new), NtStatus::INVALID_PRIMARY_GROUP);
    new.primary_group = WORLD;
    new.token_type = 3;
    fails("create-type", create(&new), NtStatus::INVALID_PARAMETER);
    (new.token_type, new.level) = (TOKEN_IMPERSONATION, 9);
    fails("create-level", create(&new), NtStatus::BAD_IMPERSONATION_LEVEL);
    new.level = 3;
    new.groups = &[(WORLD, nt::security::group_attributes::MANDATORY)];
    fails("create-disabled", create(&new), NtStatus::INVALID_GROUP_ATTRIBUTES);
    new.groups = &[(WORLD, MANDATORY)];
    new.dacl = Some(acl(&[allow(1, USER)]));
    works("create-dacl", create(&new).map(rt::close));
    if let Some(dacl) = &mut new.dacl {
        dacl.bytes[0] = 9;
    }
    fails("create-bad-dacl", create(&new), NtStatus::INVALID_ACL);
    let disabled = rt::adjust_privilege(privilege::CREATE_TOKEN, false);
    verdict("create-disable", disabled.is_ok(), "not held");
}

/// Copies.
fn copied(own: Handle) {
    let copy = |from, access, effective, kind, level| call::duplicate(from, access, effective, kind, level);
    let mut told = [0; 512];
    let identification = works("copy", copy(own, 0, false, TOKEN_IMPERSONATION, 1));
    if let Some(token) = identification {
        verdict("copy-access", call::granted(token) == TOKEN_ALL_ACCESS, "another access");
        fails("copy-up", copy(token, 0, false, TOKEN_IMPERSONATION, 2), NtStatus::BAD_IMPERSONATION_LEVEL);
        fails("copy-primary", copy(token, 0, false, TOKEN_PRIMARY, 0), NtStatus::BAD_IMPERSONATION_LEVEL);
        rt::close(token);
    }
    if let Some(token) = works("copy-effective", copy(own, TOKEN_QUERY, true, TOKEN_PRIMARY, 0)) {
        call::query(token, class::PRIVILEGES, &mut told);
        verdict("effective-privileges", number(&told, 0) == 11, "not those enabled");
        fails("copy-denied", copy(token, 0, false, TOKEN_PRIMARY, 0), NtStatus::ACCESS_DENIED);
        rt::close(token);
    }
    fails("copy-kind", copy(own, TOKEN_DUPLICATE, false, 0, 0), NtStatus::INVALID_PARAMETER);
    let numbers = [own, own].map(|token| match copy(token, TOKEN_QUERY, false, TOKEN_PRIMARY, 0) {
        Ok(token) => {
            call::query(token, class::STATISTICS, &mut told);
            rt::close(token);
            number(&told, 0)
        }
        Err(_) => 0,
    });
    verdict("copy-numbers", numbers[0] >= 1001 && numbers[1] > numbers[0], "not new");
}

fn luids() {
    let (first, second) = (call::luid(), call::luid());
    let rises = matches!((first, second), (Ok(first), Ok(second)) if first >= 1001 && second > first);
    verdict("luids", rises, "they do not rise");
}
