//! What the end-to-end tests share: running `smvm`, and the programs it is given to run.

mod boot;
#[cfg(test)]
mod claims;
mod client;
mod grind;
pub mod native;
mod qcow2;
mod session;
pub mod standin;
mod tools;

pub use boot::{Boot, smvm};
pub use native::program;
pub use qcow2::to_qcow2;
pub use session::{Ended, SESSION_MANAGER, Session, strings};
pub use tools::{fsck, other, qemu_img};

/// The probe, a native program that does what its command line says (`tests/programs/probe`).
pub static PROBE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/probe.exe"));

/// The grinder, a fuzzer of the system services (`tests/programs/grind`).
pub static GRIND: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/grind.exe"));

/// Where the probe is put in the guest.
pub const PROBE_PATH: &str = r"\SystemRoot\System32\probe.exe";

/// What the default image writes to its boot screen: the registry's default BootExecute names a program that the
/// image does not have, and the session manager says so and goes on (spec/smss.md 1.5).
pub const DEFAULT_CONSOLE: &str = "Session Manager 5.2\r\nautochk program not found - skipping AUTOCHECK\r\n";
