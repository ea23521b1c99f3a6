//! The executive's own services: what the system is, hard errors, locale.

pub mod hard_error;
mod locale;
mod process_list;
mod set_system;
mod system;

/// The services of this component.
pub mod services {
    pub use super::hard_error::{raise as NtRaiseHardError, set_default_port as NtSetDefaultHardErrorPort};
    pub use super::locale::{query as NtQueryDefaultLocale, set as NtSetDefaultLocale};
    pub use super::set_system::set as NtSetSystemInformation;
    pub use super::system::query as NtQuerySystemInformation;
}
