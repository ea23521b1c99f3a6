//! Setting and deleting values.

use alloc::vec::Vec;

use super::cells::set_in;
use super::keys::cells_of;
use super::{EditError, HiveMut, Image, MAX_VALUE_NAME, StoredName, encode};
use crate::key::{KeyFlags, KeyId};
use crate::kind::RegType;
use crate::layout::{NONE, db, nk, u32_in, vk};
use crate::text::Name;

/// A cell is written over with shorter data as long as it wastes no more than this, in bytes.
const SLACK: usize = 256;

/// Data of up to so many bytes is written in one piece with its value.
const TOGETHER: usize = 1024;

/// Bytes that a segment's cell has beyond its data. A full one fills four pages, with the bin's header and its own.
const SPARE: usize = 4;

/// Where data has been put: the two fields of a value, and the cells to free if it is not wanted after all.
pub(super) struct Placed {
    pub(super) size: u32,
    pub(super) field: [u8; 4],
    cells: Vec<u32>,
}

impl<I: Image> HiveMut<I> {
    /// Sets a value, which keeps its place among the values, or adds it as the last one.
    ///
    /// # Errors
    /// [`EditError`]; nothing has changed then.
    pub fn set_value(
        &mut self,
        id: KeyId,
        name: impl Name,
        kind: RegType,
        data: &[u8],
    ) -> Result<(), EditError> {
        self.change_value(id, name, kind, data).map(|_| ())
    }

    /// Like [`HiveMut::set_value`], but who sets what is there already changes nothing. Says whether something changed.
    ///
    /// # Errors
    /// As [`HiveMut::set_value`].
    pub fn change_value(
        &mut self,
        id: KeyId,
        name: impl Name,
        kind: RegType,
        data: &[u8],
    ) -> Result<bool, EditError> {
        let key = self.key(id)?;
        if key.flags().has(KeyFlags::PREDEFINED) {
            return Err(EditError::Protected);
        }
        if data.len() >= vk::INLINE as usize {
            return Err(EditError::TooLarge);
        }
        let Some(value) = key.value(name)? else {
            return self.add_value(id, name, kind, data).map(|()| true);
        };
        if value.kind() == kind && value.data()?.is(data)? {
            return Ok(false);
        }
        let name_len = 2 * value.name().len() as u32;
        let (cell, mut old) = (value.id, Vec::new());
        cells_of(&value, &mut old);
        old.remove(0);
        let fits = |room: usize| (data.len()..=data.len() + SLACK).contains(&room);
        match (value.data_id(), old.len()) {
            (Some(at), 1) if data.len() > 4 && self.hive().cell(at).is_ok_and(|cell| fits(cell.len())) => {
                self.put(at, 0, data)?;
                self.put_fields(cell, data.len() as u32, at.to_le_bytes(), kind)?;
            }
            _ => {
                let placed = self.place(data)?;
                self.put_fields(cell, placed.size, placed.field, kind)?;
                old.into_iter().for_each(|cell| self.release(cell));
            }
        }
        self.edit_node(id, |node| raise_in(node, name_len, data))?;
        Ok(true)
    }

    /// Writes the fields of a value that say what its data is.
    fn put_fields(&mut self, value: u32, size: u32, field: [u8; 4], kind: RegType) -> Result<(), EditError> {
        let fields = [size, u32::from_le_bytes(field), kind.0].map(u32::to_le_bytes);
        self.put(value, vk::DATA_SIZE, fields.as_flattened())
    }

    /// Adds a value that is not there.
    fn add_value(&mut self, id: KeyId, name: impl Name, kind: RegType, data: &[u8]) -> Result<(), EditError> {
        let stored = encode(name, MAX_VALUE_NAME)?;
        let (value, cells) = if (5..=TOGETHER).contains(&data.len()) {
            let unplaced = node(&stored, data.len() as u32, [0; 4], kind);
            let (value, cell) = self.allocate_both(&unplaced, data)?;
            self.put_u32(value, vk::DATA, cell)?;
            (value, Vec::from([cell]))
        } else {
            let placed = self.place(data)?;
            let node = node(&stored, placed.size, placed.field, kind);
            match self.allocate_with(&node) {
                Ok(value) => (value, placed.cells),
                Err(error) => {
                    self.release_all(placed.cells);
                    return Err(error);
                }
            }
        };
        let linked = self.append_value(id, value).inspect_err(|_| self.release(value));
        let (list, count) = linked.inspect_err(|_| self.release_all(cells))?;
        self.edit_node(id, |node| {
            set_in(node, nk::VALUES, list);
            set_in(node, nk::VALUE_COUNT, count);
            raise_in(node, 2 * stored.len as u32, data);
        })
    }

    /// Deletes a value; says whether there was one.
    ///
    /// # Errors
    /// [`EditError::Damaged`].
    pub fn delete_value(&mut self, id: KeyId, name: impl Name) -> Result<bool, EditError> {
        let key = self.key(id)?;
        let Some(value) = key.value(name)? else { return Ok(false) };
        let (list, count) = (key.value_list_id(), key.value_count() as usize);
        let mut cells = Vec::new();
        cells_of(&value, &mut cells);
        let ids = key.value_ids()?;
        let at = ids.iter().position(|&cell| cell == value.id).unwrap_or(0);
        let rest: Vec<u8> = ids.iter().skip(at + 1).flat_map(|cell| cell.to_le_bytes()).collect();
        if count > 1 {
            self.put(list, 4 * at, &rest)?;
        } else {
            self.put_u32(id.0, nk::VALUES, NONE)?;
            cells.push(list);
        }
        self.put_u32(id.0, nk::VALUE_COUNT, count as u32 - 1)?;
        self.release_all(cells);
        self.touch(id)?;
        Ok(true)
    }

    fn release_all(&mut self, cells: Vec<u32>) {
        cells.into_iter().for_each(|cell| self.release(cell));
    }

    /// Puts a value's cell at the end of a key's list: where the list is then, and how long it will be once the key says so.
    fn append_value(&mut self, id: KeyId, value: u32) -> Result<(u32, u32), EditError> {
        let key = self.key(id)?;
        let (list, count) = (key.value_list_id(), key.value_count() as usize);
        let room = if count == 0 { 0 } else { self.hive().cell(list)?.len() / 4 };
        if count < room {
            self.put_u32(list, 4 * count, value)?;
            return Ok((list, count as u32 + 1));
        }
        let mut bytes = Vec::with_capacity(4 * (count + 1));
        if count != 0 {
            bytes.extend_from_slice(self.hive().cell(list)?.get(..4 * count).unwrap_or_default());
        }
        bytes.extend_from_slice(&value.to_le_bytes());
        let new = self.allocate(4 * (count + 1 + count.div_ceil(2)))?;
        self.put(new, 0, &bytes)?;
        if count != 0 {
            self.release(list);
        }
        Ok((new, count as u32 + 1))
    }

    /// Puts data where data of its length belongs ("Data size", "Big data").
    pub(super) fn place(&mut self, data: &[u8]) -> Result<Placed, EditError> {
        let size = data.len() as u32;
        if data.len() <= 4 {
            let mut field = [0; 4];
            for (to, from) in field.iter_mut().zip(data) {
                *to = *from;
            }
            return Ok(Placed { size: size | vk::INLINE, field, cells: Vec::new() });
        }
        if data.len() <= db::SEGMENT || self.minor <= db::LAST_MINOR_WITHOUT {
            let cell = self.allocate_with(data)?;
            return Ok(Placed { size, field: cell.to_le_bytes(), cells: Vec::from([cell]) });
        }
        let count = u16::try_from(data.len().div_ceil(db::SEGMENT)).map_err(|_| EditError::TooLarge)?;
        let mut cells = Vec::new();
        let placed = self.place_big(data, count, &mut cells);
        match placed {
            Ok(cell) => Ok(Placed { size, field: cell.to_le_bytes(), cells }),
            Err(error) => {
                self.release_all(cells);
                Err(error)
            }
        }
    }

    /// Puts big data in segments that lie in the file in their order, as there are readers that take them in that
    /// of the file; and with four bytes to spare in each cell, as there are readers that leave those out.
    fn place_big(&mut self, data: &[u8], count: u16, cells: &mut Vec<u32>) -> Result<u32, EditError> {
        for piece in data.chunks(db::SEGMENT) {
            cells.push(self.allocate(piece.len() + SPARE)?);
        }
        if !cells.is_sorted() {
            // The last one has found a place before the others. All of one size can change places.
            cells.pop().into_iter().for_each(|last| self.release(last));
            cells.push(self.allocate(db::SEGMENT + SPARE)?);
            cells.sort_unstable();
            if let Some(&last) = cells.last() {
                self.shrink(last, data.len() - (usize::from(count) - 1) * db::SEGMENT + SPARE)?;
            }
        }
        for (cell, piece) in cells.clone().into_iter().zip(data.chunks(db::SEGMENT)) {
            self.put(cell, 0, piece)?;
        }
        let list: Vec<u8> = cells.iter().flat_map(|cell| cell.to_le_bytes()).collect();
        let list = self.allocate_with(&list)?;
        cells.push(list);
        let mut big = b"db".to_vec();
        big.extend(count.to_le_bytes());
        big.extend(list.to_le_bytes());
        big.extend([0; 4]);
        let big = self.allocate_with(&big)?;
        cells.push(big);
        Ok(big)
    }
}

/// A value's node.
pub(super) fn node(stored: &StoredName, size: u32, field: [u8; 4], kind: RegType) -> Vec<u8> {
    let mut node = Vec::with_capacity(vk::SIZE + stored.bytes.len());
    node.extend_from_slice(b"vk");
    node.extend_from_slice(&(stored.bytes.len() as u16).to_le_bytes());
    for number in [size, u32::from_le_bytes(field), kind.0] {
        node.extend_from_slice(&number.to_le_bytes());
    }
    let flags = if stored.is_latin1 && stored.len != 0 { vk::COMP_NAME } else { 0 };
    node.extend_from_slice(&u32::from(flags).to_le_bytes());
    node.extend_from_slice(&stored.bytes);
    node
}

/// Raises the maxima that a key keeps of its values.
pub(super) fn raise_in(node: &mut [u8; nk::SIZE], name_len: u32, data: &[u8]) {
    for (at, to) in [(nk::MAX_VALUE_NAME, name_len), (nk::MAX_VALUE_DATA, data.len() as u32)] {
        if u32_in(node, at) < to {
            set_in(node, at, to);
        }
    }
}
