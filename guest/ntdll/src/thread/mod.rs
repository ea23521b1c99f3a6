//! Threads: how they begin and end, and what happens when they raise exceptions.
//!
//! The kernel enters [`dispatch`] with an exception. Vectored handlers see it first, then the handlers of the
//! frames on the stack, found by [`lookup`] and the tables in images or made by the program ([`tables`]). Who takes it in hand continues it
//! ([`context`]) or has the stack unwound up to his frame ([`unwinding`]). When nobody does, it goes back to the kernel, which ends the
//! process.

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
