//! Windows: ranges of kernel addresses for data that must look like one piece and grow. The pages are those
//! of a piece of memory that lives for ever, read-only, until one is written to; then it gets a frame of its own.
//!
//! They share the kernel image's root entry, so every address space has them.

use alloc::vec::Vec;
use core::{ptr, slice};

use pfn::Frame;

use crate::cell::KernelCell;
use crate::phys::{self, PAGE};
use crate::{address_space, frames};

/// Address of the first window; the root entry of the kernel image begins here.
const BASE: u64 = 0x7F80_0000_0000;
/// A window has one entry of the table below the root, and so at most 1 GiB.
pub(crate) const SIZE: u64 = 1 << 30;
/// Windows there can be. The entries behind them are the kernel image's.
const COUNT: usize = 256;
/// A page table of the kernel: present, writable, for ring 3 (see [`crate::ring0`]), accessed, dirty.
const TABLE: u64 = 0x67;
/// A page that only the kernel reads: present, for ring 3, accessed, dirty, no-execute.
const PAGE_READ: u64 = 1 << 63 | 0x65;

/// The address in a page table's entry.
const ADDRESS: u64 = 0x000F_FFFF_FFFF_F000;

unsafe extern "C" {
    static mut kernel_pdpt: [u64; 512];
}

/// Which windows are in use, a bit each.
static USED: KernelCell<[u64; COUNT / 64]> = KernelCell::new([0; COUNT / 64]);

/// A window. Its pages are always mapped read-only: whoever writes does it through [`Window::write`].
#[derive(Debug)]
pub struct Window {
    number: usize,
    /// Physical addresses of the page tables, in order.
    tables: Vec<u64>,
    /// The page directory's.
    directory: u64,
    /// The pages, as far as there are any: the frame, if it is the window's own.
    pages: Vec<Option<Frame>>,
}

impl Window {
    /// An empty window; `None` without memory, or when there are too many.
    pub fn new() -> Option<Self> {
        let directory = frames::allocate_table()?;
        let number = take_number();
        match number {
            Some(number) => {
                // SAFETY: the kernel runs alone on this processor, and nobody else refers to the table; the entry is
                // this window's.
                unsafe { (&raw mut kernel_pdpt).cast::<u64>().add(number).write(directory | TABLE) };
                Some(Self { number, tables: Vec::new(), directory, pages: Vec::new() })
            }
            None => {
                frames::release_address(directory);
                None
            }
        }
    }

    /// Adds the pages of a piece of memory at the end. Says whether it could.
    ///
    /// # Panics
    /// When the memory is not page-aligned, or was not mapped by [`phys`].
    pub fn append(&mut self, memory: &'static [u8]) -> bool {
        let physical = phys::address_of(memory.as_ptr());
        assert!(physical.is_multiple_of(PAGE as u64), "memory for a window is not page-aligned");
        (0..memory.len()).step_by(PAGE).all(|offset| self.push(physical + offset as u64, None))
    }

    /// Adds pages of zeros until there are so many bytes. Says whether it could.
    pub fn grow(&mut self, len: usize) -> bool {
        while self.len() < len {
            let Some(frame) = frames::allocate_zeroed() else { return false };
            if !self.push(frame.address(), Some(frame)) {
                return false;
            }
        }
        true
    }

    fn push(&mut self, physical: u64, frame: Option<Frame>) -> bool {
        let index = self.pages.len();
        if index as u64 >= SIZE / PAGE as u64 || !self.has_table(index / 512) {
            frame.into_iter().for_each(frames::release);
            return false;
        }
        self.pages.push(frame);
        self.map(index, physical);
        true
    }

    /// Whether there is a page table, or could one be made.
    fn has_table(&mut self, index: usize) -> bool {
        if index < self.tables.len() {
            return true;
        }
        let Some(table) = frames::allocate_table() else { return false };
        // SAFETY: the directory is this window's, the index below 512 as the window has at most 1 GiB.
        unsafe { phys::pointer::<u64>(self.directory + 8 * index as u64).write(table | TABLE) };
        self.tables.push(table);
        true
    }

    fn map(&self, index: usize, physical: u64) {
        let entry = self.tables[index / 512] + 8 * (index % 512) as u64;
        // SAFETY: the table is this window's, made before; the page is memory that lives for ever or a frame that lives
        // as long as the window.
        unsafe { phys::pointer::<u64>(entry).write(physical | PAGE_READ) };
    }

    fn address(&self) -> u64 {
        BASE + self.number as u64 * SIZE
    }

    /// Physical addresses of its pages, in order.
    pub fn page_list(&self) -> Vec<u64> {
        let entries = self.tables.iter().flat_map(|&table| (0..512).map(move |index| table + 8 * index));
        // SAFETY: as in `map`, whose entries these are.
        let page = |entry| unsafe { phys::pointer::<u64>(entry).read() } & ADDRESS;
        entries.take(self.pages.len()).map(page).collect()
    }

    /// Bytes there are, in whole pages.
    pub fn len(&self) -> usize {
        self.pages.len() * PAGE
    }

    /// Whether there is no page.
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// What is in it.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: the pages from the window's address on are mapped, and stay so while the window is borrowed. The bytes
        // change in `write` only, which borrows it mutably: frames of its own have no other name but in there, and
        // memory that lives for ever is not written to.
        unsafe { slice::from_raw_parts(ptr::with_exposed_provenance(self.address() as usize), self.len()) }
    }

    /// Writes bytes. Pages that are not the window's own are copied first. Says whether it could: nothing is written if
    /// there is no such range, or no memory.
    pub fn write(&mut self, at: usize, bytes: &[u8]) -> bool {
        // Nearly always it is one page that has been written to before.
        if at % PAGE + bytes.len() <= PAGE
            && let Some(Some(frame)) = self.pages.get(at / PAGE)
        {
            phys::write(frame, at % PAGE, bytes);
            return true;
        }
        self.write_pages(at, bytes)
    }

    fn write_pages(&mut self, at: usize, bytes: &[u8]) -> bool {
        let Some(end) = at.checked_add(bytes.len()).filter(|&end| end <= self.len()) else { return false };
        for index in at / PAGE..end.div_ceil(PAGE) {
            if self.pages[index].is_none() && !self.own(index) {
                return false;
            }
        }
        let (mut at, mut rest) = (at, bytes);
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(PAGE - at % PAGE));
            if let Some(frame) = &self.pages[at / PAGE] {
                phys::write(frame, at % PAGE, now);
            }
            (at, rest) = (at + now.len(), later);
        }
        true
    }

    /// Gives a page a frame of its own with what was in it.
    #[cold]
    fn own(&mut self, index: usize) -> bool {
        let Some(frame) = frames::allocate_any() else { return false };
        let start = index * PAGE;
        phys::write(&frame, 0, &self.bytes()[start..start + PAGE]);
        self.map(index, frame.address());
        address_space::invalidate(self.address() + start as u64);
        self.pages[index] = Some(frame);
        true
    }
}

/// A window's addresses for something else, for good: where they begin, and the page directory. `None` as for
/// [`Window::new`].
pub(crate) fn reserve() -> Option<(u64, u64)> {
    let window = core::mem::ManuallyDrop::new(Window::new()?);
    Some((window.address(), window.directory))
}

/// Physical addresses of the pages of a piece of memory that begins on one.
pub fn page_list(memory: &'static [u8]) -> Vec<u64> {
    let physical = phys::address_of(memory.as_ptr());
    (0..memory.len()).step_by(PAGE).map(|offset| physical + offset as u64).collect()
}

fn take_number() -> Option<usize> {
    let mut used = USED.lock();
    let (index, word) = used.iter_mut().enumerate().find(|(_, word)| **word != u64::MAX)?;
    let bit = word.trailing_ones() as usize;
    *word |= 1 << bit;
    Some(index * 64 + bit)
}

impl Drop for Window {
    fn drop(&mut self) {
        // SAFETY: as in `new`.
        unsafe { (&raw mut kernel_pdpt).cast::<u64>().add(self.number).write(0) };
        for index in 0..self.pages.len() {
            address_space::invalidate(self.address() + (index * PAGE) as u64);
        }
        self.pages.drain(..).flatten().for_each(frames::release);
        self.tables.drain(..).for_each(frames::release_address);
        frames::release_address(self.directory);
        USED.lock()[self.number / 64] &= !(1 << (self.number % 64));
    }
}
