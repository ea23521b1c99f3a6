//! The memory an edited hive lies in.

use alloc::vec::Vec;

/// The bytes of a hive file in memory that can be changed and grow.
///
/// A kernel may implement it on the pages of the hive file, of which only those that are written to are copied, with
/// room for growth behind them: an edit touches no more than it must.
pub trait Image {
    /// The file's bytes.
    fn bytes(&self) -> &[u8];
    /// Writes bytes at an offset; says whether it could. Nothing is written in part.
    fn write(&mut self, at: usize, bytes: &[u8]) -> bool;
    /// Makes it this many bytes long, with zeros at the end; says whether it could. It never gets shorter.
    fn grow(&mut self, len: usize) -> bool;
}

impl Image for Vec<u8> {
    fn bytes(&self) -> &[u8] {
        self
    }

    fn write(&mut self, at: usize, bytes: &[u8]) -> bool {
        let end = at.checked_add(bytes.len());
        match end.and_then(|end| self.get_mut(at..end)) {
            Some(room) => room.copy_from_slice(bytes),
            None => return false,
        }
        true
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
