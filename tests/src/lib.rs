//! What the end-to-end tests share: running `smvm`, and the probe it is given to run.

mod boot;
mod native;

pub use boot::{Boot, smvm};

/// The probe, a native program that does what its command line says (`tests/programs/probe`).
pub static PROBE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/probe.exe"));

/// Where the probe is put in the guest.
pub const PROBE_PATH: &str = r"\SystemRoot\System32\probe.exe";
