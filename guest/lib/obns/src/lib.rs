//! The object manager's pure part: objects, the namespace, symbolic links, handle tables.
//!
//! # Who keeps what alive
//!
//! [`Object`] is a counted reference; what it refers to lives as long as a reference does. References are
//! held by handles, by the namespace for what has a name, and by whoever works with the object. Nobody
//! counts by hand. What is counted besides are *handles*, because names depend on them:
//!
//! | object | its name | its body |
//! |---|---|---|
//! | named, permanent | stays, whatever happens to handles | lives while it is named |
//! | named, temporary | goes with the last handle ([`Closed`] given to [`Namespace::settle`]) | lives on for whoever still refers to it |
//! | made temporary | goes with the last handle, at once if there is none ([`Namespace::make_temporary`]) | as above |
//! | unnamed | – | lives while somebody refers to it |
//!
//! Only [`HandleTable`] makes handles, so the count is right by construction; only closing one gives a
//! [`Closed`], which says whether it was the last. A directory that loses its name keeps its entries, and
//! its entries keep it, as in NT: it is unreachable by name then, but not through its handles.
//!
//! # Cost
//!
//! A look-up hashes a component four units at a time, asks one table for all directories, compares once, and
//! allocates nothing unless links are nested four deep. Directories and links are objects like any other.
//!
//! Sources: spec/smss.md 1.0 (K4, K5), 1.3 steps 4 to 8, 2.2, 2.8, 6.1; Microsoft's documentation of
//! OBJECT_ATTRIBUTES and of the services named.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod attributes;
mod closed;
mod directory;
mod dos;
mod entries;
mod error;
mod handle;
mod inherit;
mod list;
mod name;
mod namespace;
mod object;
mod rest;
mod walk;

pub use attributes::Attributes;
pub use closed::Closed;
pub use error::ObError;
pub use handle::{HandleEntry, HandleTable, KERNEL_HANDLE, MAX_HANDLES};
pub use list::Listed;
pub use name::same_name;
pub use namespace::{Created, MAX_NAME, Namespace};
pub use object::{Body, Object};
pub use rest::Rest;
pub use walk::{MAX_REPARSES, Opened, Query, Traverse};
