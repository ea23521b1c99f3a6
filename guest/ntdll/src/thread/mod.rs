//! Threads: how they begin and end, and what happens when they raise exceptions.
//!
//! The kernel enters [`dispatch`] with an exception. Vectored handlers see it first, then the handlers of the
//! frames on the stack, found by [`lookup`] and the tables in images or made by the program ([`tables`]). Who takes it in hand continues it
//! ([`context`]) or has the stack unwound up to his frame ([`unwinding`]). When nobody does, it goes back to the kernel, which ends the
//! process.

/// Where an unwinder finds the interrupted code's registers: in the CONTEXT that the kernel leaves at RSP (winnt.h has the
/// offsets).
macro_rules! context_in_frame {
    () => {
        concat!(
            ".seh_savereg rbx, 0x90\n",
            ".seh_savereg rbp, 0xA0\n",
            ".seh_savereg rsi, 0xA8\n",
            ".seh_savereg rdi, 0xB0\n",
            ".seh_savereg r12, 0xD8\n",
            ".seh_savereg r13, 0xE0\n",
            ".seh_savereg r14, 0xE8\n",
            ".seh_savereg r15, 0xF0\n",
            ".seh_savexmm xmm6, 0x200\n",
            ".seh_savexmm xmm7, 0x210\n",
            ".seh_savexmm xmm8, 0x220\n",
            ".seh_savexmm xmm9, 0x230\n",
            ".seh_savexmm xmm10, 0x240\n",
            ".seh_savexmm xmm11, 0x250\n",
            ".seh_savexmm xmm12, 0x260\n",
            ".seh_savexmm xmm13, 0x270\n",
            ".seh_savexmm xmm14, 0x280\n",
            ".seh_savexmm xmm15, 0x290\n",
        )
    };
}

mod apc;
mod c_handler;
mod context;
pub mod debug;
mod dispatch;
pub mod exit;
mod handler;
mod jump;
mod lookup;
pub mod raise;
mod tables;
mod unwinding;
mod vectored;
