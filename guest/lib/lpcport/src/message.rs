//! A message in a buffer of its own.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::lpc::{ClientDiedMessage, PORT_MESSAGE_SIZE, PortDataEntry, PortMessage};
use zerocopy::{FromBytes, IntoBytes};

use crate::check;

const HEADER_WORDS: usize = PORT_MESSAGE_SIZE / 8;

/// A captured message: header and data as one piece, so that one copy brings it to its receiver.
///
/// Its lengths agree with each other and with the buffer.
#[derive(Debug, Default)]
pub struct Message {
    /// Whole words; empty when there is no message.
    words: Vec<u64>,
}

impl Message {
    /// Captures a message whose header has been read already; `fill` reads what follows the header. The
    /// header is not read again, so that it cannot change between the check and the use.
    ///
    /// # Errors
    /// INVALID_PARAMETER (lengths), NO_MEMORY, and what `fill` returns.
    pub fn capture(
        header: PortMessage,
        fill: impl FnOnce(&mut [u8]) -> Result<(), NtStatus>,
    ) -> Result<Self, NtStatus> {
        let total = check::total_length(&header)?;
        let mut words = Vec::new();
        let count = total.div_ceil(8);
        words.try_reserve_exact(count).map_err(|_| NtStatus::NO_MEMORY)?;
        let first: [u64; HEADER_WORDS] = zerocopy::transmute!(header);
        words.extend_from_slice(&first);
        words.resize(count, 0);
        let mut message = Self { words };
        if let Some(rest) = message.words.as_mut_bytes().get_mut(PORT_MESSAGE_SIZE..total) {
            fill(rest)?;
        }
        Ok(message)
    }

    /// A message that is in whole words already, for a kernel that can capture without clearing first.
    ///
    /// # Errors
    /// INVALID_PARAMETER when the lengths in the header are not those of the words.
    pub fn from_words(words: Vec<u64>) -> Result<Self, NtStatus> {
        if words.len() < HEADER_WORDS {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        let message = Self { words };
        match check::total_length(message.header())?.div_ceil(8) == message.words.len() {
            true => Ok(message),
            false => Err(NtStatus::INVALID_PARAMETER),
        }
    }

    /// A message with this data.
    ///
    /// # Errors
    /// INVALID_PARAMETER when there is too much, NO_MEMORY.
    pub fn new(data: &[u8]) -> Result<Self, NtStatus> {
        let data_length = u16::try_from(data.len()).map_err(|_| NtStatus::INVALID_PARAMETER)?;
        let total_length =
            data_length.checked_add(PORT_MESSAGE_SIZE as u16).ok_or(NtStatus::INVALID_PARAMETER)?;
        let header = PortMessage { data_length, total_length, ..PortMessage::default() };
        Self::capture(header, |rest| {
            rest.copy_from_slice(data);
            Ok(())
        })
    }

    /// Room for a notice, so that it cannot fail later.
    pub(crate) fn notice() -> Result<Self, NtStatus> {
        Self::new(&[0; size_of::<ClientDiedMessage>() - PORT_MESSAGE_SIZE])
    }

    /// The header.
    #[inline]
    pub fn header(&self) -> &PortMessage {
        const NONE: &[u64; HEADER_WORDS] = &[0; HEADER_WORDS];
        zerocopy::transmute_ref!(self.words.first_chunk().unwrap_or(NONE))
    }

    /// The header, to be stamped; `None` when there is no message. Only fields that are no lengths may be
    /// changed.
    #[inline]
    pub(crate) fn header_mut(&mut self) -> Option<&mut PortMessage> {
        let words: &mut [u64; HEADER_WORDS] = self.words.first_chunk_mut()?;
        Some(zerocopy::transmute_mut!(words))
    }

    /// Bytes that belong to the message.
    pub fn len(&self) -> usize {
        usize::from(self.header().total_length)
    }

    /// Whether there is no message.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Header and everything behind it, as it goes to the receiver.
    pub fn as_bytes(&self) -> &[u8] {
        self.words.as_bytes().get(..self.len()).unwrap_or(&[])
    }

    /// The data.
    pub fn data(&self) -> &[u8] {
        let end = PORT_MESSAGE_SIZE + usize::from(self.header().data_length);
        self.as_bytes().get(PORT_MESSAGE_SIZE..end).unwrap_or(&[])
    }

    /// Writes the creation time into a notice.
    pub(crate) fn set_create_time(&mut self, time: i64) {
        if let Some(word) = self.words.get_mut(HEADER_WORDS) {
            *word = time as u64;
        }
    }

    /// Copies the data entries out, which outlive the buffer.
    pub(crate) fn data_entries(&self) -> Result<Vec<PortDataEntry>, NtStatus> {
        let range = check::data_entries(self.header(), self.as_bytes())?;
        let mut entries = Vec::new();
        let bytes = self.as_bytes().get(range).unwrap_or(&[]);
        if let Ok(found) = <[PortDataEntry]>::ref_from_bytes(bytes) {
            entries.try_reserve_exact(found.len()).map_err(|_| NtStatus::NO_MEMORY)?;
            entries.extend_from_slice(found);
        }
        Ok(entries)
    }
}
