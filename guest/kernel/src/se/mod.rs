//! The security reference monitor: who acts, and what of it that allows. The logic is `secore`'s; here it meets
//! processes, threads, objects and user memory.
//!
//! Every process has a primary token, every thread may have an impersonation token, and the latter counts
//! ([`subject`]). The kernel's own threads are not asked. A token is made an object only when somebody opens it:
//! until then a process refers to a [`TokenRef`], which it shares with its parent.

mod capture;
mod defaults;
mod luid;
mod subject;
mod token;

pub use capture::descriptor as capture_descriptor;
pub use defaults::public;
pub use subject::{default_security, effective, has, is_impersonating, require, traverse};
pub use token::{PrimaryToken, TokenObject, TokenRef};

/// The services of this component.
pub mod services {
    pub use super::luid::allocate_locally_unique_id as NtAllocateLocallyUniqueId;
}
