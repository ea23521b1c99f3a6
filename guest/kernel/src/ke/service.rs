//! From a system-call frame to the service: the dispatch table is made from `nt::service`.

use core::cell::Cell;

use hal::cell::KernelCell;
use hal::trace::{self, Phase};
use hal::trap::{SystemCallFrame, TrapFrame};
use hal::usercopy::copy_from_user;
use nt::events::SYSTEM_CALL_BASE;
use nt::service::args::*;
use nt::types::FromArg;

use super::{sched, trap};

/// What a service returns: a success or informational status, or a warning or error.
pub type NtResult = Result<NtStatus, NtStatus>;

/// What a service is called with.
struct Call {
    number: u32,
    /// The first four arguments.
    registers: [u64; 4],
    /// The user's stack pointer.
    stack: u64,
}

type Service = fn(&Call) -> NtResult;

/// Stack slot of the fifth argument, counted from the user's stack pointer (spec/smss.md 7.6).
const FIRST_STACK_ARGUMENT: u64 = 0x28;

static TRACED: KernelCell<Cell<bool>> = KernelCell::new(Cell::new(false));

/// Every service under its own name, from the components that have them.
mod services {
    pub use crate::ex::services::*;
    pub use crate::io::services::*;
    pub use crate::kd::services::*;
    pub use crate::ke::missing::*;
    pub use crate::ke::services::*;
    pub use crate::ob::services::*;
    pub use crate::po::services::*;
    pub use crate::ps::services::*;
}

macro_rules! table {
    ($($number:literal $name:ident($($arg:ident: $type:ty),*) $summary:literal;)*) => {
        static TABLE: &[Service] = &[$(|_call| {
            const COUNT: usize = <[&str]>::len(&[$(stringify!($arg)),*]);
            let [$($arg),*] = arguments::<COUNT>(_call)?;
            services::$name($(<$type>::from_arg($arg)),*)
        }),*];
    };
}
nt::for_each_service!(table);

/// The arguments of a call: four in registers, the others on the user's stack.
#[inline]
fn arguments<const COUNT: usize>(call: &Call) -> Result<[u64; COUNT], NtStatus> {
    let mut arguments = [0; COUNT];
    for (slot, &register) in arguments.iter_mut().zip(&call.registers) {
        *slot = register;
    }
    if COUNT > 4 {
        let mut bytes = [[0; 8]; COUNT];
        let rest = bytes[4..].as_flattened_mut();
        copy_from_user(rest, call.stack.wrapping_add(FIRST_STACK_ARGUMENT))
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
    let call = Call { number: frame.number as u32, registers: frame.args, stack: frame.rsp };
    frame.number = run(&call).0.into();
    trap::before_user_mode();
}

/// The same for a call by `int 2Eh`, whose trap saved all registers. Its caller has no stub between
/// itself and the kernel, but the same stack: a return address and home space.
pub fn dispatch_interrupt(frame: &mut TrapFrame) {
    let registers = [frame.r10, frame.rdx, frame.r8, frame.r9];
    frame.rax = run(&Call { number: frame.rax as u32, registers, stack: frame.rsp }).0.into();
}

fn run(call: &Call) -> NtStatus {
    let traced = TRACED.lock().get();
    let event = SYSTEM_CALL_BASE | call.number as u16 & !SYSTEM_CALL_BASE;
    if traced {
        let args = [call.registers[0], call.registers[1]];
        trace::event(event, Phase::Begin, sched::current_process_id(), args);
    }
    let result = match TABLE.get(call.number as usize) {
        Some(service) => service(call),
        None => Err(NtStatus::INVALID_SYSTEM_SERVICE),
    };
    let (Ok(status) | Err(status)) = result;
    if traced {
        trace::event(event, Phase::End, sched::current_process_id(), [status.0.into(), 0]);
    }
    status
}
