//! What a server asks about its client: NtAccessCheck and NtPrivilegeCheck.

use nt::NtStatus;
use nt::security::{
    ACCESS_SYSTEM_SECURITY, EVENT_MODIFY_STATE, EVENT_QUERY_STATE, GENERIC_READ, MAXIMUM_ALLOWED,
    READ_CONTROL, TOKEN_DUPLICATE, TOKEN_IMPERSONATION, TOKEN_PRIMARY, WRITE_DAC, WRITE_OWNER, privilege,
};

use super::build::{Dacl, STRANGER, SYSTEM, USER, USERS, WORLD, allow, deny, number, relative};
use super::call::{self, PROCESS};
use super::{ends, fails, user, works};
use crate::checks::verdict;

pub fn checks() {
    let Some(client) = works("client", user(TOKEN_IMPERSONATION, 1)) else { return };
    let mut set = [0; 64];
    let list = [
        deny(EVENT_MODIFY_STATE, USER),
        allow(EVENT_QUERY_STATE | EVENT_MODIFY_STATE, WORLD),
        allow(WRITE_OWNER, USERS),
    ];
    let object = relative(Some(&SYSTEM), Some(&SYSTEM), Dacl::Of(&list));
    let mut check = |name: &str, desired: u32, granted: u32, verdict_of: NtStatus| {
        let (status, told, result, _) = call::access_check(&object, client, desired, &mut set);
        verdict(name, status == NtStatus::SUCCESS && told == granted && result == verdict_of, "other");
    };
    check("check-allowed", EVENT_QUERY_STATE, EVENT_QUERY_STATE, NtStatus::SUCCESS);
    check("check-denied", EVENT_MODIFY_STATE, 0, NtStatus::ACCESS_DENIED);
    check("check-group", WRITE_OWNER, WRITE_OWNER, NtStatus::SUCCESS);
    check("check-nothing", 0, 0, NtStatus::ACCESS_DENIED);
    check("check-maximum", MAXIMUM_ALLOWED, EVENT_QUERY_STATE | WRITE_OWNER, NtStatus::SUCCESS);
    check("check-audit", ACCESS_SYSTEM_SECURITY, 0, NtStatus::PRIVILEGE_NOT_HELD);
    let own = relative(Some(&USER), Some(&USERS), Dacl::Of(&[]));
    let (_, told, _, _) = call::access_check(&own, client, READ_CONTROL | WRITE_DAC, &mut set);
    verdict("check-owner", told == READ_CONTROL | WRITE_DAC, "denied");
    let (status, ..) = call::access_check(&object, client, GENERIC_READ, &mut set);
    ends("check-generic", status, NtStatus::GENERIC_NOT_MAPPED);
    let (status, _, _, length) = call::access_check(&object, client, 1, &mut set[..19]);
    verdict("check-small", status == NtStatus::BUFFER_TOO_SMALL && length == 20, "another status");
    let bare = relative(None, Some(&SYSTEM), Dacl::Of(&list));
    ends("check-bare", call::access_check(&bare, client, 1, &mut set).0, NtStatus::INVALID_SECURITY_DESCR);
    if let Some(primary) = works("check-primary-token", user(TOKEN_PRIMARY, 0)) {
        let (status, ..) = call::access_check(&object, primary, 1, &mut set);
        ends("check-primary", status, NtStatus::NO_IMPERSONATION_TOKEN);
        rt::close(primary);
    }
    if let Some(anonymous) = works("check-anonymous-token", user(TOKEN_IMPERSONATION, 0)) {
        let (status, ..) = call::access_check(&object, anonymous, 1, &mut set);
        ends("check-anonymous", status, NtStatus::BAD_IMPERSONATION_LEVEL);
        rt::close(anonymous);
    }
    used_privileges();
    privileges(client);
    rt::close(client);
}

/// Privileges that an access takes are told.
fn used_privileges() {
    let enabled = rt::adjust_privilege(privilege::TAKE_OWNERSHIP, true);
    verdict("used-enable", enabled.is_ok(), "not held");
    let Some(own) = works("used-token", call::process_token(PROCESS, TOKEN_DUPLICATE)) else { return };
    let copy = call::duplicate(own, MAXIMUM_ALLOWED, false, TOKEN_IMPERSONATION, 1);
    if let Some(system) = works("used-copy", copy) {
        let mut set = [0; 64];
        let object = relative(Some(&STRANGER), Some(&STRANGER), Dacl::Of(&[]));
        let (status, granted, ..) = call::access_check(&object, system, WRITE_OWNER, &mut set);
        verdict("used-granted", status == NtStatus::SUCCESS && granted == WRITE_OWNER, "denied");
        let told = [number(&set, 0), number(&set, 8), number(&set, 16)];
        verdict("used-told", told == [1, privilege::TAKE_OWNERSHIP, 0x8000_0000], "another set");
        rt::close(system);
    }
    rt::close(own);
    let disabled = rt::adjust_privilege(privilege::TAKE_OWNERSHIP, false);
    verdict("used-disable", disabled.is_ok(), "not held");
}

fn privileges(client: nt::types::Handle) {
    let (has, lacks) = (privilege::CHANGE_NOTIFY, privilege::SHUTDOWN);
    let check = |all, numbers: &[u32]| call::privilege_check(client, all, numbers).map(|(result, _)| result);
    verdict("privilege-one", check(true, &[has]) == Ok(true), "not enabled");
    verdict("privilege-both", check(true, &[has, lacks]) == Ok(false), "both enabled");
    verdict("privilege-any", check(false, &[lacks, has]) == Ok(true), "none enabled");
    verdict("privilege-none", check(false, &[lacks]) == Ok(false), "enabled");
    let used = call::privilege_check(client, true, &[has]).map(|(_, set)| set[4]);
    verdict("privilege-used", used == Ok(0x8000_0000), "not marked");
    if let Some(anonymous) = works("privilege-anonymous-token", user(TOKEN_IMPERSONATION, 0)) {
        let status = call::privilege_check(anonymous, true, &[has]);
        fails("privilege-anonymous", status, NtStatus::BAD_IMPERSONATION_LEVEL);
        rt::close(anonymous);
    }
}
