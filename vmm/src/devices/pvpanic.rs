//! pvpanic: the guest says that it has crashed. Source: QEMU `docs/specs/pvpanic`.

pub use nt::platform::{PVPANIC_PANICKED, PVPANIC_PORT};

/// Reads the port: the events this device understands.
pub fn read() -> u8 {
    PVPANIC_PANICKED
}

/// Writes the port; true when the guest says that it has panicked.
#[must_use]
pub fn write(value: u8) -> bool {
    value & PVPANIC_PANICKED != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bit_zero_is_the_only_event() {
        assert_eq!(read(), 1);
        for value in 0..=255u8 {
            assert_eq!(write(value), value & 1 == 1);
        }
    }
}
