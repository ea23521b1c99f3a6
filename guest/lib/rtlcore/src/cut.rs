//! Output that may be longer than its buffer.

/// A buffer that takes what fits and counts all. C and NT functions tell callers how much they would have needed.
pub struct Cut<'a, T> {
    buffer: &'a mut [T],
    len: usize,
}

impl<'a, T: Copy> Cut<'a, T> {
    /// Writes from the beginning of `buffer`.
    pub fn new(buffer: &'a mut [T]) -> Self {
        Self { buffer, len: 0 }
    }

    /// Takes one unit.
    #[inline]
    pub fn push(&mut self, unit: T) {
        if let Some(slot) = self.buffer.get_mut(self.len) {
            *slot = unit;
        }
        self.len = self.len.saturating_add(1);
    }

    /// Takes many.
    pub fn extend(&mut self, units: &[T]) {
        let room = self.buffer.get_mut(self.len..).unwrap_or_default();
        let fits = room.len().min(units.len());
        if let (Some(room), Some(units)) = (room.get_mut(..fits), units.get(..fits)) {
            room.copy_from_slice(units);
        }
        self.len = self.len.saturating_add(units.len());
    }

    /// How many there were.
    #[expect(clippy::len_without_is_empty, reason = "a count of what was put out")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether all of them fitted.
    pub fn fits(&self) -> bool {
        self.len <= self.buffer.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_does_not_fit() {
        let mut buffer = [0; 4];
        let mut cut = Cut::new(&mut buffer);
        cut.extend(&[1, 2]);
        cut.push(3);
        assert!(cut.fits());
        cut.extend(&[4, 5, 6]);
        cut.push(7);
        assert_eq!((cut.len(), cut.fits()), (7, false));
        cut.extend(&[8]);
        assert_eq!(buffer, [1, 2, 3, 4]);
    }
}
