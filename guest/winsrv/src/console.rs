//! A console server: one console, COM1. What is written goes to the boot screen; a line is read from the serial port, if there is a
//! driver for it.

use alloc::string::String;

use csrlib::api::{ApiRoutine, Caller, captured, captured_text};
use nt::NtStatus;
use nt::csr::{ApiMessage, ConsoleText};
use rt::handle::Owned;
use rt::sync::Mutex;

/// By number: `nt::csr::console_api`.
pub static APIS: [ApiRoutine; 2] = [write, read];

/// Whoever reads has the console for a line. The port stays open from the first one on: what is typed ahead is the next
/// reader's.
static READER: Mutex<Option<Owned>> = Mutex::new(None);

extern "win64" fn write(message: &mut ApiMessage, _: &Caller) -> NtStatus {
    let wanted: ConsoleText = message.get();
    match captured_text(message, wanted.text, wanted.length) {
        Some(text) => {
            rt::display(&String::from_utf16_lossy(&text));
            NtStatus::SUCCESS
        }
        None => NtStatus::INVALID_PARAMETER,
    }
}

extern "win64" fn read(message: &mut ApiMessage, _: &Caller) -> NtStatus {
    let mut wanted: ConsoleText = message.get();
    let Some(room) = captured(message, wanted.text, wanted.length) else {
        return NtStatus::INVALID_PARAMETER;
    };
    match line(room) {
        Ok(length) => {
            wanted.length = length;
            message.set(&wanted);
            NtStatus::SUCCESS
        }
        Err(status) => status,
    }
}

/// Reads up to the end of a line or of the room, as UTF-16: how many bytes.
fn line(room: &mut [u8]) -> Result<u32, NtStatus> {
    let mut console = READER.lock();
    let port = match &*console {
        Some(port) => port,
        None => console.insert(csrlib::file::open(nt::wide!(r"\??\COM1"))?),
    };
    let mut length = 0;
    for unit in room.chunks_exact_mut(2) {
        let byte = csrlib::file::read_byte(port)?;
        unit.copy_from_slice(&u16::from(byte).to_le_bytes());
        length += 2;
        if matches!(byte, b'\r' | b'\n') {
            break;
        }
    }
    Ok(length)
}
