//! Memory across processes: a child out of this program's own image, made, worked on from outside, run, and
//! gone without a trace.
#![expect(unsafe_code, reason = "makes a process and a thread in it")]

use nt::NtStatus as S;
use nt::memory::*;
use nt::security::{PROCESS_QUERY_INFORMATION, PROCESS_VM_OPERATION, PROCESS_VM_READ, PROCESS_VM_WRITE};
use nt::types::{Boolean, Context, Handle, InitialTeb, UserPtr};
use rt::syscall as nt_call;
use zerocopy::FromZeros;

use super::call::{self, ME, peek, poke};
use super::{PAGE, check, fails, is};
use crate::reg::{from, to};

const RW: u32 = PAGE_READWRITE;
const FILE: &str = r"\SystemRoot\System32\probe.exe";
/// SYNCHRONIZE, FILE_READ_DATA and FILE_EXECUTE.
const READ_EXECUTE: u32 = 0x10_0021;
/// PROCESS_ALL_ACCESS and THREAD_ALL_ACCESS of 5.2.
const ALL_ACCESS: u32 = 0x1F_0FFF;
const STACK: u64 = 0x1_0000;
/// A copy of it is in every process of this image.
static mut WRITABLE: u8 = 7;

/// First code of the child: does things to its memory and says with its status whether they worked. `shared` is a
/// view of what its parent also sees.
extern "win64" fn child(shared: u64) -> ! {
    let private = call::allocate(0, 64 * PAGE, MEM_RESERVE | MEM_COMMIT, RW).map_or(0, |(base, _)| base);
    (0..32).for_each(|page| poke(private + page * PAGE, 1));
    let section = call::section(0x4_0000, RW, SEC_COMMIT, Handle::NULL).unwrap_or(Handle::NULL);
    let view = call::map(section, 0, 0, 0, RW).map_or(0, |(_, base, _)| base);
    (0..16).for_each(|page| poke(view + page * PAGE, 2));
    // SAFETY: this is the only thread.
    let own = unsafe { (&raw mut WRITABLE).replace(9) };
    let sees = peek(shared) == 0x5A && peek(shared + PAGE) == 0;
    poke(shared + PAGE, own);
    let good = private != 0 && view != 0 && sees && own == 7;
    rt::exit(if good { S::SUCCESS } else { S::UNSUCCESSFUL })
}

fn create() -> Result<Handle, S> {
    let file = call::open_file(FILE, READ_EXECUTE)?;
    let section = call::section(0, PAGE_EXECUTE, SEC_IMAGE, file);
    rt::close(file);
    let (section, mut process, none) = (section?, Handle::NULL, Handle::NULL);
    // SAFETY: the handle outlives the call.
    let status = unsafe {
        let attributes = UserPtr::new(0);
        nt_call::NtCreateProcess(
            to(&mut process),
            ALL_ACCESS,
            attributes,
            ME,
            Boolean(0),
            section,
            none,
            none,
        )
    };
    rt::close(section);
    status.ok().map(|()| process)
}

/// Starts a process of this program that runs `entry(argument)`: its handle and its thread's.
pub fn spawn(entry: extern "win64" fn(u64) -> !, argument: u64) -> Result<(Handle, Handle), S> {
    let process = create()?;
    match start(process, entry, argument) {
        Ok(thread) => Ok((process, thread)),
        Err(status) => {
            rt::close(process);
            Err(status)
        }
    }
}

/// Starts a process's thread on a stack that is made for it.
fn start(process: Handle, entry: extern "win64" fn(u64) -> !, argument: u64) -> Result<Handle, S> {
    let stack = allocate_in(process, STACK)?;
    let mut context = Context::new_zeroed();
    context.rip = entry as *const () as u64;
    context.rcx = argument;
    context.rsp = stack + STACK - 0x28;
    let initial = InitialTeb {
        stack_base: stack + STACK,
        stack_limit: stack,
        allocated_stack_base: stack,
        ..InitialTeb::default()
    };
    let mut thread = Handle::NULL;
    // SAFETY: everything pointed to outlives the call.
    let status = unsafe {
        let (context, initial, none) = (from(&context), from(&initial), UserPtr::new(0));
        let none_too = UserPtr::new(0);
        nt_call::NtCreateThread(
            to(&mut thread),
            ALL_ACCESS,
            none,
            process,
            none_too,
            context,
            initial,
            Boolean(0),
        )
    };
    status.ok().map(|()| thread)
}

fn allocate_in(process: Handle, size: u64) -> Result<u64, S> {
    let (mut base, mut size) = (0_u64, size);
    let both = MEM_RESERVE | MEM_COMMIT;
    // SAFETY: both places outlive the call.
    let status =
        unsafe { nt_call::NtAllocateVirtualMemory(process, to(&mut base), 0, to(&mut size), both, RW) };
    status.ok().map(|()| base)
}

fn protect_in(process: Handle, base: u64, protect: u32) -> S {
    let (mut base, mut size, mut old) = (base, PAGE, 0_u32);
    // SAFETY: all places outlive the call.
    unsafe { nt_call::NtProtectVirtualMemory(process, to(&mut base), to(&mut size), protect, to(&mut old)) }
}

fn map_in(process: Handle, section: Handle) -> Result<u64, S> {
    let (mut base, mut size) = (0_u64, 0_u64);
    // SAFETY: all places outlive the call.
    let status = unsafe {
        let (base, size) = (to(&mut base), to(&mut size));
        nt_call::NtMapViewOfSection(section, process, base, 0, 0, UserPtr::new(0), size, 1, 0, RW)
    };
    status.ok().map(|()| base)
}

/// A handle of the process that grants only so much.
fn limited(process: Handle, access: u32) -> Handle {
    let mut handle = Handle::NULL;
    // SAFETY: the place outlives the call.
    unsafe { nt_call::NtDuplicateObject(ME, process, ME, to(&mut handle), access, 0, 0) };
    handle
}

/// Again and again: children take nothing that those before them have not left. The kernel's pool may get a page for one
/// size of blocks or another meanwhile; a page that were lost with every child would be more.
pub fn processes() {
    const CHILDREN: u32 = 8;
    // The kernel stack of a thread goes with the next switch but one: there are two, at least.
    let settled = || {
        rt::delay(10_000);
        rt::delay(10_000);
        call::free_pages()
    };
    one();
    one();
    let before = settled();
    (0..CHILDREN).for_each(|_| one());
    check("free-pages", before.saturating_sub(settled()) < CHILDREN / 2);
}

fn one() {
    let process = match create() {
        Ok(process) => process,
        Err(status) => return is("create", status, S::SUCCESS),
    };
    from_outside(process);
    rights(process);
    let shared = call::section(2 * PAGE, RW, SEC_COMMIT, Handle::NULL).unwrap_or(Handle::NULL);
    let here = call::map(shared, 0, 0, 0, RW).map_or(0, |(_, base, _)| base);
    poke(here, 0x5A);
    let there = map_in(process, shared).unwrap_or(0);
    match start(process, child, there) {
        Ok(thread) => {
            rt::wait(process);
            rt::close(thread);
            check("child-ran", peek(here + PAGE) == 7);
            // SAFETY: nobody writes to it in this process.
            check("image-data-apart", unsafe { (&raw const WRITABLE).read_volatile() } == 7);
        }
        Err(status) => is("start", status, S::SUCCESS),
    }
    fails("gone", allocate_in(process, PAGE), S::PROCESS_IS_TERMINATING);
    is("gone-read", call::read(process, there, here, 1).0, S::PROCESS_IS_TERMINATING);
    is("shared-unmap", call::unmap(here), S::SUCCESS);
    rt::close(shared);
    rt::close(process);
}

/// What can be done to a process's memory by another one.
fn from_outside(process: Handle) {
    let Ok(base) = allocate_in(process, 4 * PAGE) else { return check("allocate-in", false) };
    let Ok((mine, _)) = call::allocate(0, 4 * PAGE, MEM_RESERVE | MEM_COMMIT, RW) else {
        return check("allocate", false);
    };
    (0..0x2000).for_each(|at| poke(mine + at, at as u8));
    let written = call::write(process, base + PAGE - 100, mine + 3, 0x1000);
    check("write-in", written == (S::SUCCESS, 0x1000));
    let read = call::read(process, base + PAGE - 100, mine + 0x2000, 0x1000);
    let same = (0..0x1000).all(|at| peek(mine + 0x2000 + at) == peek(mine + 3 + at));
    check("read-back", read == (S::SUCCESS, 0x1000) && same);
    is("protect-in", protect_in(process, base, PAGE_READONLY), S::SUCCESS);
    check("write-protected-in", call::write(process, base, mine, 8) == (S::PARTIAL_COPY, 0));
    check("read-protected-in", call::read(process, base, mine, 8) == (S::SUCCESS, 8));
    // The program itself, and a page of it that is only here another one.
    let code = child as *const () as u64;
    let own = call::read(process, code, mine, 16);
    let same = (0..16).all(|at| peek(mine + at) == peek(code + at));
    check("read-code-in", own == (S::SUCCESS, 16) && same);
    check("write-code-in", call::write(process, code, mine, 16) == (S::PARTIAL_COPY, 0));
    is("unprotect-code-in", protect_in(process, code & !(PAGE - 1), PAGE_EXECUTE_READWRITE), S::SUCCESS);
    check("write-copy-in", call::write(process, code, mine, 16) == (S::SUCCESS, 16));
    check("allocate-free", call::free(mine, 0, MEM_RELEASE).is_ok());
}

/// Each service asks for its own right.
fn rights(process: Handle) {
    let Ok(base) = allocate_in(process, PAGE) else { return check("allocate-in", false) };
    let mut byte = 0_u8;
    let place = core::ptr::from_mut(&mut byte).expose_provenance() as u64;
    for access in [PROCESS_VM_OPERATION, PROCESS_VM_READ, PROCESS_VM_WRITE, PROCESS_QUERY_INFORMATION] {
        let handle = limited(process, access);
        let allowed = |wanted| if access == wanted { S::SUCCESS } else { S::ACCESS_DENIED };
        is("right-operation", protect_in(handle, base, RW), allowed(PROCESS_VM_OPERATION));
        is("right-read", call::read(handle, base, place, 1).0, allowed(PROCESS_VM_READ));
        is("right-write", call::write(handle, base, place, 1).0, allowed(PROCESS_VM_WRITE));
        let mut information = MemoryBasicInformation::default();
        // SAFETY: the place outlives the call.
        let status = unsafe {
            nt_call::NtQueryVirtualMemory(handle, base, 0, to(&mut information), 0x30, UserPtr::new(0))
        };
        is("right-query", status, allowed(PROCESS_QUERY_INFORMATION));
        rt::close(handle);
    }
}
