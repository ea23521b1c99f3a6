//! Calls of the registry's services with pointers, lengths and handles that are none.
#![expect(unsafe_code, reason = "calls system services with what they should refuse")]

use nt::NtStatus;
use nt::registry::{key_class, key_value_class};
use nt::types::{Handle, ObjectAttributes, UnicodeString, UserPtr};
use rt::syscall;

use super::{ROOT, SESSION_MANAGER, ends, works};
use crate::reg::{self as calls, Wide, from, to, with_name};

/// Addresses that nobody may read or write.
const BAD: [u64; 6] =
    [8, 0x7FF_FFFF_0000, 0x8000_0000_0000, 0x4000_0000_0000, 0x7F80_0000_0000, u64::MAX - 3];

pub fn checks() {
    let Some(key) = works("open", calls::open(ROOT, SESSION_MANAGER)) else { return };
    for bad in BAD {
        pointers(key, bad);
    }
    handles();
    lengths(key);
    rt::close(key);
}

fn refused(name: &str, status: NtStatus) {
    ends(name, status, NtStatus::ACCESS_VIOLATION);
}

/// A bad address in place of each pointer.
fn pointers(key: Handle, bad: u64) {
    let (mut handle, mut returned, mut buffer) = (Handle(0), 0_u32, [0_u8; 64]);
    let name = Wide::new("ProtectionMode");
    let string = name.string();
    let broken = UnicodeString { length: 8, maximum_length: 8, reserved: 0, buffer: bad };
    let all = nt::registry::access::ALL;
    // SAFETY: every pointer outlives the calls, or is to be refused.
    unsafe {
        refused("open-attributes", syscall::NtOpenKey(to(&mut handle), all, UserPtr::new(bad)));
        let attributes = ObjectAttributes { length: 0x30, object_name: bad, ..ObjectAttributes::default() };
        refused("open-name", syscall::NtOpenKey(to(&mut handle), all, from(&attributes)));
        let attributes = ObjectAttributes { object_name: from::<_, ()>(&broken).address, ..attributes };
        refused("open-text", syscall::NtOpenKey(to(&mut handle), all, from(&attributes)));
        with_name(ROOT, SESSION_MANAGER, 0x40, |attributes| {
            refused("open-handle", syscall::NtOpenKey(UserPtr::new(bad), all, attributes));
            let none = UserPtr::new(0);
            let create =
                |to, class, disposition| syscall::NtCreateKey(to, all, attributes, 0, class, 0, disposition);
            refused("create-handle", create(UserPtr::new(bad), none, UserPtr::new(0)));
            refused("create-class", create(to(&mut handle), UserPtr::new(bad), UserPtr::new(0)));
            refused("create-class-text", create(to(&mut handle), from(&broken), UserPtr::new(0)));
            refused("create-disposition", create(to(&mut handle), none, UserPtr::new(bad)));
        });
        let (length, partial) = (64, key_value_class::PARTIAL);
        let query = |name, information, returned| {
            syscall::NtQueryValueKey(key, name, partial, information, length, returned)
        };
        refused("query-name", query(UserPtr::new(bad), to(&mut buffer), to(&mut returned)));
        refused("query-text", query(from(&broken), to(&mut buffer), to(&mut returned)));
        refused("query-buffer", query(from(&string), UserPtr::new(bad), to(&mut returned)));
        refused("query-length", query(from(&string), to(&mut buffer), UserPtr::new(bad)));
        let enumerate = |information, returned| {
            syscall::NtEnumerateValueKey(key, 0, partial, information, length, returned)
        };
        refused("list-buffer", enumerate(UserPtr::new(bad), to(&mut returned)));
        refused("list-length", enumerate(to(&mut buffer), UserPtr::new(bad)));
        let basic = key_class::BASIC;
        refused("key-buffer", syscall::NtQueryKey(key, basic, UserPtr::new(bad), length, to(&mut returned)));
        refused("key-length", syscall::NtQueryKey(key, basic, to(&mut buffer), length, UserPtr::new(bad)));
        refused(
            "subkey-buffer",
            syscall::NtEnumerateKey(key, 0, basic, UserPtr::new(bad), length, to(&mut returned)),
        );
        refused("set-name", syscall::NtSetValueKey(key, UserPtr::new(bad), 0, 1, to(&mut buffer), 4));
        refused("set-data", syscall::NtSetValueKey(key, from(&string), 0, 1, UserPtr::new(bad), 4));
        refused("delete-name", syscall::NtDeleteValueKey(key, UserPtr::new(bad)));
        refused("rename-name", syscall::NtRenameKey(key, UserPtr::new(bad)));
        refused("time", syscall::NtSetInformationKey(key, 0, UserPtr::new(bad), 8));
        let multiple = |entries, buffer, room, needed| {
            syscall::NtQueryMultipleValueKey(key, entries, 1, buffer, room, needed)
        };
        let mut entry = [from::<_, ()>(&string).address, 0, 0];
        let mut room = 64_u32;
        refused(
            "multiple-entries",
            multiple(UserPtr::new(bad), to(&mut buffer), to(&mut room), to(&mut returned)),
        );
        refused(
            "multiple-buffer",
            multiple(to(&mut entry), UserPtr::new(bad), to(&mut room), to(&mut returned)),
        );
        refused(
            "multiple-room",
            multiple(to(&mut entry), to(&mut buffer), UserPtr::new(bad), to(&mut returned)),
        );
        refused(
            "multiple-needed",
            multiple(to(&mut entry), to(&mut buffer), to(&mut room), UserPtr::new(bad)),
        );
        entry[0] = bad;
        refused("multiple-name", multiple(to(&mut entry), to(&mut buffer), to(&mut room), to(&mut returned)));
    }
}

/// Handles of nothing, of something else, pseudo-handles.
fn handles() {
    let mut buffer = [0_u8; 64];
    for (handle, status) in [
        (Handle(0), NtStatus::INVALID_HANDLE),
        (Handle(0x4440), NtStatus::INVALID_HANDLE),
        (Handle(u64::MAX - 4), NtStatus::INVALID_HANDLE),
        (Handle::CURRENT_PROCESS, NtStatus::OBJECT_TYPE_MISMATCH),
        (Handle::CURRENT_THREAD, NtStatus::OBJECT_TYPE_MISMATCH),
    ] {
        ends("handle-query", calls::query_key(handle, 0, &mut buffer).0, status);
        ends("handle-list", calls::enumerate_key(handle, 0, 0, &mut buffer).0, status);
        ends("handle-read", calls::query_value(handle, "", 2, &mut buffer).0, status);
        ends("handle-set", calls::set_value(handle, "", 1, &[]), status);
        ends("handle-unset", calls::delete_value(handle, ""), status);
        ends("handle-delete", calls::delete_key(handle), status);
        ends("handle-rename", calls::rename(handle, "x"), status);
        ends("handle-flush", calls::flush(handle), status);
    }
}

/// Lengths beyond all memory, odd ones, names of 32 K.
fn lengths(key: Handle) {
    let mut returned = 0_u32;
    let (text, data) = (Wide::new("x"), [0_u8; 16]);
    let string = text.string();
    // SAFETY: every pointer outlives the calls; what is said of lengths is to be refused.
    unsafe {
        for length in [0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1000_0000] {
            let status = syscall::NtSetValueKey(key, from(&string), 0, 3, from(&data), length);
            ends("set-length", status, NtStatus::INSUFFICIENT_RESOURCES);
        }
        let odd = UnicodeString { length: 1, ..string };
        ends("odd-name", syscall::NtDeleteValueKey(key, from(&odd)), NtStatus::OBJECT_NAME_INVALID);
        let long = [u16::from(b'n'); 0x7FFF];
        let long = UnicodeString {
            length: 0xFFFE,
            maximum_length: 0xFFFE,
            reserved: 0,
            buffer: from::<_, ()>(&long).address,
        };
        ends(
            "long-name",
            syscall::NtSetValueKey(key, from(&long), 0, 3, from(&data), 4),
            NtStatus::INVALID_PARAMETER,
        );
        ends("long-rename", syscall::NtRenameKey(key, from(&long)), NtStatus::INVALID_PARAMETER);
        let attributes = ObjectAttributes {
            length: 0x30,
            root_directory: key.0,
            object_name: from::<_, ()>(&long).address,
            attributes: 0x40,
            ..ObjectAttributes::default()
        };
        let mut handle = Handle(0);
        let status = syscall::NtOpenKey(to(&mut handle), 1, from(&attributes));
        ends("long-open", status, NtStatus::INVALID_PARAMETER);
        let class = from(&long);
        let name = ObjectAttributes { object_name: from::<_, ()>(&string).address, ..attributes };
        let status =
            syscall::NtCreateKey(to(&mut handle), 0xF003F, from(&name), 0, class, 0, UserPtr::new(0));
        ends("long-class", status, NtStatus::SUCCESS);
        ends("long-class-deleted", calls::delete_key(handle), NtStatus::SUCCESS);
        rt::close(handle);
        // More room than there is memory is no reason to fail.
        let mut buffer = [0_u8; 64];
        let status = syscall::NtQueryKey(key, 0, to(&mut buffer), u32::MAX, to(&mut returned));
        ends("huge-room", status, NtStatus::SUCCESS);
        let mut room = u32::MAX;
        let status = syscall::NtQueryMultipleValueKey(
            key,
            UserPtr::new(0),
            u32::MAX,
            UserPtr::new(0),
            to(&mut room),
            UserPtr::new(0),
        );
        ends("multiple-count", status, NtStatus::INSUFFICIENT_RESOURCES);
    }
}
