//! What the hives say, by every service that reads.

use nt::NtStatus;
use nt::registry::{access, key_class, key_value_class, value_type};
use nt::types::Handle;

use super::{ROOT, SESSION_MANAGER, ends, fails, works};
use crate::checks::verdict;
use crate::reg::{
    self as calls, CASE_INSENSITIVE, enumerate_key, enumerate_value, is_text, query_key, query_value, u32_at,
};

/// A buffer for the classes that want one that is aligned.
#[repr(align(8))]
struct Aligned([u8; 256]);

pub fn checks() {
    names();
    let Some(key) = works("open", calls::open(ROOT, SESSION_MANAGER)) else { return };
    key_classes(key);
    value_classes(key);
    rights();
    lists(key);
    rt::close(key);
    hardware();
}

/// What the machine is.
fn hardware() {
    let name = r"\Registry\Machine\Hardware\Description\System\CentralProcessor\0";
    let Some(key) = works("processor", calls::open(ROOT, name)) else { return };
    let mut buffer = [0; 256];
    let (status, len) = query_value(key, "Identifier", key_value_class::PARTIAL, &mut buffer);
    let text = &buffer[12..len.clamp(12, 256) as usize];
    let is_one = |start| text.len() > 26 && is_text(&text[..26], start);
    let good = is_one("AMD64 Family ") || is_one("EM64T Family ");
    verdict(
        "processor-identifier",
        status == NtStatus::SUCCESS && good && text.ends_with(&[0, 0]),
        "not as it should be",
    );
    let (status, len) = query_value(key, "VendorIdentifier", key_value_class::PARTIAL, &mut buffer);
    let good = len == 12 + 26
        && buffer[12..36].iter().step_by(2).all(|byte| byte.is_ascii_graphic() || *byte == b' ');
    verdict("processor-vendor", status == NtStatus::SUCCESS && good, "not as it should be");
    query_value(key, "~MHz", key_value_class::PARTIAL, &mut buffer);
    verdict("processor-speed", (100..10_000).contains(&u32_at(&buffer, 12)), "not as it should be");
    let (status, len) = query_value(key, "FeatureSet", key_value_class::PARTIAL, &mut buffer);
    verdict(
        "processor-features",
        status == NtStatus::SUCCESS && len == 16 && u32_at(&buffer, 12) & 0x1_2000 == 0x1_2000,
        "no SSE2",
    );
    rt::close(key);
    for name in [r"DeviceMap\SerialComm", r"DeviceMap\Parallel Ports", r"Description\System", "ResourceMap"] {
        let Some(hardware) = works("hardware", calls::open(ROOT, r"\Registry\Machine\Hardware")) else {
            return;
        };
        works("hardware-map", calls::open(hardware, name)).map(rt::close);
        rt::close(hardware);
    }
}

/// From names to keys.
fn names() {
    for name in [
        r"\REGISTRY\machine\SYSTEM\currentcontrolset\control\session manager",
        r"\Registry\Machine\System\ControlSet001\Control\Session Manager\",
        r"\Registry\\Machine\System\\CurrentControlSet\Control\Session Manager",
        r"\Registry",
        r"\Registry\",
        r"\Registry\User\.Default",
    ] {
        works("name", calls::open(ROOT, name)).map(rt::close);
    }
    for (name, status) in [
        (r"\Registry\Machine\System\none", NtStatus::OBJECT_NAME_NOT_FOUND),
        (r"\Registry\Machine\none\none", NtStatus::OBJECT_NAME_NOT_FOUND),
        (
            r"\Registry\Machine\System\CurrentControlSet\Control\Session Manager\DOS Devices\x\y",
            NtStatus::OBJECT_NAME_NOT_FOUND,
        ),
        (r"\Device", NtStatus::OBJECT_TYPE_MISMATCH),
        ("Registry", NtStatus::OBJECT_PATH_SYNTAX_BAD),
    ] {
        fails("name-missing", calls::open(ROOT, name), status);
    }
    let Some(parent) = works("parent", calls::open(ROOT, r"\Registry\Machine\System")) else { return };
    for name in ["Setup", r"CurrentControlSet\Control", ""] {
        works("relative", calls::open(parent, name)).map(rt::close);
    }
    fails("relative-missing", calls::open(parent, "none"), NtStatus::OBJECT_NAME_NOT_FOUND);
    rt::close(parent);
    fails("closed-parent", calls::open(parent, "Setup"), NtStatus::INVALID_HANDLE);
}

/// Asks with no room, with room for the fixed part less one, for just that, for all less one, for all.
fn rooms(name: &str, fixed: usize, whole: usize, ask: impl Fn(&mut [u8]) -> (NtStatus, u32)) {
    let mut buffer = [0xCC; 256];
    for (room, expected) in [
        (0, NtStatus::BUFFER_TOO_SMALL),
        (fixed - 1, NtStatus::BUFFER_TOO_SMALL),
        (fixed, if fixed < whole { NtStatus::BUFFER_OVERFLOW } else { NtStatus::SUCCESS }),
        (whole - 1, if fixed < whole { NtStatus::BUFFER_OVERFLOW } else { NtStatus::BUFFER_TOO_SMALL }),
        (whole, NtStatus::SUCCESS),
        (256, NtStatus::SUCCESS),
    ] {
        let (status, needed) = ask(&mut buffer[..room]);
        let good =
            status == expected && needed as usize == whole && buffer[room..].iter().all(|&byte| byte == 0xCC);
        verdict(name, good, status.name().unwrap_or("another status"));
        buffer.fill(0xCC);
    }
}

fn key_classes(key: Handle) {
    let full = r"\REGISTRY\MACHINE\SYSTEM\ControlSet001\Control\Session Manager";
    for (name, class, fixed, whole) in [
        ("key-basic", key_class::BASIC, 16, 16 + 30),
        ("key-node", key_class::NODE, 24, 24 + 30),
        ("key-full", key_class::FULL, 44, 44),
        ("key-name", key_class::NAME, 4, 4 + 2 * full.len()),
        ("key-cached", key_class::CACHED, 40, 40),
    ] {
        rooms(name, fixed, whole, |buffer| query_key(key, class, buffer));
    }
    let mut buffer = [0; 256];
    query_key(key, key_class::NAME, &mut buffer);
    verdict("key-name-text", is_text(&buffer[4..4 + 2 * full.len()], full), "another name");
    query_key(key, key_class::BASIC, &mut buffer);
    verdict("key-basic-text", is_text(&buffer[16..46], "Session Manager"), "another name");
    query_key(key, key_class::FULL, &mut buffer);
    let (subkeys, values) = (u32_at(&buffer, 20), u32_at(&buffer, 32));
    verdict("key-full-class", u32_at(&buffer, 12) == u32::MAX && u32_at(&buffer, 16) == 0, "a class");
    verdict("key-full-counts", subkeys == 6 && values == 6, "other counts");
    verdict("key-full-names", u32_at(&buffer, 24) == 2 * "Memory Management".len() as u32, "not the longest");
    verdict(
        "key-full-values",
        u32_at(&buffer, 36) == 2 * "CriticalSectionTimeout".len() as u32,
        "not the longest",
    );
    verdict("key-full-data", u32_at(&buffer, 40) == 46, "not the longest");
    for class in [5, 6, 77, u32::MAX] {
        ends("key-class", query_key(key, class, &mut buffer).0, NtStatus::INVALID_PARAMETER);
        ends("subkey-class", enumerate_key(key, 0, class, &mut buffer).0, NtStatus::INVALID_PARAMETER);
    }
    rooms("subkey-node", 24, 24 + 22, |buffer| enumerate_key(key, 0, key_class::NODE, buffer));
    ends("subkey-name", enumerate_key(key, 0, key_class::NAME, &mut buffer).0, NtStatus::INVALID_PARAMETER);
}

fn value_classes(key: Handle) {
    let name = "ProtectionMode";
    for (label, class, fixed, whole) in [
        ("value-basic", key_value_class::BASIC, 12, 12 + 28),
        ("value-full", key_value_class::FULL, 20, 48 + 4),
        ("value-partial", key_value_class::PARTIAL, 12, 16),
    ] {
        rooms(label, fixed, whole, |buffer| query_value(key, name, class, buffer));
        rooms(label, fixed, whole, |buffer| enumerate_value(key, 0, class, buffer));
    }
    let mut aligned = Aligned([0; 256]);
    let buffer = &mut aligned.0[..];
    let (status, len) = query_value(key, name, key_value_class::PARTIAL_ALIGN64, buffer);
    let good = u32_at(buffer, 0) == value_type::DWORD && u32_at(buffer, 4) == 4 && u32_at(buffer, 8) == 1;
    verdict("value-partial-64", status == NtStatus::SUCCESS && len == 12 && good, "other data");
    let (status, len) = query_value(key, name, key_value_class::FULL_ALIGN64, buffer);
    let good = u32_at(buffer, 8) == 48 && len == 52 && u32_at(buffer, 48) == 1;
    verdict("value-full-64", status == NtStatus::SUCCESS && good, "other data");
    for class in [key_value_class::PARTIAL_ALIGN64, key_value_class::FULL_ALIGN64] {
        let (status, _) = query_value(key, name, class, &mut buffer[4..]);
        ends("value-misaligned", status, NtStatus::DATATYPE_MISALIGNMENT);
    }
    for class in [5, 99, u32::MAX] {
        ends("value-class", query_value(key, name, class, buffer).0, NtStatus::INVALID_PARAMETER);
        ends("value-class", enumerate_value(key, 0, class, buffer).0, NtStatus::INVALID_PARAMETER);
    }
    for name in ["none", "", "ProtectionMod", "ProtectionModee"] {
        let (status, _) = query_value(key, name, key_value_class::PARTIAL, buffer);
        ends("value-missing", status, NtStatus::OBJECT_NAME_NOT_FOUND);
    }
    for name in ["PROTECTIONMODE", "protectionmode\0", "BootExecute"] {
        ends("value-name", query_value(key, name, key_value_class::BASIC, buffer).0, NtStatus::SUCCESS);
    }
    let text = "autocheck autochk *\0\0";
    let (status, len) = query_value(key, "BootExecute", key_value_class::PARTIAL, buffer);
    let good = u32_at(buffer, 4) == value_type::MULTI_SZ && len as usize == 12 + 2 * text.len();
    verdict(
        "value-multi",
        status == NtStatus::SUCCESS && good && is_text(&buffer[12..len as usize], text),
        "other data",
    );
}

/// A handle grants what it was opened for.
fn rights() {
    let mut buffer = [0; 256];
    let open = |access| calls::open_with(ROOT, SESSION_MANAGER, access, CASE_INSENSITIVE);
    if let Some(key) = works("open-enumerate", open(access::ENUMERATE_SUB_KEYS)) {
        ends("may-enumerate", enumerate_key(key, 0, key_class::BASIC, &mut buffer).0, NtStatus::SUCCESS);
        ends("may-name", query_key(key, key_class::NAME, &mut buffer).0, NtStatus::SUCCESS);
        ends("may-not-query", query_key(key, key_class::BASIC, &mut buffer).0, NtStatus::ACCESS_DENIED);
        let (status, _) = query_value(key, "ProtectionMode", key_value_class::PARTIAL, &mut buffer);
        ends("may-not-read", status, NtStatus::ACCESS_DENIED);
        ends("may-not-set", calls::set_value(key, "x", value_type::DWORD, &[0; 4]), NtStatus::ACCESS_DENIED);
        ends("may-not-delete", calls::delete_key(key), NtStatus::ACCESS_DENIED);
        rt::close(key);
    }
    // GENERIC_READ is KEY_READ.
    if let Some(key) = works("open-generic", open(0x8000_0000)) {
        ends("generic-enumerate", enumerate_key(key, 0, key_class::BASIC, &mut buffer).0, NtStatus::SUCCESS);
        ends("generic-may-not-set", calls::delete_value(key, "x"), NtStatus::ACCESS_DENIED);
        rt::close(key);
    }
}

/// Everything that is there comes once, in order, and then no more.
fn lists(key: Handle) {
    let mut buffer = [0; 256];
    let mut count = 0;
    while enumerate_value(key, count, key_value_class::BASIC, &mut buffer).0 == NtStatus::SUCCESS {
        count += 1;
    }
    verdict("list-values", count == 6, "another number");
    for index in [count, u32::MAX] {
        let (status, _) = enumerate_value(key, index, key_value_class::FULL, &mut buffer);
        ends("list-values-end", status, NtStatus::NO_MORE_ENTRIES);
        ends(
            "list-keys-end",
            enumerate_key(key, index, key_class::BASIC, &mut buffer).0,
            NtStatus::NO_MORE_ENTRIES,
        );
    }
    let expected = ["DOS Devices", "Environment", "kernel", "KnownDLLs", "Memory Management", "SubSystems"];
    let mut good = true;
    for (index, name) in expected.iter().enumerate() {
        let (status, len) = enumerate_key(key, index as u32, key_class::BASIC, &mut buffer);
        good &= status == NtStatus::SUCCESS && is_text(&buffer[16..len as usize], name);
    }
    verdict("list-keys", good, "another order");
    let Some(system) = works("open-system", calls::open(ROOT, r"\Registry\Machine\System")) else { return };
    let (status, len) = enumerate_key(system, 3, key_class::BASIC, &mut buffer);
    let good = status == NtStatus::SUCCESS && is_text(&buffer[16..len as usize], "CurrentControlSet");
    verdict("list-volatile", good, "the volatile link does not come last");
    rt::close(system);
}
