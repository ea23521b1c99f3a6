//! Kernel stacks and the switch between them, FP state of user threads.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::arch::asm;
use core::cell::{Cell, RefCell, UnsafeCell};
use core::ptr::NonNull;
use core::sync::atomic::{AtomicU64, Ordering};

use crate::address_space::{AddressSpace, Tables};
use crate::cell::KernelCell;
use crate::cpu;
use crate::frames::Page;
use crate::phys::PAGE;
use crate::stack::{STACK_SIZE, Stack};
use crate::trap::{TrapFrame, UserFrame};

unsafe extern "C" {
    fn hal_switch(save: *mut u64, load: u64);
    fn hal_thread_start();
    fn system_call_attention() -> !;
    safe static hal_stack_top: AtomicU64;
}

/// Something the processor can be switched to: a kernel stack with the user state that belongs to it.
#[derive(Debug)]
pub struct Task {
    /// [`Processor::previous`] keeps a task alive while the processor may still be on it.
    stack: Option<Stack>,
    saved: Cell<u64>,
    /// Page tables of its user mode; a task without them runs on whatever is loaded.
    tables: RefCell<Option<Arc<Tables>>>,
    teb: Cell<u64>,
    fp: UnsafeCell<FpState>,
}

// SAFETY: one processor, interrupts off: the cells are never touched by two at once.
unsafe impl Send for Task {}
// SAFETY: as above.
unsafe impl Sync for Task {}

struct Processor {
    current: Option<Arc<Task>>,
    /// The task left last: kept until the next switch, because its stack was still in use.
    previous: Option<Arc<Task>>,
    /// Whose FP state the processor holds: saved only when somebody else needs the registers.
    fp_owner: Option<Arc<Task>>,
}

static PROCESSOR: KernelCell<Processor> =
    KernelCell::new(Processor { current: None, previous: None, fp_owner: None });

impl Task {
    /// A task that, when first switched to, calls `function(argument)` on its own stack. It must not
    /// return. A pageable stack can be taken out ([`Self::take_stack`]). `None` when there is no memory for the stack.
    pub fn new(function: extern "C" fn(usize) -> !, argument: usize, pageable: bool) -> Option<Arc<Self>> {
        let stack = Stack::new(pageable)?;
        // What hal_switch pops: r15 r14 r13 r12 rbp rbx and the return address; then a word that keeps
        // the stack aligned as a call leaves it. Above that the place of the user's trap frame.
        let start = hal_thread_start as *const () as u64;
        let frame = [0, 0, 0, 0, argument as u64, function as *const () as u64, start, 0];
        let saved = stack.base().as_ptr().expose_provenance() + STACK_SIZE
            - size_of::<TrapFrame>()
            - size_of_val(&frame);
        // SAFETY: the frame lies near the top of the stack just allocated.
        unsafe { core::ptr::with_exposed_provenance_mut::<[u64; 8]>(saved).write(frame) };
        Some(Arc::new(Self {
            stack: Some(stack),
            saved: Cell::new(saved as u64),
            tables: RefCell::new(None),
            teb: Cell::new(0),
            fp: UnsafeCell::new(FpState::new()),
        }))
    }

    /// The registers with which user mode goes on, or begins. They mean nothing for a task without one.
    ///
    /// # Panics
    /// For the boot stack.
    pub fn user_frame(&self) -> UserFrame<'_> {
        let stack = self.base().expect("the boot stack has no user mode");
        // SAFETY: the top of the stack is the frame's place from the start, zeroed or saved by a trap; it is
        // in use as long as the task is.
        unsafe { UserFrame::new(stack.add(STACK_SIZE - size_of::<TrapFrame>()).cast()) }
    }

    /// Lowest address of its stack; nothing for the boot stack.
    fn base(&self) -> Option<NonNull<u8>> {
        self.stack.as_ref().map(Stack::base)
    }

    /// Pages of a stack.
    pub const STACK_PAGES: usize = STACK_SIZE / PAGE;

    /// Lowest address of its stack; 0 for the boot stack.
    pub fn stack_base(&self) -> u64 {
        self.base().map_or(0, |base| base.as_ptr().addr() as u64)
    }

    /// Whether its stack can be taken out while it does not run.
    pub fn is_pageable(&self) -> bool {
        matches!(self.stack, Some(Stack::Pageable(_)))
    }

    /// How many pages of its stack are in use, from the top. Nothing if it cannot be taken out now.
    pub fn stack_in_use(&self) -> Option<usize> {
        let Some(Stack::Pageable(stack)) = &self.stack else { return None };
        let is_current = PROCESSOR.lock().current.as_deref().is_some_and(|task| core::ptr::eq(task, self));
        let below = (self.saved.get().checked_sub(self.stack_base())? as usize) / PAGE;
        (!is_current && stack.is_there()).then(|| Self::STACK_PAGES.saturating_sub(below))
    }

    /// Takes the pages of its stack out, lowest first. Until they are put back nobody may switch to the task, nor look at its
    /// registers.
    pub fn take_stack(&self) -> Option<Vec<Page>> {
        self.stack_in_use()?;
        match &self.stack {
            Some(Stack::Pageable(stack)) => Some(stack.take_out()),
            _ => None,
        }
    }

    /// Puts the pages of its stack back, as many as it has. Says whether they were out.
    pub fn put_stack_back(&self, pages: Vec<Page>) -> bool {
        match &self.stack {
            Some(Stack::Pageable(stack)) => stack.put_back(pages).is_ok(),
            _ => false,
        }
    }

    /// The task's FP and SSE state.
    pub fn fp_state(&self) -> [u8; FP_SIZE] {
        // SAFETY: nobody refers to the area; the kernel itself does not touch the registers.
        unsafe {
            if owns_fp(self) {
                (*self.fp.get()).save();
            }
            (*self.fp.get()).0
        }
    }

    /// Replaces the task's FP and SSE state; reserved bits of MXCSR are cleared.
    pub fn set_fp_state(&self, state: &[u8; FP_SIZE]) {
        // SAFETY: as in `fp_state`; `restore` may load it, because MXCSR is sanitised.
        unsafe {
            let area = &mut *self.fp.get();
            area.0 = *state;
            area.0[MXCSR + 2..MXCSR + 4].fill(0);
            if owns_fp(self) {
                area.restore();
            }
        }
    }

    /// Makes the boot stack the current task. Call it once, before the first switch.
    pub fn adopt_boot_stack() -> Arc<Self> {
        let task = Arc::new(Self {
            stack: None,
            saved: Cell::new(0),
            tables: RefCell::new(None),
            teb: Cell::new(0),
            fp: UnsafeCell::new(FpState::new()),
        });
        PROCESSOR.lock().current = Some(task.clone());
        task
    }

    /// Gives the task a user mode: its address space and its TEB. It takes effect at the next switch
    /// to the task, or at [`Self::load_user`].
    pub fn set_user(&self, space: &AddressSpace, teb: u64) {
        *self.tables.borrow_mut() = Some(space.tables());
        self.teb.set(teb);
    }

    /// Address of its TEB; 0 without a user mode.
    pub fn teb(&self) -> u64 {
        self.teb.get()
    }

    /// Takes the user mode away again.
    pub fn clear_user(&self) {
        *self.tables.borrow_mut() = None;
    }
}

/// Makes the current task's user mode the processor's, after [`Task::set_user`] on itself.
pub fn load_user() {
    let mut processor = PROCESSOR.lock();
    if let Some(current) = processor.current.clone() {
        load_user_state(&mut processor, &current);
    }
}

/// Leaves the current task and continues with `next`. Returns when somebody switches back; at once
/// when `next` is current. Hold no [`crate::cell`] guard: whoever needs it next would panic.
pub fn switch_to(next: Arc<Task>) {
    // A stack that is never continued must not keep anything alive: whatever is owned here is gone before
    // it is left.
    let (from, to) = {
        let mut processor = PROCESSOR.lock();
        let Some(current) = processor.current.take() else { unreachable!("no boot task") };
        if Arc::ptr_eq(&current, &next) {
            processor.current = Some(current);
            return;
        }
        let (from, to) = (Arc::as_ptr(&current), Arc::as_ptr(&next));
        load_user_state(&mut processor, &next);
        processor.current = Some(next);
        let old = processor.previous.replace(current);
        drop(processor);
        // Freed here, on a stack that is not its own.
        drop(old);
        (from, to)
    };
    // SAFETY: `to` was left by this very function or made by `Task::new`, so its saved pointer is good;
    // `from` stays alive through `previous`.
    unsafe { hal_switch((*from).saved.as_ptr(), (*to).saved.get()) };
    // On this stack again: that of a task that has ended since goes now, not at some later switch.
    let previous = PROCESSOR.lock().previous.take();
    drop(previous);
}

/// Prepares the processor for `to`'s user mode: trap stack, address space, TEB, FP state.
fn load_user_state(processor: &mut Processor, to: &Arc<Task>) {
    let tables = to.tables.borrow();
    let Some(tables) = tables.as_ref() else { return };
    tables.load();
    cpu::set_user_gs_base(to.teb.get());
    if let Some(stack) = to.base() {
        hal_stack_top.store((stack.as_ptr().addr() + STACK_SIZE) as u64, Ordering::Relaxed);
    }
    if !processor.fp_owner.as_ref().is_some_and(|owner| Arc::ptr_eq(owner, to)) {
        if let Some(owner) = processor.fp_owner.replace(to.clone()) {
            // SAFETY: nobody refers to the area; the owner is not in user mode now.
            unsafe { (*owner.fp.get()).save() };
        }
        // SAFETY: as above.
        unsafe { (*to.fp.get()).restore() };
    }
}

/// Whether the processor holds the task's FP state.
fn owns_fp(task: &Task) -> bool {
    PROCESSOR.lock().fp_owner.as_deref().is_some_and(|owner| core::ptr::eq(owner, task))
}

/// Leaves the kernel for the current task's user mode ([`Task::user_frame`]), from anywhere on its stack,
/// after what is due before that. Comes back only by traps.
///
/// # Panics
/// When the boot stack is current.
pub fn enter_user() -> ! {
    let frame = {
        let processor = PROCESSOR.lock();
        let stack = processor.current.as_ref().and_then(|task| task.base());
        // SAFETY: inside the stack's allocation.
        unsafe { stack.expect("the boot stack has no user mode").add(STACK_SIZE - size_of::<TrapFrame>()) }
    };
    // SAFETY: `UserFrame::store` has made the frame harmless, so `iretq` can only lower privilege; the stack
    // below it is not needed again, because traps start at its top.
    unsafe {
        asm!("mov rsp, {}", "jmp {}", in(reg) frame.as_ptr(), sym system_call_attention, options(noreturn));
    }
}

/// Bytes of FP and SSE state, as FXSAVE lays it out.
pub const FP_SIZE: usize = 512;
/// Offset of MXCSR in it. Its upper half is reserved, and loading it with a bit set there faults.
const MXCSR: usize = 24;

/// FP and SSE state of a user thread.
#[repr(C, align(16))]
#[derive(Clone, Debug)]
pub struct FpState([u8; FP_SIZE]);

impl FpState {
    /// What a new thread starts with: NT's control words on x64 (FCW 0x27F, MXCSR 0x1F80).
    pub const fn new() -> Self {
        let mut bytes = [0; FP_SIZE];
        bytes[0] = 0x7F;
        bytes[1] = 0x02;
        bytes[24] = 0x80;
        bytes[25] = 0x1F;
        Self(bytes)
    }

    /// Saves the processor's state here.
    fn save(&mut self) {
        // SAFETY: the area is 512 bytes, 16-aligned.
        unsafe { asm!("fxsave64 [{}]", in(reg) &raw mut self.0, options(nostack, preserves_flags)) };
    }

    /// Loads the processor's state from here.
    fn restore(&self) {
        // SAFETY: the area was made by `new` or `save`, so MXCSR has no reserved bit.
        unsafe {
            asm!("fxrstor64 [{}]", in(reg) &raw const self.0, options(nostack, readonly, preserves_flags))
        };
    }
}

impl Default for FpState {
    fn default() -> Self {
        Self::new()
    }
}
