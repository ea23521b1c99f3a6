//! The receive FIFO: bytes with their errors.

/// Bytes that the receive FIFO holds.
pub const DEPTH: usize = 16;

/// A received byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Received {
    pub(super) byte: u8,
    /// LSR bits 2–4.
    pub(super) errors: u8,
}

/// The FIFO. Its user keeps to the depth; a push beyond it is ignored.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(test, derive(PartialEq))]
pub(super) struct Fifo {
    entries: [Received; DEPTH],
    first: usize,
    len: usize,
}

impl Fifo {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    pub(super) fn push(&mut self, received: Received) {
        if self.len < DEPTH {
            self.entries[(self.first + self.len) % DEPTH] = received;
            self.len += 1;
        }
    }

    pub(super) fn pop(&mut self) -> Option<Received> {
        let head = self.head()?;
        self.first = (self.first + 1) % DEPTH;
        self.len -= 1;
        Some(head)
    }

    pub(super) fn head(&self) -> Option<Received> {
        (self.len > 0).then(|| self.entries[self.first])
    }

    /// The head's errors have been read.
    pub(super) fn forgive_head(&mut self) {
        if self.len > 0 {
            self.entries[self.first].errors = 0;
        }
    }

    pub(super) fn any_error(&self) -> bool {
        (0..self.len).any(|at| self.entries[(self.first + at) % DEPTH].errors != 0)
    }
}
