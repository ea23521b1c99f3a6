//! Hives that are loaded, saved and unloaded while the system runs.
#![expect(unsafe_code, reason = "a request that is answered later")]

use nt::NtStatus;
use nt::file::{access, disposition, option, share};
use nt::registry::{key_value_class, value_type};
use nt::security::privilege;
use nt::types::{Handle, UserPtr};
use rt::syscall;

use super::{ROOT, ends, fails, works};
use crate::checks::verdict;
use crate::io::{self, How};
use crate::pending::hold_privilege;
use crate::reg::{self as calls, from, query_value, to, u32_at};

/// A hive in the boot archive: its root has the value `Number`, 7, and a key `Sub`.
const FILE: &str = r"\SystemRoot\System32\config\EXTRA";
/// Where it is hung.
const KEY: &str = r"\Registry\Machine\Extra";
/// A key to save, and one that is not saved.
const SAVED: &str = r"\Registry\Machine\System\Saved";

/// What reads from the loopback device get: what was written to it, piece by piece.
static mut PIECES: [[u8; 0x1_0000]; 2] = [[0; 0x1_0000]; 2];

pub fn checks() {
    privileges();
    load();
    work();
    unload();
    save();
}

fn privileges() {
    hold_privilege(privilege::RESTORE, false);
    ends("load-may-not", calls::load(KEY, FILE), NtStatus::PRIVILEGE_NOT_HELD);
    ends("unload-may-not", calls::unload(KEY), NtStatus::PRIVILEGE_NOT_HELD);
    hold_privilege(privilege::RESTORE, true);
    let Some(key) = works("key", calls::open(ROOT, r"\Registry\Machine\System\Select")) else { return };
    hold_privilege(privilege::BACKUP, false);
    ends("save-may-not", calls::save(key, Handle::NULL), NtStatus::PRIVILEGE_NOT_HELD);
    hold_privilege(privilege::BACKUP, true);
    rt::close(key);
}

fn load() {
    let system = r"\SystemRoot\System32\config\SYSTEM";
    ends("load-taken", calls::load(r"\Registry\Machine\System", FILE), NtStatus::OBJECT_NAME_COLLISION);
    ends("load-deep", calls::load(r"\Registry\Machine\System\Extra", FILE), NtStatus::INVALID_PARAMETER);
    ends("load-high", calls::load(r"\Registry\Extra", FILE), NtStatus::INVALID_PARAMETER);
    ends("load-no-parent", calls::load(r"\Registry\Nowhere\Extra", FILE), NtStatus::OBJECT_NAME_NOT_FOUND);
    ends("load-no-file", calls::load(KEY, r"\SystemRoot\nothing"), NtStatus::OBJECT_NAME_NOT_FOUND);
    let program = r"\SystemRoot\System32\ntdll.dll";
    ends("load-no-hive", calls::load(KEY, program), NtStatus::NOT_REGISTRY_FILE);
    ends("load-twice", calls::load(KEY, system), NtStatus::SHARING_VIOLATION);
    fails("not-loaded", calls::open(ROOT, KEY), NtStatus::OBJECT_NAME_NOT_FOUND);
    ends("load", calls::load(KEY, FILE), NtStatus::SUCCESS);
    ends("load-again", calls::load(KEY, FILE), NtStatus::OBJECT_NAME_COLLISION);
    ends("load-shared", calls::load(r"\Registry\User\Extra", FILE), NtStatus::SHARING_VIOLATION);
}

fn number(key: Handle) -> u32 {
    let mut buffer = [0; 64];
    query_value(key, "Number", key_value_class::PARTIAL, &mut buffer);
    u32_at(&buffer, 12)
}

/// A loaded hive is like any other, volatile keys included, and cannot go while somebody has a key open.
fn work() {
    let Some(key) = works("open", calls::open(ROOT, KEY)) else { return };
    verdict("value", number(key) == 7, "another number");
    works("sub", calls::open(key, "sub")).map(rt::close);
    let made = works("make", calls::make(key, "Made", 0));
    let volatile = works("make-volatile", calls::make(key, "Volatile", 1));
    ends("flush-loaded", calls::flush(key), NtStatus::SUCCESS);
    ends("unload-open", calls::unload(KEY), NtStatus::CANNOT_DELETE);
    ends(
        "still-there",
        calls::set_value(key, "Number", value_type::DWORD, &8_u32.to_le_bytes()),
        NtStatus::SUCCESS,
    );
    rt::close(key);
    made.map(rt::close);
    ends("unload-volatile", calls::unload(KEY), NtStatus::CANNOT_DELETE);
    volatile.map(rt::close);
}

fn unload() {
    ends("unload-sub", calls::unload(r"\Registry\Machine\Extra\Sub"), NtStatus::INVALID_PARAMETER);
    ends("unload-none", calls::unload(r"\Registry\Machine\Nothing"), NtStatus::OBJECT_NAME_NOT_FOUND);
    ends("unload-hardware", calls::unload(r"\Registry\Machine\Hardware"), NtStatus::INVALID_PARAMETER);
    ends("unload-system", calls::unload(r"\Registry\Machine\System"), NtStatus::CANNOT_DELETE);
    ends("unload", calls::unload(KEY), NtStatus::SUCCESS);
    fails("unloaded", calls::open(ROOT, KEY), NtStatus::OBJECT_NAME_NOT_FOUND);
    ends("unload-again", calls::unload(KEY), NtStatus::OBJECT_NAME_NOT_FOUND);
    // What is in the boot archive cannot be written: the hive is what it was.
    for _ in 0..20 {
        let result = calls::load(KEY, FILE);
        let found = calls::open(ROOT, KEY).map(|key| {
            let found = number(key);
            rt::close(key);
            found
        });
        if result != NtStatus::SUCCESS || found != Ok(7) || calls::unload(KEY) != NtStatus::SUCCESS {
            verdict("loads", false, "not every time");
            return;
        }
    }
    verdict("loads", true, "");
}

/// What is saved goes through the loopback device and is printed, for somebody else to read.
fn save() {
    let null = How {
        access: access::GENERIC_WRITE,
        share: share::ALL,
        disposition: disposition::OPEN,
        options: option::SYNCHRONOUS_IO_NONALERT,
    };
    let Some(key) = works("make-saved", calls::make(ROOT, SAVED, 0)) else { return };
    calls::set_text(key, "Text", value_type::SZ, "a text");
    calls::set_value(key, "Big", value_type::BINARY, &[0xA5; 20_000]);
    if let Some(sub) = works("deep", calls::make(key, "Sub", 0)) {
        calls::set_value(sub, "Number", value_type::DWORD, &42_u32.to_le_bytes());
        rt::close(sub);
    }
    works("volatile-sub", calls::make(key, "Volatile", 1)).map(rt::close);
    ends("save-nowhere", calls::save(key, Handle(0xBAD0)), NtStatus::INVALID_HANDLE);
    if let Some(file) = works("null", io::open(Handle::NULL, r"\Device\Null", null)) {
        ends("save-null", calls::save(key, file), NtStatus::SUCCESS);
        let read = How { access: access::GENERIC_READ, ..null };
        if let Some(reader) = works("null-read", io::open(Handle::NULL, r"\Device\Null", read)) {
            ends("save-read-only", calls::save(key, reader), NtStatus::ACCESS_DENIED);
            rt::close(reader);
        }
        if let Some(machine) = works("machine", calls::open(ROOT, r"\Registry\Machine")) {
            ends("save-machine", calls::save(machine, file), NtStatus::ACCESS_DENIED);
            rt::close(machine);
        }
        rt::close(file);
    }
    loopback(key);
    rt::close(key);
}

fn loopback(key: Handle) {
    hold_privilege(privilege::LOAD_DRIVER, true);
    ends("loopback", crate::pending::driver("Loopback", true), NtStatus::SUCCESS);
    let how = How {
        access: access::GENERIC_READ | access::GENERIC_WRITE,
        share: share::ALL,
        disposition: disposition::OPEN,
        options: 0,
    };
    let Some(file) = works("open-loopback", io::open(Handle::NULL, r"\Device\Loopback", how)) else { return };
    let mut blocks = [io::UNTOUCHED; 2];
    let zero = 0_i64;
    for (piece, block) in blocks.iter_mut().enumerate() {
        // SAFETY: the pieces are the kernel's to write to until they are looked at below.
        let status = unsafe {
            let data = UserPtr::new((&raw mut PIECES[piece]).expose_provenance() as u64);
            let (none, key) = (Handle::NULL, UserPtr::new(0));
            syscall::NtReadFile(file, none, 0, 0, to(block), data, 0x1_0000, from(&zero), key)
        };
        ends("read", status, NtStatus::PENDING);
    }
    ends("save", calls::save(key, file), NtStatus::SUCCESS);
    let lengths = blocks.map(|block| block.information as usize);
    verdict(
        "written",
        lengths[1] == 512 && lengths[0] > 20_000 && lengths[0] % 512 == 0,
        "not a body and a first sector",
    );
    let pieces = &raw const PIECES;
    // SAFETY: both reads have been answered, and there are no others.
    let pieces: &[[u8; 0x1_0000]; 2] = unsafe { &*pieces };
    let [body, sector] = pieces;
    print(&sector[..512]);
    print(&body[..lengths[0].min(0x1_0000)]);
    rt::close(file);
}

/// Lines of 64 bytes; a star stands for bytes like those before.
fn print(bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut last: &[u8] = &[];
    for row in bytes.chunks(64) {
        if row == core::mem::replace(&mut last, row) {
            rt::display("*");
            continue;
        }
        let mut text = [0; 128];
        for (pair, byte) in text.chunks_exact_mut(2).zip(row) {
            pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
        rt::display("\nHIVE ");
        rt::display(str::from_utf8(&text[..2 * row.len()]).unwrap_or(""));
    }
    rt::display("\n");
}
