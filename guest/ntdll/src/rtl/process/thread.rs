//! Making threads.
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use nt::NtStatus;
use nt::dispatch::context_flags;
use nt::security::THREAD_ALL_ACCESS;
use nt::types::{Boolean, ClientId, Context, Handle, ObjectAttributes};
use zerocopy::FromZeros;

use super::stack;
use crate::rtl::raw::{at, store};
use crate::stubs::NtCreateThread;
use crate::thread::exit::RtlUserThreadStart;

/// EFLAGS of user mode: interrupts are on.
const USER_EFLAGS: u32 = 0x202;
/// RPL 3 selectors: code, stack.
const USER_SEGMENTS: [u16; 6] = [0x33, 0x2B, 0x2B, 0x53, 0x2B, 0x2B];
/// The home space of a call and its return address: RSP is 8 modulo 16 at the entry of a function.
const ENTRY_FRAME: u64 = 0x28;

/// Lets a context begin a thread: at `start`, with one argument, on a stack that ends at `stack`. The thread ends when
/// `start` returns.
#[unsafe(no_mangle)]
pub unsafe extern "win64" fn RtlInitializeContext(
    _: Handle,
    context: *mut Context,
    argument: u64,
    start: u64,
    stack: u64,
) {
    let mut fresh = Context::new_zeroed();
    fresh.context_flags = context_flags::CONTROL | context_flags::INTEGER | context_flags::SEGMENTS;
    fresh.segments = USER_SEGMENTS;
    fresh.eflags = USER_EFLAGS;
    fresh.rip = (RtlUserThreadStart as *const ()).expose_provenance() as u64;
    fresh.rcx = start;
    fresh.rdx = argument;
    fresh.rsp = (stack & !15) - ENTRY_FRAME;
    // SAFETY: as the caller says.
    unsafe { context.write(fresh) };
}

/// What a new thread is to be.
pub struct NewThread {
    pub process: Handle,
    pub descriptor: u64,
    pub suspended: bool,
    pub zero_bits: u64,
    pub stack_reserve: u64,
    pub stack_commit: u64,
    pub start: u64,
    pub argument: u64,
}

/// Makes a stack and a thread.
///
/// # Errors
/// What the services give.
pub fn create(new: &NewThread) -> Result<(Handle, ClientId), NtStatus> {
    let stack = stack::create(new.process, new.zero_bits, new.stack_reserve, new.stack_commit)?;
    let attributes = ObjectAttributes {
        length: size_of::<ObjectAttributes>() as u32,
        security_descriptor: new.descriptor,
        ..ObjectAttributes::default()
    };
    let mut context = Context::new_zeroed();
    let (mut thread, mut client_id) = (Handle::NULL, ClientId::default());
    // SAFETY: all of them live here.
    let status = unsafe {
        RtlInitializeContext(new.process, &mut context, new.argument, new.start, stack.stack_base);
        NtCreateThread(
            at(&raw mut thread),
            THREAD_ALL_ACCESS,
            at(&raw const attributes),
            new.process,
            at(&raw mut client_id),
            at(&raw const context),
            at(&raw const stack),
            Boolean(new.suspended.into()),
        )
    };
    if !status.is_success() {
        stack::free(new.process, &stack);
        return Err(status);
    }
    Ok((thread, client_id))
}

/// Makes a thread in a process. Without a place for its handle that is closed.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlCreateUserThread(
    process: Handle,
    descriptor: u64,
    suspended: u8,
    zero_bits: u32,
    stack_reserve: u64,
    stack_commit: u64,
    start: u64,
    argument: u64,
    thread: *mut Handle,
    client_id: *mut ClientId,
) -> NtStatus {
    let new = NewThread {
        process,
        descriptor,
        suspended: suspended != 0,
        zero_bits: zero_bits.into(),
        stack_reserve,
        stack_commit,
        start,
        argument,
    };
    match create(&new) {
        Ok((handle, id)) => {
            // SAFETY: as the caller says; a handle that nobody has got can be closed.
            unsafe {
                if thread.is_null() {
                    crate::stubs::NtClose(handle);
                }
                store(thread, handle);
                store(client_id, id);
            }
            NtStatus::SUCCESS
        }
        Err(status) => status,
    }
}
