//! Files of the boot archive, and `\Device\Null`, by every service.

use nt::NtStatus;
use nt::file::{access, class, control, created, disposition, option, share, volume_class};
use nt::types::Handle;

use crate::checks::verdict;
use crate::io::{self, How, READ, UNTOUCHED};
use crate::reg::{is_text, u32_at};

const ROOT: Handle = Handle::NULL;
/// The probe itself, which is there in every test.
const SELF: &str = r"\SystemRoot\System32\probe.exe";
const SYSTEM32: &str = r"\??\C:\Windows\System32";
/// Every spelling of it.
const SPELLINGS: [&str; 6] = [
    SELF,
    r"\??\C:\Windows\System32\probe.exe",
    r"\DosDevices\c:\WINDOWS\system32\PROBE.EXE",
    r"\GLOBAL??\C:\Windows\System32\probe.exe",
    r"\ArcName\ramdisk(0)\Windows\System32\probe.exe",
    r"\Device\BootArchive\Windows\System32\probe.exe",
];

/// A check by status.
pub fn expect(name: &str, status: NtStatus, expected: NtStatus) {
    verdict(name, status == expected, status.name().unwrap_or("a status without name"));
}

fn refused(name: &str, result: Result<Handle, NtStatus>, expected: NtStatus) {
    expect(name, result.err().unwrap_or(NtStatus::SUCCESS), expected);
    if let Ok(handle) = result {
        rt::close(handle);
    }
}

fn opened(name: &str, path: &str, how: How) -> Handle {
    let result = io::open(ROOT, path, how);
    expect(name, result.err().unwrap_or(NtStatus::SUCCESS), NtStatus::SUCCESS);
    result.unwrap_or(Handle::NULL)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

/// Names, dispositions and options of `NtCreateFile`.
pub fn creates() {
    let mut numbers = [0_u64; SPELLINGS.len()];
    for (number, path) in numbers.iter_mut().zip(SPELLINGS) {
        let file = opened("open", path, READ);
        let mut buffer = [0; 8];
        io::query(file, class::INTERNAL, &mut buffer);
        *number = u64_at(&buffer, 0);
        rt::close(file);
    }
    verdict("one-file", numbers[0] != 0 && numbers.iter().all(|&number| number == numbers[0]), "several");

    use NtStatus as S;
    for (path, status) in [
        (r"\SystemRoot\System32\none.exe", S::OBJECT_NAME_NOT_FOUND),
        (r"\SystemRoot\none\probe.exe", S::OBJECT_PATH_NOT_FOUND),
        (r"\SystemRoot\System32\probe.exe\x", S::OBJECT_PATH_NOT_FOUND),
        (r"\SystemRoot\System32\probe.exe\", S::OBJECT_NAME_INVALID),
        (r"\SystemRoot\\System32", S::OBJECT_NAME_INVALID),
        (r"\SystemRoot\System32\*.exe", S::OBJECT_NAME_INVALID),
        (r"\??\C:\SystemRoot\System32\probe.exe", S::OBJECT_NAME_NOT_FOUND),
        (r"\Device\Null\x", S::OBJECT_NAME_NOT_FOUND),
        (r"\Device", S::OBJECT_TYPE_MISMATCH),
        (r"\Driver\Null", S::OBJECT_TYPE_MISMATCH),
        ("probe.exe", S::OBJECT_PATH_SYNTAX_BAD),
    ] {
        refused(path, io::open(ROOT, path, READ), status);
    }

    let protected = S::MEDIA_WRITE_PROTECTED;
    for (path, kind, expected) in [
        (SELF, disposition::SUPERSEDE, protected),
        (SELF, disposition::CREATE, S::OBJECT_NAME_COLLISION),
        (SELF, disposition::OVERWRITE, protected),
        (SELF, disposition::OVERWRITE_IF, protected),
        (r"\??\C:\new", disposition::SUPERSEDE, protected),
        (r"\??\C:\new", disposition::CREATE, protected),
        (r"\??\C:\new", disposition::OPEN_IF, protected),
        (r"\??\C:\new", disposition::OVERWRITE, S::OBJECT_NAME_NOT_FOUND),
        (r"\??\C:\new", disposition::OVERWRITE_IF, protected),
        (r"\??\C:\new\file", disposition::CREATE, S::OBJECT_PATH_NOT_FOUND),
        (SELF, 6, S::INVALID_PARAMETER),
    ] {
        let mut block = UNTOUCHED;
        let how = How { disposition: kind, ..READ };
        refused("disposition", io::create(ROOT, path, how, &mut block), expected);
    }
    let mut block = UNTOUCHED;
    let how = How { disposition: disposition::OPEN_IF, ..READ };
    let file = io::create(ROOT, SELF, how, &mut block).unwrap_or(Handle::NULL);
    verdict("open-if", block.status == 0 && block.information == created::OPENED, "not opened");
    rt::close(file);

    let sync = option::SYNCHRONOUS_IO_NONALERT;
    for (path, access, options, expected) in [
        (SELF, READ.access, sync | option::DIRECTORY_FILE, S::NOT_A_DIRECTORY),
        (SYSTEM32, READ.access, sync | option::NON_DIRECTORY_FILE, S::FILE_IS_A_DIRECTORY),
        (SELF, READ.access, option::SYNCHRONOUS, S::INVALID_PARAMETER),
        (SELF, access::READ_DATA, sync, S::INVALID_PARAMETER),
        (SELF, READ.access, sync | option::DELETE_ON_CLOSE, S::INVALID_PARAMETER),
        (SELF, READ.access | access::DELETE, sync | option::DELETE_ON_CLOSE, protected),
        (SELF, READ.access, sync | 0x400, S::INVALID_PARAMETER),
        (SELF, access::GENERIC_WRITE, sync, protected),
        (SELF, 0x4000_0000, option::NON_DIRECTORY_FILE, protected),
        (SYSTEM32, READ.access, sync | option::DIRECTORY_FILE | option::RANDOM_ACCESS, S::INVALID_PARAMETER),
    ] {
        refused("option", io::open(ROOT, path, How { access, options, ..READ }), expected);
    }
    refused("share-bits", io::open(ROOT, SELF, How { share: 8, ..READ }), S::INVALID_PARAMETER);

    let folder = opened("folder", SYSTEM32, READ);
    let file = io::open(folder, "probe.exe", READ);
    verdict("relative", file.is_ok(), "not found");
    if let Ok(file) = file {
        rt::close(file);
    }
    refused("relative-absolute", io::open(folder, r"\probe.exe", READ), S::INVALID_PARAMETER);
    refused("relative-none", io::open(folder, "none", READ), S::OBJECT_NAME_NOT_FOUND);
    rt::close(folder);
    for path in [r"\??\C:\", r"\??\C:", r"\??\C:\Windows\", r"\SystemRoot"] {
        rt::close(opened(path, path, READ));
    }
}

/// Who may have a file open together with whom.
pub fn sharing() {
    let violation = NtStatus::SHARING_VIOLATION;
    let alone = opened("alone", SELF, How { share: 0, ..READ });
    refused("second", io::open(ROOT, SELF, READ), violation);
    let attributes = How { access: access::READ_ATTRIBUTES | access::SYNCHRONIZE, ..READ };
    let looker = opened("attributes-only", SELF, attributes);
    rt::close(looker);
    rt::close(alone);
    let first = opened("reader", SELF, READ);
    let second = opened("second-reader", SPELLINGS[1], READ);
    refused("exclusive", io::open(ROOT, SELF, How { share: 0, ..READ }), violation);
    refused("deleter", io::open(ROOT, SELF, How { access: READ.access | access::DELETE, ..READ }), violation);
    rt::close(first);
    rt::close(second);
    let again = opened("exclusive-again", SELF, How { share: 0, ..READ });
    rt::close(again);
}

/// `NtReadFile`: offsets, ends, positions.
pub fn reads() {
    use NtStatus as S;
    let file = opened("open", SELF, READ);
    let mut standard = [0; 24];
    io::query(file, class::STANDARD, &mut standard);
    let size = u64_at(&standard, 8) as i64;
    let mut buffer = [0; 512];
    let (status, block) = io::read(file, &mut buffer, None);
    let good = status == S::SUCCESS && block.status == 0 && block.information == 512;
    verdict("read", good && buffer.starts_with(b"MZ"), "no MZ");
    let mut position = [0; 8];
    io::query(file, class::POSITION, &mut position);
    verdict("position", u64_at(&position, 0) == 512, "not 512");
    let mut rest = [0; 64];
    let (status, block) = io::read(file, &mut rest, Some(size - 10));
    verdict("read-end", status == S::SUCCESS && block.information == 10, "not 10 bytes");
    let (status, block) = io::read(file, &mut rest, None);
    let untouched = (block.status, block.information) == (UNTOUCHED.status, UNTOUCHED.information);
    verdict("read-beyond", status == S::END_OF_FILE && untouched, "no end of file");
    expect("read-far", io::read(file, &mut rest, Some(i64::MAX - 64)).0, S::END_OF_FILE);
    expect("read-overflow", io::read(file, &mut rest, Some(i64::MAX)).0, S::INVALID_PARAMETER);
    expect("read-negative", io::read(file, &mut rest, Some(-1)).0, S::INVALID_PARAMETER);
    expect("read-nothing", io::read(file, &mut [], Some(0)).0, S::SUCCESS);
    expect("set-position", io::set(file, class::POSITION, &2_i64.to_le_bytes()), S::SUCCESS);
    let (_, block) = io::read(file, &mut rest[..2], Some(-2));
    verdict("read-position", block.information == 2 && rest[..2] == buffer[2..4], "other bytes");
    expect("set-negative", io::set(file, class::POSITION, &(-2_i64).to_le_bytes()), S::INVALID_PARAMETER);
    for (address, length) in
        [(0, 8), (0x7FFE_0000, 8), (0x7FF_FFFF_0000, 8), (0x4000_0000_0000, 8), (0x1000, u32::MAX)]
    {
        let block = (&raw mut position).expose_provenance() as u64;
        expect("hostile", io::read_at_address(file, address, length, block), S::ACCESS_VIOLATION);
    }
    let address = (&raw mut rest).expose_provenance() as u64;
    expect("hostile-block", io::read_at_address(file, address, 8, 0), S::ACCESS_VIOLATION);
    expect("write", io::write(file, b"x", Some(0)).0, S::ACCESS_DENIED);
    expect("flush", io::flush(file), S::ACCESS_DENIED);
    rt::close(file);
    expect("closed", io::read(file, &mut rest, None).0, S::INVALID_HANDLE);
    expect("not-a-file", io::read(Handle::CURRENT_PROCESS, &mut rest, None).0, S::INVALID_HANDLE);

    let folder = opened("folder", SYSTEM32, READ);
    expect("read-folder", io::read(folder, &mut rest, Some(0)).0, S::INVALID_DEVICE_REQUEST);
    rt::close(folder);
    let unbuffered = READ.options | option::NO_INTERMEDIATE_BUFFERING;
    let file = opened("unbuffered", SELF, How { options: unbuffered, ..READ });
    expect("unaligned", io::read(file, &mut rest, Some(0)).0, S::INVALID_PARAMETER);
    expect("aligned", io::read(file, &mut buffer, Some(512)).0, S::SUCCESS);
    rt::close(file);
    let file = opened("asynchronous", SELF, How { options: 0, ..READ });
    expect("no-offset", io::read(file, &mut rest, None).0, S::INVALID_PARAMETER);
    expect("offset", io::read(file, &mut rest, Some(0)).0, S::SUCCESS);
    expect("wait", rt::wait(file), S::SUCCESS);
    rt::close(file);
}

/// `NtQueryInformationFile` and `NtSetInformationFile`, class by class.
pub fn classes() {
    use NtStatus as S;
    let file = opened("open", SELF, READ);
    for (class, least) in [
        (class::BASIC, 40),
        (class::STANDARD, 24),
        (class::INTERNAL, 8),
        (class::EA, 4),
        (class::ACCESS, 4),
        (class::POSITION, 8),
        (class::MODE, 4),
        (class::ALIGNMENT, 4),
        (class::NETWORK_OPEN, 56),
        (class::ATTRIBUTE_TAG, 8),
    ] {
        let mut buffer = [0xEE; 64];
        let (status, block) = io::query(file, class, &mut buffer[..least]);
        verdict("class", status == S::SUCCESS && block.information == least as u64, "not its size");
        expect("class-short", io::query(file, class, &mut buffer[..least - 1]).0, S::INFO_LENGTH_MISMATCH);
    }
    let mut all = [0; 200];
    let (status, block) = io::query(file, class::ALL, &mut all);
    let path = r"\Windows\System32\probe.exe";
    let good = status == S::SUCCESS && block.information as usize == 100 + 2 * path.len();
    verdict("all", good && is_text(&all[100..100 + 2 * path.len()], path), "other name");
    verdict("all-access", u32_at(&all, 76) == READ.access, "other access");
    verdict("all-mode", u32_at(&all, 88) == option::SYNCHRONOUS_IO_NONALERT, "other mode");
    verdict("attributes", u32_at(&all, 32) == 1 && all[61] == 0, "not a read-only file");
    let (status, block) = io::query(file, class::ALL, &mut all[..104]);
    verdict("all-cut", status == S::BUFFER_OVERFLOW && block.information == 104, "no overflow");
    let (status, block) = io::query(file, class::NAME, &mut all[..10]);
    let cut = status == S::BUFFER_OVERFLOW && block.information == 10;
    verdict("name-cut", cut && u32_at(&all, 0) as usize == 2 * path.len(), "no overflow");
    expect("unknown", io::query(file, 99, &mut all).0, S::INVALID_INFO_CLASS);
    expect("set-mode", io::set(file, class::MODE, &0x24_u32.to_le_bytes()), S::SUCCESS);
    expect("set-mode-other", io::set(file, class::MODE, &0_u32.to_le_bytes()), S::INVALID_PARAMETER);
    expect("set-short", io::set(file, class::MODE, &[0; 3]), S::INFO_LENGTH_MISMATCH);
    expect("set-unknown", io::set(file, class::STANDARD, &[0; 64]), S::INVALID_INFO_CLASS);
    expect("delete-denied", io::set(file, class::DISPOSITION, &[1]), S::ACCESS_DENIED);
    expect("size-denied", io::set(file, class::END_OF_FILE, &[0; 8]), S::ACCESS_DENIED);
    rt::close(file);

    let access = access::DELETE | access::WRITE_ATTRIBUTES | access::SYNCHRONIZE;
    let file = opened("changer", SELF, How { access, share: share::ALL, ..READ });
    expect("class-denied", io::query(file, class::BASIC, &mut all).0, S::ACCESS_DENIED);
    expect("delete", io::set(file, class::DISPOSITION, &[1]), S::MEDIA_WRITE_PROTECTED);
    expect("basic", io::set(file, class::BASIC, &[0; 40]), S::MEDIA_WRITE_PROTECTED);
    expect("basic-time", io::set(file, class::BASIC, &[0x80; 40]), S::INVALID_PARAMETER);
    for (name, expected) in [
        ("new", S::MEDIA_WRITE_PROTECTED),
        (r"\??\C:\new", S::MEDIA_WRITE_PROTECTED),
        (r"\Device\Null", S::NOT_SAME_DEVICE),
        (r"\Device", S::NOT_SAME_DEVICE),
        (r"\none\new", S::OBJECT_PATH_NOT_FOUND),
    ] {
        let mut record = [0; 100];
        record[16] = 2 * name.len() as u8;
        for (pair, unit) in record[20..].chunks_exact_mut(2).zip(name.bytes()) {
            pair[0] = unit;
        }
        expect("rename", io::set(file, class::RENAME, &record[..20 + 2 * name.len().max(2)]), expected);
        record[16] = 200;
        expect("rename-length", io::set(file, class::RENAME, &record[..60]), S::INVALID_PARAMETER);
    }
    rt::close(file);
    expect("delete-by-name", io::delete(SELF), S::MEDIA_WRITE_PROTECTED);
    expect("delete-none", io::delete(r"\??\C:\none"), S::OBJECT_NAME_NOT_FOUND);
    let mut basic = [0; 40];
    expect("attributes-by-name", io::attributes(SELF, &mut basic), S::SUCCESS);
    verdict("read-only", u32_at(&basic, 32) == 1, "other attributes");
    let mut full = [0; 56];
    expect("full-by-name", io::attributes(SYSTEM32, &mut full), S::SUCCESS);
    verdict("directory", u32_at(&full, 48) == 0x10, "other attributes");
    expect("attributes-none", io::attributes(r"\SystemRoot\x", &mut basic), S::OBJECT_NAME_NOT_FOUND);
}

/// The volume, control codes, and the device that forgets.
pub fn devices() {
    use NtStatus as S;
    let volume = opened("volume", r"\??\C:", READ);
    let mut buffer = [0; 64];
    let (status, block) = io::volume(volume, volume_class::SIZE, &mut buffer[..24]);
    let bytes = u64_at(&buffer, 0) * u64::from(u32_at(&buffer, 16)) * u64::from(u32_at(&buffer, 20));
    verdict("size", status == S::SUCCESS && block.information == 24 && u64_at(&buffer, 8) == 0, "wrong");
    let (status, _) = io::control(volume, false, control::DISK_GET_LENGTH_INFO, &mut buffer[..8]);
    verdict("length", status == S::SUCCESS && u64_at(&buffer, 0) == bytes && bytes > 4096, "not its size");
    expect("full-size", io::volume(volume, volume_class::FULL_SIZE, &mut buffer[..32]).0, S::SUCCESS);
    expect("device", io::volume(volume, volume_class::DEVICE, &mut buffer[..8]).0, S::SUCCESS);
    verdict("fixed-read-only", buffer[..8] == [7, 0, 0, 0, 0x22, 0, 0, 0], "other");
    let (status, block) = io::volume(volume, volume_class::ATTRIBUTE, &mut buffer);
    let name = &buffer[12..34];
    let good = status == S::SUCCESS && block.information == 34;
    verdict("attribute", good && is_text(name, "BootArchive"), "other name");
    let (status, block) = io::volume(volume, volume_class::VOLUME, &mut buffer);
    let good = status == S::SUCCESS && block.information == 26;
    verdict("label", good && is_text(&buffer[18..26], "BOOT"), "other label");
    let (status, block) = io::volume(volume, volume_class::ATTRIBUTE, &mut buffer[..20]);
    verdict("attribute-cut", status == S::BUFFER_OVERFLOW && block.information == 20, "no overflow");
    expect(
        "size-short",
        io::volume(volume, volume_class::SIZE, &mut buffer[..23]).0,
        S::INFO_LENGTH_MISMATCH,
    );
    expect("unknown", io::volume(volume, 77, &mut buffer).0, S::INVALID_INFO_CLASS);
    let (status, _) = io::control(volume, false, control::DISK_IS_WRITABLE, &mut []);
    expect("writable", status, S::MEDIA_WRITE_PROTECTED);
    expect("mounted", io::control(volume, true, control::IS_VOLUME_MOUNTED, &mut []).0, S::SUCCESS);
    expect("code", io::control(volume, true, 0x9_0018, &mut []).0, S::INVALID_DEVICE_REQUEST);
    expect("code-write", io::control(volume, false, 2 << 14, &mut []).0, S::ACCESS_DENIED);
    expect("list-volume", io::list(volume, 1, &mut [0; 200], false, None, false).0, S::INVALID_PARAMETER);
    rt::close(volume);

    let access = access::GENERIC_READ | access::GENERIC_WRITE;
    let null = opened("null", r"\Device\Null", How { access, ..READ });
    let (status, block) = io::write(null, &buffer, None);
    verdict("null-write", status == S::SUCCESS && block.information == 64, "not all");
    expect("null-read", io::read(null, &mut buffer, None).0, S::END_OF_FILE);
    expect("null-basic", io::query(null, class::BASIC, &mut buffer).0, S::INVALID_DEVICE_REQUEST);
    let (status, _) = io::volume(null, volume_class::DEVICE, &mut buffer);
    verdict("null-device", status == S::SUCCESS && buffer[0] == 0x15, "other type");
    rt::close(null);
}
