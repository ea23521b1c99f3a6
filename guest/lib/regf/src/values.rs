//! "Key values list" and "Key value" (`vk`).

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use crate::data::{self, ValueData};
use crate::error::{Fault, HiveError};
use crate::hive::Hive;
use crate::kind::RegType;
use crate::layout::{u16_in, u32_in, vk};
use crate::needle::Needle;
use crate::text::{Name, Text};

/// Which value: where its cell is, in bytes from the start of the hive bins data. Stays the same while the value lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValueId(pub u32);

/// A value. Cheap to copy; its data is only looked for when asked for.
#[derive(Clone, Copy, Debug)]
pub struct Value<'a> {
    pub(crate) hive: Hive<'a>,
    pub(crate) id: u32,
    pub(crate) node: &'a [u8; vk::SIZE],
    name: Text<'a>,
}

impl<'a> Value<'a> {
    fn read(hive: Hive<'a>, id: u32) -> Result<Self, HiveError> {
        let (node, rest) = hive.record::<{ vk::SIZE }>(id, *b"vk", Fault::ValueNode)?;
        let latin1 = u16_in(node, vk::FLAGS) & vk::COMP_NAME != 0;
        let len = usize::from(u16_in(node, vk::NAME_LEN));
        match rest.get(..len) {
            Some(bytes) if latin1 || len.is_multiple_of(2) => {
                Ok(Self { hive, id, node, name: Text::new(bytes, latin1) })
            }
            _ => Err(HiveError::cell(Fault::Name, id)),
        }
    }

    /// Which value it is.
    pub fn id(&self) -> ValueId {
        ValueId(self.id)
    }

    /// Its name; empty for the default value.
    pub fn name(&self) -> Text<'a> {
        self.name
    }

    /// What its data is said to be.
    pub fn kind(&self) -> RegType {
        RegType(u32_in(self.node, vk::TYPE))
    }

    /// Length of its data in bytes, as it is said to be.
    pub fn len(&self) -> usize {
        (u32_in(self.node, vk::DATA_SIZE) & !vk::INLINE) as usize
    }

    /// Whether it is said to have no data.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cell of its data, if it is not in the value itself.
    #[cfg(feature = "alloc")]
    pub(crate) fn data_id(&self) -> Option<u32> {
        let is_inline = u32_in(self.node, vk::DATA_SIZE) & vk::INLINE != 0;
        (!is_inline && !self.is_empty()).then(|| u32_in(self.node, vk::DATA))
    }

    /// Its data.
    ///
    /// # Errors
    /// The faults of a cell; [`Fault::ValueData`] if the data does not fit.
    pub fn data(&self) -> Result<ValueData<'a>, HiveError> {
        data::read(self)
    }
}

/// The values of a key. Goes on after an error, with the next value.
#[derive(Clone, Debug)]
pub struct Values<'a> {
    hive: Hive<'a>,
    list: &'a [u8],
}

impl<'a> Values<'a> {
    pub(crate) fn new(hive: Hive<'a>, list: u32, count: u32) -> Result<Self, HiveError> {
        if count == 0 {
            return Ok(Self { hive, list: &[] });
        }
        let list_of = |len| hive.cell(list).map(|cell| cell.get(..len));
        let len = (count as usize).checked_mul(4).map(list_of).transpose()?.flatten();
        Ok(Self { hive, list: len.ok_or(HiveError::cell(Fault::ValueList, list))? })
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = Result<Value<'a>, HiveError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (id, rest) = self.list.split_first_chunk()?;
        self.list = rest;
        Some(Value::read(self.hive, u32::from_le_bytes(*id)))
    }

    fn nth(&mut self, index: usize) -> Option<Self::Item> {
        let skip = index.checked_mul(4)?;
        self.list = self.list.get(skip..).unwrap_or_default();
        self.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.list.len() / 4, Some(self.list.len() / 4))
    }
}

impl Values<'_> {
    /// The cells of the values.
    #[cfg(feature = "alloc")]
    pub(crate) fn ids(&self) -> Vec<u32> {
        let (ids, _) = self.list.as_chunks::<4>();
        ids.iter().map(|id| u32::from_le_bytes(*id)).collect()
    }
}

impl ExactSizeIterator for Values<'_> {}

/// A value of which all is at hand, as nearly all are.
#[derive(Clone, Copy, Debug)]
pub struct Plain<'a> {
    /// What its data is said to be.
    pub kind: RegType,
    /// Its name, a byte a character; empty for the default value.
    pub name: &'a [u8],
    /// Its data.
    pub data: &'a [u8],
}

impl<'a> Values<'a> {
    /// Hands the values over one by one, plain ones in fewer instructions than the iterator takes; the others are what
    /// `other` is called for.
    ///
    /// # Errors
    /// As the iterator; those of the callers' functions.
    #[inline(always)]
    pub fn hand_over<E: From<HiveError>>(
        self,
        mut plain: impl FnMut(Plain<'a>) -> Result<(), E>,
        mut other: impl FnMut(Value<'a>) -> Result<(), E>,
    ) -> Result<(), E> {
        let (ids, _) = self.list.as_chunks::<4>();
        for &id in ids {
            let id = u32::from_le_bytes(id);
            match self.plain(id) {
                Some(value) => plain(value)?,
                None => other(Value::read(self.hive, id)?)?,
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn plain(&self, id: u32) -> Option<Plain<'a>> {
        let (node, rest) = self.hive.cell(id).ok()?.split_first_chunk::<{ vk::SIZE }>()?;
        let name = rest.get(..usize::from(u16_in(node, vk::NAME_LEN)))?;
        if !node.starts_with(b"vk") || u16_in(node, vk::FLAGS) & vk::COMP_NAME == 0 {
            return None;
        }
        let (size, len) = (u32_in(node, vk::DATA_SIZE), u32_in(node, vk::DATA_SIZE) & !vk::INLINE);
        let data = match size == len {
            true => self.hive.cell(u32_in(node, vk::DATA)).ok()?,
            false => node.get(vk::DATA..vk::DATA + 4)?,
        };
        Some(Plain { kind: RegType(u32_in(node, vk::TYPE)), name, data: data.get(..len as usize)? })
    }
}

/// The value of a name. A value whose name has another length is not read any further.
pub(crate) fn find<'a, N: Name>(
    values: Values<'a>,
    needle: &Needle<N>,
) -> Result<Option<Value<'a>>, HiveError> {
    let hive = values.hive;
    let (ids, _) = values.list.as_chunks::<4>();
    for &id in ids {
        let id = u32::from_le_bytes(id);
        let (node, _) = hive.record::<{ vk::SIZE }>(id, *b"vk", Fault::ValueNode)?;
        let len = usize::from(u16_in(node, vk::NAME_LEN));
        if len == needle.len() || len == 2 * needle.len() {
            let value = Value::read(hive, id)?;
            if needle.is(value.name()) {
                return Ok(Some(value));
            }
        }
    }
    Ok(None)
}
