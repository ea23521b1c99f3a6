//! The keyboard controller, as far as a machine without a keyboard needs one: a status register that
//! reads sane, and the command that pulses the processor's reset line.

use nt::platform::I8042_PULSE_RESET;

/// Port of the data register.
pub const DATA_PORT: u16 = 0x60;
/// Port of the status (read) and command (write) register.
pub const COMMAND_PORT: u16 = nt::platform::I8042_COMMAND_PORT;

/// Status: self-test passed (system flag).
const STATUS_SYSTEM: u8 = 1 << 2;
/// Status: the last write went to the command port.
const STATUS_COMMAND: u8 = 1 << 3;
/// Status: the keyboard is not inhibited.
const STATUS_UNLOCKED: u8 = 1 << 4;

/// The controller.
#[derive(Clone, Copy, Debug, Default)]
pub struct I8042 {
    last_was_command: bool,
}

impl I8042 {
    /// Reads the data port: no key was ever pressed.
    pub fn read_data(&self) -> u8 {
        0
    }

    /// Reads the status port: nothing to read, ready for a command.
    pub fn read_status(&self) -> u8 {
        STATUS_SYSTEM | STATUS_UNLOCKED | if self.last_was_command { STATUS_COMMAND } else { 0 }
    }

    /// Writes the data port.
    pub fn write_data(&mut self, _value: u8) {
        self.last_was_command = false;
    }

    /// Writes the command port; true when the command resets the machine.
    #[must_use]
    pub fn write_command(&mut self, value: u8) -> bool {
        self.last_was_command = true;
        value == I8042_PULSE_RESET
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_command_resets() {
        let mut controller = I8042::default();
        let resets: Vec<u8> = (0..=255).filter(|&command| controller.write_command(command)).collect();
        assert_eq!(resets, [0xFE]);
    }

    #[test]
    fn status_never_says_busy_or_full() {
        let mut controller = I8042::default();
        for step in 0..=255u8 {
            let _ = controller.write_command(step);
            assert_eq!(controller.read_status() & 0b11, 0);
            controller.write_data(step);
            assert_eq!(controller.read_status() & 0b11, 0);
            assert_eq!(controller.read_data(), 0);
        }
    }
}
