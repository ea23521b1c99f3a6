//! Who may do what with keys of the registry.

use nt::NtStatus;
use nt::registry::{access, options};
use nt::security::{
    DELETE, GENERIC_READ, KEY_ALL_ACCESS, KEY_READ, KEY_WOW64_64KEY, MAXIMUM_ALLOWED, READ_CONTROL,
    WRITE_DAC, info,
};
use nt::types::Handle;

use super::build::{ADMINISTRATORS, SYSTEM, USER, USERS, ace_of, allow, number, protected};
use super::call::{self, Named};
use super::{as_user, ends, outcome, works};
use crate::checks::verdict;
use crate::reg::{self, CASE_INSENSITIVE};

const DENIED: NtStatus = NtStatus::ACCESS_DENIED;
/// A key that lies in memory, so that there is one whatever hives are there.
const HARDWARE: &str = r"\Registry\Machine\HARDWARE";
const MADE: &str = r"\Registry\Machine\HARDWARE\Probe";
const BELOW: &str = r"\Registry\Machine\HARDWARE\Probe\Below";

fn open(name: &str, access: u32) -> NtStatus {
    outcome(reg::open_with(Handle::NULL, name, access, CASE_INSENSITIVE))
}

pub fn checks() {
    ends("key-system", open(HARDWARE, KEY_ALL_ACCESS), NtStatus::SUCCESS);
    ends("key-nothing", open(HARDWARE, 0), DENIED);
    as_user(|| {
        ends("key-read", open(HARDWARE, KEY_READ), NtStatus::SUCCESS);
        ends("key-generic", open(HARDWARE, GENERIC_READ), NtStatus::SUCCESS);
        ends("key-view", open(HARDWARE, KEY_READ | KEY_WOW64_64KEY), NtStatus::SUCCESS);
        ends("key-write", open(HARDWARE, access::SET_VALUE), DENIED);
        ends("key-delete", open(HARDWARE, DELETE), DENIED);
        let maximum = reg::open_with(Handle::NULL, HARDWARE, MAXIMUM_ALLOWED, CASE_INSENSITIVE);
        if let Some(key) = works("key-maximum", maximum) {
            verdict("key-granted", call::granted(key) == KEY_READ, "other access");
            ends("key-set-value", reg::set_value(key, "Value", 4, &[0; 4]), DENIED);
            rt::close(key);
        }
        ends("key-create", outcome(create(MADE, KEY_READ, None)), DENIED);
    });
    inherits();
    guards();
}

fn create(name: &str, access: u32, descriptor: Option<&super::build::Bytes>) -> call::Result<Handle> {
    let named = descriptor.map_or(Named::new(name), |descriptor| Named::with(name, descriptor));
    call::create_key(named, access, options::VOLATILE)
}

/// A key without a descriptor of its own.
fn inherits() {
    let Some(key) = works("key-made", create(MADE, MAXIMUM_ALLOWED, None)) else { return };
    verdict("key-made-access", call::granted(key) == KEY_ALL_ACCESS, "not everything");
    let mut told = [0; 256];
    let (status, len) = call::query_security(key, info::OWNER | info::GROUP | info::DACL, &mut told);
    ends("key-security", status, NtStatus::SUCCESS);
    let owner = number(&told, 4) as usize;
    let is_like = told[owner..].starts_with(ADMINISTRATORS.bytes()) && len == 20 + 76 + 16 + 12;
    verdict("key-inherited", is_like, "another descriptor");
    let third = ace_of(&told, 2);
    let is_users = third.is_some_and(|ace| (ace.1, ace.2) == (2, KEY_READ) && ace.3 == USERS.bytes());
    verdict("key-inherited-users", is_users, "other");
    as_user(|| ends("key-made-write", open(MADE, access::SET_VALUE), DENIED));
    let (status, needed) = call::query_security(key, info::DACL, &mut told[..50]);
    verdict("key-security-small", status == NtStatus::BUFFER_TOO_SMALL && needed == 96, "another status");
    ends("key-gone", reg::delete_key(key), NtStatus::SUCCESS);
    let deleted = call::query_security(key, info::DACL, &mut told).0;
    ends("key-gone-security", deleted, NtStatus::KEY_DELETED);
    let set = call::set_security(key, info::DACL, &protected(&[]));
    ends("key-gone-set", set, NtStatus::KEY_DELETED);
    rt::close(key);
}

/// A key with one.
fn guards() {
    let mine = protected(&[allow(KEY_ALL_ACCESS, SYSTEM), allow(access::SET_VALUE, USER)]);
    let made = create(MADE, KEY_ALL_ACCESS, Some(&mine));
    let Some(key) = works("key-own", made) else { return };
    as_user(|| {
        ends("key-own-read", open(MADE, access::QUERY_VALUE), DENIED);
        let opened = reg::open_with(Handle::NULL, MADE, access::SET_VALUE, CASE_INSENSITIVE);
        if let Some(key) = works("key-own-write", opened) {
            ends("key-own-value", reg::set_value(key, "Value", 4, &[7, 0, 0, 0]), NtStatus::SUCCESS);
            let mut buffer = [0; 32];
            let (status, _) = reg::query_value(key, "Value", 2, &mut buffer);
            ends("key-own-query", status, DENIED);
            rt::close(key);
        }
        ends("key-own-create", outcome(create(BELOW, KEY_READ, None)), DENIED);
    });
    let wider =
        protected(&[allow(KEY_ALL_ACCESS, SYSTEM), allow(GENERIC_READ | access::CREATE_SUB_KEY, USER)]);
    ends("key-set-security", call::set_security(key, info::DACL, &wider), NtStatus::SUCCESS);
    let mut told = [0; 128];
    call::query_security(key, info::DACL, &mut told);
    let mapped = ace_of(&told, 1).map(|ace| ace.2);
    verdict("key-mapped", mapped == Some(KEY_READ | access::CREATE_SUB_KEY), "other rights");
    as_user(|| {
        ends("key-now-read", open(MADE, KEY_READ), NtStatus::SUCCESS);
        ends("key-now-write", open(MADE, access::SET_VALUE), DENIED);
        let below = create(BELOW, KEY_ALL_ACCESS, None);
        if let Some(below) = works("key-below", below) {
            let (_, len) = call::query_security(below, info::OWNER, &mut told);
            let owner = number(&told, 4) as usize;
            let is_user = len == 20 + 28 && told[owner..].starts_with(USER.bytes());
            verdict("key-below-owner", is_user, "another");
            rt::close(below);
        }
        ends("key-below-again", open(BELOW, KEY_ALL_ACCESS), NtStatus::SUCCESS);
    });
    let below = reg::open_with(Handle::NULL, BELOW, DELETE, CASE_INSENSITIVE);
    if let Some(below) = works("key-below-system", below) {
        ends("key-below-gone", reg::delete_key(below), NtStatus::SUCCESS);
        rt::close(below);
    }
    let reader = reg::open_with(Handle::NULL, MADE, READ_CONTROL, CASE_INSENSITIVE);
    if let Some(reader) = works("key-reader", reader) {
        ends("key-no-write-dac", call::set_security(reader, info::DACL, &mine), DENIED);
        let writer = call::duplicate_handle(reader, WRITE_DAC);
        works("key-duplicate", writer.map(rt::close));
        rt::close(reader);
    }
    ends("key-own-gone", reg::delete_key(key), NtStatus::SUCCESS);
    rt::close(key);
}
