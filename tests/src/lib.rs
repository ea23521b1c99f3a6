//! What the end-to-end tests share.

/// The probe, a native program that does what its command line says (`tests/programs/probe`).
pub static PROBE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/probe.exe"));
