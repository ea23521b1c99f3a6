//! Messages between user memory and the kernel.

use alloc::vec::Vec;

use lpcport::{Message, check};
use nt::NtStatus;
use nt::lpc::{MAXIMUM_MESSAGE_LENGTH, PORT_MESSAGE_SIZE, PortMessage};
use nt::types::UserPtr;

use crate::mm::user;

/// Captures a message, once.
///
/// # Errors
/// ACCESS_VIOLATION, INVALID_PARAMETER (lengths), NO_MEMORY.
pub fn capture(message: UserPtr<PortMessage>) -> Result<Message, NtStatus> {
    let header: PortMessage = user::read(message)?;
    let total = check::total_length(&header)?;
    behind(header, message.address.wrapping_add(PORT_MESSAGE_SIZE as u64), total - PORT_MESSAGE_SIZE)
}

/// Captures data as a message of its own: connection information.
///
/// # Errors
/// ACCESS_VIOLATION, PORT_MESSAGE_TOO_LONG, NO_MEMORY.
pub fn capture_data(data: u64, length: u32) -> Result<Message, NtStatus> {
    let data_length = u16::try_from(length).ok().filter(|&length| length <= MAXIMUM_MESSAGE_LENGTH);
    let data_length = data_length.ok_or(NtStatus::PORT_MESSAGE_TOO_LONG)?;
    let total_length = data_length + PORT_MESSAGE_SIZE as u16;
    let header = PortMessage { data_length, total_length, ..PortMessage::default() };
    behind(header, data, data_length.into())
}

/// A message of a header that is here and bytes that are there.
fn behind(header: PortMessage, address: u64, len: usize) -> Result<Message, NtStatus> {
    let first: [u64; PORT_MESSAGE_SIZE / 8] = zerocopy::transmute!(header);
    let mut words = Vec::new();
    words.try_reserve_exact(first.len() + len.div_ceil(8)).map_err(|_| NtStatus::NO_MEMORY)?;
    words.extend_from_slice(&first);
    user::append_words(&mut words, address, len)?;
    Message::from_words(words)
}

/// Copies a message to the caller.
///
/// # Errors
/// ACCESS_VIOLATION.
pub fn deliver(to: UserPtr<PortMessage>, message: &Message) -> Result<(), NtStatus> {
    user::write(to.address, message.as_bytes())
}
