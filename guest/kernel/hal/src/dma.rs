//! Memory that devices read from and write to by themselves. It belongs to the request for as long as that is on its
//! way, so nothing else of the kernel looks at it meanwhile.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::slice;

use crate::address_space::Pinned;
use crate::frames;
use crate::phys::{self, PAGE};

/// Adjoining frames of the kernel's own: one piece for a device, a slice for the kernel.
#[derive(Debug)]
pub struct Block {
    address: u64,
    len: usize,
}

impl Block {
    /// A block of at least so many bytes, in whole pages, with any content. `None` without memory.
    pub fn new(len: usize) -> Option<Self> {
        let count = len.div_ceil(PAGE).max(1);
        let address = match count {
            1 => frames::allocate_any()?.address(),
            _ => frames::allocate_run(u32::try_from(count).ok()?)?.0,
        };
        Some(Self { address, len: count * PAGE })
    }

    /// A block of zeros.
    pub fn zeroed(len: usize) -> Option<Self> {
        let mut block = Self::new(len)?;
        block.bytes_mut().fill(0);
        Some(block)
    }

    /// What is in it.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: the frames are mapped in the direct map and this block's alone until it is dropped; a device that
        // writes to them has the block (see `Memory`), so nobody holds such a slice then.
        unsafe { slice::from_raw_parts(phys::pointer::<u8>(self.address), self.len) }
    }

    /// The same, to be changed.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `bytes`, and the block is borrowed for it.
        unsafe { slice::from_raw_parts_mut(phys::pointer::<u8>(self.address), self.len) }
    }

    /// Physical address.
    pub(crate) fn address(&self) -> u64 {
        self.address
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        for page in (0..self.len).step_by(PAGE) {
            frames::release_address(self.address + page as u64);
        }
    }
}

/// Pages of processes that are kept, as one piece of memory from some byte of the first one on.
#[derive(Clone, Debug)]
pub struct Pages {
    pages: Arc<Vec<Pinned>>,
    offset: usize,
    len: usize,
}

impl Pages {
    /// `len` bytes from `offset` on. `None` when the pages have not so many.
    pub fn new(pages: Arc<Vec<Pinned>>, offset: usize, len: usize) -> Option<Self> {
        let end = offset.checked_add(len)?;
        (end <= pages.len().checked_mul(PAGE)?).then_some(Self { pages, offset, len })
    }

    /// A part of it. `None` when it has none such.
    pub fn part(&self, offset: usize, len: usize) -> Option<Self> {
        let end = offset.checked_add(len)?;
        (end <= self.len).then(|| Self { pages: self.pages.clone(), offset: self.offset + offset, len })
    }

    /// Bytes.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Copies bytes into it, from `at` on, as far as they fit. Pages that are for reading only are left alone.
    pub fn write(&self, at: usize, bytes: &[u8]) {
        let room = self.len.saturating_sub(at);
        let mut rest = &bytes[..bytes.len().min(room)];
        let mut at = self.offset + at;
        while let (Some(page), false) = (self.pages.get(at / PAGE), rest.is_empty()) {
            let (now, later) = rest.split_at(rest.len().min(PAGE - at % PAGE));
            let _ = page.write(at % PAGE, now);
            (rest, at) = (later, at + now.len());
        }
    }

    /// Copies bytes out of it, from `at` on, as far as there are any.
    pub fn read(&self, at: usize, into: &mut [u8]) {
        let room = self.len.saturating_sub(at).min(into.len());
        let mut rest = &mut into[..room];
        let mut at = self.offset + at;
        while let (Some(page), false) = (self.pages.get(at / PAGE), rest.is_empty()) {
            let (now, later) = rest.split_at_mut(rest.len().min(PAGE - at % PAGE));
            page.read(at % PAGE, now);
            at += now.len();
            rest = later;
        }
    }
}

/// The memory of a request.
#[derive(Debug, Default)]
pub enum Memory {
    /// None: the request has no data.
    #[default]
    None,
    /// The kernel's, the first so many bytes of it.
    Block(Block, usize),
    /// Processes'.
    Pages(Pages),
}

impl Memory {
    /// Bytes.
    pub fn len(&self) -> usize {
        match self {
            Self::None => 0,
            Self::Block(block, len) => block.len.min(*len),
            Self::Pages(pages) => pages.len,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Calls `piece` with the physical address and length of each piece of adjoining memory, in order.
    pub(crate) fn pieces(&self, mut piece: impl FnMut(u64, u32)) {
        match self {
            Self::None => {}
            Self::Block(block, _) => piece(block.address, self.len() as u32),
            Self::Pages(pages) => {
                let (mut start, mut end) = (0, 0);
                let (mut at, last) = (pages.offset, pages.offset + pages.len);
                while at < last {
                    let Some(page) = pages.pages.get(at / PAGE) else { break };
                    let now = (PAGE - at % PAGE).min(last - at);
                    let address = page.address() + (at % PAGE) as u64;
                    if address != end || start == end {
                        if start != end {
                            piece(start, (end - start) as u32);
                        }
                        start = address;
                    }
                    end = address + now as u64;
                    at += now;
                }
                if start != end {
                    piece(start, (end - start) as u32);
                }
            }
        }
    }

    /// How many pieces there are at most.
    pub fn most_pieces(&self) -> usize {
        match self {
            Self::None => 0,
            Self::Block(..) => 1,
            Self::Pages(pages) => (pages.offset % PAGE + pages.len).div_ceil(PAGE),
        }
    }
}
