//! The configuration manager: the registry. Hives are `regf`'s; here they are one tree, and meet handles, access
//! checks and user memory.
//!
//! All of it is one [`tree::Tree`] in one cell. A key that is open has a block ([`key::Key`]), by which it is found
//! without its name; each open is an object of its own that refers to the block ([`object`]). `\Registry`, what is
//! volatile and what has no file lies in one hive in memory. Volatile subkeys of a key in another hive
//! are subkeys of its shadow in there.

mod all_values;
mod boot;
mod create;
mod edit;
mod flush;
mod hardware;
mod hive;
mod initialize;
mod key;
mod load;
mod memory;
mod notify;
pub mod object;
mod on_disk;
mod open;
mod query;
mod reply;
mod save;
pub mod security;
mod set;
mod store;
mod stored;
mod template;
mod trail;
mod tree;
mod values;
mod walk;

pub use boot::init;
pub use flush::shutdown;
pub use hardware::{DeviceMap, add_device};
pub use open::check_exists;
pub use stored::{read_values, write_values};

/// The services of this component.
pub mod services {
    pub use super::create::{
        create_key as NtCreateKey, delete_key as NtDeleteKey, rename_key as NtRenameKey,
        set_information_key as NtSetInformationKey,
    };
    pub use super::flush::flush_key as NtFlushKey;
    pub use super::initialize::initialize_registry as NtInitializeRegistry;
    pub use super::load::{load_key as NtLoadKey, unload_key as NtUnloadKey};
    pub use super::notify::notify_change_key as NtNotifyChangeKey;
    pub use super::open::open_key as NtOpenKey;
    pub use super::query::{enumerate_key as NtEnumerateKey, query_key as NtQueryKey};
    pub use super::save::save_key as NtSaveKey;
    pub use super::set::{delete_value_key as NtDeleteValueKey, set_value_key as NtSetValueKey};
    pub use super::values::{
        enumerate_value_key as NtEnumerateValueKey, query_multiple_value_key as NtQueryMultipleValueKey,
        query_value_key as NtQueryValueKey,
    };
}
