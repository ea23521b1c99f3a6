//! ntdll.dll: what every user process begins with. The stubs of the system services, the image
//! loader, the heap, and the Rtl functions that native programs build on (spec/smss.md section 6).
//!
//! For any other target than the guest's this is an empty library.
#![cfg_attr(target_os = "windows", no_std)]
#![cfg(target_os = "windows")]

mod crt;
mod csr;
mod heap;
mod ldr;
#[path = "../../rt/src/memory.rs"]
mod memory;
mod peb;
mod rtl;
#[path = "../../rt/src/stack.rs"]
mod stack;
mod stubs;
mod support;
mod sync;
mod thread;
