//! The kernel proper: threads, waits, time, traps, and the dispatch of system services.

pub mod bugcheck;
pub mod clock;
mod missing;
pub mod sched;
pub mod service;
pub mod trap;
pub mod wait;

/// The services of this component.
pub mod services {
    pub use super::clock::delay_execution as NtDelayExecution;
    pub use super::clock::query_performance_counter as NtQueryPerformanceCounter;
    pub use super::sched::yield_execution as NtYieldExecution;
    pub use super::wait::wait_for_single_object as NtWaitForSingleObject;
}
