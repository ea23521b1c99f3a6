//! Mechanism under the kernel: entry, descriptor tables, traps, address spaces, frames, heap,
//! kernel stacks, local APIC, boot console, trace ring, crash record.
//!
//! This is the only crate of the kernel that may be unsafe; its interface is safe. Three facts carry
//! the whole argument: there is one processor, interrupts are off in the kernel except inside
//! [`cpu::idle`], and a kernel stack is left only by [`context::switch`]. So code between two
//! switches runs alone.
#![cfg_attr(target_os = "none", no_std)]
#![cfg(any(target_os = "none", doc))]
#![expect(unsafe_code, reason = "this crate is where the kernel touches the machine")]

extern crate alloc;

pub mod address_space;
pub mod apic;
pub mod boot;
pub mod cell;
pub mod console;
pub mod context;
pub mod cpu;
pub mod crash;
pub mod dma;
pub mod driver;
pub mod frames;
pub mod heap;
pub mod hives;
pub mod ioapic;
pub mod isa;
pub mod kvmclock;
mod mem;
pub mod phys;
pub mod platform;
pub mod pool;
pub mod port;
mod ring0;
pub mod session_space;
mod stack;
pub mod system_image;
pub mod trace;
pub mod trap;
pub mod usercopy;
pub mod virtio;
pub mod waits;
pub mod window;
