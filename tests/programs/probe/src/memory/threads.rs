//! Many threads: TEBs and stacks come and go.
#![expect(unsafe_code, reason = "makes threads on stacks of its own")]

use core::sync::atomic::{AtomicU32, Ordering};

use nt::layout::teb;
use nt::memory::*;
use nt::types::{Boolean, Context, Handle, InitialTeb, UserPtr};
use rt::syscall;
use zerocopy::FromZeros;

use super::call::{self, ME};
use super::{PAGE, check};
use crate::asm;
use crate::reg::{from, to};

/// More than there are TEBs below the PEB, and more than fit a few blocks.
const AT_ONCE: u64 = 50;
const ONE_BY_ONE: u32 = 150;

static SUM: AtomicU32 = AtomicU32::new(0);
static GO: AtomicU32 = AtomicU32::new(0);

/// Adds 1 if the TEB is this thread's own, and waits for the others.
extern "win64" fn work(_: u64) -> ! {
    let local = core::hint::black_box(0_u8);
    let here = core::ptr::from_ref(&local).addr() as u64;
    let own = asm::teb(teb::SELF) != 0
        && (asm::teb(teb::DEALLOCATION_STACK)..asm::teb(teb::STACK_BASE)).contains(&here)
        && asm::teb(0x68) == 0;
    SUM.fetch_add(u32::from(own), Ordering::Relaxed);
    while GO.load(Ordering::Relaxed) == 0 {
        // SAFETY: it takes no pointers.
        unsafe { syscall::NtYieldExecution() };
    }
    rt::exit_thread()
}

fn start(stack: u64) -> Option<Handle> {
    let mut context = Context::new_zeroed();
    context.rip = work as *const () as u64;
    context.rsp = stack + PAGE - 0x28;
    let initial = InitialTeb {
        stack_base: stack + PAGE,
        stack_limit: stack,
        allocated_stack_base: stack,
        ..InitialTeb::default()
    };
    let mut handle = Handle::NULL;
    let none = UserPtr::new(0);
    // SAFETY: everything pointed to outlives the call; the stack is the thread's own.
    let status = unsafe {
        let (context, initial) = (from(&context), from(&initial));
        syscall::NtCreateThread(
            to(&mut handle),
            0x1F_03FF,
            UserPtr::new(0),
            ME,
            none,
            context,
            initial,
            Boolean(0),
        )
    };
    status.is_success().then_some(handle)
}

fn end(thread: Handle) {
    rt::wait(thread);
    rt::close(thread);
}

/// Whether there comes a round that leaves as many free pages as it found; nothing if one fails. The system itself may take a
/// page for a longer queue, or give one back at the end of a thread of its own, but not every time.
fn settles(round: &dyn Fn() -> bool) -> Option<bool> {
    let mut before = call::free_pages();
    for _ in 0..4 {
        if !round() {
            return None;
        }
        let after = call::free_pages();
        if after == before {
            return Some(true);
        }
        before = after;
    }
    Some(false)
}

/// All of them.
pub fn many_threads() {
    let Ok((stacks, _)) = call::allocate(0, AT_ONCE * PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE) else {
        return check("stacks", false);
    };
    let round = || {
        GO.store(0, Ordering::Relaxed);
        SUM.store(0, Ordering::Relaxed);
        let mut threads = [const { None }; AT_ONCE as usize];
        for (index, thread) in threads.iter_mut().enumerate() {
            *thread = start(stacks + index as u64 * PAGE);
        }
        let started = threads.iter().flatten().count() as u64;
        GO.store(1, Ordering::Relaxed);
        threads.into_iter().flatten().for_each(end);
        started == AT_ONCE && SUM.load(Ordering::Relaxed) == AT_ONCE as u32
    };
    check("at-once", round());
    let again = settles(&round);
    check("at-once-again", again.is_some());
    check("at-once-free", again == Some(true));
    let one_by_one = settles(&|| {
        SUM.store(0, Ordering::Relaxed);
        (0..ONE_BY_ONE).filter_map(|_| start(stacks)).for_each(end);
        SUM.load(Ordering::Relaxed) == ONE_BY_ONE
    });
    check("one-by-one", one_by_one.is_some());
    check("one-by-one-free", one_by_one == Some(true));
    check("stacks-free", call::free(stacks, 0, MEM_RELEASE).is_ok());
}
