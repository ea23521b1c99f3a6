//! The kernel proper: threads, waits, time, traps, and the dispatch of system services.

pub mod apc;
pub mod attention;
pub mod bugcheck;
pub mod clock;
pub mod context;
pub mod dispatcher;
pub mod due;
pub mod event;
mod exception;
pub mod mutant;
pub mod object;
mod query;
pub mod sched;
pub mod semaphore;
pub mod service;
pub mod suspend;
pub mod swap;
pub mod thread;
mod time;
pub mod timer;
pub mod trap;
pub mod wait;
mod waits;

/// The services of this component.
pub mod services {
    pub use super::apc::{
        alert_resume_thread as NtAlertResumeThread, alert_thread as NtAlertThread,
        queue_apc_thread as NtQueueApcThread, test_alert_service as NtTestAlert,
    };
    pub use super::context::{
        r#continue as NtContinue, get_context_thread as NtGetContextThread,
        set_context_thread as NtSetContextThread,
    };
    pub use super::event::{
        clear as NtClearEvent, create as NtCreateEvent, open as NtOpenEvent, pulse as NtPulseEvent,
        query as NtQueryEvent, reset as NtResetEvent, set as NtSetEvent,
    };
    pub use super::exception::raise_exception as NtRaiseException;
    pub use super::mutant::{
        create as NtCreateMutant, open as NtOpenMutant, query as NtQueryMutant, release as NtReleaseMutant,
    };
    pub use super::sched::yield_execution as NtYieldExecution;
    pub use super::semaphore::{
        create as NtCreateSemaphore, open as NtOpenSemaphore, query as NtQuerySemaphore,
        release as NtReleaseSemaphore,
    };
    pub use super::suspend::{
        resume_process as NtResumeProcess, resume_thread as NtResumeThread,
        suspend_process as NtSuspendProcess, suspend_thread as NtSuspendThread,
    };
    pub use super::time::{
        query_performance_counter as NtQueryPerformanceCounter, query_system_time as NtQuerySystemTime,
        set_system_time as NtSetSystemTime,
    };
    pub use super::timer::{
        cancel as NtCancelTimer, create as NtCreateTimer, open as NtOpenTimer, query as NtQueryTimer,
        set as NtSetTimer,
    };
    pub use super::waits::{
        delay_execution as NtDelayExecution, multiple as NtWaitForMultipleObjects,
        signal_and_wait as NtSignalAndWaitForSingleObject, single as NtWaitForSingleObject,
    };
}
