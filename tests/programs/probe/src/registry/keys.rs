//! Keys that come and go.

use nt::NtStatus;
use nt::registry::{CREATED_NEW_KEY, OPENED_EXISTING_KEY, initialize, key_class, options};
use nt::types::Handle;

use super::{ROOT, ends, fails, works};
use crate::checks::verdict;
use crate::reg::{self as calls, enumerate_key, is_text, make, query_key, u32_at};

const PARENT: &str = r"\Registry\Machine\System\Probe";
const DAY: u64 = 24 * 3150 * 10_000_000;

pub fn checks() {
    hives();
    let Some(parent) = works("create", make(ROOT, PARENT, 0)) else { return };
    create(parent);
    volatile(parent);
    delete(parent);
    rename(parent);
    times(parent);
    many(parent);
    ends("flush", calls::flush(parent), NtStatus::SUCCESS);
    ends("delete-parent", calls::delete_key(parent), NtStatus::SUCCESS);
    rt::close(parent);
    fails("is-deleted", calls::open(ROOT, PARENT), NtStatus::OBJECT_NAME_NOT_FOUND);
}

/// The other hives are there once the session manager has asked for them, and nobody may ask twice.
fn hives() {
    let software = r"\Registry\Machine\Software\Microsoft\Windows NT\CurrentVersion";
    fails("software-before", calls::open(ROOT, software), NtStatus::OBJECT_NAME_NOT_FOUND);
    ends("accept-early", calls::initialize(initialize::ACCEPTED + 1), NtStatus::ACCESS_DENIED);
    ends("initialize-what", calls::initialize(initialize::ACCEPTED_MAX + 1), NtStatus::INVALID_PARAMETER);
    ends("initialize", calls::initialize(initialize::SESSION_MANAGER), NtStatus::SUCCESS);
    ends("initialize-again", calls::initialize(initialize::SESSION_MANAGER), NtStatus::ACCESS_DENIED);
    ends("initialize-setup", calls::initialize(initialize::SETUP), NtStatus::ACCESS_DENIED);
    works("software", calls::open(ROOT, software)).map(rt::close);
    ends("accept", calls::initialize(initialize::ACCEPTED + 1), NtStatus::SUCCESS);
    ends("accept-again", calls::initialize(initialize::ACCEPTED + 1), NtStatus::ACCESS_DENIED);
}

fn created(name: &str, result: calls::Result<(Handle, u32)>, expected: u32) -> Option<Handle> {
    let (handle, disposition) = works(name, result)?;
    verdict(name, disposition == expected, "another disposition");
    Some(handle)
}

fn create(parent: Handle) {
    let Some(key) = created("create-class", calls::create(parent, "Key", "Class", 0), CREATED_NEW_KEY) else {
        return;
    };
    let again = created("create-again", calls::create(parent, "KEY", "Other", 0), OPENED_EXISTING_KEY);
    let mut buffer = [0; 128];
    let (status, len) = query_key(key, key_class::NODE, &mut buffer);
    let (at, class) = (u32_at(&buffer, 12) as usize, u32_at(&buffer, 16) as usize);
    let good = status == NtStatus::SUCCESS && at == 32 && at + class == len as usize;
    verdict(
        "class",
        good && is_text(&buffer[24..30], "Key") && is_text(&buffer[at..at + class], "Class"),
        "another one",
    );
    let (status, len) = query_key(key, key_class::FULL, &mut buffer);
    let good = status == NtStatus::SUCCESS && u32_at(&buffer, 12) == 44 && len == 54;
    verdict("class-full", good && is_text(&buffer[44..54], "Class"), "another one");
    query_key(parent, key_class::FULL, &mut buffer);
    verdict("class-longest", u32_at(&buffer, 28) == 10, "another length");
    for (name, options, status) in [
        (r"none\x", 0, NtStatus::OBJECT_NAME_NOT_FOUND),
        ("x", 0x10, NtStatus::INVALID_PARAMETER),
        ("x", u32::MAX, NtStatus::INVALID_PARAMETER),
    ] {
        fails("create-refused", calls::create(parent, name, "", options), status);
    }
    for name in [r"\Registry\none", r"\Registry\Machine\none", r"\Registry\User\none"] {
        fails("create-at-top", calls::create(ROOT, name, "", options::VOLATILE), NtStatus::INVALID_PARAMETER);
    }
    let long = |len| str::from_utf8(&[b'n'; 256][..len]).unwrap_or("");
    fails("name-too-long", calls::create(parent, long(256), "", 0), NtStatus::INVALID_PARAMETER);
    if let Some(long) = works("name-longest", make(parent, long(255), 0)) {
        ends("name-longest-deleted", calls::delete_key(long), NtStatus::SUCCESS);
        rt::close(long);
    }
    again.map(rt::close);
    ends("delete", calls::delete_key(key), NtStatus::SUCCESS);
    rt::close(key);
}

fn volatile(parent: Handle) {
    let Some(key) = works("volatile", make(parent, "Volatile", options::VOLATILE)) else { return };
    fails("child-must-be-volatile", make(key, "Child", 0), NtStatus::CHILD_MUST_BE_VOLATILE);
    let Some(child) = works("volatile-child", make(key, "Child", options::VOLATILE)) else { return };
    let stable = works("beside-volatile", make(parent, "Zebra", 0));
    let mut buffer = [0; 256];
    let (_, len) = query_key(child, key_class::NAME, &mut buffer);
    let name = r"\REGISTRY\MACHINE\SYSTEM\Probe\Volatile\Child";
    verdict("volatile-name", is_text(&buffer[4..len as usize], name), "another name");
    query_key(parent, key_class::FULL, &mut buffer);
    verdict("volatile-count", u32_at(&buffer, 20) == 2, "another number of subkeys");
    let (_, len) = enumerate_key(parent, 1, key_class::BASIC, &mut buffer);
    verdict("volatile-last", is_text(&buffer[16..len as usize], "Volatile"), "does not come last");
    fails("volatile-exists", make(parent, "volatile", 0), NtStatus::OBJECT_NAME_EXISTS);
    ends("delete-volatile-parent", calls::delete_key(key), NtStatus::CANNOT_DELETE);
    ends("delete-stable-parent", calls::delete_key(parent), NtStatus::CANNOT_DELETE);
    for key in [Some(child), Some(key), stable].into_iter().flatten() {
        ends("delete-volatile", calls::delete_key(key), NtStatus::SUCCESS);
        rt::close(key);
    }
}

/// A deleted key's handle is good for closing.
fn delete(parent: Handle) {
    let Some(key) = works("delete-make", make(parent, "Gone", 0)) else { return };
    let Some(other) = works("delete-open", calls::open(parent, "Gone")) else { return };
    let Some(child) = works("delete-child", make(key, "Child", 0)) else { return };
    ends("delete-with-child", calls::delete_key(key), NtStatus::CANNOT_DELETE);
    ends("delete-the-child", calls::delete_key(child), NtStatus::SUCCESS);
    ends("delete-it", calls::delete_key(key), NtStatus::SUCCESS);
    let mut buffer = [0; 64];
    for key in [key, other] {
        ends("deleted-query", query_key(key, key_class::BASIC, &mut buffer).0, NtStatus::KEY_DELETED);
        ends("deleted-name", query_key(key, key_class::NAME, &mut buffer).0, NtStatus::KEY_DELETED);
        ends("deleted-list", enumerate_key(key, 0, key_class::BASIC, &mut buffer).0, NtStatus::KEY_DELETED);
        ends("deleted-read", calls::query_value(key, "", 2, &mut buffer).0, NtStatus::KEY_DELETED);
        ends("deleted-list-values", calls::enumerate_value(key, 0, 0, &mut buffer).0, NtStatus::KEY_DELETED);
        ends("deleted-set", calls::set_value(key, "", 1, &[]), NtStatus::KEY_DELETED);
        ends("deleted-unset", calls::delete_value(key, ""), NtStatus::KEY_DELETED);
        ends("deleted-delete", calls::delete_key(key), NtStatus::KEY_DELETED);
        ends("deleted-rename", calls::rename(key, "New"), NtStatus::KEY_DELETED);
        ends("deleted-flush", calls::flush(key), NtStatus::KEY_DELETED);
        fails("deleted-create", make(key, "x", 0), NtStatus::KEY_DELETED);
        fails("deleted-open", calls::open(key, "x"), NtStatus::KEY_DELETED);
        fails("deleted-reopen", calls::open(key, ""), NtStatus::KEY_DELETED);
    }
    // A new key of that name is another one, even where the old one was.
    if let Some(new) = works("delete-anew", make(parent, "Gone", 0)) {
        ends("anew-query", query_key(new, key_class::BASIC, &mut buffer).0, NtStatus::SUCCESS);
        ends("still-deleted", query_key(key, key_class::BASIC, &mut buffer).0, NtStatus::KEY_DELETED);
        ends("anew-delete", calls::delete_key(new), NtStatus::SUCCESS);
        rt::close(new);
    }
    for key in [key, other, child] {
        rt::close(key);
    }
    for name in [r"\Registry", r"\Registry\Machine", r"\Registry\Machine\System", r"\Registry\User\.Default"]
    {
        if let Some(fixed) = works("fixed-open", calls::open(ROOT, name)) {
            ends("fixed-delete", calls::delete_key(fixed), NtStatus::CANNOT_DELETE);
            rt::close(fixed);
        }
    }
}

fn rename(parent: Handle) {
    let Some(key) = works("rename-make", make(parent, "Old", 0)) else { return };
    let Some(child) = works("rename-child", make(key, "Child", 0)) else { return };
    let volatile = works("rename-volatile", make(key, "Volatile", options::VOLATILE));
    let Some(other) = works("rename-other", make(parent, "Other", options::VOLATILE)) else { return };
    for (name, status) in [
        ("Other", NtStatus::CANNOT_DELETE),
        ("", NtStatus::INVALID_PARAMETER),
        (r"a\b", NtStatus::INVALID_PARAMETER),
        ("A name that is longer than before", NtStatus::SUCCESS),
        ("new", NtStatus::SUCCESS),
        ("New", NtStatus::SUCCESS),
    ] {
        ends("rename", calls::rename(key, name), status);
    }
    let mut buffer = [0; 128];
    let (_, len) = query_key(child, key_class::NAME, &mut buffer);
    let name = r"\REGISTRY\MACHINE\SYSTEM\Probe\New\Child";
    verdict("renamed-child", is_text(&buffer[4..len as usize], name), "another name");
    for name in [r"new\child", r"NEW\volatile"] {
        works("renamed-open", calls::open(parent, name)).map(rt::close);
    }
    fails("renamed-gone", calls::open(parent, "Old"), NtStatus::OBJECT_NAME_NOT_FOUND);
    for key in [Some(child), volatile, Some(key), Some(other)].into_iter().flatten() {
        ends("renamed-delete", calls::delete_key(key), NtStatus::SUCCESS);
        rt::close(key);
    }
}

fn times(parent: Handle) {
    let mut buffer = [0; 64];
    let mut time = || {
        query_key(parent, key_class::BASIC, &mut buffer);
        u64::from(u32_at(&buffer, 0)) | u64::from(u32_at(&buffer, 4)) << 32
    };
    let old = time();
    ends("time-set", calls::set_information(parent, 0, &DAY.to_le_bytes()), NtStatus::SUCCESS);
    verdict("time-is-set", time() == DAY, "another time");
    ends("time-value", calls::set_value(parent, "x", 1, &[]), NtStatus::SUCCESS);
    let now = time();
    verdict("time-moves", now >= old && now != DAY && now < old + DAY, "not now");
    ends("time-reset", calls::set_information(parent, 0, &DAY.to_le_bytes()), NtStatus::SUCCESS);
    ends("time-same", calls::set_value(parent, "x", 1, &[]), NtStatus::SUCCESS);
    verdict("time-stays", time() == DAY, "setting what is there changed the key");
    ends("time-length", calls::set_information(parent, 0, &[0; 4]), NtStatus::INFO_LENGTH_MISMATCH);
    ends("time-class", calls::set_information(parent, 99, &[0; 8]), NtStatus::INVALID_PARAMETER);
}

/// More keys than there are blocks kept for closed ones, then all of them gone.
fn many(parent: Handle) {
    let mut name = *b"key000";
    let mut good = true;
    let mut each = |action: &mut dyn FnMut(&str) -> bool| {
        for index in 0..150_u16 {
            for (digit, divisor) in name[3..].iter_mut().zip([100, 10, 1]) {
                *digit = b'0' + (index / divisor % 10) as u8;
            }
            good &= action(str::from_utf8(&name).unwrap_or(""));
        }
        good
    };
    verdict("many-made", each(&mut |name| make(parent, name, 0).map(rt::close).is_ok()), "not all");
    let mut buffer = [0; 64];
    query_key(parent, key_class::FULL, &mut buffer);
    verdict("many-counted", u32_at(&buffer, 20) == 150, "another number");
    let (_, len) = enumerate_key(parent, 149, key_class::BASIC, &mut buffer);
    verdict("many-sorted", is_text(&buffer[16..len as usize], "key149"), "another order");
    let deleted = each(&mut |name| {
        calls::open(parent, name).is_ok_and(|key| {
            calls::delete_key(key) == NtStatus::SUCCESS && rt::close(key) == NtStatus::SUCCESS
        })
    });
    verdict("many-deleted", deleted, "not all");
}
