//! Debugging support: text on the boot screen, boot events of user programs.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write};

use hal::console;
use hal::trace::{self, Phase};
use nt::NtStatus;
use nt::events::{self, SYSTEM_CALL_BASE};
use nt::kd::{TRACE_TEXT_MAX, padded_str};
use nt::types::{Handle, TraceFields, UnicodeString, UserPtr};

use crate::ke::sched;
use crate::ke::service::NtResult;
use crate::mm::user;

/// The services of this component.
pub mod services {
    pub use super::{display_string as NtDisplayString, trace_event as NtTraceEvent};
}

/// Most characters one `NtDisplayString` shows, in UTF-16 units.
const DISPLAY_MAX: usize = 4096;

/// Writes formatted text to the boot screen in one block.
pub fn print(text: fmt::Arguments<'_>) {
    let mut block = String::new();
    let _ = block.write_fmt(text);
    console::write(block.as_bytes());
}

/// `NtDisplayString`: UTF-16 text to the boot screen; a line feed becomes CR LF.
pub fn display_string(string: UserPtr<UnicodeString>) -> NtResult {
    let string: UnicodeString = user::read(string)?;
    let len = usize::from(string.length / 2).min(DISPLAY_MAX);
    let units = user::read_utf16(string.buffer, len)?;
    let mut block = Vec::with_capacity(units.len() + 16);
    // ASCII goes the short way: this runs interpreted on some hosts.
    let mut rest = &units[..];
    while let Some((&unit, tail)) = rest.split_first() {
        match unit {
            0x0A if block.last() != Some(&b'\r') => block.extend_from_slice(b"\r\n"),
            0..0x80 => block.push(unit as u8),
            _ => return display_text(rest, block),
        }
        rest = tail;
    }
    console::write(&block);
    Ok(NtStatus::SUCCESS)
}

/// The rest of a string from the first character that is not ASCII on.
fn display_text(units: &[u16], mut block: Vec<u8>) -> NtResult {
    for character in char::decode_utf16(units.iter().copied()) {
        match character.unwrap_or(char::REPLACEMENT_CHARACTER) {
            '\n' if block.last() != Some(&b'\r') => block.extend_from_slice(b"\r\n"),
            other => block.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    console::write(&block);
    Ok(NtStatus::SUCCESS)
}

/// `NtTraceEvent`: a boot event of a user program. System-call ids are the kernel's own.
pub fn trace_event(_trace: Handle, _flags: u32, size: u32, fields: UserPtr<TraceFields>) -> NtResult {
    if size as usize != size_of::<TraceFields>() {
        return Err(NtStatus::INFO_LENGTH_MISMATCH);
    }
    let fields: TraceFields = user::read(fields)?;
    let phase = match fields.phase {
        b'B' => Phase::Begin,
        b'E' => Phase::End,
        b'I' => Phase::Instant,
        _ => return Err(NtStatus::INVALID_PARAMETER),
    };
    if fields.event >= SYSTEM_CALL_BASE {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let pid = sched::current_process_id();
    let len = usize::from(fields.text_len).min(fields.text.len());
    match padded_str(&fields.text[..len]) {
        "" => trace::event(fields.event, phase, pid, fields.args),
        text => trace::event_with_text(fields.event, phase, pid, fields.args, text.as_bytes()),
    }
    Ok(NtStatus::SUCCESS)
}

/// Most bytes of text that one `DbgPrint` records.
const PRINT_MAX: usize = 512;

/// `DbgPrint` of a user program: ASCII text becomes boot events, as many as it takes.
pub fn debug_print(address: u64, length: u64) -> NtStatus {
    let length = (length as usize & 0xFFFF).min(PRINT_MAX);
    match user::read_bytes(address, length) {
        Ok(text) => {
            let pid = sched::current_process_id();
            for piece in text.chunks(TRACE_TEXT_MAX) {
                trace::event_with_text(events::KD_DEBUG_PRINT, Phase::Instant, pid, [0; 2], piece);
            }
            NtStatus::SUCCESS
        }
        Err(status) => status,
    }
}
