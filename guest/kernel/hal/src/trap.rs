//! Trap frames, and the way from the entries in `trap.s` to the kernel.

use core::arch::global_asm;
use core::marker::PhantomData;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::cpu::{self, USER_CS, USER_SS};
use crate::{system_image, usercopy};

global_asm!(include_str!("entry.s"));
global_asm!(include_str!("ring0.s"));
global_asm!(include_str!("trap.s"));

/// Page-fault error code: the page was there.
const FAULT_PRESENT: u64 = 1 << 0;
/// Page-fault error code: it was a write.
pub const FAULT_WRITE: u64 = 1 << 1;
/// Page-fault error code: it came from user mode.
pub const FAULT_USER: u64 = 1 << 2;
/// Page-fault error code: it was an instruction fetch.
pub const FAULT_FETCH: u64 = 1 << 4;
/// Flags that user mode may have any value of: status flags, TF, DF, RF, AC, ID.
const USER_FLAGS: u64 = 0x25_0DD5;
const FLAG_INTERRUPT: u64 = 1 << 9;

/// Exception vectors by their manual names.
pub mod vector {
    /// Divide error.
    pub const DIVIDE_ERROR: u64 = 0;
    /// Debug.
    pub const DEBUG: u64 = 1;
    /// Non-maskable interrupt.
    pub const NMI: u64 = 2;
    /// Breakpoint (`int3`).
    pub const BREAKPOINT: u64 = 3;
    /// Overflow (`into`).
    pub const OVERFLOW: u64 = 4;
    /// Bound range exceeded.
    pub const BOUND: u64 = 5;
    /// Invalid opcode.
    pub const INVALID_OPCODE: u64 = 6;
    /// Double fault.
    pub const DOUBLE_FAULT: u64 = 8;
    /// Stack fault.
    pub const STACK: u64 = 12;
    /// General protection.
    pub const GENERAL_PROTECTION: u64 = 13;
    /// Page fault.
    pub const PAGE_FAULT: u64 = 14;
    /// x87 floating-point error.
    pub const FLOATING_POINT: u64 = 16;
    /// Alignment check.
    pub const ALIGNMENT: u64 = 17;
    /// Machine check.
    pub const MACHINE_CHECK: u64 = 18;
    /// SIMD floating-point error.
    pub const SIMD: u64 = 19;
    /// NT's debug service interrupt.
    pub const DEBUG_SERVICE: u64 = 0x2D;
    /// NT's legacy system-call interrupt.
    pub const SYSTEM_SERVICE: u64 = 0x2E;
    /// No interrupt: a system call, which has not saved RCX and R11.
    pub const SYSTEM_CALL: u64 = 0x100;
    /// No interrupt either: all registers have been replaced since the thread entered the kernel.
    pub const REPLACED: u64 = 0x101;
}

/// The registers of user mode as every way into the kernel saves them, in the order `trap.s` pushes them
/// (last first). It lies at the top of the thread's kernel stack for as long as the thread is in the kernel.
/// A system call has not saved RCX and R11 ([`vector::SYSTEM_CALL`]).
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
#[expect(missing_docs, reason = "the fields are the registers of those names")]
pub struct TrapFrame {
    pub r15: u64,
    pub r14: u64,
    pub r13: u64,
    pub r12: u64,
    pub rbp: u64,
    pub rbx: u64,
    pub rax: u64,
    pub r10: u64,
    pub rdx: u64,
    pub r8: u64,
    pub r9: u64,
    pub rsi: u64,
    pub rdi: u64,
    pub r11: u64,
    pub rcx: u64,
    /// Which exception, interrupt or other way in: see [`vector`].
    pub vector: u64,
    /// Its error code, 0 where it has none.
    pub error: u64,
    pub rip: u64,
    pub cs: u64,
    pub rflags: u64,
    pub rsp: u64,
    pub ss: u64,
}

impl TrapFrame {
    /// The frame with user selectors and flags and a canonical RIP, whatever it held.
    pub fn sanitised(&self) -> Self {
        Self {
            cs: u64::from(USER_CS),
            ss: u64::from(USER_SS),
            rflags: self.rflags & USER_FLAGS | FLAG_INTERRUPT | 1 << 1,
            rip: canonical(self.rip),
            ..*self
        }
    }
}

/// An address that `iretq` takes: it would fault in ring 0 for one that is not canonical. User mode faults at
/// this one.
fn canonical(address: u64) -> u64 {
    ((address as i64) << 16 >> 16) as u64
}

/// The trap frame of a thread that is in the kernel. It is reached by pointer only, because more than one
/// part of the kernel may look at it while the thread is in a service.
#[repr(transparent)]
#[derive(Clone, Copy, Debug)]
pub struct UserFrame<'a> {
    place: NonNull<TrapFrame>,
    stack: PhantomData<&'a TrapFrame>,
}

macro_rules! registers {
    ($($get:ident $($set:ident)?;)*) => {
        $(
            #[doc = concat!("Reads `", stringify!($get), "`.")]
            #[inline]
            pub fn $get(self) -> u64 {
                // SAFETY: the frame lives (see `new`), and nobody holds a reference to it.
                unsafe { (&raw const (*self.place.as_ptr()).$get).read() }
            }
            $(
                #[doc = concat!("Writes `", stringify!($get), "`, with which user mode goes on.")]
                #[inline]
                pub fn $set(self, value: u64) {
                    // SAFETY: as above.
                    unsafe { (&raw mut (*self.place.as_ptr()).$get).write(value) };
                }
            )?
        )*
    };
}

impl UserFrame<'_> {
    /// # Safety
    /// A frame lies there, saved from user mode, for as long as the handle is in use; nobody refers to it
    /// by reference.
    pub(crate) unsafe fn new(place: NonNull<TrapFrame>) -> Self {
        Self { place, stack: PhantomData }
    }

    registers! {
        rax set_rax;
        rcx;
        rdx;
        r8;
        r9;
        r10;
        rsp;
        rip;
        vector;
        error;
    }

    /// Lets user mode go on so many bytes further, or before.
    pub fn skip(self, bytes: i64) {
        let rip = canonical(self.rip().wrapping_add_signed(bytes));
        // SAFETY: as in `registers`; `iretq` takes any canonical address.
        unsafe { (&raw mut (*self.place.as_ptr()).rip).write(rip) };
    }

    /// All registers. Where a system call has not saved them, RCX and R11 are what `syscall` made them.
    pub fn load(self) -> TrapFrame {
        // SAFETY: as in `registers`.
        let mut frame = unsafe { self.place.as_ptr().read() };
        if frame.vector == vector::SYSTEM_CALL {
            (frame.rcx, frame.r11) = (frame.rip, frame.rflags);
        }
        frame
    }

    /// Puts RAX right after [`Self::store`].
    pub fn settle(self) {
        if self.vector() == vector::REPLACED {
            self.set_rax(self.error());
        }
    }

    /// Replaces all registers, made harmless by [`TrapFrame::sanitised`]. The thread must leave the kernel by
    /// the long way ([`set_attention`]), and [`Self::settle`] be called there: a service that it is in writes
    /// its status over RAX.
    pub fn store(self, frame: &TrapFrame) {
        let frame = TrapFrame { vector: vector::REPLACED, error: frame.rax, ..frame.sanitised() };
        // SAFETY: as in `registers`.
        unsafe { self.place.as_ptr().write(frame) };
    }
}

unsafe extern "Rust" {
    /// A trap from user mode that is no system call.
    safe fn ki_user_trap(frame: UserFrame<'_>);
    /// Somebody wants the thread before it goes on in user mode.
    safe fn ki_attend(frame: UserFrame<'_>);
    /// An accessor of user memory faulted: 0 when the access can be retried, else the NTSTATUS of what is wrong.
    safe fn ki_user_access_fault(address: u64, error: u64) -> u32;
    /// An image's code, or an accessor of user memory, has touched an address of the session's: true when the access can be
    /// retried.
    safe fn ki_session_fault(address: u64) -> bool;
    /// A trap in the kernel that nobody can mend.
    safe fn ki_fatal_trap(frame: &TrapFrame) -> !;
}

/// Whether the current thread has something to do before it goes on in user mode. `trap.s` looks at it.
#[unsafe(no_mangle)]
static hal_attention: AtomicBool = AtomicBool::new(false);

/// The current thread is to call the kernel ([`ki_attend`]) before it goes on in user mode, or not.
#[inline]
pub fn set_attention(wanted: bool) {
    hal_attention.store(wanted, Ordering::Relaxed);
}

/// Whether it is to.
#[inline]
pub fn attention() -> bool {
    hal_attention.load(Ordering::Relaxed)
}

unsafe extern "C" {
    /// Interrupts that arrived while the processor was idle, a bit each; `ring0.s` sets them.
    safe static hal_pending: [AtomicU64; 4];
}

/// Called by `trap.s` for every trap from user mode but system calls.
///
/// # Safety
/// A trap frame saved from user mode lies there, and stays until it is left.
#[unsafe(no_mangle)]
unsafe extern "C" fn hal_user_trap(place: NonNull<TrapFrame>) {
    // SAFETY: as the caller says; no reference lives while the kernel handles the trap.
    let frame = unsafe { UserFrame::new(place) };
    ki_user_trap(frame);
    if attention() {
        ki_attend(frame);
    }
}

/// Called by `trap.s` for every trap of the kernel itself.
///
/// # Safety
/// A trap frame lies there.
#[unsafe(no_mangle)]
unsafe extern "C" fn hal_kernel_trap(place: NonNull<TrapFrame>) {
    // SAFETY: a trap in the kernel has nobody else to look at its frame.
    let frame = unsafe { &mut *place.as_ptr() };
    if frame.vector == vector::PAGE_FAULT
        && frame.error & FAULT_PRESENT == 0
        && system_image::is_image_address(cpu::fault_address())
        // Nothing else may wait wherever it is.
        && (system_image::is_image_address(frame.rip) || usercopy::fixup(frame.rip).is_some())
        && ki_session_fault(cpu::fault_address())
    {
        return;
    }
    if frame.vector == vector::PAGE_FAULT
        && let Some(fixup) = usercopy::fixup(frame.rip)
    {
        let address = cpu::fault_address();
        // To the processor the kernel is user mode.
        let status = match address {
            ..usercopy::USER_LIMIT => ki_user_access_fault(address, frame.error & !FAULT_USER),
            _ => usercopy::UserFault::NOT_USER.0,
        };
        if status != 0 {
            (frame.rip, frame.rax) = (fixup, status.into());
        }
        return;
    }
    ki_fatal_trap(frame)
}

/// Called by `trap.s` at the end of a system call when [`attention`] is wanted, and at the start of a user
/// thread.
///
/// # Safety
/// A trap frame saved from user mode lies there.
#[unsafe(no_mangle)]
unsafe extern "C" fn hal_attend(place: NonNull<TrapFrame>) {
    // SAFETY: as the caller says.
    ki_attend(unsafe { UserFrame::new(place) });
}

/// Takes one interrupt that arrived during [`cpu::idle`]: its vector.
pub fn take_interrupt() -> Option<u8> {
    for (n, word) in hal_pending.iter().enumerate() {
        let bits = word.load(Ordering::Relaxed);
        if bits != 0 {
            let bit = bits.trailing_zeros();
            word.fetch_and(!(1 << bit), Ordering::Relaxed);
            return Some((n as u32 * 64 + bit) as u8);
        }
    }
    None
}
