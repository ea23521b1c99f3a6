//! The security reference monitor: who acts, and what of it that allows. The logic is `secore`'s; here it meets
//! processes, threads, objects and user memory.
//!
//! Every process has a primary token, every thread may have an impersonation token, and the latter counts
//! ([`subject`]). The kernel's own threads are not asked. A token is made an object only when somebody opens it:
//! until then a process refers to a [`TokenRef`], which it shares with its parent.

mod adjust;
mod capture;
mod check;
mod client;
mod defaults;
mod impersonate;
mod luid;
mod make;
mod open;
mod query;
mod subject;
mod token;

pub use capture::descriptor as capture_descriptor;
pub use capture::sid as capture_sid;
pub use client::ClientContext;
pub use defaults::public;
pub use impersonate::{set_process_token, set_thread_token};
pub use subject::{default_security, effective, has, is_impersonating, require, traverse};
pub use token::{PrimaryToken, TokenObject, TokenRef};

/// The services of this component.
pub mod services {
    pub use super::adjust::{groups as NtAdjustGroupsToken, privileges as NtAdjustPrivilegesToken};
    pub use super::check::{access_check as NtAccessCheck, privilege_check as NtPrivilegeCheck};
    pub use super::impersonate::impersonate_thread as NtImpersonateThread;
    pub use super::luid::allocate_locally_unique_id as NtAllocateLocallyUniqueId;
    pub use super::make::{create as NtCreateToken, duplicate as NtDuplicateToken};
    pub use super::open::{process_token as NtOpenProcessToken, thread_token as NtOpenThreadToken};
    pub use super::query::{query as NtQueryInformationToken, set as NtSetInformationToken};
}
