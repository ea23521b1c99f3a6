//! The platform device of `docs/platform.md`: identification, power, bulk transmit.

use nt::platform::{BULK_MAX, PLATFORM_ID, PowerCommand, REG_BULK_RX, REG_BULK_TX, REG_ID, REG_POWER};

/// What a register write asks of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// End the run.
    Power(PowerCommand),
    /// Send the block at this guest-physical address.
    Bulk(u32),
    /// Fill the block at this guest-physical address with what has arrived.
    BulkReceive(u32),
}

/// Reads a register: the identification, or all ones. Accesses that are no aligned 32-bit ones read as ones too.
pub fn read(offset: u16, size: usize) -> u32 {
    if offset == REG_ID && size == 4 { PLATFORM_ID } else { u32::MAX }
}

/// Writes a register. `None`: the write means nothing.
pub fn write(offset: u16, size: usize, value: u32) -> Option<Request> {
    match (offset, size) {
        (REG_POWER, 4) => PowerCommand::from_raw(value).map(Request::Power),
        (REG_BULK_TX, 4) => Some(Request::Bulk(value)),
        (REG_BULK_RX, 4) => Some(Request::BulkReceive(value)),
        _ => None,
    }
}

/// A bulk block that cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkError {
    /// Header or data lie outside RAM.
    OutsideRam,
    /// Length 0, or more than fits.
    BadLength,
    /// There is no such port.
    NoTarget,
}

/// The ports that a bulk block can go to.
pub const BULK_TARGETS: u16 = 7;

/// Fetches the block at `address` through `read_memory` into `buffer`; gives the target and the data.
///
/// # Errors
/// [`BulkError`]; the guest's words are checked, never believed.
pub fn fetch_bulk(
    address: u32,
    buffer: &mut [u8; BULK_MAX],
    read_memory: impl Fn(u64, &mut [u8]) -> bool,
) -> Result<(u16, &[u8]), BulkError> {
    let mut header = [0; 4];
    if !read_memory(address.into(), &mut header) {
        return Err(BulkError::OutsideRam);
    }
    let [t0, t1, l0, l1] = header;
    let (target, len) = (u16::from_le_bytes([t0, t1]), usize::from(u16::from_le_bytes([l0, l1])));
    if target >= BULK_TARGETS {
        return Err(BulkError::NoTarget);
    }
    let data = buffer.get_mut(..len).filter(|data| !data.is_empty()).ok_or(BulkError::BadLength)?;
    if !read_memory(u64::from(address) + header.len() as u64, data) {
        return Err(BulkError::OutsideRam);
    }
    Ok((target, data))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetch(memory: &[u8], address: u32) -> Result<(u16, Vec<u8>), BulkError> {
        let mut buffer = [0; BULK_MAX];
        fetch_bulk(address, &mut buffer, |at, out| {
            let Some(source) = memory.get(at as usize..).and_then(|rest| rest.get(..out.len())) else {
                return false;
            };
            out.copy_from_slice(source);
            true
        })
        .map(|(target, data)| (target, data.to_vec()))
    }

    #[test]
    fn registers_answer_to_aligned_words_only() {
        for offset in 0..16 {
            for size in [1, 2, 4] {
                let expected = if (offset, size) == (0, 4) { PLATFORM_ID } else { u32::MAX };
                assert_eq!(read(offset, size), expected);
                for value in [0, 1, 2, 3, 0x301, u32::MAX] {
                    let request = write(offset, size, value);
                    assert_eq!(
                        request.is_some(),
                        size == 4
                            && (matches!(offset, 8 | 12) || offset == 4 && matches!(value & 0xFF, 1 | 2))
                    );
                }
            }
        }
    }

    #[test]
    fn blocks_are_checked() {
        assert_eq!(fetch(b"\0\0\x02\0hi", 0), Ok((0, b"hi".to_vec())));
        assert_eq!(fetch(b"xx\x06\0\x01\0!", 2), Ok((6, b"!".to_vec())));
        assert_eq!(fetch(b"\x07\0\x01\0!", 0), Err(BulkError::NoTarget));
        assert_eq!(fetch(b"\0\0\0\0", 0), Err(BulkError::BadLength));
        assert_eq!(fetch(b"\0\0\xFD\x0F", 0), Err(BulkError::BadLength));
        assert_eq!(fetch(b"\0\0\xFC\x0F", 0), Err(BulkError::OutsideRam));
        assert_eq!(fetch(b"\0\0\x02\0h", 0), Err(BulkError::OutsideRam));
        assert_eq!(fetch(b"", u32::MAX), Err(BulkError::OutsideRam));
    }
}
