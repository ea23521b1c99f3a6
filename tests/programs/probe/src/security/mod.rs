//! Security as programs find it: tokens, descriptors, access checks, privileges.

mod adjust;
mod build;
mod call;
mod check;
mod cost;
mod hostile;
mod impersonate;
mod keys;
mod objects;
mod ports;
mod privileges;
mod tokens;

use nt::NtStatus;
use nt::security::{
    GENERIC_ALL, MAXIMUM_ALLOWED, TOKEN_PRIMARY, group_attributes, privilege, privilege_attributes,
};
use nt::types::Handle;

pub use cost::print as cost;
pub use hostile::checks as hostile;
pub use privileges::checks as privileges;

use build::{AUTHENTICATED, SYSTEM, USER, USERS, WORLD, acl, allow};
use call::{NewToken, Result};

use crate::checks::verdict;

/// Tokens: what they are, how they are made, copied and changed.
pub fn tokens() {
    tokens::checks();
    adjust::checks();
}

/// Objects: who may open and make them.
pub fn access() {
    objects::checks();
    keys::checks();
    impersonate::checks();
    ports::checks();
    check::checks();
}

/// Whether a call ended as it should.
fn ends(name: &str, status: NtStatus, expected: NtStatus) {
    verdict(name, status == expected, status.name().unwrap_or("another status"));
}

/// Whether a call worked, and what it gave.
fn works<T>(name: &str, result: Result<T>) -> Option<T> {
    let why = result.as_ref().err().map_or("", |status| status.name().unwrap_or("another status"));
    verdict(name, result.is_ok(), why);
    result.ok()
}

/// Whether a call failed as it should.
fn fails<T>(name: &str, result: Result<T>, expected: NtStatus) {
    ends(name, result.err().unwrap_or(NtStatus::SUCCESS), expected);
}

/// The status of a call that gives a handle, which is closed.
fn outcome(result: Result<Handle>) -> NtStatus {
    match result {
        Ok(handle) => rt::close(handle),
        Err(status) => status,
    }
}

const MANDATORY: u32 =
    group_attributes::MANDATORY | group_attributes::ENABLED_BY_DEFAULT | group_attributes::ENABLED;
const USER_GROUPS: [(build::Sid, u32); 3] =
    [(WORLD, MANDATORY), (USERS, MANDATORY), (AUTHENTICATED, MANDATORY)];

/// An ordinary user: no administrator, and nothing enabled but SeChangeNotifyPrivilege.
fn user(token_type: u32, level: u32) -> Result<Handle> {
    user_with(token_type, level, privilege_attributes::ENABLED)
}

/// The same, with these attributes of SeChangeNotifyPrivilege.
fn user_with(token_type: u32, level: u32, notify: u32) -> Result<Handle> {
    rt::adjust_privilege(privilege::CREATE_TOKEN, true)?;
    let new = NewToken {
        token_type,
        level,
        session: 0x3E7,
        user: USER,
        groups: &USER_GROUPS,
        privileges: &[(privilege::CHANGE_NOTIFY, notify), (privilege::SHUTDOWN, 0)],
        owner: None,
        primary_group: USERS,
        dacl: Some(acl(&[allow(GENERIC_ALL, USER), allow(GENERIC_ALL, SYSTEM)])),
    };
    let made = call::create_token(&new, MAXIMUM_ALLOWED);
    rt::adjust_privilege(privilege::CREATE_TOKEN, false)?;
    made
}

/// Runs something as an ordinary user.
fn as_user<R>(work: impl FnOnce() -> R) -> Option<R> {
    let token = works("user", user(nt::security::TOKEN_IMPERSONATION, 2))?;
    ends("act", call::act_as(token), NtStatus::SUCCESS);
    let result = work();
    ends("act-no-more", call::act_as(Handle::NULL), NtStatus::SUCCESS);
    rt::close(token);
    Some(result)
}

/// The process is an ordinary user's from now on: what it may not do any more, and what it still may.
pub fn become_user() {
    let Some(token) = works("user-primary", user(TOKEN_PRIMARY, 0)) else { return };
    ends("become-without", call::become_user(token), NtStatus::PRIVILEGE_NOT_HELD);
    let enabled = rt::adjust_privilege(privilege::ASSIGN_PRIMARY_TOKEN, true);
    verdict("become-enable", enabled.is_ok(), "not held");
    let before = call::open_directory(call::Named::new(r"\Device"), 4);
    verdict("system-may", before.is_ok(), "denied");
    ends("become", call::become_user(token), NtStatus::SUCCESS);
    fails("user-may-not", call::open_directory(call::Named::new(r"\Device"), 4), NtStatus::ACCESS_DENIED);
    works("user-may", call::open_directory(call::Named::new(r"\Device"), 3));
    ends("become-again", call::become_user(token), NtStatus::PRIVILEGE_NOT_HELD);
    let mut told = [0; 128];
    match works("own-token", call::process_token(call::PROCESS, nt::security::TOKEN_QUERY)) {
        Some(own) => {
            call::query(own, nt::security::token_class::USER, &mut told);
            verdict("own-user", told[16..].starts_with(USER.bytes()), "another user");
        }
        None => return,
    }
    let debug = rt::adjust_privilege(privilege::DEBUG, true);
    verdict("user-debug", debug == Err(NtStatus::NOT_ALL_ASSIGNED), "the user has it");
}
