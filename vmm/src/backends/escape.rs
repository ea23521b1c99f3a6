//! The escape key of an interactive console: Ctrl-A x leaves, Ctrl-A b sends a break, Ctrl-A Ctrl-A types a Ctrl-A.

use super::Arrival;

const CTRL_A: u8 = 0x01;

/// What typing came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// What goes to the guest.
    pub arrivals: Vec<Arrival>,
    /// The user wants to leave.
    pub leave: bool,
}

/// Watches for the escape key.
#[derive(Clone, Copy, Debug, Default)]
pub struct EscapeKeys {
    escaped: bool,
}

impl EscapeKeys {
    /// Sorts what was typed.
    pub fn feed(&mut self, input: &[u8]) -> Typed {
        let mut typed = Typed::default();
        for &byte in input {
            match (self.escaped, byte) {
                (false, CTRL_A) => self.escaped = true,
                (true, b'x' | b'X') => {
                    typed.leave = true;
                    return typed;
                }
                (true, b'b' | b'B') => {
                    self.escaped = false;
                    typed.arrivals.push(Arrival::Break);
                }
                (_, byte) => {
                    self.escaped = false;
                    typed.arrivals.push(Arrival::Byte(byte));
                }
            }
        }
        typed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &[u8], leave: bool) -> Typed {
        // A zero stands for a break.
        let arrival = |&byte: &u8| if byte == 0 { Arrival::Break } else { Arrival::Byte(byte) };
        Typed { arrivals: text.iter().map(arrival).collect(), leave }
    }

    #[test]
    fn escapes_work_across_reads() {
        let mut keys = EscapeKeys::default();
        assert_eq!(keys.feed(b"a\x01"), typed(b"a", false));
        assert_eq!(keys.feed(b"\x01b"), typed(b"\x01b", false));
        assert_eq!(keys.feed(b"\x01qx"), typed(b"qx", false));
        assert_eq!(keys.feed(b"c\x01bd\x01"), typed(b"c\0d", false));
        assert_eq!(keys.feed(b"B"), typed(b"\0", false));
        assert_eq!(keys.feed(b"1\x01x2"), typed(b"1", true));
    }
}
