//! The command line: `grind SEED CALLS [here]`.
#![expect(unsafe_code, reason = "reads the process parameters that the kernel left")]

use nt::layout::{parameters, peb};

/// Longest command line looked at, in characters.
const MAX: usize = 256;

/// The words of a command line, without the program's own name.
#[derive(Debug)]
pub struct Words {
    text: [u8; MAX],
    len: usize,
}

/// Reads a value at an address in this process.
fn peek<T: Copy>(address: u64) -> T {
    // SAFETY: called with addresses inside the PEB and the process parameters, which are mapped
    // before the first thread runs and which nobody writes to so early.
    unsafe { core::ptr::with_exposed_provenance::<T>(address as usize).read_unaligned() }
}

impl Words {
    /// Of this process.
    pub fn new(peb: usize) -> Self {
        let block = peek::<u64>(peb as u64 + peb::PROCESS_PARAMETERS) + parameters::COMMAND_LINE as u64;
        let len = usize::from(peek::<u16>(block) / 2).min(MAX);
        let from = peek::<u64>(block + 8);
        let mut text = [0; MAX];
        for (n, byte) in text[..len].iter_mut().enumerate() {
            *byte = peek::<u16>(from + 2 * n as u64) as u8;
        }
        Self { text, len }
    }

    /// The words.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        str::from_utf8(&self.text[..self.len]).unwrap_or("").split(' ').skip(1)
    }

    /// Word `index` as a number.
    pub fn number(&self, index: usize) -> Option<u64> {
        self.iter().nth(index)?.parse().ok()
    }
}
