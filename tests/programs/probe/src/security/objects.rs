//! Who may open and make objects, and what they get.

use nt::NtStatus;
use nt::security::{
    ACCESS_SYSTEM_SECURITY, DELETE, DIRECTORY_ALL_ACCESS, DIRECTORY_CREATE_OBJECT,
    DIRECTORY_CREATE_SUBDIRECTORY, DIRECTORY_QUERY, DIRECTORY_TRAVERSE, EVENT_ALL_ACCESS, EVENT_MODIFY_STATE,
    EVENT_QUERY_STATE, GENERIC_ALL, GENERIC_READ, MAXIMUM_ALLOWED, PROCESS_ALL_ACCESS, READ_CONTROL,
    SYNCHRONIZE, TOKEN_IMPERSONATION, WRITE_DAC, WRITE_OWNER, ace_flags, info, privilege,
};
use nt::types::Handle;

use super::build::{
    ADMINISTRATORS, CREATOR_OWNER, Dacl, STRANGER, SYSTEM, USER, USERS, WORLD, absolute, ace_of, allow, deny,
    number, protected, relative,
};
use super::call::{self, Named};
use super::{as_user, ends, fails, outcome, user_with, works};
use crate::checks::verdict;
use crate::reg::from;

const DENIED: NtStatus = NtStatus::ACCESS_DENIED;
const DIRECTORY: &str = r"\Probe";

pub fn checks() {
    let aces = [
        allow(DIRECTORY_ALL_ACCESS, SYSTEM),
        allow(DIRECTORY_QUERY | DIRECTORY_TRAVERSE | READ_CONTROL, WORLD),
    ];
    let made = call::create_directory(Named::with(DIRECTORY, &protected(&aces)), MAXIMUM_ALLOWED);
    let Some(directory) = works("directory", made) else { return };
    verdict("creator-access", call::granted(directory) == DIRECTORY_ALL_ACCESS, "not everything");
    opens();
    creations();
    defaults();
    inherited();
    traversed();
    owners_and_audit();
    replaced();
    processes();
    rt::close(directory);
}

fn open(access: u32) -> NtStatus {
    outcome(call::open_directory(Named::new(DIRECTORY), access))
}

/// A directory that everybody may list, and only the system may change.
fn opens() {
    ends("system-write", open(DIRECTORY_CREATE_OBJECT), NtStatus::SUCCESS);
    ends("nothing-asked", open(0), DENIED);
    as_user(|| {
        ends("user-read", open(DIRECTORY_QUERY), NtStatus::SUCCESS);
        ends("user-generic", open(GENERIC_READ), NtStatus::SUCCESS);
        ends("user-write", open(DIRECTORY_CREATE_OBJECT), DENIED);
        ends("user-both", open(DIRECTORY_QUERY | DIRECTORY_CREATE_OBJECT), DENIED);
        ends("user-all", open(GENERIC_ALL), DENIED);
        ends("user-delete", open(DELETE), DENIED);
        let maximum = call::open_directory(Named::new(DIRECTORY), MAXIMUM_ALLOWED);
        if let Some(handle) = works("user-maximum", maximum) {
            let expected = READ_CONTROL | DIRECTORY_QUERY | DIRECTORY_TRAVERSE;
            verdict("maximum-granted", call::granted(handle) == expected, "another access");
            rt::close(handle);
        }
        let more = call::open_directory(Named::new(DIRECTORY), MAXIMUM_ALLOWED | DELETE);
        fails("maximum-and-more", more, DENIED);
        ends(
            "root-read",
            outcome(call::open_directory(Named::new("\\"), DIRECTORY_QUERY)),
            NtStatus::SUCCESS,
        );
        fails("root-write", call::open_directory(Named::new("\\"), DIRECTORY_CREATE_OBJECT), DENIED);
        fails("device-write", call::open_directory(Named::new(r"\Device"), DIRECTORY_CREATE_OBJECT), DENIED);
    });
    let everything = call::open_directory(Named::new(DIRECTORY), MAXIMUM_ALLOWED);
    if let Some(handle) = works("system-maximum", everything) {
        verdict("system-granted", call::granted(handle) == DIRECTORY_ALL_ACCESS, "another access");
        rt::close(handle);
    }
}

/// Names in directories.
fn creations() {
    let event = |name| call::create_event(Named::new(name), EVENT_ALL_ACCESS);
    let open = relative(None, None, Dacl::Null);
    let all = works("null-dacl", call::create_directory(Named::with(r"\Probe\All", &open), GENERIC_ALL));
    as_user(|| {
        fails("user-create", event(r"\Probe\Event"), DENIED);
        fails("user-create-root", event(r"\Event"), DENIED);
        works("user-create-open", event(r"\Probe\All\Event").map(rt::close));
        works("user-create-unnamed", event("").map(rt::close));
        let directory = call::create_directory(Named::new(r"\Probe\All\Sub"), GENERIC_ALL);
        works("user-directory-open", directory.map(rt::close));
        fails("user-directory", call::create_directory(Named::new(r"\Probe\Sub"), GENERIC_ALL), DENIED);
        let permanent = Named { attributes: 0x10, ..Named::new(r"\Probe\All\Stays") };
        fails("user-permanent", call::create_event(permanent, 1), NtStatus::PRIVILEGE_NOT_HELD);
        if let Some(made) = works("user-temporary", event(r"\Probe\All\Goes")) {
            ends("user-make-permanent", call::make_permanent(made), NtStatus::PRIVILEGE_NOT_HELD);
            rt::close(made);
        }
    });
    let objects = protected(&[
        allow(DIRECTORY_CREATE_OBJECT | DIRECTORY_TRAVERSE, WORLD),
        allow(DIRECTORY_ALL_ACCESS, SYSTEM),
    ]);
    let some = call::create_directory(Named::with(r"\Probe\Objects", &objects), GENERIC_ALL);
    let some = works("objects-only", some);
    as_user(|| {
        works("object-allowed", event(r"\Probe\Objects\Event").map(rt::close));
        let sub = call::create_directory(Named::new(r"\Probe\Objects\Sub"), GENERIC_ALL);
        fails("subdirectory-denied", sub, DENIED);
    });
    let subs = protected(&[allow(DIRECTORY_CREATE_SUBDIRECTORY, USER), allow(DIRECTORY_ALL_ACCESS, SYSTEM)]);
    let other = works("subs-only", call::create_directory(Named::with(r"\Probe\Subs", &subs), GENERIC_ALL));
    as_user(|| {
        fails("object-denied", event(r"\Probe\Subs\Event"), DENIED);
        let sub = call::create_directory(Named::new(r"\Probe\Subs\Sub"), GENERIC_ALL);
        works("subdirectory-allowed", sub.map(rt::close));
    });
    for handle in [all, some, other].into_iter().flatten() {
        rt::close(handle);
    }
}

/// What objects get whose creators say nothing: by the token.
fn defaults() {
    let mut told = [0; 256];
    let all = info::OWNER | info::GROUP | info::DACL;
    let made = call::create_event(Named::new(r"\Probe\System"), EVENT_ALL_ACCESS);
    let Some(event) = works("default", made) else { return };
    let (status, len) = call::query_security(event, all, &mut told);
    verdict("default-told", status == NtStatus::SUCCESS && len == 20 + 52 + 16 + 12, "another length");
    let owner = number(&told, 4) as usize;
    verdict("default-owner", told[owner..].starts_with(ADMINISTRATORS.bytes()), "another");
    let first = ace_of(&told, 0);
    verdict(
        "default-system",
        first.is_some_and(|ace| ace.2 == EVENT_ALL_ACCESS && ace.3 == SYSTEM.bytes()),
        "other",
    );
    let second = ace_of(&told, 1);
    let readable = READ_CONTROL | SYNCHRONIZE | EVENT_QUERY_STATE;
    verdict(
        "default-admins",
        second.is_some_and(|ace| ace.2 == readable && ace.3 == ADMINISTRATORS.bytes()),
        "other",
    );
    let (status, len) = call::query_security(event, all, &mut told[..99]);
    verdict("default-small", status == NtStatus::BUFFER_TOO_SMALL && len == 100, "another status");
    let open = |access| outcome(call::open_event(Named::new(r"\Probe\System"), access));
    ends("default-open", open(EVENT_MODIFY_STATE), NtStatus::SUCCESS);
    as_user(|| {
        ends("default-denied", open(EVENT_QUERY_STATE), DENIED);
        ends("default-maximum", open(MAXIMUM_ALLOWED), DENIED);
    });
    rt::close(event);
    let own = as_user(|| call::create_event(Named::new(""), EVENT_ALL_ACCESS)).and_then(Result::ok);
    if let Some(event) = own {
        let (status, len) = call::query_security(event, all, &mut told);
        verdict("unnamed", status == NtStatus::SUCCESS && len == 20, "it has a descriptor");
        let set = call::set_security(event, info::DACL, &protected(&[]));
        ends("unnamed-set", set, NtStatus::NO_SECURITY_ON_OBJECT);
        rt::close(event);
    }
}

/// What a directory hands on.
fn inherited() {
    let heritable = ace_flags::OBJECT_INHERIT | ace_flags::CONTAINER_INHERIT;
    let parent = protected(&[
        allow(DIRECTORY_ALL_ACCESS, SYSTEM),
        allow(DIRECTORY_ALL_ACCESS, USER),
        allow(GENERIC_READ, USERS).with(heritable | ace_flags::INHERIT_ONLY),
        allow(GENERIC_ALL, CREATOR_OWNER).with(heritable | ace_flags::INHERIT_ONLY),
    ]);
    let made = call::create_directory(Named::with(r"\Probe\Parent", &parent), GENERIC_ALL);
    let Some(directory) = works("parent", made) else { return };
    let mut told = [0; 256];
    let event = as_user(|| call::create_event(Named::new(r"\Probe\Parent\Heir"), EVENT_ALL_ACCESS));
    if let Some(event) = event.and_then(|event| works("heir", event)) {
        let (status, _) = call::query_security(event, info::DACL, &mut told);
        ends("heir-query", status, NtStatus::SUCCESS);
        let (first, second) = (ace_of(&told, 0), ace_of(&told, 1));
        let readable = READ_CONTROL | EVENT_QUERY_STATE;
        verdict("heir-users", first.is_some_and(|ace| ace.2 == readable && ace.3 == USERS.bytes()), "other");
        verdict(
            "heir-owner",
            second.is_some_and(|ace| ace.2 == EVENT_ALL_ACCESS && ace.3 == USER.bytes()),
            "other",
        );
        verdict("heir-no-more", ace_of(&told, 2).is_none(), "more");
        rt::close(event);
    }
    let sub = call::create_directory(Named::new(r"\Probe\Parent\Sub"), GENERIC_ALL);
    if let Some(sub) = works("heir-directory", sub) {
        call::query_security(sub, info::DACL, &mut told);
        let flags = ace_of(&told, 1).map(|ace| ace.1);
        verdict("heir-hands-on", flags == Some(heritable | ace_flags::INHERIT_ONLY), "other flags");
        rt::close(sub);
    }
    rt::close(directory);
}

/// Directories on the way.
fn traversed() {
    let closed = protected(&[allow(DIRECTORY_ALL_ACCESS, SYSTEM)]);
    let made = call::create_directory(Named::with(r"\Probe\Closed", &closed), GENERIC_ALL);
    let Some(directory) = works("closed", made) else { return };
    let open = protected(&[allow(EVENT_ALL_ACCESS, WORLD)]);
    let event = call::create_event(Named::with(r"\Probe\Closed\Event", &open), EVENT_ALL_ACCESS);
    let Some(event) = works("closed-event", event) else { return };
    let look = || outcome(call::open_event(Named::new(r"\Probe\Closed\Event"), EVENT_QUERY_STATE));
    as_user(|| ends("traverse-privilege", look(), NtStatus::SUCCESS));
    if let Some(token) = works("traverse-token", user_with(TOKEN_IMPERSONATION, 2, 0)) {
        ends("traverse-act", call::act_as(token), NtStatus::SUCCESS);
        ends("traverse-denied", look(), DENIED);
        let root = outcome(call::open_directory(Named::new(DIRECTORY), DIRECTORY_QUERY));
        ends("traverse-root", root, NtStatus::SUCCESS);
        let create = call::create_event(Named::new(r"\Probe\Closed\New"), 1);
        fails("traverse-create", create, DENIED);
        ends("traverse-back", call::act_as(Handle::NULL), NtStatus::SUCCESS);
        rt::close(token);
    }
    rt::close(event);
    rt::close(directory);
}

/// WRITE_OWNER, ACCESS_SYSTEM_SECURITY, owners that are somebody else.
fn owners_and_audit() {
    let nobody = relative(Some(&SYSTEM), Some(&SYSTEM), Dacl::Of(&[]));
    let Some(event) = works("nobody", call::create_event(Named::with(r"\Probe\Nobody", &nobody), 1)) else {
        return;
    };
    let open = |access| outcome(call::open_event(Named::new(r"\Probe\Nobody"), access));
    ends("nobody-open", open(EVENT_QUERY_STATE), DENIED);
    ends("owner-reads", open(READ_CONTROL | WRITE_DAC), NtStatus::SUCCESS);
    ends("owner-no-more", open(WRITE_OWNER), DENIED);
    let with = |number, work: &dyn Fn()| {
        let enabled = rt::adjust_privilege(number, true);
        verdict("enable-privilege", enabled.is_ok(), "not held");
        work();
        let disabled = rt::adjust_privilege(number, false);
        verdict("disable-privilege", disabled.is_ok(), "not held");
    };
    with(privilege::TAKE_OWNERSHIP, &|| ends("take-ownership", open(WRITE_OWNER), NtStatus::SUCCESS));
    ends("audit-without", open(ACCESS_SYSTEM_SECURITY), NtStatus::PRIVILEGE_NOT_HELD);
    with(privilege::SECURITY, &|| ends("audit-with", open(ACCESS_SYSTEM_SECURITY), NtStatus::SUCCESS));
    let create = || call::create_event(Named::new(r"\Probe\Audit"), ACCESS_SYSTEM_SECURITY);
    fails("create-audit-without", create(), NtStatus::PRIVILEGE_NOT_HELD);
    with(privilege::SECURITY, &|| ends("create-audit-with", outcome(create()), NtStatus::SUCCESS));
    let stranger = relative(Some(&STRANGER), None, Dacl::Absent);
    let make = || call::create_event(Named::with(r"\Probe\Foreign", &stranger), 1);
    fails("foreign-owner", make(), NtStatus::INVALID_OWNER);
    with(privilege::RESTORE, &|| ends("foreign-restore", outcome(make()), NtStatus::SUCCESS));
    rt::close(event);
    let (dacl, mut told) = (super::build::acl(&[deny(1, WORLD), allow(3, WORLD)]), [0; 128]);
    let whole = absolute(&ADMINISTRATORS, &USERS, &dacl);
    let named = Named { descriptor: from::<_, ()>(&whole).address, ..Named::new(r"\Probe\Absolute") };
    let Some(event) = works("absolute", call::create_event(named, READ_CONTROL)) else { return };
    let (_, len) = call::query_security(event, info::OWNER | info::GROUP | info::DACL, &mut told);
    let group = number(&told, 8) as usize;
    verdict("absolute-told", len == 20 + 16 + 16 + 48 && told[group..].starts_with(USERS.bytes()), "other");
    fails("deny-first", call::open_event(Named::new(r"\Probe\Absolute"), 1), DENIED);
    let second = outcome(call::open_event(Named::new(r"\Probe\Absolute"), 2));
    ends("allow-second", second, NtStatus::SUCCESS);
    rt::close(event);
}

/// NtSetSecurityObject.
fn replaced() {
    let closed = protected(&[allow(EVENT_ALL_ACCESS, SYSTEM)]);
    let make = |access| call::create_event(Named::with(r"\Probe\Changing", &closed), access);
    let Some(event) = works("changing", make(WRITE_DAC | READ_CONTROL)) else { return };
    let open = || outcome(call::open_event(Named::new(r"\Probe\Changing"), EVENT_QUERY_STATE));
    as_user(|| ends("before", open(), DENIED));
    let wide = protected(&[allow(GENERIC_READ, WORLD)]);
    ends("set-dacl-object", call::set_security(event, info::DACL, &wide), NtStatus::SUCCESS);
    as_user(|| ends("after", open(), NtStatus::SUCCESS));
    let mut told = [0; 128];
    call::query_security(event, info::DACL, &mut told);
    let mapped = ace_of(&told, 0).map(|ace| ace.2);
    verdict("mapped", mapped == Some(READ_CONTROL | EVENT_QUERY_STATE), "other rights");
    let owned = relative(Some(&SYSTEM), None, Dacl::Absent);
    ends("set-owner-right", call::set_security(event, info::OWNER, &owned), DENIED);
    ends("set-sacl-right", call::set_security(event, info::SACL, &wide), DENIED);
    ends("query-sacl-right", call::query_security(event, info::SACL, &mut told).0, DENIED);
    rt::close(event);
    if let Some(event) = works("changing-owner", make(WRITE_OWNER)) {
        ends("set-owner-object", call::set_security(event, info::OWNER, &owned), NtStatus::SUCCESS);
        let foreign = relative(Some(&USER), None, Dacl::Absent);
        let status = call::set_security(event, info::OWNER, &foreign);
        ends("set-owner-foreign", status, NtStatus::INVALID_OWNER);
        let none = relative(None, None, Dacl::Absent);
        ends("set-owner-none", call::set_security(event, info::OWNER, &none), NtStatus::INVALID_OWNER);
        ends("query-right", call::query_security(event, info::OWNER, &mut told).0, DENIED);
        rt::close(event);
    }
}

/// Processes: the creator's token protects them, SeDebugPrivilege opens all.
fn processes() {
    let mut basic = [0_u64; 6];
    let me = call::process_id(&mut basic);
    works("open-self", call::open_process(me, PROCESS_ALL_ACCESS).map(rt::close));
    as_user(|| fails("user-opens-system", call::open_process(me, 0x400), DENIED));
    let disabled = rt::adjust_privilege(privilege::DEBUG, false);
    verdict("debug-disable", disabled.is_ok(), "not held");
    works("system-opens-system", call::open_process(me, PROCESS_ALL_ACCESS).map(rt::close));
    let enabled = rt::adjust_privilege(privilege::DEBUG, true);
    verdict("debug-enable", enabled.is_ok(), "not held");
}
