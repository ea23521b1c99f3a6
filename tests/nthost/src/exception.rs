//! What the kernel puts on the program's stack: exceptions and APCs. And `int 2Dh`.

use std::cell::RefCell;
use std::sync::atomic::Ordering;

use nt::dispatch::{
    APC_ARGUMENT_1, APC_MACHINE_FRAME, APC_SIZE, EXCEPTION_MACHINE_FRAME, EXCEPTION_RECORD, EXCEPTION_SIZE,
    Entry, context_flags,
};
use nt::types::{Context, ExceptionRecord};

use crate::user;
use crate::world::ENTRIES;

/// BREAKPOINT_PRINT.
const PRINT: u64 = 1;

/// An APC: routine and its three arguments.
pub type Apc = [u64; 4];

thread_local! {
    static APCS: RefCell<Vec<Apc>> = const { RefCell::new(Vec::new()) };
    static ALERTED: RefCell<bool> = const { RefCell::new(false) };
}

/// Queues an APC to the calling thread.
pub fn queue_apc(apc: Apc) {
    APCS.with_borrow_mut(|apcs| apcs.push(apc));
}

/// Lets the next APC be delivered. Whether there is one.
pub fn test_alert() -> bool {
    let any = APCS.with_borrow(|apcs| !apcs.is_empty());
    ALERTED.set(any);
    any
}

/// The context that delivers the next APC, if it may be delivered.
pub fn take_apc(context: &mut dyn FnMut() -> Context) -> Option<Context> {
    if !ALERTED.replace(false) {
        return None;
    }
    let [routine, arguments @ ..] = APCS.with_borrow_mut(|apcs| apcs.remove(0));
    let mut saved = context();
    saved.home[..3].copy_from_slice(&arguments);
    saved.home[3] = routine;
    const { assert!(APC_ARGUMENT_1 == 0) };
    let rsp = (saved.rsp - APC_SIZE) & !15;
    user::write(rsp, saved);
    user::write(rsp + APC_MACHINE_FRAME, machine_frame(&saved));
    Some(entering(Entry::KiUserApcDispatcher, rsp, &saved))
}

/// RIP, CS, RFLAGS, RSP, SS.
fn machine_frame(context: &Context) -> [u64; 5] {
    [context.rip, 0x33, context.eflags.into(), context.rsp, 0x2B]
}

fn entering(entry: Entry, rsp: u64, saved: &Context) -> Context {
    let rip = ENTRIES[entry as usize].load(Ordering::Relaxed);
    let context_flags = context_flags::CONTROL;
    Context { rip, rsp, context_flags, eflags: 0x202, ..*saved }
}

/// The context that delivers an exception.
pub fn dispatch(entry: Entry, record: &ExceptionRecord, context: &Context) -> Context {
    if ENTRIES[entry as usize].load(Ordering::Relaxed) == 0 {
        crate::world::end(record.code);
    }
    let rsp = (context.rsp - EXCEPTION_SIZE) & !15;
    user::write(rsp, *context);
    user::write(rsp + EXCEPTION_RECORD, *record);
    user::write(rsp + EXCEPTION_MACHINE_FRAME, machine_frame(context));
    entering(entry, rsp, context)
}

/// Prints, and goes on behind `int 2Dh`, or the `int3` that follows it.
pub fn debug_service(context: &mut Context) {
    if context.rax == PRINT {
        let text = user::bytes(context.rcx, usize::from(context.rdx as u16));
        print!("{}", String::from_utf8_lossy(&text));
    }
    context.rax = 0;
    context.rip += 2;
    if user::read::<u8>(context.rip) == 0xCC {
        context.rip += 1;
    }
}
