//! Filling values in that have been prepared.

use super::{EditError, HiveMut, Image};
use crate::error::Fault;
use crate::layout::{db, u32_in, vk};
use crate::values::ValueId;

impl<I: Image> HiveMut<I> {
    /// Gives a value other data of its type, for which there is room where its data lies (or which is small enough for none). Who made the value with as much
    /// as there can be pays for writing it only. The key is not stamped, and the most data that a value of it has had
    /// stays what it was.
    ///
    /// # Errors
    /// [`EditError::TooLarge`] without room; [`EditError::Damaged`].
    pub fn fill_value(&mut self, id: ValueId, data: &[u8]) -> Result<(), EditError> {
        let hive = self.hive();
        let (node, _) = hive.record::<{ vk::SIZE }>(id.0, *b"vk", Fault::ValueNode)?;
        let (size, at) = (u32_in(node, vk::DATA_SIZE), u32_in(node, vk::DATA));
        let is_inline = size & vk::INLINE != 0;
        if data.len() <= 4 {
            let mut field = [0; 8];
            let (length, bytes) = field.split_at_mut(4);
            length.copy_from_slice(&(data.len() as u32 | vk::INLINE).to_le_bytes());
            bytes.iter_mut().zip(data).for_each(|(to, from)| *to = *from);
            self.put(id.0, vk::DATA_SIZE, &field)?;
            if !is_inline && size != 0 {
                self.release(at);
            }
            return Ok(());
        }
        let is_whole = !is_inline && size != 0 && size as usize <= db::SEGMENT;
        if !is_whole || hive.cell(at)?.len() < data.len() {
            return Err(EditError::TooLarge);
        }
        self.put(at, 0, data)?;
        self.put_u32(id.0, vk::DATA_SIZE, data.len() as u32)
    }
}
