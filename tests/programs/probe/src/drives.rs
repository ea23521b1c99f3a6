//! Disks and volumes by their sectors. The test outside makes the images: 8-byte word n of an image is n, little-endian.
#![expect(unsafe_code, reason = "buffers that the kernel writes to later")]

use nt::NtStatus as S;
use nt::file::{access, control, disposition, option, share};
use nt::memory::{MEM_COMMIT, MEM_RESERVE, PAGE_READONLY, PAGE_READWRITE};
use nt::types::{Boolean, Handle, IoStatusBlock, ObjectAttributes, UserPtr};
use rt::syscall;

use crate::checks::verdict;
use crate::files::expect;
use crate::io::{self, How, UNTOUCHED};
use crate::memory::call::{allocate, protect};
use crate::reg::{from, to};

const VOLUME: &str = r"\Device\HarddiskVolume1";
/// Bytes of the image.
const SIZE: u64 = 4 << 20;
const SECTOR: u64 = 512;
const BUFFER: u64 = 1 << 20;

const BOTH: How = How {
    access: access::GENERIC_READ | access::GENERIC_WRITE,
    share: share::ALL,
    disposition: disposition::OPEN,
    options: option::SYNCHRONOUS_IO_NONALERT,
};

/// Memory of the probe's own that is never given back.
fn buffer(len: u64) -> &'static mut [u8] {
    let (base, _) = allocate(0, len, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE).unwrap_or((0, 0));
    // SAFETY: fresh memory of that length, which nobody else knows.
    unsafe {
        core::slice::from_raw_parts_mut(core::ptr::with_exposed_provenance_mut(base as usize), len as usize)
    }
}

/// Whether bytes are those of the image at an offset, which is a multiple of 8.
fn is_image(bytes: &[u8], offset: u64) -> bool {
    bytes.chunks_exact(8).zip(offset / 8..).all(|(word, n)| word == n.to_le_bytes())
}

fn fill(bytes: &mut [u8], offset: u64, xor: u64) {
    for (word, n) in bytes.chunks_exact_mut(8).zip(offset / 8..) {
        word.copy_from_slice(&(n ^ xor).to_le_bytes());
    }
}

fn ask(file: Handle, code: u32, output: &mut [u8]) -> (S, u64) {
    let mut block = UNTOUCHED;
    let (none, len) = (UserPtr::new(0), output.len() as u32);
    // SAFETY: everything outlives the call.
    let status = unsafe {
        syscall::NtDeviceIoControlFile(
            file,
            Handle::NULL,
            0,
            0,
            to(&mut block),
            code,
            none,
            0,
            to(output),
            len,
        )
    };
    (status, block.information)
}

fn number(bytes: &[u8], at: usize, len: usize) -> u64 {
    bytes[at..at + len].iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

fn reads(name: &str, file: Handle, into: &mut [u8], offset: u64) {
    let (status, block) = io::read(file, into, Some(offset as i64));
    let right = status == S::SUCCESS && block.information == into.len() as u64 && is_image(into, offset);
    verdict(name, right, status.name().unwrap_or("wrong data"));
}

/// Reading, and what a volume says of itself.
pub fn read() {
    let Ok(volume) = io::open(Handle::NULL, VOLUME, BOTH) else {
        return verdict("open", false, "no volume");
    };
    let memory = buffer(BUFFER);
    reads("one-sector", volume, &mut memory[..512], 0);
    reads("within-pages", volume, &mut memory[8..8 + 3 * 512], 5 * SECTOR);
    reads("half-a-mebibyte", volume, &mut memory[16..16 + (512 << 10)], 77 * SECTOR);
    reads("last-sectors", volume, &mut memory[..8192], SIZE - 8192);
    let (status, block) = io::read(volume, &mut memory[..8192], Some((SIZE - 4096) as i64));
    verdict("clipped", status == S::SUCCESS && block.information == 4096, "more than there is");
    expect("beyond", io::read(volume, &mut memory[..512], Some(SIZE as i64)).0, S::END_OF_FILE);
    expect("odd-offset", io::read(volume, &mut memory[..512], Some(100)).0, S::INVALID_PARAMETER);
    expect("odd-length", io::read(volume, &mut memory[..100], Some(0)).0, S::INVALID_PARAMETER);
    expect("nothing", io::read(volume, &mut [], Some(0)).0, S::SUCCESS);
    let bad = io::read_at_address(volume, 0x10, 512, memory.as_ptr().expose_provenance() as u64);
    expect("bad-buffer", bad, S::ACCESS_VIOLATION);

    let mut out = [0; 64];
    let (status, len) = ask(volume, control::DISK_GET_LENGTH_INFO, &mut out);
    verdict("length", status == S::SUCCESS && len == 8 && number(&out, 0, 8) == SIZE, "wrong");
    let (status, len) = ask(volume, control::DISK_GET_DRIVE_GEOMETRY, &mut out);
    verdict("geometry", status == S::SUCCESS && len == 24 && number(&out, 20, 4) == SECTOR, "wrong");
    let (status, len) = ask(volume, control::DISK_GET_PARTITION_INFO, &mut out);
    let right = number(&out, 0, 8) == 0 && number(&out, 8, 8) == SIZE && number(&out, 20, 4) == 0;
    verdict("partition-info", status == S::SUCCESS && len == 32 && right, "wrong");
    expect(
        "small-output",
        ask(volume, control::DISK_GET_DRIVE_GEOMETRY, &mut out[..8]).0,
        S::BUFFER_TOO_SMALL,
    );
    expect("unknown-code", ask(volume, 0x7_0FF0, &mut out).0, S::INVALID_DEVICE_REQUEST);
    expect("writable", ask(volume, control::DISK_IS_WRITABLE, &mut []).0, S::SUCCESS);
    let file = io::open(Handle::NULL, r"\Device\HarddiskVolume1\file", io::READ);
    expect("no-file-system", file.err().unwrap_or(S::SUCCESS), S::UNRECOGNIZED_VOLUME);
    for name in [r"\??\D:", r"\Device\Harddisk0\DR0", r"\??\PhysicalDrive0"] {
        match io::open(Handle::NULL, name, How { access: access::GENERIC_READ, ..BOTH }) {
            Ok(file) => {
                reads(name, file, &mut memory[..1024], 1024);
                rt::close(file);
            }
            Err(status) => expect(name, status, S::SUCCESS),
        }
    }
    rt::close(volume);
}

/// Writing; the test outside looks at the image afterwards.
pub fn write() {
    let Ok(volume) = io::open(Handle::NULL, VOLUME, BOTH) else {
        return verdict("open", false, "no volume");
    };
    let memory = buffer(BUFFER);
    let (offset, len) = (1000 * SECTOR, 300 << 10);
    fill(&mut memory[24..24 + len], offset, u64::MAX);
    let (status, block) = io::write(volume, &memory[24..24 + len], Some(offset as i64));
    verdict("write", status == S::SUCCESS && block.information == len as u64, "not all");
    memory.fill(0);
    let status = io::read(volume, &mut memory[..len], Some(offset as i64)).0;
    fill(&mut memory[512 << 10..(512 << 10) + len], offset, u64::MAX);
    let (read, wanted) = memory.split_at(512 << 10);
    verdict("read-back", status == S::SUCCESS && read[..len] == wanted[..len], "other data");
    let address = memory.as_ptr().expose_provenance() as u64;
    verdict("protect", protect(address, 4096, PAGE_READONLY).is_ok(), "refused");
    expect("write-read-only-page", io::write(volume, &memory[..512], Some(0)).0, S::SUCCESS);
    expect(
        "read-into-read-only-page",
        io::read_at_address(volume, address, 512, address + 8192),
        S::ACCESS_VIOLATION,
    );
    let beyond = io::write(volume, &memory[8192..16384], Some((SIZE - 4096) as i64)).0;
    expect("write-beyond", beyond, S::INVALID_PARAMETER);
    let mut block = UNTOUCHED;
    // SAFETY: the block outlives the call.
    expect("flush", unsafe { syscall::NtFlushBuffersFile(volume, to(&mut block)) }, S::SUCCESS);
    rt::close(volume);
    match io::open(Handle::NULL, VOLUME, io::READ) {
        Ok(file) => {
            expect("no-right", io::write(file, &memory[..512], Some(0)).0, S::ACCESS_DENIED);
            rt::close(file);
        }
        Err(status) => expect("open-to-read", status, S::SUCCESS),
    }
}

/// One request of many.
struct Request {
    event: Handle,
    block: IoStatusBlock,
}

fn event() -> Handle {
    let mut handle = Handle::NULL;
    let attributes: UserPtr<ObjectAttributes> = UserPtr::new(0);
    // SAFETY: the handle outlives the call.
    unsafe { syscall::NtCreateEvent(to(&mut handle), 0x1F_0003, attributes, 0, Boolean(0)) };
    handle
}

/// Many requests at once: `count` reads of 64 KiB, and what is left when all have been answered.
fn many(name: &str, volume: Handle, count: u64, memory: &mut [u8]) {
    const LEN: u64 = 64 << 10;
    let mut requests: [Request; 16] = core::array::from_fn(|_| Request { event: event(), block: UNTOUCHED });
    let requests = &mut requests[..count as usize];
    memory.fill(0);
    let mut all = true;
    for (n, request) in requests.iter_mut().enumerate() {
        let offset = (n as u64 * LEN) as i64;
        let part = &mut memory[n * LEN as usize..][..LEN as usize];
        let (block, part) = (to(&mut request.block), to(part));
        let key = UserPtr::new(0);
        // SAFETY: the requests are waited for below, before anything that they point to goes.
        let status = unsafe {
            syscall::NtReadFile(volume, request.event, 0, 0, block, part, LEN as u32, from(&offset), key)
        };
        all &= status == S::PENDING;
    }
    for request in &mut *requests {
        // SAFETY: no time-out.
        unsafe { syscall::NtWaitForSingleObject(request.event, Boolean(0), UserPtr::new(0)) };
        // SAFETY: the block is there, and the kernel writes whole words.
        let (status, information) = unsafe {
            (
                (&raw const request.block.status).read_volatile(),
                (&raw const request.block.information).read_volatile(),
            )
        };
        all &= status == 0 && information == LEN;
        rt::close(request.event);
    }
    verdict(name, all && is_image(&memory[..(count * LEN) as usize], 0), "not all");
}

/// Several requests in flight.
pub fn asynchronous() {
    let Ok(volume) = io::open(Handle::NULL, VOLUME, How { options: 0, ..BOTH }) else {
        return verdict("open", false, "no volume");
    };
    let memory = buffer(BUFFER);
    many("one", volume, 1, memory);
    many("sixteen", volume, 16, memory);
    rt::close(volume);
}

/// Reads sector 0 often, and then stops: for counting exits.
pub fn cost() {
    let Ok(volume) = io::open(Handle::NULL, VOLUME, BOTH) else {
        return verdict("open", false, "no volume");
    };
    let memory = buffer(BUFFER);
    let mut all = true;
    for n in 0..1000 {
        all &= io::read(volume, &mut memory[..4096], Some(n % 512 * 4096)).0 == S::SUCCESS;
    }
    verdict("thousand", all, "not all");
    rt::close(volume);
}

/// Writes sectors one after the other, and prints how each ended: `S` success, `E` an I/O error, `P` write-protected.
pub fn faults() {
    let Ok(volume) = io::open(Handle::NULL, VOLUME, BOTH) else {
        return verdict("open", false, "no volume");
    };
    let memory = buffer(BUFFER);
    rt::display("writes ");
    for n in 0..6 {
        fill(&mut memory[..4096], n * 4096, u64::MAX);
        let status = io::write(volume, &memory[..4096], Some((n * 4096) as i64)).0;
        rt::display(match status {
            S::SUCCESS => "S",
            S::IO_DEVICE_ERROR => "E",
            S::MEDIA_WRITE_PROTECTED => "P",
            _ => "?",
        });
    }
    rt::display("\nreads ");
    for n in 0..6 {
        let status = io::read(volume, &mut memory[..4096], Some((1 << 20) + n * 4096)).0;
        let right = is_image(&memory[..4096], (1 << 20) + n as u64 * 4096);
        rt::display(match status {
            S::SUCCESS if right => "S",
            S::IO_DEVICE_ERROR => "E",
            _ => "?",
        });
    }
    rt::display("\n");
    rt::close(volume);
}
