//! The devices a monitor gives the guest beyond a PC's own, and the command-line words that
//! announce them. Described for people in `docs/platform.md`.

/// First port of the platform device, when the command line names none.
pub const PLATFORM_PORT: u16 = 0x600;
/// Number of ports of the platform device.
pub const PLATFORM_PORTS: u16 = 0x10;
/// Offset of the identification register: a 32-bit read gives [`PLATFORM_ID`].
pub const REG_ID: u16 = 0x0;
/// Offset of the power register: a 32-bit write of [`PowerCommand::to_raw`] ends the machine's run.
pub const REG_POWER: u16 = 0x4;
/// Offset of the bulk transmit register: a 32-bit write of the guest-physical address of a
/// [`BulkHeader`] sends a block of bytes to a port's back end in one exit. In the header of a printer's block `len` becomes
/// the number of bytes that it has taken, and `target` what reading its status register then gives.
pub const REG_BULK_TX: u16 = 0x8;
/// Offset of the bulk receive register: a 32-bit write of the guest-physical address of a [`BulkHeader`] fetches what
/// has arrived at a serial port, at most `len` bytes, which follow the header. In the header `len` becomes the number
/// of bytes, and `target` what reading LSR (bits 7:0) and MSR (bits 15:8) would have given.
pub const REG_BULK_RX: u16 = 0xC;
/// What [`REG_ID`] reads as: `SMVM` in ASCII, least significant byte first.
pub const PLATFORM_ID: u32 = u32::from_le_bytes(*b"SMVM");

/// Port of the pvpanic device (QEMU `docs/specs/pvpanic`).
pub const PVPANIC_PORT: u16 = 0x505;
/// The bit that says "the guest has panicked", in both directions.
pub const PVPANIC_PANICKED: u8 = 1 << 0;

/// The keyboard controller's command port (Intel 8042).
pub const I8042_COMMAND_PORT: u16 = 0x64;
/// The 8042 command that pulses the processor's reset line.
pub const I8042_PULSE_RESET: u8 = 0xFE;

/// First port of COM1, the boot screen (16550A).
pub const COM1_PORT: u16 = 0x3F8;
/// First port and interrupt line of COM1–COM4, as on every PC.
pub const COM_PORTS: [(u16, u8); 4] = [(COM1_PORT, 4), (0x2F8, 3), (0x3E8, 4), (0x2E8, 3)];
/// First port and interrupt line of LPT1–LPT3, as on every PC.
pub const LPT_PORTS: [(u16, u8); 3] = [(0x378, 7), (0x278, 5), (0x3BC, 7)];
/// The target of bulk transmit blocks that LPT1 is; COM1's is 0.
pub const TARGET_LPT1: u16 = 4;

/// Command-line word `smvm.platform=0x600`: the platform device is at this port; 0 means that there is
/// none. The first such word counts.
pub const OPTION_PLATFORM: &str = "smvm.platform=";
/// Command-line word `smvm.memzero=0x100000`: RAM from this physical address on that no loaded
/// image, module or start-info structure occupies reads as zero.
pub const OPTION_MEMZERO: &str = "smvm.memzero=";
/// Command-line word: system calls are recorded in the trace ring too.
pub const OPTION_TRACE: &str = "smvm.trace=syscalls";
/// Command-line word: the kernel records [`CALIBRATE_EVENTS`] events back to back, so that a benchmark can
/// tell what one costs.
pub const OPTION_CALIBRATE: &str = "smvm.calibrate";
/// How many events [`OPTION_CALIBRATE`] makes.
pub const CALIBRATE_EVENTS: u64 = 256;
/// Command-line word `smvm.init=\SystemRoot\System32\other.exe,first,second`: the first process is
/// this program; commas stand for the blanks of its command line.
pub const OPTION_INIT: &str = "smvm.init=";

/// Command-line word `smvm.com=13`: of COM1–COM4 these are there, and the platform device has bulk receive. Without it
/// the ports are probed, and when the first such word says [`PROBE`].
pub const OPTION_COM: &str = "smvm.com=";
/// What [`OPTION_COM`] and [`OPTION_LPT`] say to have the ports looked for.
pub const PROBE: &str = "probe";
/// Command-line word `smvm.lpt=1`: of LPT1–LPT3 these are there (`smvm.lpt=`: none). Without it they are probed.
pub const OPTION_LPT: &str = "smvm.lpt=";
/// Command-line word `virtio_mmio.device=SIZE@BASE:LINE`, in the form that Linux knows: a virtio device has its registers at
/// BASE and interrupts by pin LINE of the I/O APIC. One word a device.
pub const OPTION_VIRTIO: &str = "virtio_mmio.device=";
/// Command-line word `smvm.drives=d,e`: the drive letters that the virtio devices are to have, in their order.
pub const OPTION_DRIVES: &str = "smvm.drives=";
/// Physical address of the first virtio device's registers.
pub const VIRTIO_BASE: u64 = 0xD000_0000;
/// Bytes from one virtio device's registers to the next one's.
pub const VIRTIO_WINDOW: u64 = 0x1000;
/// The first I/O APIC pin of virtio devices.
pub const VIRTIO_LINE: u8 = 16;
/// How many pins they have, in turn.
pub const VIRTIO_LINES: u8 = 8;

/// The head of a bulk transmit block; `len` bytes of data follow it without a gap, in physical memory.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BulkHeader {
    /// Which port: 0–3 for COM1–COM4, 4–6 for LPT1–LPT3.
    pub target: u16,
    /// Number of data bytes, 1 to [`BULK_MAX`].
    pub len: u16,
}

/// Longest bulk transmit block, in bytes: with its header one page.
pub const BULK_MAX: usize = 4092;

/// What the guest asks of the power register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PowerAction {
    /// Power off.
    Off,
    /// Reset the machine.
    Reset,
}

/// Why it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PowerReason {
    /// `NtShutdownSystem(ShutdownNoReboot)`: it is now safe to turn the machine off.
    ShutdownNoReboot,
    /// `NtShutdownSystem(ShutdownReboot)`.
    ShutdownReboot,
    /// `NtShutdownSystem(ShutdownPowerOff)`.
    ShutdownPowerOff,
    /// A reason this version does not know.
    Other(u32),
}

/// One write to [`REG_POWER`]: action in bits 7:0, reason in bits 31:8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerCommand {
    /// What to do.
    pub action: PowerAction,
    /// Why.
    pub reason: PowerReason,
}

impl PowerCommand {
    /// The register value.
    pub fn to_raw(self) -> u32 {
        let action = match self.action {
            PowerAction::Off => 1,
            PowerAction::Reset => 2,
        };
        let reason = match self.reason {
            PowerReason::ShutdownNoReboot => 1,
            PowerReason::ShutdownReboot => 2,
            PowerReason::ShutdownPowerOff => 3,
            PowerReason::Other(other) => other,
        };
        action | reason << 8
    }

    /// Decodes a register value; `None` when the action is unknown.
    pub fn from_raw(raw: u32) -> Option<Self> {
        let action = match raw & 0xFF {
            1 => PowerAction::Off,
            2 => PowerAction::Reset,
            _ => return None,
        };
        let reason = match raw >> 8 {
            1 => PowerReason::ShutdownNoReboot,
            2 => PowerReason::ShutdownReboot,
            3 => PowerReason::ShutdownPowerOff,
            other => PowerReason::Other(other),
        };
        Some(Self { action, reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_commands_survive_the_register() {
        for action in [PowerAction::Off, PowerAction::Reset] {
            for reason in [
                PowerReason::ShutdownNoReboot,
                PowerReason::ShutdownReboot,
                PowerReason::ShutdownPowerOff,
                PowerReason::Other(77),
            ] {
                let command = PowerCommand { action, reason };
                assert_eq!(PowerCommand::from_raw(command.to_raw()), Some(command));
            }
        }
        assert_eq!(PowerCommand::from_raw(0), None);
        assert_eq!(PowerCommand::from_raw(0x103), None);
    }
}
