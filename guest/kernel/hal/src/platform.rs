//! The monitor's platform device and the PC's own ways out. See `docs/platform.md`.

use nt::platform::{
    BULK_MAX, BulkHeader, I8042_COMMAND_PORT, I8042_PULSE_RESET, PLATFORM_PORTS, PVPANIC_PANICKED,
    PVPANIC_PORT, PowerCommand, REG_BULK_RX, REG_BULK_TX, REG_POWER,
};

use crate::cell::KernelCell;
use crate::cpu;
use crate::phys;
use crate::port::PortRange;

static DEVICE: KernelCell<Option<PortRange>> = KernelCell::new(None);

/// The command line says that the device is at `port`.
pub(crate) fn announce(port: u16) {
    // SAFETY: the command line is the monitor's word; the device reads memory only through the bulk
    // transmit register, which `bulk_transmit` gives a buffer of its own.
    *DEVICE.lock() = Some(unsafe { PortRange::new(port, PLATFORM_PORTS) });
}

/// Whether the machine has the platform device; such a machine has no 8259 and no 8254.
pub fn present() -> bool {
    device().is_some()
}

fn device() -> Option<PortRange> {
    *DEVICE.lock()
}

#[repr(C, align(4096))]
struct BulkBuffer {
    header: BulkHeader,
    data: [u8; BULK_MAX],
}

static BULK: KernelCell<BulkBuffer> =
    KernelCell::new(BulkBuffer { header: BulkHeader { target: 0, len: 0 }, data: [0; BULK_MAX] });

/// Sends bytes to a port's back end with one exit a block. False when there is no such device.
pub fn bulk_transmit(target: u16, bytes: &[u8]) -> bool {
    let Some(device) = device() else { return false };
    let mut buffer = BULK.lock();
    for block in bytes.chunks(BULK_MAX) {
        buffer.header = BulkHeader { target, len: block.len() as u16 };
        buffer.data[..block.len()].copy_from_slice(block);
        device.write_u32(REG_BULK_TX, phys::address_of(&raw const *buffer) as u32);
    }
    true
}

/// Sends as much of a block to a printer as it takes, at most [`BULK_MAX`] bytes, with one exit. Gives how many bytes those
/// were, and the port's status register behind them; `None` when there is no such device.
pub fn bulk_print(target: u16, bytes: &[u8]) -> Option<(usize, u8)> {
    let device = device()?;
    let mut buffer = BULK.lock();
    let block = bytes.get(..BULK_MAX).unwrap_or(bytes);
    buffer.header = BulkHeader { target, len: block.len() as u16 };
    buffer.data[..block.len()].copy_from_slice(block);
    device.write_u32(REG_BULK_TX, phys::address_of(&raw mut *buffer) as u32);
    let BulkHeader { target: status, len: taken } = buffer.header;
    Some((usize::from(taken).min(block.len()), status as u8))
}

/// What [`bulk_receive`] fetched.
#[derive(Clone, Copy, Debug, Default)]
pub struct Received {
    /// Bytes.
    pub count: usize,
    /// The line status register, errors and all.
    pub line_status: u8,
    /// The modem status register, changes and all.
    pub modem_status: u8,
}

/// Fetches what has arrived at a serial port, at most `room` bytes, with one exit, and hands it to `take`. `None` when
/// there is no such device; only one that has announced its serial ports can do it ([`nt::platform::OPTION_COM`]).
pub fn bulk_receive(target: u16, room: usize, take: impl FnOnce(&[u8])) -> Option<Received> {
    let device = device()?;
    let mut buffer = BULK.lock();
    let len = room.min(BULK_MAX);
    buffer.header = BulkHeader { target, len: len as u16 };
    device.write_u32(REG_BULK_RX, phys::address_of(&raw mut *buffer) as u32);
    let BulkHeader { target: status, len: count } = buffer.header;
    let count = usize::from(count).min(len);
    take(&buffer.data[..count]);
    let [line_status, modem_status] = status.to_le_bytes();
    Some(Received { count, line_status, modem_status })
}

/// Powers off or resets, by the platform device if there is one, by the keyboard controller or a
/// triple fault otherwise.
pub fn power(command: PowerCommand) -> ! {
    if let Some(device) = device() {
        device.write_u32(REG_POWER, command.to_raw());
    }
    reset()
}

/// Tells the host that the guest has panicked; the crash record must be complete. Then resets, which
/// is what a host without pvpanic sees.
pub fn panicked() -> ! {
    // SAFETY: pvpanic's only register; nothing else answers there on a PC.
    let pvpanic = unsafe { PortRange::new(PVPANIC_PORT, 1) };
    pvpanic.write_u8(0, PVPANIC_PANICKED);
    reset()
}

fn reset() -> ! {
    // SAFETY: pulsing the reset line ends the machine's run, which is what is wanted here.
    let i8042 = unsafe { PortRange::new(I8042_COMMAND_PORT, 1) };
    i8042.write_u8(0, I8042_PULSE_RESET);
    cpu::triple_fault()
}
