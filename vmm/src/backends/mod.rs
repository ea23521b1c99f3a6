//! Where the bytes of a port go, and where they come from.
//!
//! The vCPU thread only ever appends to an [`Outbox`] and takes from an [`Inbox`]; the supervising
//! thread does the system calls, in blocks.

mod escape;
pub mod fault;
mod listen;
mod mailbox;
mod mishaps;
pub mod printer;
mod spec;
mod target;

pub use escape::{EscapeKeys, Typed};
pub use mailbox::{Arrival, Inbox, Outbox};
pub use mishaps::Mishaps;
pub use printer::{PrintQueue, PrinterSpec};
pub use spec::{PortSpec, SpecError, TargetSpec};
pub(crate) use target::tell;
pub use target::{BackendError, Progress, Target};
