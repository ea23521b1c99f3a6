//! Threads with a user mode: TEB, first registers, `NtCreateThread`.

use alloc::sync::Arc;

use hal::trace::{self, Phase};
use hal::trap::TrapFrame;
use nt::dispatch::Entry;
use nt::layout::{peb, teb};
use nt::types::{Boolean, ClientId, Context, Handle, InitialTeb, ObjectAttributes, UserPtr};
use nt::{NtStatus, events};
use zerocopy::IntoBytes;

use super::system::new_thread;
use super::{Process, Thread, exit};
use crate::ke::context::{self, Registers};
use crate::ke::service::NtResult;
use crate::ke::{sched, suspend};
use crate::mm::space::ProcessSpace;
use crate::mm::{room_for, user};
use crate::ob::{self, Captured};

/// PROCESS_CREATE_THREAD.
const CREATE_THREAD: u32 = 2;
/// What a call of ntdll's loader takes of the stack: home space and a return address.
const CALL: u64 = 0x28;

/// Pages that a new thread takes: kernel stack, TEB, page tables and the beginning of its stack.
const NEEDED: u32 = 24;

/// Makes a thread with a user mode: its TEB and the registers it starts with. It is not ready yet.
///
/// # Errors
/// BAD_INITIAL_STACK, NO_MEMORY, PROCESS_IS_TERMINATING.
pub fn build(process: &Arc<Process>, start: &Registers, stack: &InitialTeb) -> Result<Arc<Thread>, NtStatus> {
    room_for(NEEDED)?;
    let thread = new_thread(process, None)?;
    let made = prepare(process, &thread, start, stack);
    if let Err(status) = made {
        exit::forget_thread(&thread);
        return Err(status);
    }
    trace::event(events::PS_THREAD_CREATE, Phase::Instant, process.id, [thread.id.into(), 0]);
    Ok(thread)
}

fn prepare(
    process: &Process,
    thread: &Thread,
    start: &Registers,
    stack: &InitialTeb,
) -> Result<(), NtStatus> {
    thread.attributes.lock().start_address = context::start_of(start).0;
    let dll = *process.system_dll.lock();
    let mut space = process.space.lock();
    let space = space.as_mut().ok_or(NtStatus::PROCESS_IS_TERMINATING)?;
    let frame = match dll.entry(Entry::LdrInitializeThunk) {
        Some(thunk) => through_the_loader(space, thunk, dll.base, start)?,
        None => context::frame_of(start),
    };
    thread.task.user_frame().store(&frame);
    let place = space.create_teb()?;
    for (offset, value) in [
        (teb::STACK_BASE, stack.stack_base),
        (teb::STACK_LIMIT, stack.stack_limit),
        (teb::SELF, place),
        (teb::CLIENT_ID, process.id.into()),
        (teb::CLIENT_ID + 8, thread.id.into()),
        (teb::PEB, peb::ADDRESS),
        (teb::DEALLOCATION_STACK, stack.allocated_stack_base),
    ] {
        space.write(place + offset, &u64::to_le_bytes(value))?;
    }
    thread.task.set_user(space.tables(), place);
    Ok(())
}

/// The thread begins in ntdll's loader, with the context to go on with on its stack (`nt::dispatch`). Only what
/// counts of the context is written there: on a fresh stack the rest is zero.
fn through_the_loader(
    space: &mut ProcessSpace,
    thunk: u64,
    base: u64,
    start: &Registers,
) -> Result<TrapFrame, NtStatus> {
    let size = size_of::<Context>() as u64;
    let (_, stack) = context::start_of(start);
    let at = stack.checked_sub(size + CALL).ok_or(NtStatus::BAD_INITIAL_STACK)? & !15;
    for (offset, bytes) in context::parts(start) {
        space.write(at + offset, bytes).map_err(|_| NtStatus::BAD_INITIAL_STACK)?;
    }
    Ok(TrapFrame { rip: thunk, rcx: at, rdx: base, rsp: at - CALL, ..TrapFrame::default() })
}

/// `NtCreateThread`.
#[expect(clippy::too_many_arguments, reason = "NT's signature")]
pub fn create(
    thread: UserPtr<Handle>,
    access: u32,
    attributes: UserPtr<ObjectAttributes>,
    process: Handle,
    client_id: UserPtr<ClientId>,
    context: UserPtr<Context>,
    initial_teb: UserPtr<InitialTeb>,
    suspended: Boolean,
) -> NtResult {
    let captured = Captured::new(attributes)?;
    let process = ob::handle::process(process, CREATE_THREAD)?;
    let start = context::read_start(context)?;
    let stack: InitialTeb = user::read(initial_teb)?;
    // The places of the results are probed first, so that a bad pointer leaves no thread behind.
    user::write(thread.address, Handle::NULL.as_bytes())?;
    user::write_optional(client_id, ClientId::default().as_bytes())?;
    let created = build(&process, &start, &stack)?;
    let result = give(thread, access, &captured, client_id, &created);
    if suspended.0 != 0 {
        suspend::suspend(&created)?;
    }
    if result.is_err() {
        exit::end_thread(&created, NtStatus::UNSUCCESSFUL);
    }
    sched::ready(created);
    result
}

fn give(
    to: UserPtr<Handle>,
    access: u32,
    captured: &Captured,
    client_id: UserPtr<ClientId>,
    thread: &Thread,
) -> NtResult {
    let object = super::object_of_thread(thread).ok_or(NtStatus::UNSUCCESSFUL)?;
    let id = ClientId { process: thread.process.id.into(), thread: thread.id.into() };
    user::write_optional(client_id, id.as_bytes())?;
    ob::namespace::create_named(to, access, captured, object)
}
