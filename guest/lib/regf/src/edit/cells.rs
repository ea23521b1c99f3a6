//! Writing into the image, and the allocation of cells.

use alloc::vec::Vec;

use super::{EditError, HiveMut, Image};
use crate::bins::Bin;
use crate::error::{Fault, HiveError};
use crate::key::KeyId;
use crate::layout::{BASE_SIZE, PAGE, SECTOR, base, hbin, nk};

/// No hive gets larger than this, in bytes of hive bins data.
const MAX_BINS: usize = 0x7FFF_F000;

impl<I: Image> HiveMut<I> {
    /// Writes bytes at an offset in the hive bins data.
    pub(super) fn put_raw(&mut self, offset: usize, bytes: &[u8]) -> Result<(), EditError> {
        let start = BASE_SIZE + offset;
        if start + bytes.len() > BASE_SIZE + self.bins_size {
            return Err(HiveError::new(Fault::CellOffset, start).into());
        }
        if !self.image.write(start, bytes) {
            return Err(EditError::Full);
        }
        self.dirty.mark(offset, bytes.len());
        Ok(())
    }

    /// Writes bytes at an offset in a cell.
    pub(super) fn put(&mut self, cell: u32, at: usize, bytes: &[u8]) -> Result<(), EditError> {
        self.put_raw(cell as usize + 4 + at, bytes)
    }

    pub(super) fn put_u16(&mut self, cell: u32, at: usize, number: u16) -> Result<(), EditError> {
        self.put(cell, at, &number.to_le_bytes())
    }

    pub(super) fn put_u32(&mut self, cell: u32, at: usize, number: u32) -> Result<(), EditError> {
        self.put(cell, at, &number.to_le_bytes())
    }

    /// Allocates a cell with room for some bytes. What is in it is not cleared.
    pub(super) fn allocate(&mut self, len: usize) -> Result<u32, EditError> {
        let (offset, size) = self.take(len)?;
        self.put_raw(offset as usize, &(size as i32).wrapping_neg().to_le_bytes())?;
        Ok(offset)
    }

    /// Takes room for a cell with some bytes, which is still free: its offset and size.
    fn take(&mut self, len: usize) -> Result<(u32, u32), EditError> {
        let size = len.checked_add(4 + 7).filter(|&size| size < MAX_BINS).ok_or(EditError::Full)? & !7;
        let size = size as u32;
        let (offset, found) = match self.space.take(size) {
            Some(cell) => cell,
            None => {
                let hive = super::view(&self.image, self.bins_size, self.root, self.minor);
                if self.space.grows(hive)? || !self.space.search(hive, size)? {
                    self.append_bin(size)?;
                }
                self.space.take(size).ok_or(EditError::Full)?
            }
        };
        if found > size {
            self.space.add_rest(offset + size, found - size);
            self.put_raw((offset + size) as usize, &(found - size).to_le_bytes())?;
        }
        Ok((offset, size))
    }

    /// Allocates a cell that holds exactly these bytes.
    pub(super) fn allocate_with(&mut self, bytes: &[u8]) -> Result<u32, EditError> {
        let cell = self.allocate(bytes.len())?;
        self.put(cell, 0, bytes)?;
        Ok(cell)
    }

    /// Allocates two cells that hold exactly these bytes: in one piece, where what the last allocation has left is large
    /// enough.
    pub(super) fn allocate_both(&mut self, first: &[u8], second: &[u8]) -> Result<(u32, u32), EditError> {
        let round = |len: usize| len.checked_add(4 + 7).map(|size| size & !7);
        let sizes = round(first.len()).zip(round(second.len()));
        let whole = sizes.and_then(|(a, b)| Some((a, u32::try_from(a.checked_add(b)?).ok()?)));
        let Some((size, whole)) = whole.filter(|&(_, whole)| self.space.rest_holds(whole)) else {
            let cell = self.allocate_with(first)?;
            let other = self.allocate_with(second).inspect_err(|_| self.release(cell))?;
            return Ok((cell, other));
        };
        let Some((offset, found)) = self.space.take(whole) else { return Err(EditError::Full) };
        let mut bytes = Vec::with_capacity(whole as usize + 4);
        for (content, size) in [(first, size), (second, whole as usize - size)] {
            let end = bytes.len() + size;
            bytes.extend_from_slice(&(size as i32).wrapping_neg().to_le_bytes());
            bytes.extend_from_slice(content);
            bytes.resize(end, 0);
        }
        if found > whole {
            self.space.add_rest(offset + whole, found - whole);
            bytes.extend_from_slice(&(found - whole).to_le_bytes());
        }
        self.put_raw(offset as usize, &bytes)?;
        Ok((offset, offset + size as u32))
    }

    /// Changes a key's node and stamps it with the time.
    pub(super) fn edit_node(
        &mut self,
        id: KeyId,
        edit: impl FnOnce(&mut [u8; nk::SIZE]),
    ) -> Result<(), EditError> {
        let mut node = *self.hive().key(id)?.node();
        edit(&mut node);
        set_in(&mut node, nk::LAST_WRITTEN, self.clock.0 as u32);
        set_in(&mut node, nk::LAST_WRITTEN + 4, (self.clock.0 >> 32) as u32);
        self.put(id.0, 0, &node)
    }

    /// Gives back what a cell has beyond the room for some bytes.
    pub(super) fn shrink(&mut self, cell: u32, len: usize) -> Result<(), EditError> {
        let old = 4 + self.hive().cell(cell)?.len();
        let new = (4 + len).next_multiple_of(8);
        if new >= old {
            return Ok(());
        }
        // The rest becomes a cell, which is then freed.
        self.put_raw(cell as usize + new, &((old - new) as i32).wrapping_neg().to_le_bytes())?;
        self.put_raw(cell as usize, &(new as i32).wrapping_neg().to_le_bytes())?;
        self.release(cell + new as u32);
        Ok(())
    }

    /// Frees a cell. A reference that leads to no cell is let be: there is nothing to free.
    pub(super) fn release(&mut self, cell: u32) {
        let Ok(body) = self.hive().cell(cell) else { return };
        let size = 4 + body.len() as u32;
        // The cell has been found, so this is inside. Its own size is written even where it becomes part of a larger
        // cell: a damaged hive may refer to it twice, and a free cell is not freed again.
        let _ = self.put_raw(cell as usize, &size.to_le_bytes());
        if self.space.knows(cell) {
            let (offset, size) = self.space.add(cell, size);
            let _ = self.put_raw(offset as usize, &size.to_le_bytes());
        }
    }

    /// Adds a bin in which a cell of a size fits, free but for its header.
    fn append_bin(&mut self, size: u32) -> Result<(), EditError> {
        let start = self.bins_size;
        let len = (size as usize + hbin::SIZE).next_multiple_of(PAGE);
        let end = start.checked_add(len).filter(|&end| end <= MAX_BINS).ok_or(EditError::Full)?;
        if !self.image.grow(BASE_SIZE + end) {
            return Err(EditError::Full);
        }
        if !self.edit_base(|sector| super::set_u32(sector, base::BINS_SIZE, end as u32)) {
            return Err(EditError::Full);
        }
        self.bins_size = end;
        let mut header = [0; hbin::SIZE + 4];
        for (at, bytes) in [
            (0, hbin::SIGNATURE),
            (hbin::OFFSET, (start as u32).to_le_bytes()),
            (hbin::LENGTH, (len as u32).to_le_bytes()),
            (hbin::SIZE, ((len - hbin::SIZE) as u32).to_le_bytes()),
        ] {
            if let Some(field) = header.get_mut(at..at + 4) {
                field.copy_from_slice(&bytes);
            }
        }
        self.put_raw(start, &header)?;
        // So that the file reaches the end of the bin once it is written.
        self.dirty.mark(end - SECTOR, SECTOR);
        self.space.append(Bin { start: start as u32, end: end as u32 });
        self.space.add((start + hbin::SIZE) as u32, (len - hbin::SIZE) as u32);
        Ok(())
    }
}

/// Writes a field of a node. The fields' offsets are constants below its size.
#[inline(always)]
pub(super) fn set_in(node: &mut [u8; nk::SIZE], at: usize, number: u32) {
    node[at..at + 4].copy_from_slice(&number.to_le_bytes());
}
