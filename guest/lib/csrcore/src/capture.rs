//! Arguments that a client captures into memory that it shares with csrss (CSR_CAPTURE_BUFFER). csrss copies that memory
//! first, and then makes the pointers in the message point into the copy; whatever the client writes meanwhile changes nothing.

use nt::NtStatus;
use nt::csr::{ApiMessage, CaptureBuffer, DATA_WORDS};

/// Bytes of the head.
pub const HEAD: usize = size_of::<CaptureBuffer>();
/// Where the count of pointers is in the head.
const POINTERS: usize = 0x10;
/// Bytes of the offset of a pointer.
const SLOT: usize = 8;
/// Where the arguments of a message begin.
const DATA: usize = nt::csr::DATA_OFFSET;

/// The pointers of a message as the client sent them.
#[derive(Clone, Copy, Debug)]
pub struct Pointers {
    slots: [(u8, u64); DATA_WORDS],
    count: usize,
}

/// Makes the pointers of a message point into the copy of its captured arguments. `there` is where the message says that they
/// are, `here` where the copy is.
///
/// # Errors
/// INVALID_PARAMETER: the size is not the copy's, there are more pointers than a message has room for, one does not lie in the
/// message, or does not point into the arguments.
pub fn adopt(message: &mut ApiMessage, copy: &[u8], there: u64, here: u64) -> Result<Pointers, NtStatus> {
    const BAD: NtStatus = NtStatus::INVALID_PARAMETER;
    let word =
        |at: usize| copy.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
    let size = word(0).ok_or(BAD)? as usize;
    let count = word(POINTERS).ok_or(BAD)? as usize;
    if size != copy.len() || count > DATA_WORDS {
        return Err(BAD);
    }
    let first = HEAD + count * SLOT;
    if first > size {
        return Err(BAD);
    }
    let mut pointers = Pointers { slots: [(0, 0); DATA_WORDS], count: 0 };
    for n in 0..count {
        let at = word(HEAD + n * SLOT).ok_or(BAD)? as usize;
        // An argument of no bytes.
        if at == 0 {
            continue;
        }
        let index = at.checked_sub(DATA).filter(|offset| offset % SLOT == 0).map(|offset| offset / SLOT);
        let index = index.ok_or(BAD)?;
        let pointer = message.data.get_mut(index).ok_or(BAD)?;
        let offset = pointer.wrapping_sub(there);
        if offset < first as u64 || offset > size as u64 {
            return Err(BAD);
        }
        pointers.slots[pointers.count] = (index as u8, *pointer);
        *pointer = here + offset;
        pointers.count += 1;
    }
    Ok(pointers)
}

impl Pointers {
    /// Puts the client's pointers back.
    pub fn restore(&self, message: &mut ApiMessage) {
        for &(index, pointer) in self.slots.iter().take(self.count) {
            if let Some(slot) = message.data.get_mut(usize::from(index)) {
                *slot = pointer;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THERE: u64 = 0x50_0000;
    const HERE: u64 = 0x7000;

    /// A buffer of that many bytes of arguments with these offsets.
    fn buffer(offsets: &[u32], bytes: usize) -> Vec<u8> {
        let size = HEAD + offsets.len() * SLOT + bytes;
        let mut copy = vec![0; size];
        copy[..4].copy_from_slice(&(size as u32).to_le_bytes());
        copy[POINTERS..POINTERS + 4].copy_from_slice(&(offsets.len() as u32).to_le_bytes());
        for (n, offset) in offsets.iter().enumerate() {
            copy[HEAD + n * SLOT..][..4].copy_from_slice(&offset.to_le_bytes());
        }
        copy
    }

    #[test]
    fn pointers_go_to_the_copy_and_back() {
        let copy = buffer(&[DATA as u32, 0, DATA as u32 + 16], 32);
        let mut message = ApiMessage::EMPTY;
        let first = THERE + HEAD as u64 + 24;
        (message.data[0], message.data[1], message.data[2]) = (first, 77, first + 8);
        let pointers = adopt(&mut message, &copy, THERE, HERE).expect("sound");
        assert_eq!(message.data[..3], [first - THERE + HERE, 77, first + 8 - THERE + HERE]);
        pointers.restore(&mut message);
        assert_eq!(message.data[..3], [first, 77, first + 8]);
    }

    #[track_caller]
    fn refused(copy: &[u8], pointer: u64) {
        let mut message = ApiMessage::EMPTY;
        message.data[0] = pointer;
        assert_eq!(adopt(&mut message, copy, THERE, HERE).err(), Some(NtStatus::INVALID_PARAMETER));
    }

    #[test]
    fn what_points_elsewhere_is_refused() {
        let start = DATA as u32;
        let inside = THERE + HEAD as u64 + 8;
        refused(&buffer(&[start], 8), THERE - 1);
        refused(&buffer(&[start], 8), THERE);
        refused(&buffer(&[start], 8), inside + 9);
        refused(&buffer(&[start], 8), 0);
        refused(&buffer(&[start, start], 8), inside + 8);
        for offset in [8, start - 8, start + 4, start + (DATA_WORDS * 8) as u32, u32::MAX] {
            refused(&buffer(&[offset], 8), inside);
        }
        let mut wrong_size = buffer(&[start], 8);
        wrong_size[0] += 1;
        refused(&wrong_size, inside);
        let mut many = buffer(&[start], 8);
        many[POINTERS] = 2;
        many[HEAD + 8] = start as u8;
        refused(&many, inside);
        let mut too_many = buffer(&[], 8);
        too_many[POINTERS + 3] = 0xFF;
        refused(&too_many, inside);
        refused(&[], 0);
        refused(&[0; 7], 0);
    }
}
