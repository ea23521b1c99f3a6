//! The escape key of an interactive console: Ctrl-A x leaves, Ctrl-A Ctrl-A types a Ctrl-A.

const CTRL_A: u8 = 0x01;

/// What typing came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// Bytes for the guest.
    pub bytes: Vec<u8>,
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
                (_, byte) => {
                    self.escaped = false;
                    typed.bytes.push(byte);
                }
            }
        }
        typed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_work_across_reads() {
        let mut keys = EscapeKeys::default();
        assert_eq!(keys.feed(b"a\x01"), Typed { bytes: b"a".to_vec(), leave: false });
        assert_eq!(keys.feed(b"\x01b"), Typed { bytes: b"\x01b".to_vec(), leave: false });
        assert_eq!(keys.feed(b"\x01qx"), Typed { bytes: b"qx".to_vec(), leave: false });
        assert_eq!(keys.feed(b"1\x01x2"), Typed { bytes: b"1".to_vec(), leave: true });
    }
}
