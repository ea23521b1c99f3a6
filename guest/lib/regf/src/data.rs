//! A value's data: in the value, in a cell, or in many cells ("Data size", "Big data").

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use crate::error::{Fault, HiveError};
use crate::hive::Hive;
use crate::layout::{db, u16_in, u32_in, vk};
use crate::text::{Name, Text};
use crate::values::Value;

/// A value's data, borrowed from the hive.
#[derive(Clone, Debug)]
pub enum ValueData<'a> {
    /// All of it in one piece.
    Whole(&'a [u8]),
    /// In pieces, as it is too big for a cell.
    Big(Segments<'a>),
}

/// The pieces of big data. All have the same size, but for the last. Ends after an error.
#[derive(Clone, Debug)]
pub struct Segments<'a> {
    hive: Hive<'a>,
    id: u32,
    list: &'a [u8],
    /// Bytes that are still to come.
    left: usize,
}

pub(crate) fn read<'a>(value: &Value<'a>) -> Result<ValueData<'a>, HiveError> {
    let (hive, len) = (value.hive, value.len());
    if u32_in(value.node, vk::DATA_SIZE) & vk::INLINE != 0 {
        let (_, after) = value.node.split_at(vk::DATA);
        let (field, _) = after.split_at(4);
        let data = field.get(..len).ok_or(HiveError::cell(Fault::ValueData, value.id))?;
        return Ok(ValueData::Whole(data));
    }
    if len == 0 {
        return Ok(ValueData::Whole(&[]));
    }
    let id = u32_in(value.node, vk::DATA);
    let cell = hive.cell(id)?;
    if let Some(data) = cell.get(..len) {
        return Ok(ValueData::Whole(data));
    }
    if len <= db::SEGMENT || hive.minor <= db::LAST_MINOR_WITHOUT {
        return Err(HiveError::cell(Fault::ValueData, id));
    }
    Segments::read(hive, id, len).map(ValueData::Big)
}

impl<'a> Segments<'a> {
    /// Finds the list of segments. Data larger than the hive would hold a segment twice.
    fn read(hive: Hive<'a>, id: u32, len: usize) -> Result<Self, HiveError> {
        let fault = HiveError::cell(Fault::ValueData, id);
        let (big, _) = hive.record::<{ db::SIZE }>(id, *b"db", Fault::ValueData)?;
        let count = usize::from(u16_in(big, db::COUNT));
        if count != len.div_ceil(db::SEGMENT) || len > hive.bins.len() {
            return Err(fault);
        }
        let list = hive.cell(u32_in(big, db::LIST))?.get(..4 * count).ok_or(fault)?;
        Ok(Self { hive, id, list, left: len })
    }

    /// The cells of the segments and of their list.
    #[cfg(feature = "alloc")]
    pub(crate) fn cells(&self) -> Result<(u32, impl Iterator<Item = u32> + use<'a>), HiveError> {
        let (big, _) = self.hive.record::<{ db::SIZE }>(self.id, *b"db", Fault::ValueData)?;
        let (ids, _) = self.list.as_chunks::<4>();
        Ok((u32_in(big, db::LIST), ids.iter().map(|id| u32::from_le_bytes(*id))))
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = Result<&'a [u8], HiveError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (id, rest) = self.list.split_first_chunk()?;
        let len = self.left.min(db::SEGMENT);
        let fault = HiveError::cell(Fault::ValueData, self.id);
        let piece = self.hive.cell(u32::from_le_bytes(*id)).and_then(|cell| cell.get(..len).ok_or(fault));
        self.left -= len;
        self.list = if piece.is_ok() { rest } else { &[] };
        Some(piece)
    }
}

impl<'a> ValueData<'a> {
    /// Its length in bytes.
    pub fn len(&self) -> usize {
        match self {
            Self::Whole(data) => data.len(),
            Self::Big(segments) => segments.left,
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of it, if it is in one piece. Data of up to 16344 bytes always is.
    pub fn whole(&self) -> Option<&'a [u8]> {
        match self {
            Self::Whole(data) => Some(data),
            Self::Big(_) => None,
        }
    }

    /// Its pieces, in order.
    pub fn pieces(&self) -> impl Iterator<Item = Result<&'a [u8], HiveError>> + use<'a> {
        let (whole, big) = match self {
            Self::Whole(data) => (Some(Ok(*data)), None),
            Self::Big(segments) => (None, Some(segments.clone())),
        };
        whole.into_iter().chain(big.into_iter().flatten())
    }

    /// Whether it is the same as some bytes.
    ///
    /// # Errors
    /// The faults of a cell; [`Fault::ValueData`].
    pub fn is(&self, bytes: &[u8]) -> Result<bool, HiveError> {
        let mut rest = bytes;
        if self.len() != bytes.len() {
            return Ok(false);
        }
        for piece in self.pieces() {
            let piece = piece?;
            match rest.split_at_checked(piece.len()) {
                Some((same, behind)) if same == piece => rest = behind,
                _ => return Ok(false),
            }
        }
        Ok(rest.is_empty())
    }

    /// Copies as much of it as a buffer takes; says how much that was.
    ///
    /// # Errors
    /// The faults of a cell; [`Fault::ValueData`].
    pub fn copy_to(&self, buffer: &mut [u8]) -> Result<usize, HiveError> {
        let mut done = 0;
        for piece in self.pieces() {
            let piece = piece?;
            let room = buffer.get_mut(done..).unwrap_or_default();
            let len = room.len().min(piece.len());
            for (to, from) in room.iter_mut().zip(piece) {
                *to = *from;
            }
            done += len;
        }
        Ok(done)
    }

    /// A copy of all of it.
    ///
    /// # Errors
    /// As [`ValueData::copy_to`].
    #[cfg(feature = "alloc")]
    pub fn to_vec(&self) -> Result<Vec<u8>, HiveError> {
        let mut all = Vec::with_capacity(self.len());
        for piece in self.pieces() {
            all.extend_from_slice(piece?);
        }
        Ok(all)
    }

    /// The number in data of exactly four bytes (`REG_DWORD`).
    pub fn dword(&self) -> Option<u32> {
        Some(u32::from_le_bytes(self.whole()?.try_into().ok()?))
    }

    /// The number in data of exactly eight bytes (`REG_QWORD`).
    pub fn qword(&self) -> Option<u64> {
        Some(u64::from_le_bytes(self.whole()?.try_into().ok()?))
    }

    /// The string up to the first zero, or all of it (`REG_SZ`, `REG_EXPAND_SZ`, `REG_LINK`); an odd byte is ignored.
    pub fn string(&self) -> Option<Text<'a>> {
        let data = self.whole()?;
        let len = Text::utf16(data).units().take_while(|&unit| unit != 0).count();
        data.get(..2 * len).map(Text::utf16)
    }
}
