//! From a system-call frame to the service: the dispatch table is made from `nt::service`.

use core::sync::atomic::{AtomicBool, Ordering};

use hal::driver;
use hal::trace::{self, Phase};
use hal::trap::UserFrame;
use hal::usercopy::copy_from_user;
use nt::events::SYSTEM_CALL_BASE;
use nt::service::args::*;
use nt::types::FromArg;

use super::sched;
use crate::ps::win32;

/// What a service returns: a success or informational status, or a warning or error.
pub type NtResult = Result<NtStatus, NtStatus>;

type Service = fn(UserFrame<'_>) -> NtResult;

/// Stack slot of the fifth argument, counted from the user's stack pointer (spec/smss.md 7.6).
const FIRST_STACK_ARGUMENT: u64 = 0x28;

static TRACED: AtomicBool = AtomicBool::new(false);

/// Every service under its own name, from the components that have them.
mod services {
    pub use crate::cm::services::*;
    pub use crate::ex::services::*;
    pub use crate::io::services::*;
    pub use crate::kd::services::*;
    pub use crate::ke::services::*;
    pub use crate::lpc::services::*;
    pub use crate::mm::services::*;
    pub use crate::ob::services::*;
    pub use crate::po::services::*;
    pub use crate::ps::services::*;
    pub use crate::se::services::*;
}

macro_rules! table {
    ($($number:literal $name:ident($($arg:ident: $type:ty),*) $summary:literal;)*) => {
        static TABLE: &[Service] = &[$(|_frame| {
            const COUNT: usize = <[&str]>::len(&[$(stringify!($arg)),*]);
            let [$($arg),*] = arguments::<COUNT>(_frame, COUNT)?;
            services::$name($(<$type>::from_arg($arg)),*)
        }),*];
    };
}
nt::for_each_service!(table);

/// The arguments of a call, `count` of them: four in registers, the others on the user's stack.
#[inline]
fn arguments<const COUNT: usize>(frame: UserFrame<'_>, count: usize) -> Result<[u64; COUNT], NtStatus> {
    let mut arguments = [0; COUNT];
    let registers: [fn(UserFrame<'_>) -> u64; 4] =
        [|frame| frame.r10(), |frame| frame.rdx(), |frame| frame.r8(), |frame| frame.r9()];
    for (slot, register) in arguments.iter_mut().zip(registers) {
        *slot = register(frame);
    }
    if COUNT > 4 && count > 4 {
        let mut bytes = [[0; 8]; COUNT];
        let count = count.min(COUNT);
        let rest = bytes[4..count].as_flattened_mut();
        copy_from_user(rest, frame.rsp().wrapping_add(FIRST_STACK_ARGUMENT))
            .map_err(|_| NtStatus::ACCESS_VIOLATION)?;
        for (slot, bytes) in arguments[4..].iter_mut().zip(&bytes[4..]) {
            *slot = u64::from_le_bytes(*bytes);
        }
    }
    Ok(arguments)
}

/// From now on every call is in the trace ring.
pub fn trace_calls() {
    TRACED.store(true, Ordering::Relaxed);
}

/// Runs the service that the frame asks for, by `syscall` or by `int 2Eh`, and leaves its status in the
/// frame. The caller of `int 2Eh` has no stub between itself and the kernel, but the same stack: a return
/// address and home space.
pub fn dispatch(frame: UserFrame<'_>) {
    let number = frame.rax() as u32;
    let status = match TRACED.load(Ordering::Relaxed) {
        false => run(number, frame),
        true => run_traced(number, frame),
    };
    frame.set_rax(status.0.into());
}

#[inline(always)]
fn run(number: u32, frame: UserFrame<'_>) -> NtStatus {
    let (Ok(status) | Err(status)) = match TABLE.get(number as usize) {
        Some(service) => service(frame),
        None => run_extended(number, frame),
    };
    status
}

#[cold]
fn run_traced(number: u32, frame: UserFrame<'_>) -> NtStatus {
    let event = SYSTEM_CALL_BASE | number as u16 & !SYSTEM_CALL_BASE;
    trace::event(event, Phase::Begin, sched::current_process_id(), [frame.r10(), frame.rdx()]);
    let status = run(number, frame);
    trace::event(event, Phase::End, sched::current_process_id(), [status.0.into(), 0]);
    status
}

/// First number of the second table, which is win32k's.
const EXTENDED_BASE: u32 = nt::win32k::BASE;

/// Calls a service of the second table. The first call makes the thread a GUI thread.
#[cold]
fn run_extended(number: u32, frame: UserFrame<'_>) -> NtResult {
    let thread = sched::current();
    let session = thread.process().session().ok_or(NtStatus::INVALID_SYSTEM_SERVICE)?;
    let service = number.checked_sub(EXTENDED_BASE).and_then(|index| session.service(index));
    let (function, size) = service.ok_or(NtStatus::INVALID_SYSTEM_SERVICE)?;
    win32::convert(&thread, &session)?;
    let all = arguments::<{ driver::MAX_ARGUMENTS }>(frame, usize::from(size) / 8)?;
    Ok(NtStatus(driver::call(function, &all) as u32))
}
