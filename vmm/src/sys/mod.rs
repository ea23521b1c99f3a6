//! The few system calls that std does not offer, each behind a safe function.

pub mod heap;
pub mod peak;
pub mod poll;
pub mod pty;
pub mod signals;
pub mod stdout;
pub mod terminal;
