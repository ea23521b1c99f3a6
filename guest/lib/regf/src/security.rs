//! "Key security" (`sk`).

use crate::error::{Fault, HiveError};
use crate::hive::Hive;
use crate::layout::{sk, u32_in};

/// A security item, which keys share.
#[derive(Clone, Copy, Debug)]
pub struct Security<'a> {
    #[cfg_attr(not(feature = "alloc"), expect(dead_code, reason = "for the editor"))]
    pub(crate) id: u32,
    item: &'a [u8; sk::SIZE],
    descriptor: &'a [u8],
}

impl<'a> Security<'a> {
    pub(crate) fn read(hive: Hive<'a>, id: u32) -> Result<Self, HiveError> {
        let (item, rest) = hive.record::<{ sk::SIZE }>(id, *b"sk", Fault::Security)?;
        let len = u32_in(item, sk::DESCRIPTOR_SIZE) as usize;
        let descriptor = rest.get(..len).ok_or(HiveError::cell(Fault::Security, id))?;
        Ok(Self { id, item, descriptor })
    }

    /// The security descriptor, self-relative; its bytes are not looked at here.
    pub fn descriptor(&self) -> &'a [u8] {
        self.descriptor
    }

    /// How many keys it says it belongs to.
    pub fn references(&self) -> u32 {
        u32_in(self.item, sk::REFERENCES)
    }

    /// The next item of the ring that all items form.
    #[cfg(feature = "alloc")]
    pub(crate) fn next_id(&self) -> u32 {
        u32_in(self.item, sk::FLINK)
    }

    /// The item before it.
    #[cfg(feature = "alloc")]
    pub(crate) fn previous_id(&self) -> u32 {
        u32_in(self.item, sk::BLINK)
    }
}
