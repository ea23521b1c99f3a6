//! Threads that act as others.

use nt::NtStatus;
use nt::security::{
    DIRECTORY_CREATE_OBJECT, DIRECTORY_QUERY, MAXIMUM_ALLOWED, TOKEN_ALL_ACCESS, TOKEN_IMPERSONATION,
    TOKEN_PRIMARY, TOKEN_QUERY, privilege, token_class as class,
};
use nt::types::Handle;

use super::build::{SYSTEM, leads_to, number};
use super::call::{self, Named, PROCESS};
use super::{ends, fails, outcome, user, works};
use crate::checks::verdict;

const NOBODY: Handle = Handle::NULL;

fn look() -> NtStatus {
    outcome(call::open_directory(Named::new(r"\Device"), DIRECTORY_QUERY))
}

pub fn checks() {
    fails("no-token", call::thread_token(TOKEN_QUERY, false), NtStatus::NO_TOKEN);
    ends("revert-nothing", call::act_as(NOBODY), NtStatus::SUCCESS);
    if let Some(primary) = works("primary", user(TOKEN_PRIMARY, 0)) {
        ends("act-primary", call::act_as(primary), NtStatus::BAD_TOKEN_TYPE);
        rt::close(primary);
    }
    ends("act-no-handle", call::act_as(Handle(0x4440)), NtStatus::INVALID_HANDLE);
    ends("act-no-token", wrong_object(), NtStatus::OBJECT_TYPE_MISMATCH);
    levels();
    opened();
    as_self();
    without_privilege();
}

fn wrong_object() -> NtStatus {
    match call::create_event(Named::new(""), 3) {
        Ok(event) => {
            let status = call::act_as(event);
            rt::close(event);
            status
        }
        Err(status) => status,
    }
}

/// How far a token lets its holder act.
fn levels() {
    let expected = [
        (0, NtStatus::BAD_IMPERSONATION_LEVEL, NtStatus::CANT_OPEN_ANONYMOUS),
        (1, NtStatus::BAD_IMPERSONATION_LEVEL, NtStatus::BAD_IMPERSONATION_LEVEL),
        (2, NtStatus::SUCCESS, NtStatus::SUCCESS),
        (3, NtStatus::SUCCESS, NtStatus::SUCCESS),
    ];
    for (level, open, token) in expected {
        let Some(handle) = works("level", user(TOKEN_IMPERSONATION, level)) else { continue };
        ends("level-act", call::act_as(handle), NtStatus::SUCCESS);
        ends("level-open", look(), open);
        ends("level-token", outcome(call::thread_token(TOKEN_QUERY, false)), token);
        ends("level-revert", call::act_as(NOBODY), NtStatus::SUCCESS);
        ends("level-system", look(), NtStatus::SUCCESS);
        rt::close(handle);
    }
}

/// NtOpenThreadToken: as the client or as the process.
fn opened() {
    let Some(token) = works("open-user", user(TOKEN_IMPERSONATION, 1)) else { return };
    ends("open-act", call::act_as(token), NtStatus::SUCCESS);
    let own = works("open-as-self", call::thread_token(TOKEN_QUERY, true));
    if let Some(own) = own {
        let mut told = [0; 64];
        call::query(own, class::IMPERSONATION_LEVEL, &mut told);
        verdict("open-level", number(&told, 0) == 1, "another");
        let ids = [own, token].map(|token| {
            call::query(token, class::STATISTICS, &mut told);
            number(&told, 0)
        });
        verdict("open-same", ids[0] == ids[1], "a copy");
        rt::close(own);
    }
    ends("open-revert", call::act_as(NOBODY), NtStatus::SUCCESS);
    rt::close(token);
}

/// NtImpersonateThread: the thread acts as itself.
fn as_self() {
    ends("self-bad-level", call::impersonate_self(4), NtStatus::BAD_IMPERSONATION_LEVEL);
    ends("self", call::impersonate_self(1), NtStatus::SUCCESS);
    ends("self-identified", look(), NtStatus::BAD_IMPERSONATION_LEVEL);
    ends("self-no-higher", call::impersonate_self(2), NtStatus::BAD_IMPERSONATION_LEVEL);
    let token = works("self-token", call::thread_token(MAXIMUM_ALLOWED, true));
    if let Some(token) = token {
        verdict("self-granted", call::granted(token) == TOKEN_ALL_ACCESS, "not everything");
        let mut told = [0; 64];
        call::query(token, class::USER, &mut told);
        verdict("self-user", leads_to(&told, 0, SYSTEM.bytes()), "another");
        rt::close(token);
    }
    ends("self-revert", call::act_as(NOBODY), NtStatus::SUCCESS);
    ends("self-acts", call::impersonate_self(2), NtStatus::SUCCESS);
    let write = call::open_directory(Named::new(r"\Device"), DIRECTORY_CREATE_OBJECT);
    ends("self-writes", outcome(write), NtStatus::SUCCESS);
    ends("self-revert-again", call::act_as(NOBODY), NtStatus::SUCCESS);
}

/// Without SeImpersonatePrivilege another user's token only identifies.
fn without_privilege() {
    let Some(token) = works("limited", user(TOKEN_IMPERSONATION, 2)) else { return };
    let disabled = rt::adjust_privilege(privilege::IMPERSONATE, false);
    verdict("limited-disable", disabled.is_ok(), "not held");
    ends("limited-act", call::act_as(token), NtStatus::SUCCESS);
    ends("limited-open", look(), NtStatus::BAD_IMPERSONATION_LEVEL);
    ends("limited-revert", call::act_as(NOBODY), NtStatus::SUCCESS);
    ends("limited-own", call::impersonate_self(2), NtStatus::SUCCESS);
    ends("limited-own-open", look(), NtStatus::SUCCESS);
    ends("limited-own-revert", call::act_as(NOBODY), NtStatus::SUCCESS);
    let enabled = rt::adjust_privilege(privilege::IMPERSONATE, true);
    verdict("limited-enable", enabled.is_ok(), "not held");
    let right = call::duplicate(token, TOKEN_QUERY, false, TOKEN_IMPERSONATION, 2);
    if let Some(only) = works("limited-query-only", right) {
        ends("limited-right", call::act_as(only), NtStatus::ACCESS_DENIED);
        rt::close(only);
    }
    rt::close(token);
    let own = call::process_token(PROCESS, TOKEN_QUERY);
    works("process-token", own.map(rt::close));
}
