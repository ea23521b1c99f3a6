//! Making processes and threads.

use alloc::sync::Arc;
use core::sync::atomic::AtomicU64;

use hal::cell::KernelCell;
use hal::context::{self, Task};
use hal::cpu;
use hal::trace::{self, Phase};
use hal::trap::TrapFrame;
use nt::layout::{peb, teb};
use nt::types::{Boolean, ClientId, Context, Handle, InitialTeb, ObjectAttributes, UserPtr};
use nt::{NtStatus, events};
use pe::{Image, SUBSYSTEM_NATIVE};
use zerocopy::IntoBytes;

use super::attributes::{Attributes, ThreadAttributes};
use super::{Process, Thread, ThreadState, cid, exit, new_process, parameters};
use crate::io;
use crate::ke::dispatcher::unsignalled;
use crate::ke::service::NtResult;
use crate::ke::thread::Tcb;
use crate::ke::{sched, suspend};
use crate::mm::space::ProcessSpace;
use crate::mm::{self, user};
use crate::ob::body::Kind;
use crate::ob::{self, Body, Captured, Object};
use crate::se;

/// Where the first thread's stack ends: below the process parameters, in the 2 MiB that PEB and TEBs are in.
const STACK_TOP: u64 = 0x7FFB_0000;
/// Largest stack that fits there.
const STACK_MAX: u64 = 0x10_0000;
/// What the caller's 32-byte home space and return address take: RSP is 8 modulo 16 at an entry point.
const ENTRY_FRAME: u64 = 0x28;
/// PROCESS_CREATE_THREAD.
const CREATE_THREAD: u32 = 2;

static SYSTEM: KernelCell<Option<Arc<Process>>> = KernelCell::new(None);

/// Makes the System process: the kernel's own threads belong to it.
pub fn init_system_process() {
    *SYSTEM.lock() = Some(new_process("System", None, Attributes::first()));
}

/// Starts a thread of the kernel's own.
///
/// # Errors
/// NO_MEMORY.
pub fn system_thread(routine: fn()) -> Result<(), NtStatus> {
    let process = SYSTEM.lock().clone().ok_or(NtStatus::UNSUCCESSFUL)?;
    sched::ready(new_thread(&process, Some(routine))?);
    Ok(())
}

fn new_thread(process: &Arc<Process>, routine: Option<fn()>) -> Result<Arc<Thread>, NtStatus> {
    let id = cid::next();
    let base = process.attributes.lock().base_priority;
    let thread = Arc::new(Thread {
        id,
        process: process.clone(),
        task: Task::new(thread_start, 0).ok_or(NtStatus::NO_MEMORY)?,
        tcb: Tcb::new(base as u8),
        user: routine.is_none(),
        cycles: AtomicU64::new(0),
        attributes: KernelCell::new(ThreadAttributes {
            create_tsc: cpu::tsc(),
            ..ThreadAttributes::default()
        }),
        state: KernelCell::new(ThreadState { routine, exit: None }),
        ended: unsignalled(),
    });
    process.state.lock().threads.push(thread.clone());
    cid::insert(
        id,
        Object::new(Body::Thread(thread.clone()), obns::Attributes::NONE, se::default_security()),
    );
    Ok(thread)
}

/// First code of every thread, on its own kernel stack.
extern "C" fn thread_start(_: usize) -> ! {
    let thread = sched::current();
    let routine = thread.state.lock().routine;
    let ended = thread.must_end();
    // This stack is abandoned when user mode begins, so nothing may be left on it that owns something.
    drop(thread);
    match routine {
        _ if ended => {}
        Some(routine) => routine(),
        None => context::enter_user(),
    }
    exit::end_current_thread()
}

/// Makes the first user process out of a file of the boot archive and starts it. The command ends its
/// image path at the first blank.
///
/// # Errors
/// OBJECT_NAME_NOT_FOUND, INVALID_IMAGE_FORMAT, NO_MEMORY and what mapping the image gives.
pub fn first_process(command: &str) -> Result<Arc<Process>, NtStatus> {
    let path = command.split(' ').next().unwrap_or(command);
    let file = io::open_kernel(path)?.archive_data().ok_or(NtStatus::INVALID_IMAGE_FORMAT)?;
    let image = Image::parse(file).map_err(|_| NtStatus::INVALID_IMAGE_FORMAT)?;
    if image.subsystem() != SUBSYSTEM_NATIVE || image.is_dll() {
        return Err(NtStatus::INVALID_IMAGE_FORMAT);
    }
    let entry = image.entry().ok_or(NtStatus::INVALID_IMAGE_FORMAT)?;
    let section = mm::section::image_from(file)?;
    let mut space = ProcessSpace::new()?;
    let base = space.map_section(&section)?.base;
    let reserve = image.stack_reserve().min(STACK_MAX);
    let stack = space.create_stack(STACK_TOP, reserve, image.stack_commit())?;
    let parameters = parameters::map(&mut space, path, command)?;
    let peb = space.create_peb()?;
    for (offset, value, size) in [
        (peb::MUTANT, u64::MAX, 8),
        (peb::IMAGE_BASE_ADDRESS, base, 8),
        (peb::PROCESS_PARAMETERS, parameters, 8),
        (peb::NUMBER_OF_PROCESSORS, 1, 4),
        (peb::OS_MAJOR_VERSION, 5 | 2 << 32, 8),
        (peb::IMAGE_SUBSYSTEM, SUBSYSTEM_NATIVE.into(), 4),
    ] {
        space.write(peb + offset, &u64::to_le_bytes(value)[..size])?;
    }

    let name = path.rsplit('\\').next().unwrap_or(path);
    let process =
        new_process(name, Some(space), Attributes { image_path: path.into(), ..Attributes::first() });
    trace::event_with_text(
        events::PS_PROCESS_CREATE,
        Phase::Instant,
        process.id,
        [process.id.into(), 0],
        name.as_bytes(),
    );
    let frame = TrapFrame {
        rip: base + u64::from(entry),
        rsp: STACK_TOP - ENTRY_FRAME,
        rcx: peb::ADDRESS,
        ..TrapFrame::default()
    };
    sched::ready(user_thread(&process, frame, &stack)?);
    Ok(process)
}

/// Makes a thread with a user mode: its TEB and the registers it starts with. It is not ready yet.
fn user_thread(
    process: &Arc<Process>,
    frame: TrapFrame,
    stack: &InitialTeb,
) -> Result<Arc<Thread>, NtStatus> {
    let start_address = frame.rip;
    let thread = new_thread(process, None)?;
    thread.task.user_frame().store(&frame);
    thread.attributes.lock().start_address = start_address;
    let mut space = process.space.lock();
    let space = space.as_mut().ok_or(NtStatus::UNSUCCESSFUL)?;
    let teb = space.create_teb()?;
    for (offset, value) in [
        (teb::STACK_BASE, stack.stack_base),
        (teb::STACK_LIMIT, stack.stack_limit),
        (teb::SELF, teb),
        (teb::CLIENT_ID, process.id.into()),
        (teb::CLIENT_ID + 8, thread.id.into()),
        (teb::PEB, peb::ADDRESS),
        (teb::DEALLOCATION_STACK, stack.allocated_stack_base),
    ] {
        space.write(teb + offset, &u64::to_le_bytes(value))?;
    }
    thread.task.set_user(space.tables(), teb);
    trace::event(events::PS_THREAD_CREATE, Phase::Instant, process.id, [thread.id.into(), 0]);
    Ok(thread)
}

/// `NtCreateThread`: in the caller's own process, not suspended.
#[expect(clippy::too_many_arguments, reason = "NT's signature")]
pub fn create_thread(
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
    let (granted, security) = ob::access::for_new(Kind::Thread, &captured, None, access)?;
    let context: Context = user::read(context)?;
    let stack: InitialTeb = user::read(initial_teb)?;
    let frame = TrapFrame {
        rax: context.rax,
        rcx: context.rcx,
        rdx: context.rdx,
        rbx: context.rbx,
        rsp: context.rsp,
        rbp: context.rbp,
        rsi: context.rsi,
        rdi: context.rdi,
        r8: context.r8,
        r9: context.r9,
        r10: context.r10,
        r11: context.r11,
        r12: context.r12,
        r13: context.r13,
        r14: context.r14,
        r15: context.r15,
        rip: context.rip,
        rflags: context.eflags.into(),
        ..TrapFrame::default()
    };
    // The handle's place is probed first, so that a bad pointer leaves no thread behind.
    user::write(thread.address, Handle::NULL.as_bytes())?;
    let created = user_thread(&process, frame, &stack)?;
    let object = super::object_of_thread(&created).ok_or(NtStatus::UNSUCCESSFUL)?;
    object.security().replace(security);
    let handle = ob::handle::insert(object, granted, captured.attributes)?;
    if !client_id.is_null() {
        let id = ClientId { process: process.id.into(), thread: created.id.into() };
        user::write(client_id.address, id.as_bytes())?;
    }
    if suspended.0 != 0 {
        suspend::suspend(&created)?;
    }
    sched::ready(created);
    user::write(thread.address, handle.as_bytes())?;
    Ok(NtStatus::SUCCESS)
}
