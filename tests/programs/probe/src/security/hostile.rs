//! Calls with pointers, lengths and structures that are none.
#![expect(unsafe_code, reason = "calls system services with what they should refuse")]

use nt::NtStatus;
use nt::security::{
    MAXIMUM_ALLOWED, SecurityDescriptor, TOKEN_IMPERSONATION, TOKEN_PRIMARY, control, info, privilege,
    token_class as class,
};
use nt::types::{Boolean, Handle, UserPtr};
use rt::syscall;

use super::build::{Bytes, Dacl, SYSTEM, USER, acl, allow, protected, relative};
use super::call::{self, Named, PROCESS, THREAD, quality};
use super::{ends, fails, user, works};
use crate::checks::verdict;
use crate::reg::{from, to};

/// Addresses that nobody may read or write.
const BAD: [u64; 6] =
    [8, 0x7FF_FFFF_0000, 0x8000_0000_0000, 0x4000_0000_0000, 0x7F80_0000_0000, u64::MAX - 3];

pub fn checks() {
    let Some(own) = works("open", call::process_token(PROCESS, MAXIMUM_ALLOWED)) else { return };
    let Some(client) = works("client", user(TOKEN_IMPERSONATION, 2)) else { return };
    let enabled = rt::adjust_privilege(privilege::CREATE_TOKEN, true);
    verdict("enable", enabled.is_ok(), "not held");
    for bad in BAD {
        opens(own, bad);
        changes(own, bad);
        creation(bad);
        questions(client, bad);
        objects(bad);
    }
    descriptors();
    handles();
    works("still-there", call::process_token(PROCESS, MAXIMUM_ALLOWED).map(rt::close));
    rt::close(client);
    rt::close(own);
}

fn refused(name: &str, status: NtStatus) {
    ends(name, status, NtStatus::ACCESS_VIOLATION);
}

fn opens(own: Handle, bad: u64) {
    let (handle, mut place, none) = (UserPtr::new(bad), Handle::NULL, Boolean(0));
    let at = UserPtr::new(bad);
    let with_quality = Named { quality: bad, ..Named::default() };
    // SAFETY: every pointer outlives the calls, or is to be refused.
    unsafe {
        refused("process-token", syscall::NtOpenProcessToken(PROCESS, MAXIMUM_ALLOWED, handle));
        let duplicate = |attributes, kind, to| {
            syscall::NtDuplicateToken(own, MAXIMUM_ALLOWED, attributes, none, kind, to)
        };
        refused("duplicate-to", duplicate(UserPtr::new(0), TOKEN_PRIMARY, handle));
        refused("duplicate-attributes", duplicate(UserPtr::new(bad), TOKEN_PRIMARY, to(&mut place)));
        let status = with_quality.call(|from| duplicate(from, TOKEN_IMPERSONATION, to(&mut place)));
        refused("duplicate-quality", status);
        refused("luid", syscall::NtAllocateLocallyUniqueId(UserPtr::new(bad)));
        refused("impersonate", syscall::NtImpersonateThread(THREAD, THREAD, UserPtr::new(bad)));
        refused("thread-token", syscall::NtSetInformationThread(THREAD, 5, at, 8));
        refused("process-set", syscall::NtSetInformationProcess(PROCESS, 9, at, 16));
    }
}

fn changes(own: Handle, bad: u64) {
    let (at, mut returned, mut buffer) = (UserPtr::new(bad), 0_u32, [0_u8; 64]);
    let (pointer, no) = (bad, Boolean(0));
    let state = call::privileges(&[(privilege::SHUTDOWN, 2)]);
    let groups = [1, bad, 4, 0_u64];
    // SAFETY: every pointer outlives the calls, or is to be refused.
    unsafe {
        let query = |information, returned| {
            syscall::NtQueryInformationToken(own, class::TYPE, information, 4, returned)
        };
        refused("query-to", query(at, to(&mut returned)));
        refused("query-length", query(to(&mut buffer), UserPtr::new(bad)));
        let set = |class, information| syscall::NtSetInformationToken(own, class, information, 8);
        refused("set-from", set(class::OWNER, at));
        refused("set-sid", set(class::OWNER, from(&pointer)));
        refused("set-group", set(class::PRIMARY_GROUP, from(&pointer)));
        refused("set-dacl", set(class::DEFAULT_DACL, from(&pointer)));
        refused("set-session", set(class::SESSION_ID, at));
        let adjust = |state, previous, returned| {
            syscall::NtAdjustPrivilegesToken(own, no, state, 64, previous, returned)
        };
        refused("adjust-state", adjust(at, UserPtr::new(0), UserPtr::new(0)));
        refused("adjust-previous", adjust(from(&state), at, to(&mut returned)));
        refused("adjust-length", adjust(from(&state), to(&mut buffer), UserPtr::new(bad)));
        let adjust =
            |state, previous, returned| syscall::NtAdjustGroupsToken(own, no, state, 64, previous, returned);
        refused("groups-state", adjust(at, UserPtr::new(0), UserPtr::new(0)));
        refused("groups-sid", adjust(from(&groups), UserPtr::new(0), UserPtr::new(0)));
        let none = [0_u64; 1];
        refused("groups-length", adjust(from(&none), to(&mut buffer), UserPtr::new(bad)));
        refused("groups-previous", adjust(from(&none), at, to(&mut returned)));
    }
    let mut told = [0; 512];
    call::query(own, class::PRIVILEGES, &mut told);
    let shutdown = (0..24).filter_map(|index| call::privilege_of(&told, index));
    let mut shutdown = shutdown.filter(|entry| entry.luid.low == privilege::SHUTDOWN);
    verdict("nothing-changed", shutdown.next().is_some_and(|entry| entry.attributes == 0), "enabled");
}

/// NtCreateToken with one bad pointer after another.
fn creation(bad: u64) {
    let (session, expiration, source) = (0x3E7_u64, i64::MAX, [0_u8; 16]);
    let user = [USER.address(), 0];
    let (groups, privileges) = ([1, SYSTEM.address(), 7], [0_u32; 1]);
    let (pointer, group, nothing) = (bad, SYSTEM.address(), 0_u64);
    let dangling = [1, bad, 7];
    let mut handle = Handle::NULL;
    let good: [u64; 10] = [
        address(&session),
        address(&expiration),
        address(&user),
        address(&groups),
        address(&privileges),
        0,
        address(&group),
        address(&nothing),
        address(&source),
        to::<_, ()>(&mut handle).address,
    ];
    let create = |p: &[u64; 10]| {
        // SAFETY: every pointer outlives the call, or is to be refused.
        unsafe {
            syscall::NtCreateToken(
                UserPtr::new(p[9]),
                MAXIMUM_ALLOWED,
                UserPtr::new(0),
                TOKEN_PRIMARY,
                UserPtr::new(p[0]),
                UserPtr::new(p[1]),
                UserPtr::new(p[2]),
                UserPtr::new(p[3]),
                UserPtr::new(p[4]),
                UserPtr::new(p[5]),
                UserPtr::new(p[6]),
                UserPtr::new(p[7]),
                UserPtr::new(p[8]),
            )
        }
    };
    ends("create", create(&good), NtStatus::SUCCESS);
    for place in 0..good.len() {
        let mut parts = good;
        parts[place] = bad;
        refused("create-part", create(&parts));
    }
    let inner = [(2, address(&[bad, 0])), (3, address(&dangling)), (5, address(&pointer))];
    for (place, at) in inner.into_iter().chain([(6, address(&pointer)), (7, address(&pointer))]) {
        let mut parts = good;
        parts[place] = at;
        refused("create-inner", create(&parts));
    }
    rt::close(handle);
}

fn address<T>(of: &T) -> u64 {
    from::<_, ()>(of).address
}

fn questions(client: Handle, bad: u64) {
    let mapping = nt::security::EVENT_MAPPING;
    let object = relative(Some(&SYSTEM), Some(&SYSTEM), Dacl::Of(&[allow(3, USER)]));
    let (mut set, mut length, mut granted, mut status) = ([0_u8; 64], 64_u32, 0_u32, 0_u32);
    let good: [u64; 6] = [
        object.address(),
        address(&mapping),
        to::<_, ()>(&mut set).address,
        to::<_, ()>(&mut length).address,
        to::<_, ()>(&mut granted).address,
        to::<_, ()>(&mut status).address,
    ];
    for place in 0..good.len() {
        let mut p = good;
        p[place] = bad;
        // SAFETY: every pointer outlives the call, or is to be refused.
        let result = unsafe {
            syscall::NtAccessCheck(
                UserPtr::new(p[0]),
                client,
                1,
                UserPtr::new(p[1]),
                UserPtr::new(p[2]),
                UserPtr::new(p[3]),
                UserPtr::new(p[4]),
                UserPtr::new(p[5]),
            )
        };
        refused("check-part", result);
    }
    let (mut privileges, mut result) = ([1_u32, 1, 23, 0, 0], 0_u8);
    // SAFETY: as above.
    unsafe {
        let check = |set, result| syscall::NtPrivilegeCheck(client, set, result);
        refused("privileges-set", check(UserPtr::new(bad), to(&mut result)));
        refused("privileges-result", check(to(&mut privileges), UserPtr::new(bad)));
    }
    privileges[0] = u32::MAX;
    // SAFETY: as above.
    let status = unsafe { syscall::NtPrivilegeCheck(client, to(&mut privileges), to(&mut result)) };
    ends("privileges-many", status, NtStatus::INVALID_PARAMETER);
}

fn objects(bad: u64) {
    let (mut buffer, mut returned) = ([0_u8; 64], 0_u32);
    let create = |descriptor| {
        let named = Named { descriptor, ..Named::new(r"\Hostile") };
        call::create_event(named, MAXIMUM_ALLOWED)
    };
    fails("object-descriptor", create(bad), NtStatus::ACCESS_VIOLATION);
    let dacl = acl(&[]);
    let whole = |owner, group, sacl, dacl| SecurityDescriptor {
        revision: 1,
        control: control::DACL_PRESENT | control::SACL_PRESENT,
        owner,
        group,
        sacl,
        dacl,
        ..SecurityDescriptor::default()
    };
    let (good, list) = (SYSTEM.address(), dacl.address());
    for descriptor in [
        whole(bad, good, 0, list),
        whole(good, bad, 0, list),
        whole(good, good, bad, list),
        whole(good, good, 0, bad),
    ] {
        fails("object-part", create(address(&descriptor)), NtStatus::ACCESS_VIOLATION);
    }
    let Some(event) = works("object", create(0)) else { return };
    // SAFETY: every pointer outlives the calls, or is to be refused.
    unsafe {
        let query = |to, returned| syscall::NtQuerySecurityObject(event, info::OWNER, to, 64, returned);
        refused("object-query", query(UserPtr::new(bad), to(&mut returned)));
        refused("object-length", query(to(&mut buffer), UserPtr::new(bad)));
        let status = syscall::NtSetSecurityObject(event, info::DACL, UserPtr::new(bad));
        refused("object-set", status);
    }
    rt::close(event);
}

/// Descriptors that are damaged.
fn descriptors() {
    let good = relative(Some(&SYSTEM), Some(&SYSTEM), Dacl::Of(&[allow(3, USER)]));
    let create = |damage: &dyn Fn(&mut Bytes)| {
        let mut bad = good;
        damage(&mut bad);
        call::create_event(Named::with(r"\Damaged", &bad), 1).map(rt::close)
    };
    works("undamaged", create(&|_| ()));
    fails("revision", create(&|bad| bad.bytes[0] = 2), NtStatus::UNKNOWN_REVISION);
    fails("sid-revision", create(&|bad| bad.bytes[20] = 3), NtStatus::INVALID_SID);
    fails("sid-count", create(&|bad| bad.bytes[21] = 16), NtStatus::INVALID_SID);
    let list = 20 + 12 + 12;
    fails("acl-revision", create(&|bad| bad.bytes[list] = 1), NtStatus::INVALID_ACL);
    fails("acl-size", create(&|bad| bad.bytes[list + 2] = 7), NtStatus::INVALID_ACL);
    fails("acl-short", create(&|bad| bad.bytes[list + 2] = 12), NtStatus::INVALID_ACL);
    fails("acl-count", create(&|bad| bad.bytes[list + 4] = 2), NtStatus::INVALID_ACL);
    fails("ace-size", create(&|bad| bad.bytes[list + 10] = 0), NtStatus::INVALID_ACL);
    fails("ace-sid", create(&|bad| bad.bytes[list + 17] = 15), NtStatus::INVALID_ACL);
    fails("offset", create(&|bad| bad.bytes[19] = 0x80), NtStatus::ACCESS_VIOLATION);
    let large = create(&|bad| bad.bytes[list + 2..list + 4].copy_from_slice(&0xFFFC_u16.to_le_bytes()));
    verdict("acl-large", large.is_ok() || large == Err(NtStatus::ACCESS_VIOLATION), "another status");
    let mut empty = protected(&[]);
    empty.bytes[2..4].copy_from_slice(&control::SELF_RELATIVE.to_le_bytes());
    let ignored = call::create_event(Named::with(r"\Damaged", &empty), 1);
    works("absent-dacl", ignored.map(rt::close));
}

/// Handles that are no tokens, or none at all.
fn handles() {
    let event = call::create_event(Named::default(), MAXIMUM_ALLOWED).unwrap_or(Handle::NULL);
    let mut told = [0; 16];
    for (handle, expected) in [
        (Handle(0x4440), NtStatus::INVALID_HANDLE),
        (Handle::NULL, NtStatus::INVALID_HANDLE),
        (event, NtStatus::OBJECT_TYPE_MISMATCH),
        (PROCESS, NtStatus::OBJECT_TYPE_MISMATCH),
    ] {
        ends("query-handle", call::query(handle, class::TYPE, &mut told).0, expected);
        ends("set-handle", call::set(handle, class::OWNER, &[0; 8]), expected);
        ends("adjust-handle", call::adjust(handle, Some(&[]), None).0, expected);
        fails("duplicate-handle", call::duplicate(handle, 0, false, TOKEN_PRIMARY, 0), expected);
        fails("check-handle", call::privilege_check(handle, true, &[]).map(drop), expected);
        ends("become-handle", call::become_user(handle), expected);
    }
    fails("token-of-nothing", call::process_token(Handle(0x4440), 8), NtStatus::INVALID_HANDLE);
    fails("token-of-event", call::process_token(event, 8), NtStatus::OBJECT_TYPE_MISMATCH);
    // SAFETY: the structure outlives the call.
    let status = unsafe { syscall::NtImpersonateThread(THREAD, event, from(&quality(2))) };
    ends("impersonate-event", status, NtStatus::OBJECT_TYPE_MISMATCH);
    rt::close(event);
}
