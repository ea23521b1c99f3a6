//! The memory an edited hive lies in.

use alloc::vec::Vec;

/// The bytes of a hive file in memory that can be changed and grow.
///
/// A kernel may implement it on pages that are mapped from the hive file copy-on-write, with room for growth
/// behind them: an edit touches no more than it must.
pub trait Image {
    /// The file's bytes.
    fn bytes(&self) -> &[u8];
    /// The same bytes, to be changed.
    fn bytes_mut(&mut self) -> &mut [u8];
    /// Makes it this many bytes long, with zeros at the end; says whether it could. It never gets shorter.
    fn grow(&mut self, len: usize) -> bool;
}

impl Image for Vec<u8> {
    fn bytes(&self) -> &[u8] {
        self
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        self
    }

    fn grow(&mut self, len: usize) -> bool {
        let more = len.saturating_sub(self.len());
        if self.try_reserve(more).is_err() {
            return false;
        }
        self.resize(self.len() + more, 0);
        true
    }
}
