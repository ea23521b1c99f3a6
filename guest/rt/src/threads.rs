//! Threads of the own process: [`spawn`], which asks the kernel itself and has slots of one static area for stacks, at
//! most [`MAX`] in a program's life; and [`start_thread`], which ntdll makes.
#![expect(unsafe_code, reason = "stacks for threads")]

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicUsize, Ordering};

use nt::NtStatus;
use nt::types::{Boolean, Context, Handle, InitialTeb, UserPtr};
use zerocopy::FromZeros;

use crate::handle::Owned;
use crate::ntdll::RtlCreateUserThread;
use crate::services::{pointer_to, syscall};

/// Most threads that [`spawn`] makes.
const MAX: usize = 64;
const STACK: usize = 8192;
/// Bytes of stack of a thread of [`start_thread`], and how many are there from the beginning.
const STACK_RESERVE: u64 = 0x1_0000;
const STACK_COMMIT: u64 = 0x2000;

#[repr(align(16))]
struct Stacks(UnsafeCell<[[u8; STACK]; MAX]>);

// SAFETY: each slot is given to one thread, once.
unsafe impl Sync for Stacks {}

static STACKS: Stacks = Stacks(UnsafeCell::new([[0; STACK]; MAX]));
static NEXT: AtomicUsize = AtomicUsize::new(0);

/// Starts a thread that runs `start(argument)`, which must not return.
///
/// # Errors
/// What `NtCreateThread` says; NO_MEMORY when all stacks are taken.
pub fn spawn(start: extern "win64" fn(u64) -> !, argument: u64) -> Result<Handle, NtStatus> {
    let slot = NEXT.fetch_add(1, Ordering::Relaxed);
    if slot >= MAX {
        return Err(NtStatus::NO_MEMORY);
    }
    let limit = STACKS.0.get().expose_provenance() as u64 + (slot * STACK) as u64;
    let base = limit + STACK as u64;
    let mut context = Context::new_zeroed();
    context.rip = start as *const () as u64;
    context.rcx = argument;
    // As a call leaves it: home space above a return address.
    context.rsp = base - 0x28;
    let stack = InitialTeb {
        stack_base: base,
        stack_limit: limit,
        allocated_stack_base: limit,
        ..InitialTeb::default()
    };
    let mut handle = Handle::NULL;
    let place = UserPtr::new(core::ptr::from_mut(&mut handle).expose_provenance() as u64);
    // SAFETY: context, stack description and handle outlive the call; the stack is the thread's own.
    let status = unsafe {
        syscall::NtCreateThread(
            place,
            0x001F_03FF,
            UserPtr::new(0),
            Handle::CURRENT_PROCESS,
            UserPtr::new(0),
            pointer_to(&context),
            pointer_to(&stack),
            Boolean(0),
        )
    };
    status.ok().map(|()| handle)
}

/// Starts a thread with a stack of its own, which goes with it: so many threads as there is memory for. The thread ends when
/// `start` returns.
///
/// # Errors
/// What `RtlCreateUserThread` says.
pub fn start_thread(start: extern "win64" fn(u64) -> u32, argument: u64) -> Result<Owned, NtStatus> {
    let mut handle = Handle::NULL;
    // SAFETY: the handle outlives the call; NULL stands for no descriptor and no client id.
    unsafe {
        RtlCreateUserThread(
            Handle::CURRENT_PROCESS,
            0,
            0,
            0,
            STACK_RESERVE,
            STACK_COMMIT,
            start,
            argument,
            &raw mut handle,
            core::ptr::null_mut(),
        )
    }
    .ok()?;
    Ok(Owned::new(handle))
}

/// Ends the calling thread.
pub fn exit_thread() -> ! {
    loop {
        // SAFETY: it takes no pointers.
        unsafe { syscall::NtTerminateThread(Handle::CURRENT_THREAD, NtStatus::SUCCESS) };
    }
}
