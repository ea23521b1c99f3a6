//! The object manager: types, names, handles. The logic is `obns`'s; here it meets user memory, access
//! checks and the other components.

pub mod access;
pub mod body;
pub mod capture;
mod directory;
pub mod handle;
pub mod kind;
mod link;
pub mod namespace;
mod object;
mod secure;
mod security;
pub mod station;

pub use body::{Body, HandleTable, Object, Security};
pub use capture::Captured;
pub use object::string_behind;

/// The services of this component.
pub mod services {
    pub use super::directory::{
        create as NtCreateDirectoryObject, open as NtOpenDirectoryObject, query as NtQueryDirectoryObject,
    };
    pub use super::link::{
        create as NtCreateSymbolicLinkObject, open as NtOpenSymbolicLinkObject,
        query as NtQuerySymbolicLinkObject,
    };
    pub use super::object::{
        close as NtClose, duplicate as NtDuplicateObject, make_permanent as NtMakePermanentObject,
        make_temporary as NtMakeTemporaryObject, query as NtQueryObject,
        set_information as NtSetInformationObject,
    };
    pub use super::secure::{query as NtQuerySecurityObject, set as NtSetSecurityObject};
}
