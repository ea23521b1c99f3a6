//! Address ranges and who answers them: sorted, without overlaps, looked up by bisection.

/// A range cannot be claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BusError {
    /// The range has no addresses, or wraps.
    #[error("the range at {base:#x} is empty or wraps")]
    BadRange {
        /// First address.
        base: u64,
    },
    /// Somebody else answers there.
    #[error("the range at {base:#x} overlaps another one")]
    Overlap {
        /// First address.
        base: u64,
    },
}

/// A bus: a map from address ranges to values of `T` that name the device.
#[derive(Clone, Debug, Default)]
pub struct Bus<T> {
    ranges: Vec<(u64, u64, T)>,
}

impl<T: Copy> Bus<T> {
    /// An empty bus.
    pub const fn new() -> Self {
        Self { ranges: Vec::new() }
    }

    /// Lets `device` answer `len` addresses from `base`.
    ///
    /// # Errors
    /// [`BusError`] when the range is empty, wraps, or is taken.
    pub fn claim(&mut self, base: u64, len: u64, device: T) -> Result<(), BusError> {
        let last =
            len.checked_sub(1).and_then(|len| base.checked_add(len)).ok_or(BusError::BadRange { base })?;
        let at = self.ranges.partition_point(|&(start, ..)| start < base);
        let before = at.checked_sub(1).and_then(|index| self.ranges.get(index));
        let overlaps = before.is_some_and(|&(_, end, _)| end >= base)
            || self.ranges.get(at).is_some_and(|&(start, ..)| start <= last);
        if overlaps {
            return Err(BusError::Overlap { base });
        }
        self.ranges.insert(at, (base, last, device));
        Ok(())
    }

    /// Who answers at `address`, and at which offset of its range.
    pub fn find(&self, address: u64) -> Option<(T, u64)> {
        let at = self.ranges.partition_point(|&(start, ..)| start <= address);
        let &(start, last, device) = self.ranges.get(at.checked_sub(1)?)?;
        (address <= last).then(|| (device, address - start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_who_claimed_and_nobody_else() {
        let mut bus = Bus::new();
        bus.claim(0x3F8, 8, 'u').expect("free");
        bus.claim(0x60, 1, 'k').expect("free");
        bus.claim(0x600, 16, 'p').expect("free");
        assert_eq!(bus.find(0x3F8), Some(('u', 0)));
        assert_eq!(bus.find(0x3FF), Some(('u', 7)));
        assert_eq!(bus.find(0x400), None);
        assert_eq!(bus.find(0x60), Some(('k', 0)));
        assert_eq!(bus.find(0x5F), None);
        assert_eq!(bus.find(u64::MAX), None);
    }

    #[test]
    fn overlaps_and_nonsense_are_refused() {
        let mut bus = Bus::new();
        bus.claim(0x10, 0x10, 1).expect("free");
        for (base, len) in [(0x0F, 2), (0x10, 1), (0x1F, 1), (0x00, 0x100), (0x18, 2)] {
            assert_eq!(bus.claim(base, len, 2), Err(BusError::Overlap { base }));
        }
        assert_eq!(bus.claim(0, 0, 2), Err(BusError::BadRange { base: 0 }));
        assert_eq!(bus.claim(u64::MAX, 2, 2), Err(BusError::BadRange { base: u64::MAX }));
        bus.claim(0x0F, 1, 3).expect("adjacent below");
        bus.claim(0x20, 1, 3).expect("adjacent above");
        bus.claim(u64::MAX, 1, 4).expect("the last address");
        assert_eq!(bus.find(u64::MAX), Some((4, 0)));
    }
}
