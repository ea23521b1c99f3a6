//! The kernel's way to what only ring 0 can do. The kernel itself runs in ring 3.
//!
//! Ring 0 is interpreted on paravirtual KVM hosts, 0.65 µs an instruction, and ring 3 is not. So the kernel is a program of
//! ring 3 with page tables of its own: in the **kernel's view** of an address space its pages are for ring 3, in the **view of
//! user mode** the same entries of the root are a supervisor's, and user mode cannot touch them. What is left in ring 0
//! (`ring0.s`) switches between the views, and does the operations below: some twenty instructions each way.
//!
//! The kernel lies in the lower half of the address space, above all of user mode's: on such a host the upper half is the
//! host's own.

use core::arch::asm;
use core::sync::atomic::{AtomicU64, Ordering};

/// `sti; hlt; cli`.
pub(crate) const IDLE: u64 = 0;
/// Writes MSR `a` with `b`.
pub(crate) const WRITE_MSR: u64 = 1;
/// Reads MSR `a`.
pub(crate) const READ_MSR: u64 = 2;
/// Loads CR3 with `a`.
const LOAD_ROOT: u64 = 3;
/// Forgets the translation of address `a`.
const INVALIDATE: u64 = 4;
/// Reads a byte from port `a`.
pub(crate) const IN8: u64 = 5;
/// Writes byte `b` to port `a`.
pub(crate) const OUT8: u64 = 6;
/// Reads 32 bits from port `a`.
pub(crate) const IN32: u64 = 7;
/// Writes 32 bits `b` to port `a`.
pub(crate) const OUT32: u64 = 8;
/// Writes EAX, EBX, ECX, EDX of CPUID leaf `a` to address `c`.
pub(crate) const CPUID: u64 = 9;
/// Halts for good.
pub(crate) const HALT: u64 = 10;
/// Resets the machine.
pub(crate) const TRIPLE_FAULT: u64 = 11;

unsafe extern "C" {
    /// The root of the kernel's view.
    safe static hal_kernel_root: AtomicU64;
    /// The root of user mode's.
    safe static hal_user_root: AtomicU64;
}

/// Does an operation of `ring0.s`.
///
/// # Safety
/// What the operation does must keep every invariant of the running kernel.
#[inline]
pub(crate) unsafe fn operate(operation: u64, a: u64, b: u64, c: u64) -> u64 {
    let result;
    // SAFETY: in kernel mode `syscall` goes to `operate` in ring0.s, which changes the registers named here, and comes
    // back; the caller answers for what it does.
    unsafe {
        asm!("syscall", inlateout("rax") operation => result, in("rdi") a, in("rsi") b, inlateout("rdx") c => _,
             lateout("rcx") _, lateout("r8") _, lateout("r11") _, options(nostack));
    }
    result
}

/// The root of the kernel's view that is loaded.
#[inline]
pub(crate) fn root() -> u64 {
    hal_kernel_root.load(Ordering::Relaxed)
}

/// Loads the two views of an address space.
///
/// # Safety
/// The kernel's part of both is the kernel's; user mode's is the same in both.
pub(crate) unsafe fn load(kernel: u64, user: u64) {
    hal_user_root.store(user, Ordering::Relaxed);
    if root() != kernel {
        hal_kernel_root.store(kernel, Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { operate(LOAD_ROOT, kernel, 0, 0) };
    }
}

/// Forgets all translations. Those of user mode's view are forgotten whenever it is left.
pub(crate) fn flush() {
    // SAFETY: the root is the one that is loaded.
    unsafe { operate(LOAD_ROOT, root(), 0, 0) };
}

/// Forgets the translation of an address.
pub(crate) fn invalidate(address: u64) {
    // SAFETY: dropping a translation is always sound.
    unsafe { operate(INVALIDATE, address, 0, 0) };
}
