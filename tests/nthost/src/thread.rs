//! Threads.

use std::sync::atomic::Ordering;

use nt::NtStatus;
use nt::layout::{peb, teb};
use nt::memory::{MEM_PRIVATE, PAGE_READWRITE};
use nt::types::{ClientId, Context, InitialTeb};

use crate::objects::{Object, Signal};
use crate::signal;
use crate::user;
use crate::world::{ENTRIES, NTDLL, World, world};

/// The only process's id.
pub const PROCESS: u64 = 8;

impl World {
    /// A TEB for a thread with that stack: its address, and the thread's id.
    pub fn make_teb(&mut self, stack: &InitialTeb) -> Result<(u64, u64), NtStatus> {
        self.next_teb -= teb::SIZE;
        let at = self.space.reserve(self.next_teb, teb::SIZE, MEM_PRIVATE)?;
        self.space.set(at, teb::SIZE, PAGE_READWRITE)?;
        self.last_thread += 4;
        self.threads += 1;
        for (offset, value) in [
            (teb::STACK_BASE, stack.stack_base),
            (teb::STACK_LIMIT, stack.stack_limit),
            (teb::SELF, at),
            (teb::CLIENT_ID, PROCESS),
            (teb::CLIENT_ID + 8, self.last_thread),
            (teb::PEB, peb::ADDRESS),
            (teb::DEALLOCATION_STACK, stack.allocated_stack_base),
        ] {
            user::write(at + offset, value);
        }
        Ok((at, self.last_thread))
    }
}

/// Lets the calling thread begin in ntdll, and go on with a context.
pub fn begin(teb: u64, context: Context) -> ! {
    let at = (context.rsp - size_of::<Context>() as u64) & !15;
    user::write(at, context);
    let rip = ENTRIES[0].load(Ordering::Relaxed);
    signal::enter(teb, rip, at - 0x28, [at, NTDLL.load(Ordering::Relaxed)])
}

/// `NtCreateThread`.
pub fn create(arguments: &[u64]) -> Result<(), NtStatus> {
    let context: Context = user::read(arguments[5]);
    let stack: InitialTeb = user::read(arguments[6]);
    let mut world = world();
    let (teb, id) = world.make_teb(&stack)?;
    let signal = Signal::new(false, false);
    let handle = world.insert(Object::Signal(signal.clone()));
    drop(world);
    user::write(arguments[0], handle);
    user::write(arguments[4], ClientId { process: PROCESS, thread: id });
    std::thread::spawn(move || {
        SIGNAL.with_borrow_mut(|own| *own = Some(signal));
        begin(teb, context)
    });
    Ok(())
}

thread_local! {
    static SIGNAL: std::cell::RefCell<Option<std::sync::Arc<Signal>>> = const { std::cell::RefCell::new(None) };
}

/// Ends the calling thread; with the last one ends all.
pub fn end(status: u32) -> ! {
    let mut world = world();
    world.threads -= 1;
    if world.threads == 0 {
        crate::world::end(status);
    }
    drop(world);
    SIGNAL.with_borrow(|signal| signal.iter().for_each(|signal| _ = signal.set(true)));
    // SAFETY: it takes no pointers. The thread's memory is left as it is.
    unsafe { libc::syscall(libc::SYS_exit, 0) };
    unreachable!("the thread has ended")
}
