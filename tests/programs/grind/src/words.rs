//! The command line: `grind SEED CALLS [here]`, or `grind child`.

use nt::layout::{parameters, peb};

use crate::call::peek;

/// Longest command line looked at, in characters.
const MAX: usize = 256;

/// The words of a command line, without the program's own name.
#[derive(Debug)]
pub struct Words {
    text: [u8; MAX],
    len: usize,
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

    /// Whether a word is among them.
    pub fn has(&self, word: &str) -> bool {
        self.iter().any(|each| each == word)
    }

    /// Word `index` as a number.
    pub fn number(&self, index: usize) -> Option<u64> {
        self.iter().nth(index)?.parse().ok()
    }
}
