//! From a system-call frame to the service: the dispatch table is made from `nt::service`.

use core::cell::Cell;

use hal::cell::KernelCell;
use hal::trace::{self, Phase};
use hal::trap::SystemCallFrame;
use hal::usercopy::copy_from_user;
use nt::NtStatus;
use nt::events::SYSTEM_CALL_BASE;
use nt::types::{Boolean, ClientId, Context, FromArg, Handle, InitialTeb, TraceFields, UnicodeString, UserPtr};

use super::{sched, trap};

/// What a service returns: a success or informational status, or a warning or error.
pub type NtResult = Result<NtStatus, NtStatus>;

type Service = fn(&SystemCallFrame) -> NtResult;

/// Stack slot of the fifth argument, counted from the user's stack pointer (spec/smss.md 7.6).
const FIRST_STACK_ARGUMENT: u64 = 0x28;

static TRACED: KernelCell<Cell<bool>> = KernelCell::new(Cell::new(false));

/// Every service under its own name.
mod services {
    pub use crate::kd::display_string as NtDisplayString;
    pub use crate::kd::trace_event as NtTraceEvent;
    pub use crate::ke::clock::delay_execution as NtDelayExecution;
    pub use crate::ke::clock::query_performance_counter as NtQueryPerformanceCounter;
    pub use crate::ke::sched::yield_execution as NtYieldExecution;
    pub use crate::ke::wait::wait_for_single_object as NtWaitForSingleObject;
    pub use crate::ob::close as NtClose;
    pub use crate::po::shutdown_system as NtShutdownSystem;
    pub use crate::ps::create::create_thread as NtCreateThread;
    pub use crate::ps::exit::terminate_process as NtTerminateProcess;
    pub use crate::ps::exit::terminate_thread as NtTerminateThread;
}

macro_rules! table {
    ($($number:literal $name:ident($($arg:ident: $type:ty),*) $summary:literal;)*) => {
        static TABLE: &[Service] = &[$(|_frame| {
            const COUNT: usize = <[&str]>::len(&[$(stringify!($arg)),*]);
            let [$($arg),*] = arguments::<COUNT>(_frame)?;
            services::$name($(<$type>::from_arg($arg)),*)
        }),*];
    };
}
nt::for_each_service!(table);

/// The arguments of a call: four in registers, the others on the user's stack.
#[inline]
fn arguments<const COUNT: usize>(frame: &SystemCallFrame) -> Result<[u64; COUNT], NtStatus> {
    let mut arguments = [0; COUNT];
    for (slot, &register) in arguments.iter_mut().zip(&frame.args) {
        *slot = register;
    }
    if COUNT > 4 {
        let mut bytes = [[0; 8]; COUNT];
        let rest = bytes[4..].as_flattened_mut();
        copy_from_user(rest, frame.rsp.wrapping_add(FIRST_STACK_ARGUMENT))
            .map_err(|_| NtStatus::ACCESS_VIOLATION)?;
        for (slot, bytes) in arguments[4..].iter_mut().zip(&bytes[4..]) {
            *slot = u64::from_le_bytes(*bytes);
        }
    }
    Ok(arguments)
}

/// From now on every call is in the trace ring.
pub fn trace_calls() {
    TRACED.lock().set(true);
}

/// Runs the service that the frame asks for and leaves its status in the frame.
pub fn dispatch(frame: &mut SystemCallFrame) {
    let number = frame.number as u32;
    let traced = TRACED.lock().get();
    let event = SYSTEM_CALL_BASE | number as u16 & !SYSTEM_CALL_BASE;
    if traced {
        trace::event(event, Phase::Begin, sched::current_process_id(), [frame.args[0], frame.args[1]]);
    }
    let result = match TABLE.get(number as usize) {
        Some(service) => service(frame),
        None => Err(NtStatus::INVALID_SYSTEM_SERVICE),
    };
    let (Ok(status) | Err(status)) = result;
    if traced {
        trace::event(event, Phase::End, sched::current_process_id(), [status.0.into(), 0]);
    }
    frame.number = status.0.into();
    trap::before_user_mode();
}
