//! What a serial driver decides without touching a UART: when a read is over, which settings make sense, and what is
//! kept of the input. Source of the structures and rules: Microsoft's documentation of `ntddser.h` and of
//! COMMTIMEOUTS.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod line;
mod ring;
mod timeouts;

pub use line::{LineControl, divisor};
pub use ring::Ring;
pub use timeouts::{Plan, State, Timeouts, Verdict};
