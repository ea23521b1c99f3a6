//! Exceptions: what their records say, and that their threads go on.
#![expect(unsafe_code, reason = "reads and changes what the kernel left on the stack")]

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use nt::NtStatus;
use nt::dispatch::context_flags;
use nt::types::{Boolean, Context, ExceptionRecord, Handle};

use super::calls;
use super::{asm, end, expect, forget, leave, left_are, same, start, value};
use crate::checks::verdict;
use crate::reg::from;

/// Exceptions are handled, by going on so many bytes further.
static HANDLED: AtomicBool = AtomicBool::new(false);
static SKIP: AtomicU64 = AtomicU64::new(0);

/// Called by the dispatcher. Leaves code, address, RIP, number of parameters, the first two of them.
pub(super) unsafe extern "win64" fn handle(record: *mut ExceptionRecord, context: *mut Context) -> u8 {
    // SAFETY: the kernel has put both on the stack, and nobody else refers to them.
    let (record, context) = unsafe { (&*record, &mut *context) };
    let [first, second, ..] = record.information;
    for value in
        [u64::from(record.code), record.address, context.rip, u64::from(record.parameters), first, second]
    {
        leave(value);
    }
    // The trap flag stays off, or the next instruction would raise again.
    context.eflags &= !0x100;
    context.rip += SKIP.load(Ordering::Relaxed);
    HANDLED.load(Ordering::Relaxed).into()
}

/// Provokes an exception, which is handled by skipping its instruction.
fn provoke(
    name: &str,
    skip: u64,
    status: NtStatus,
    parameters: &[u64],
    address: Option<u64>,
    work: impl FnOnce(),
) {
    forget();
    HANDLED.store(true, Ordering::Relaxed);
    SKIP.store(skip, Ordering::Relaxed);
    work();
    HANDLED.store(false, Ordering::Relaxed);
    expect(name, NtStatus(value(0) as u32), status);
    same("exception-at-rip", value(1), value(2));
    verdict("exception-address", address.is_none_or(|address| address == value(1)), "another address");
    same("exception-parameters", value(3), parameters.len() as u64);
    let all = parameters.iter().enumerate().all(|(n, &parameter)| value(4 + n) == parameter);
    verdict("exception-parameter", all, "another value");
}

fn at(code: extern "win64" fn()) -> Option<u64> {
    Some(code as *const () as u64)
}

/// Every kind.
pub fn exceptions() {
    let violation = NtStatus::ACCESS_VIOLATION;
    provoke("exception-int3", 1, NtStatus::BREAKPOINT, &[0], at(asm::breakpoint), || asm::breakpoint());
    provoke("exception-divide", 2, NtStatus::INTEGER_DIVIDE_BY_ZERO, &[], None, || asm::divide_by_zero());
    let invalid = NtStatus::ILLEGAL_INSTRUCTION;
    provoke("exception-ud2", 2, invalid, &[], at(asm::invalid_opcode), || asm::invalid_opcode());
    provoke("exception-cli", 1, NtStatus::PRIVILEGED_INSTRUCTION, &[], at(asm::privileged), || {
        asm::privileged()
    });
    provoke("exception-step", 0, NtStatus::SINGLE_STEP, &[], None, || asm::single_step());
    provoke("exception-read", 3, violation, &[0, 0x10], None, || asm::read(0x10));
    provoke("exception-write", 3, violation, &[1, 0x18], None, || asm::write(0x18));
    let shared = nt::kuser::USER_ADDRESS;
    provoke("exception-write-shared", 3, violation, &[1, shared], None, || asm::write(shared));
    let kernel = 0x7FFF_8020_0000;
    provoke("exception-read-kernel", 3, violation, &[0, kernel], None, || asm::read(kernel));
    let nowhere = 0x8000_0000_0000_0000;
    provoke("exception-read-nowhere", 3, violation, &[0, u64::MAX], None, || asm::read(nowhere));
    raised();
    printed();
}

/// Raises an exception in a context that goes on in `landed`.
extern "win64" fn raise(_: u64) -> ! {
    let mut context = zeroed();
    context.context_flags = context_flags::FULL;
    calls::get_context(Handle::CURRENT_THREAD, &mut context);
    context.rip = landed as *const () as u64;
    context.rsp = context.rsp & !15 | 8;
    context.rcx = 99;
    let mut record = ExceptionRecord { code: 0xE012_3456, parameters: 2, ..ExceptionRecord::default() };
    record.information[..2].copy_from_slice(&[77, 88]);
    // SAFETY: both outlive the call.
    unsafe { rt::syscall::NtRaiseException(from(&record), from(&context), Boolean(1)) };
    rt::exit_thread()
}

extern "win64" fn landed(value: u64) -> ! {
    leave(value);
    rt::exit_thread()
}

/// By `NtRaiseException`: the context is the one given.
fn raised() {
    forget();
    HANDLED.store(true, Ordering::Relaxed);
    SKIP.store(0, Ordering::Relaxed);
    end("raise-ended", start(raise, 0));
    HANDLED.store(false, Ordering::Relaxed);
    left_are("raised", &[0xE012_3456, 0, landed as *const () as u64, 2, 77, 88, 99]);
    let (record, context) = (ExceptionRecord { parameters: 16, ..ExceptionRecord::default() }, zeroed());
    // SAFETY: both outlive the call.
    let refused = unsafe { rt::syscall::NtRaiseException(from(&record), from(&context), Boolean(1)) };
    expect("raise-too-many", refused, NtStatus::INVALID_PARAMETER);
}

/// `DbgPrint`.
fn printed() {
    let text = "a debug text of more bytes than one of the events can hold, which are a hundred and \
        twenty-eight, so that it comes in pieces, and all of it\n";
    let address = text.as_ptr().expose_provenance() as u64;
    same("print", asm::debug_service(1, address, text.len() as u64), 0);
    same("print-bad", asm::debug_service(1, 8, 20), NtStatus::ACCESS_VIOLATION.0.into());
    same("print-nothing", asm::debug_service(1, address, 0), 0);
}

/// A CONTEXT of zeros.
pub fn zeroed() -> Context {
    // SAFETY: it is plain numbers.
    unsafe { core::mem::zeroed() }
}

/// Nobody handles it: the process ends with its status.
pub fn second_chance() {
    let mut context = zeroed();
    context.context_flags = context_flags::FULL;
    calls::get_context(Handle::CURRENT_THREAD, &mut context);
    let record = ExceptionRecord { code: 0xE065_4321, ..ExceptionRecord::default() };
    // SAFETY: both outlive the call.
    unsafe { rt::syscall::NtRaiseException(from(&record), from(&context), Boolean(1)) };
}
