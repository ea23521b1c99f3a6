//! Virtio 1.2 (OASIS committee specification 01): devices in memory-mapped registers.

pub mod block;
pub mod mmio;
mod request;

#[cfg(test)]
mod clearing_tests;
#[cfg(test)]
mod driver_tests;
#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod random_tests;
