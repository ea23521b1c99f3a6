//! The configuration manager: the registry. Hives are `regf`'s; here they are one tree, and meet handles, access
//! checks and user memory.
//!
//! All of it is one [`tree::Tree`] in one cell. A key that is open has a block ([`key::Key`]), by which it is found
//! without its name; each open is an object of its own that refers to the block ([`object`]). `\Registry`, what is
//! volatile and what has no file lies in one hive in memory. Volatile subkeys of a key in another hive
//! are subkeys of its shadow in there.

mod boot;
mod hive;
mod key;
mod memory;
pub mod object;
mod open;
mod query;
mod reply;
mod tree;
mod values;
mod walk;

pub use boot::init;

/// The services of this component.
pub mod services {
    pub use super::open::open_key as NtOpenKey;
    pub use super::query::{enumerate_key as NtEnumerateKey, query_key as NtQueryKey};
    pub use super::values::{
        enumerate_value_key as NtEnumerateValueKey, query_multiple_value_key as NtQueryMultipleValueKey,
        query_value_key as NtQueryValueKey,
    };
}
