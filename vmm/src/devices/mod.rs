//! Device models: pure state machines. None of them does I/O or owns a thread; what they need
//! from outside is handed in, so tests and fuzzers can drive every register.

pub mod acpi;
pub mod bus;
pub mod i8042;
pub mod ioapic;
pub mod parallel;
pub mod platform;
pub mod pvpanic;
pub mod uart16550;
pub mod virtio;
