//! The kernel proper: threads, waits, time, traps, and the dispatch of system services.

pub mod bugcheck;
pub mod clock;
pub mod sched;
pub mod service;
pub mod trap;
pub mod wait;
