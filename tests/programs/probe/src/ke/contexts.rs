//! Contexts of other threads and one's own.

use core::sync::atomic::{AtomicU64, Ordering};

use nt::NtStatus;
use nt::dispatch::context_flags;
use nt::types::{Context, Handle};

use super::calls::{self, NOTIFICATION};
use super::exceptions::zeroed;
use super::{asm, end, expect, forget, leave, left_are, same, start, start_spinning};
use crate::checks::verdict;

static STACK: AtomicU64 = AtomicU64::new(0);

extern "win64" fn leave_and_end(value: u64) -> ! {
    leave(value);
    rt::exit_thread()
}

fn of(thread: Handle) -> Context {
    let mut context = zeroed();
    context.context_flags = context_flags::ALL;
    expect("context-got", calls::get_context(thread, &mut context), NtStatus::SUCCESS);
    context
}

/// Lets a thread go on in `leave_and_end`.
fn redirect(thread: Handle, mut context: Context, value: u64) {
    context.rip = leave_and_end as *const () as u64;
    context.rcx = value;
    context.rsp = context.rsp & !15 | 8;
    expect("context-set", calls::set_context(thread, &context), NtStatus::SUCCESS);
}

/// A thread in user mode, one in a system service, one that has not begun.
pub fn contexts() {
    forget();
    let spinning = start_spinning(asm::spin_with_patterns);
    calls::suspend(spinning);
    let context = of(spinning);
    same("context-spin", (context.rbx, context.r12, context.r15), (0xB0B0, 0xC0C0, 0xD0D0));
    same("context-spin-volatile", (context.rdx, context.r11), (0xE0E0, 0xF0F0));
    same("context-spin-fp", &context.fp[0xA0 + 7 * 16..][..2], &[0xB0, 0xB0][..]);
    same("context-selectors", [context.segments[0], context.segments[5]], [0x33, 0x2B]);
    let code = asm::spin_with_patterns as *const () as u64;
    verdict("context-spin-rip", (code..code + 0x40).contains(&context.rip), "elsewhere");
    redirect(spinning, context, 5);
    calls::resume(spinning);
    end("context-spin-ends", spinning);
    left_are("context-spin-went-on", &[5]);

    forget();
    let event = calls::event(NOTIFICATION, false);
    let waiting = start(asm::wait_with_patterns, event.0);
    let context = of(waiting);
    same("context-wait", (context.rbx, context.rbp), (0xB1B1, 0xA1A1));
    same("context-wait-2", (context.rsi, context.rdi), (0x9191, 0x8181));
    same("context-wait-3", (context.r12, context.r15), (0xC1C1, 0xD1D1));
    same("context-wait-rcx", context.rcx, context.rip);
    redirect(waiting, context, 6);
    super::settle();
    left_are("context-wait-still-waits", &[]);
    calls::set(event);
    end("context-wait-ends", waiting);
    left_are("context-wait-went-on", &[6]);
    rt::close(event);

    expect(
        "context-process",
        calls::get_context(Handle::CURRENT_PROCESS, &mut zeroed()),
        NtStatus::INVALID_PARAMETER,
    );
    let mut context = zeroed();
    context.context_flags = context_flags::INTEGER;
    context.rip = 0x1234;
    calls::get_context(Handle::CURRENT_THREAD, &mut context);
    same("context-only-asked", context.rip, 0x1234);
    forged();
}

/// Registers that user mode must not have, or that fault when they are loaded, are not taken.
fn forged() {
    forget();
    let thread = start_spinning(asm::spin_with_patterns);
    calls::suspend(thread);
    let mut context = of(thread);
    STACK.store(context.rsp, Ordering::Relaxed);
    context.segments = [0x10, 0x18, 0x18, 0x18, 0x18, 0x18];
    context.eflags = !0x100;
    context.mx_csr = 0xFFFF_FFFF;
    context.fp = [0xFF; 512];
    context.debug = [u64::MAX; 6];
    expect("context-forged", calls::set_context(thread, &context), NtStatus::SUCCESS);
    calls::resume(thread);
    rt::delay(400_000);
    calls::suspend(thread);
    let context = of(thread);
    same("context-forged-flags", context.eflags & 0x3_7000 | context.eflags & 0x200, 0x200);
    same("context-forged-mxcsr", context.mx_csr >> 16, 0);
    same("context-forged-debug", context.debug, [0; 6]);
    // Its direction flag is set now, which is its own business.
    let mut context = context;
    context.eflags = 0x202;
    redirect(thread, context, 9);
    calls::resume(thread);
    end("context-forged-ends", thread);
    left_are("context-forged-went-on", &[9]);
}

/// Goes on at an address that is none.
pub fn continue_at(address: u64) {
    let mut context = zeroed();
    context.context_flags = context_flags::CONTROL;
    calls::get_context(Handle::CURRENT_THREAD, &mut context);
    context.rip = address;
    calls::continue_with(&context);
}
