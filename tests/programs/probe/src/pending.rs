//! Requests that take their time: `\Device\Loopback` answers reads with what is written, and delays when they are over.
#![expect(unsafe_code, reason = "blocks and buffers that the kernel writes to later")]

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use nt::NtStatus;
use nt::file::{access, control, option, share};
use nt::types::{Boolean, Handle, IoStatusBlock, ObjectAttributes, UserPtr};
use rt::syscall;

use crate::checks::verdict;
use crate::files::expect;
use crate::io::{self, How, UNTOUCHED};
use crate::reg::{Wide, from, to};

const SERVICES: &str = r"\Registry\Machine\System\CurrentControlSet\Services\";
const DEVICE: &str = r"\Device\Loopback";
const PENDING: u64 = UNTOUCHED.status;

const ASYNCHRONOUS: How = How {
    access: access::GENERIC_READ | access::GENERIC_WRITE,
    share: share::ALL,
    disposition: nt::file::disposition::OPEN,
    options: 0,
};
const SYNCHRONOUS: How = How { options: option::SYNCHRONOUS_IO_NONALERT, ..ASYNCHRONOUS };
const ALERTABLE: How = How { options: option::SYNCHRONOUS_IO_ALERT, ..ASYNCHRONOUS };

/// Takes SeLoadDriverPrivilege, or gives it up.
fn may_load(may: bool) {
    const LOAD_DRIVER: u32 = 10;
    hold_privilege(LOAD_DRIVER, may);
}

/// Takes a privilege, or gives it up.
pub fn hold_privilege(privilege: u32, hold: bool) {
    const ENABLED: u32 = 2;
    let mut token = Handle::NULL;
    // SAFETY: the handle outlives the call.
    unsafe { syscall::NtOpenProcessToken(Handle::CURRENT_PROCESS, 0x28, to(&mut token)) };
    // TOKEN_PRIVILEGES: a count; LUID and attributes.
    let state = [1, privilege, 0, if hold { ENABLED } else { 0 }];
    let none = || UserPtr::new(0);
    // SAFETY: the structure outlives the call.
    unsafe {
        syscall::NtAdjustPrivilegesToken(token, Boolean(0), from(&state), 0, none(), UserPtr::new(0));
    }
    rt::close(token);
}

/// Loads or unloads a driver by the name of its key.
pub fn driver(name: &str, load: bool) -> NtStatus {
    let mut path = [0; 100];
    let text = SERVICES.bytes().chain(name.bytes());
    let len = text.zip(&mut path).map(|(from, to)| *to = from).count();
    let wide = Wide::new(str::from_utf8(&path[..len]).unwrap_or(""));
    let string = wide.string();
    let call = if load { syscall::NtLoadDriver } else { syscall::NtUnloadDriver };
    // SAFETY: the string outlives the call.
    unsafe { call(from(&string)) }
}

fn event() -> Handle {
    let mut handle = Handle::NULL;
    let attributes: UserPtr<ObjectAttributes> = UserPtr::new(0);
    // SAFETY: the handle outlives the call.
    unsafe { syscall::NtCreateEvent(to(&mut handle), 0x1F_0003, attributes, 0, Boolean(0)) };
    handle
}

/// A request that the kernel answers later: it must not move.
struct Request {
    block: IoStatusBlock,
    data: [u8; 32],
    input: i64,
}

impl Request {
    const fn new() -> Self {
        Self { block: UNTOUCHED, data: [0; 32], input: 0 }
    }

    fn status(&self) -> u64 {
        // SAFETY: it is there, and the kernel writes whole words.
        unsafe { (&raw const self.block.status).read_volatile() }
    }

    fn information(&self) -> u64 {
        // SAFETY: as above.
        unsafe { (&raw const self.block.information).read_volatile() }
    }

    fn read(&mut self, file: Handle, event: Handle, routine: u64, length: u32) -> NtStatus {
        let zero = 0_i64;
        self.block = UNTOUCHED;
        let (block, data) = (to(&mut self.block), to(&mut self.data));
        let key = UserPtr::new(0);
        // SAFETY: the request outlives its answer.
        unsafe { syscall::NtReadFile(file, event, routine, 77, block, data, length, from(&zero), key) }
    }

    fn write(&mut self, file: Handle, event: Handle, data: &[u8]) -> NtStatus {
        let zero = 0_i64;
        self.block = UNTOUCHED;
        let block = to(&mut self.block);
        let (data, length, key) = (from(data), data.len() as u32, UserPtr::new(0));
        // SAFETY: the request outlives its answer.
        unsafe { syscall::NtWriteFile(file, event, 0, 0, block, data, length, from(&zero), key) }
    }

    fn delay(&mut self, file: Handle, event: Handle, ticks: i64) -> NtStatus {
        (self.block, self.input) = (UNTOUCHED, -ticks);
        let (block, input) = (to(&mut self.block), from(&self.input));
        let (code, none) = (control::LOOPBACK_DELAY, UserPtr::new(0));
        // SAFETY: the request outlives its answer.
        unsafe { syscall::NtDeviceIoControlFile(file, event, 0, 0, block, code, input, 8, none, 0) }
    }
}

fn cancel(file: Handle) -> NtStatus {
    let mut block = UNTOUCHED;
    // SAFETY: the block outlives the call.
    unsafe { syscall::NtCancelIoFile(file, to(&mut block)) }
}

/// Whether an object is signalled now.
fn is_signalled(object: Handle) -> bool {
    let now = 0_i64;
    // SAFETY: the time-out outlives the call.
    unsafe { syscall::NtWaitForSingleObject(object, Boolean(0), from(&now)) == NtStatus::SUCCESS }
}

fn open(how: How) -> Handle {
    io::open(Handle::NULL, DEVICE, how).unwrap_or(Handle::NULL)
}

/// Loading and unloading.
pub fn drivers() {
    use NtStatus as S;
    let missing = io::open(Handle::NULL, DEVICE, ASYNCHRONOUS).err();
    verdict("not-there", missing == Some(S::OBJECT_NAME_NOT_FOUND), "there");
    may_load(false);
    expect("load-not", driver("Loopback", true), S::PRIVILEGE_NOT_HELD);
    expect("unload-not", driver("Loopback", false), S::PRIVILEGE_NOT_HELD);
    may_load(true);
    expect("unload-first", driver("Loopback", false), S::OBJECT_NAME_NOT_FOUND);
    expect("load", driver("Loopback", true), S::SUCCESS);
    expect("load-again", driver("lOOPBACK", true), S::IMAGE_ALREADY_LOADED);
    expect("load-loaded", driver("Null", true), S::IMAGE_ALREADY_LOADED);
    expect("load-no-part", driver("Parport", true), S::OBJECT_NAME_NOT_FOUND);
    expect("load-no-key", driver("None", true), S::OBJECT_NAME_NOT_FOUND);
    expect("load-path", driver(r"a\b", true), S::INVALID_PARAMETER);
    expect("unload-fixed", driver("Null", false), S::INVALID_DEVICE_REQUEST);
    let file = open(ASYNCHRONOUS);
    verdict("open", file != Handle::NULL, "not there");
    expect("unload", driver("Loopback", false), S::SUCCESS);
    let gone = io::open(Handle::NULL, DEVICE, ASYNCHRONOUS).err();
    verdict("gone", gone == Some(S::OBJECT_NAME_NOT_FOUND), "there");
    let mut request = Request::new();
    expect("still-open", request.read(file, Handle::NULL, 0, 8), S::PENDING);
    expect("cancel", cancel(file), S::SUCCESS);
    rt::close(file);
    expect("load-anew", driver("Loopback", true), S::SUCCESS);
}

static APCS: AtomicU32 = AtomicU32::new(0);
static BLOCK: AtomicU64 = AtomicU64::new(0);

extern "win64" fn routine(context: u64, block: u64, _: u64) {
    BLOCK.store(block, Ordering::Relaxed);
    APCS.fetch_add(context as u32, Ordering::Relaxed);
}

/// Requests of an asynchronous handle: events, APCs, cancellation, ends.
pub fn asynchronous() {
    use NtStatus as S;
    may_load(true);
    driver("Loopback", true);
    let (file, done) = (open(ASYNCHRONOUS), event());
    let (mut one, mut two) = (Request::new(), Request::new());
    expect("read", one.read(file, done, 0, 8), S::PENDING);
    verdict("waits", one.status() == PENDING && !is_signalled(done), "answered");
    expect("write", two.write(file, Handle::NULL, b"forty-two bytes"), S::PENDING);
    verdict(
        "answered",
        one.status() == 0 && one.information() == 8 && &one.data[..8] == b"forty-tw",
        "wrong",
    );
    verdict("event", is_signalled(done), "not signalled");
    verdict("written", two.status() == 0 && two.information() == 15, "not all");
    verdict("file", is_signalled(file), "not signalled");

    expect("write-first", two.write(file, done, b"abc"), S::PENDING);
    verdict("reset", !is_signalled(done) && !is_signalled(file), "still signalled");
    expect("read-second", one.read(file, Handle::NULL, routine as *const () as u64, 32), S::PENDING);
    verdict("both", one.information() == 3 && two.information() == 3 && is_signalled(done), "not both");
    verdict("no-apc-yet", APCS.load(Ordering::Relaxed) == 0, "called");
    let soon = -1_i64;
    // SAFETY: the time outlives the call.
    let status = unsafe { syscall::NtDelayExecution(Boolean(1), from(&soon)) };
    expect("apc-ends-wait", status, S::USER_APC);
    let block = (&raw const one.block).expose_provenance() as u64;
    let called = APCS.load(Ordering::Relaxed) == 77 && BLOCK.load(Ordering::Relaxed) == block;
    verdict("apc", called, "not called with context and block");

    expect("delay", one.delay(file, done, 100_000), S::PENDING);
    expect("delay-over", rt::wait(done), S::SUCCESS);
    verdict("interrupt", one.status() == 0 && one.information() == 0, "not answered");

    expect("read-to-cancel", one.read(file, done, 0, 8), S::PENDING);
    expect("cancel", cancel(file), S::SUCCESS);
    verdict("cancelled", one.status() == u64::from(S::CANCELLED.0) && is_signalled(done), "not cancelled");
    expect("cancel-nothing", cancel(file), S::SUCCESS);

    expect("read-to-close", one.read(file, done, 0, 8), S::PENDING);
    rt::close(file);
    verdict("closed", one.status() == u64::from(S::CANCELLED.0) && is_signalled(done), "not cancelled");

    let file = open(ASYNCHRONOUS);
    // SAFETY: what the kernel writes to is checked there, which is the test.
    let status = unsafe {
        let (block, bad, none) = (to(&mut one.block), UserPtr::new(0x7FFE_0000), UserPtr::new(0));
        let zero = 0_i64;
        syscall::NtReadFile(file, Handle::NULL, 0, 0, block, bad, 8, from(&zero), none)
    };
    expect("hostile", status, S::ACCESS_VIOLATION);
    expect("hostile-event", two.read(file, Handle::CURRENT_PROCESS, 0, 8), S::OBJECT_TYPE_MISMATCH);
    // The hostile read is not in the way of the next one.
    expect("read-after", two.read(file, done, 0, 8), S::PENDING);
    expect("write-after", one.write(file, Handle::NULL, b"x"), S::PENDING);
    verdict("after", two.status() == 0 && two.information() == 1, "another read took it");
    rt::close(file);
    rt::close(done);
}

static FILE: AtomicU64 = AtomicU64::new(0);

/// Writes in a while, and stays until somebody has read it: what a thread leaves behind is taken back.
extern "win64" fn write_soon(_: u64) -> ! {
    let file = Handle(FILE.load(Ordering::Relaxed));
    let done = event();
    rt::delay(50_000);
    let mut request = Request::new();
    if request.write(file, done, b"later") == NtStatus::PENDING {
        rt::wait(done);
    }
    rt::close(done);
    rt::exit_thread()
}

static THREAD_READ: AtomicU32 = AtomicU32::new(0);

extern "win64" fn read_and_stay(_: u64) -> ! {
    let mut request = Request::new();
    let status = request.read(Handle(FILE.load(Ordering::Relaxed)), Handle::NULL, 0, 8);
    THREAD_READ.store(status.0, Ordering::Relaxed);
    rt::exit_thread()
}

extern "win64" fn read_and_leave(_: u64) -> ! {
    static mut REQUEST: Request = Request::new();
    // SAFETY: only one thread at a time uses it.
    let request = unsafe { (&raw mut REQUEST).as_mut() }.unwrap_or_else(|| rt::exit_thread());
    let status = request.read(Handle(FILE.load(Ordering::Relaxed)), Handle::NULL, 0, 8);
    THREAD_READ.store(status.0, Ordering::Relaxed);
    rt::exit_thread()
}

/// Requests of handles whose services wait.
pub fn synchronous() {
    use NtStatus as S;
    may_load(true);
    driver("Loopback", true);
    // The other end is a handle of its own: one request at a time is what a synchronous handle allows.
    let (file, other) = (open(SYNCHRONOUS), open(ASYNCHRONOUS));
    FILE.store(other.0, Ordering::Relaxed);
    let mut request = Request::new();
    let writer = rt::spawn(write_soon, 0).unwrap_or(Handle::NULL);
    expect("read", request.read(file, Handle::NULL, 0, 8), S::SUCCESS);
    verdict("answered", request.information() == 5 && &request.data[..5] == b"later", "other bytes");
    rt::wait(writer);
    expect("delay", request.delay(file, Handle::NULL, 50_000), S::SUCCESS);

    // A thread that is terminated in the middle of it takes its request back.
    FILE.store(file.0, Ordering::Relaxed);
    let reader = rt::spawn(read_and_stay, 0).unwrap_or(Handle::NULL);
    rt::delay(200_000);
    // SAFETY: it takes no pointers.
    unsafe { syscall::NtTerminateThread(reader, S::SUCCESS) };
    expect("terminated", rt::wait(reader), S::SUCCESS);
    verdict("no-answer", THREAD_READ.load(Ordering::Relaxed) == 0, "it went on");
    let mut read = Request::new();
    expect("read-after", read.read(other, Handle::NULL, 0, 8), S::PENDING);
    expect("write-after", request.write(file, Handle::NULL, b"x"), S::SUCCESS);
    verdict("after", read.information() == 1, "the dead thread's read took it");

    // So does one that ends with a request that it has not waited for.
    FILE.store(other.0, Ordering::Relaxed);
    let reader = rt::spawn(read_and_leave, 0).unwrap_or(Handle::NULL);
    expect("left", rt::wait(reader), S::SUCCESS);
    verdict("pending", THREAD_READ.load(Ordering::Relaxed) == S::PENDING.0, "not pending");
    expect("read-third", read.read(other, Handle::NULL, 0, 8), S::PENDING);
    expect("write-third", request.write(file, Handle::NULL, b"y"), S::SUCCESS);
    verdict("third", read.information() == 1, "the ended thread's read took it");

    // One request at a time: the second reader's turn comes after the first one's answer.
    FILE.store(file.0, Ordering::Relaxed);
    let first = rt::spawn(read_and_stay, 0).unwrap_or(Handle::NULL);
    let second = rt::spawn(read_and_stay, 0).unwrap_or(Handle::NULL);
    rt::delay(200_000);
    // Whichever of them came first: both are answered before either is waited for.
    let mut writes = [Request::new(), Request::new()];
    for write in &mut writes {
        write.write(other, Handle::NULL, b"z");
    }
    for thread in [first, second] {
        expect("turn", rt::wait(thread), S::SUCCESS);
    }

    // An alert ends the wait of a handle for which alerts count.
    let alertable = open(ALERTABLE);
    // SAFETY: it takes no pointers.
    unsafe { syscall::NtAlertThread(Handle::CURRENT_THREAD) };
    expect("alerted", request.read(alertable, Handle::NULL, 0, 8), S::CANCELLED);
    verdict("alerted-block", request.status() == u64::from(S::CANCELLED.0), "another status");
    for file in [file, other, alertable] {
        rt::close(file);
    }
}
