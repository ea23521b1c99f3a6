//! The two registers by which a hardware-reduced ACPI machine is powered off (ACPI 6.5, 4.8.3.7).

/// Port of the sleep control register.
pub const SLEEP_CONTROL: u16 = 0x620;
/// Port of the sleep status register: nothing is ever to be seen there.
pub const SLEEP_STATUS: u16 = 0x621;
/// What the tables have as the type of state S5, "soft off".
pub const SLEEP_TYPE_S5: u8 = 5;

/// SLP_EN: the state that SLP_TYPx names is entered.
const SLEEP_ENABLE: u8 = 1 << 5;
const SLEEP_TYPE_SHIFT: u8 = 2;
const SLEEP_TYPE_MASK: u8 = 7;

/// Writes sleep control; true when the machine is to be powered off.
#[must_use]
pub fn write_control(value: u8) -> bool {
    value & SLEEP_ENABLE != 0 && value >> SLEEP_TYPE_SHIFT & SLEEP_TYPE_MASK == SLEEP_TYPE_S5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_s5_and_only_when_enabled() {
        let off: Vec<u8> = (0..=255).filter(|&value| write_control(value)).collect();
        assert_eq!(off.len(), 16);
        assert!(off.contains(&0x34) && off.iter().all(|value| value & 0x3C == 0x34));
    }
}
