//! What a message says about itself, judged: the only place that does.

use nt::NtStatus;
use nt::lpc::{PORT_MESSAGE_SIZE, PortDataEntry, PortDataInformation, PortMessage, message_type};

/// Bytes of a message as its header alleges; how much the kernel is to capture.
///
/// # Errors
/// INVALID_PARAMETER when the lengths are negative or contradict each other.
pub fn total_length(header: &PortMessage) -> Result<usize, NtStatus> {
    let (data, total) = (usize::from(header.data_length), usize::from(header.total_length));
    match total <= i16::MAX as usize && PORT_MESSAGE_SIZE + data <= total {
        true => Ok(total),
        false => Err(NtStatus::INVALID_PARAMETER),
    }
}

/// Whether a message fits a port.
///
/// # Errors
/// PORT_MESSAGE_TOO_LONG.
pub fn fits(header: &PortMessage, max_total: u16) -> Result<(), NtStatus> {
    match header.total_length <= max_total {
        true => Ok(()),
        false => Err(NtStatus::PORT_MESSAGE_TOO_LONG),
    }
}

/// Whether connection information fits a port.
///
/// # Errors
/// PORT_MESSAGE_TOO_LONG.
pub fn info_fits(header: &PortMessage, max_data: u16) -> Result<(), NtStatus> {
    match header.data_length <= max_data {
        true => Ok(()),
        false => Err(NtStatus::PORT_MESSAGE_TOO_LONG),
    }
}

/// Whether a program may send a message of the type its header names. Types of later replies are
/// accepted, because programs send again from the buffer that a reply came in.
///
/// # Errors
/// INVALID_PARAMETER for types that only the kernel sends.
pub fn user_type(message_type: u16) -> Result<(), NtStatus> {
    match message_type {
        message_type::NEW | message_type::REQUEST | message_type::REPLY | message_type::DATAGRAM => Ok(()),
        _ => Err(NtStatus::INVALID_PARAMETER),
    }
}

/// Whether the kernel may send a request of that type.
///
/// # Errors
/// INVALID_PARAMETER.
pub fn kernel_type(message_type: u16) -> Result<(), NtStatus> {
    match message_type & !message_type::KERNELMODE_MESSAGE {
        message_type::NEW | message_type::REQUEST | message_type::DATAGRAM => Ok(()),
        message_type::EXCEPTION | message_type::DEBUG_EVENT | message_type::ERROR_EVENT => Ok(()),
        _ => Err(NtStatus::INVALID_PARAMETER),
    }
}

/// The bytes of the data entries of a message; empty when it has none.
///
/// # Errors
/// INVALID_PARAMETER when they do not lie in the message's data, or are not aligned.
pub fn data_entries(header: &PortMessage, bytes: &[u8]) -> Result<core::ops::Range<usize>, NtStatus> {
    let at = usize::from(header.data_info_offset);
    if at == 0 {
        return Ok(0..0);
    }
    let first = at + size_of::<PortDataInformation>();
    let data_end = PORT_MESSAGE_SIZE + usize::from(header.data_length);
    let count = match bytes.get(at..at + 4) {
        Some(&[a, b, c, d]) if at >= PORT_MESSAGE_SIZE && at.is_multiple_of(8) => {
            u32::from_le_bytes([a, b, c, d]) as usize
        }
        _ => return Err(NtStatus::INVALID_PARAMETER),
    };
    let end = count.checked_mul(size_of::<PortDataEntry>()).and_then(|size| first.checked_add(size));
    match end {
        Some(end) if end <= data_end => Ok(first..end),
        _ => Err(NtStatus::INVALID_PARAMETER),
    }
}
