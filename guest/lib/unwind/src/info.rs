//! UNWIND_INFO.

use crate::code::Code;
use crate::table::Function;
use crate::{Memory, image_u32};

/// The data goes on with that of another function (`UNW_FLAG_CHAININFO`).
const CHAINED: u8 = 4;
/// Size of the fixed part, and of a slot, in bytes.
const HEAD: u32 = 4;
const SLOT: u32 = 2;

/// What is known of a function's frame.
#[derive(Clone, Copy, Debug)]
pub struct Info {
    version: u8,
    flags: u8,
    /// Size of the prologue in bytes.
    pub prologue: u8,
    slots: u8,
    /// Number of the frame register; 0 for none.
    pub frame_register: usize,
    /// What the frame register is above RSP, in bytes.
    pub frame_offset: u64,
    /// RVA of the first slot.
    codes: u32,
}

impl Info {
    /// Reads a function's data; `None` for a version that is unknown or data outside of the image.
    pub fn read(memory: &impl Memory, rva: u32) -> Option<Self> {
        let byte = |offset| memory.image(rva.checked_add(offset)?);
        let (first, frame) = (byte(0)?, byte(3)?);
        let version = first & 7;
        matches!(version, 1 | 2).then_some(Self {
            version,
            flags: first >> 3,
            prologue: byte(1)?,
            slots: byte(2)?,
            frame_register: usize::from(frame & 0xF),
            frame_offset: u64::from(frame >> 4) * 16,
            codes: rva.checked_add(HEAD)?,
        })
    }

    /// The codes, that of the last instruction first.
    pub fn codes(&self) -> Codes {
        Codes { next: Some(self.codes), left: self.slots.into(), version: self.version }
    }

    /// RVA behind the codes, which are an even number of slots.
    fn tail(&self) -> Option<u32> {
        self.codes.checked_add(u32::from(self.slots).next_multiple_of(2) * SLOT)
    }

    /// Whether the data goes on with that of another function.
    pub fn is_chained(&self) -> bool {
        self.flags & CHAINED != 0
    }

    /// The function whose data this one goes on with.
    pub fn chained(&self, memory: &impl Memory) -> Option<Option<Function>> {
        if !self.is_chained() {
            return Some(None);
        }
        Function::read(memory, self.tail()?).map(Some)
    }

    /// RVAs of the handler and of its data, if there is one of a kind that is asked for.
    pub fn handler(&self, memory: &impl Memory, kinds: u8) -> Option<(u32, u32)> {
        if self.is_chained() || self.flags & kinds == 0 {
            return None;
        }
        let tail = self.tail()?;
        Some((image_u32(memory, tail)?, tail.checked_add(4)?))
    }
}

/// A place among the codes.
#[derive(Clone, Copy, Debug)]
pub struct Codes {
    /// RVA of the next slot; `None` behind a malformed code.
    next: Option<u32>,
    left: u32,
    version: u8,
}

impl Codes {
    /// The next code: `None` behind the last one, `Some(None)` for a malformed one, behind which there is none.
    pub fn next(&mut self, memory: &impl Memory) -> Option<Option<Code>> {
        let rva = self.next.filter(|_| self.left != 0)?;
        let code = Code::read(memory, rva, self.version).filter(|code| code.slots <= self.left);
        self.left -= code.map_or(0, |code| code.slots);
        self.next = code.and_then(|code| rva.checked_add(code.slots * SLOT));
        Some(code)
    }
}
