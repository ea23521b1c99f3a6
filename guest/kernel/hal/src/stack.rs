//! Kernel stacks. Those that stay in memory are pieces of the heap; those that can be taken out while their task does not run
//! have a range of addresses of their own, so that they come back where they were.

use alloc::alloc::{Layout, alloc, dealloc};
use alloc::vec::Vec;
use core::ptr::NonNull;

use crate::cell::KernelCell;
use crate::frames::{self, Page};
use crate::phys::{self, PAGE};
use crate::{ring0, window};

/// Size of a kernel stack in bytes: NT's on x64 is three times as large, but its drivers recurse.
pub const STACK_SIZE: usize = PAGES * PAGE;
/// The same in pages.
const PAGES: usize = 4;
/// Bytes from one stack of the range to the next: what lies between is not mapped.
const STRIDE: u64 = 2 * STACK_SIZE as u64;
/// Stacks that there is room for.
const COUNT: u32 = (window::SIZE / STRIDE) as u32;
/// A page table of the kernel: present, writable, for ring 3 (see [`crate::ring0`]), accessed, dirty.
const TABLE: u64 = 0x67;
/// A page of a stack: the same, no-execute.
const STACK_PAGE: u64 = 1 << 63 | TABLE;
/// The address in an entry.
const ADDRESS: u64 = 0x000F_FFFF_FFFF_F000;

/// The range.
struct Range {
    /// Address and page directory; none before the first stack.
    place: Option<(u64, u64)>,
    /// Stacks that nobody has any more.
    free: Vec<u32>,
    /// The first one that nobody has had.
    next: u32,
}

static RANGE: KernelCell<Range> = KernelCell::new(Range { place: None, free: Vec::new(), next: 0 });

/// A stack.
#[derive(Debug)]
pub(crate) enum Stack {
    /// A piece of the heap.
    Fixed(NonNull<u8>),
    /// A place in the range.
    Pageable(PageableStack),
}

// SAFETY: the stack is its task's alone.
unsafe impl Send for Stack {}

impl Stack {
    /// A stack; `None` without memory.
    pub(crate) fn new(pageable: bool) -> Option<Self> {
        match pageable {
            // SAFETY: the layout is not empty.
            false => NonNull::new(unsafe { alloc(layout()) }).map(Self::Fixed),
            true => PageableStack::new().map(Self::Pageable),
        }
    }

    /// Its lowest address.
    pub(crate) fn base(&self) -> NonNull<u8> {
        match self {
            Self::Fixed(base) => *base,
            Self::Pageable(stack) => stack.base,
        }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if let Self::Fixed(base) = self {
            // SAFETY: allocated with this layout.
            unsafe { dealloc(base.as_ptr(), layout()) };
        }
    }
}

fn layout() -> Layout {
    Layout::from_size_align(STACK_SIZE, PAGE).expect("valid layout")
}

/// A stack in the range.
#[derive(Debug)]
pub(crate) struct PageableStack {
    number: u32,
    base: NonNull<u8>,
    /// Its pages, lowest first; none while they are out.
    pages: KernelCell<Vec<Page>>,
}

impl PageableStack {
    fn new() -> Option<Self> {
        let (number, base) = take_place()?;
        let stack = Self { number, base: NonNull::new(base)?, pages: KernelCell::default() };
        let mut pages = Vec::new();
        pages.try_reserve_exact(PAGES).ok()?;
        for _ in 0..PAGES {
            pages.push(Page::of_kernel()?);
        }
        stack.put_back(pages).ok()?;
        Some(stack)
    }

    fn address(&self, page: usize) -> u64 {
        (self.base.as_ptr().addr() + page * PAGE) as u64
    }

    /// Takes all pages out.
    pub(crate) fn take_out(&self) -> Vec<Page> {
        let pages = core::mem::take(&mut *self.pages.lock());
        (0..pages.len()).for_each(|page| set_entry(self.address(page), 0));
        pages
    }

    /// Puts all pages back, which are as many as a stack has.
    pub(crate) fn put_back(&self, pages: Vec<Page>) -> Result<(), Vec<Page>> {
        let mut own = self.pages.lock();
        if !own.is_empty() || pages.len() != PAGES {
            return Err(pages);
        }
        for (number, page) in pages.iter().enumerate() {
            set_entry(self.address(number), page.address() & ADDRESS | STACK_PAGE);
        }
        *own = pages;
        Ok(())
    }

    /// Whether its pages are there.
    pub(crate) fn is_there(&self) -> bool {
        !self.pages.lock().is_empty()
    }
}

impl Drop for PageableStack {
    fn drop(&mut self) {
        drop(self.take_out());
        let mut range = RANGE.lock();
        // A place that cannot be remembered is lost.
        if range.free.try_reserve(1).is_ok() {
            range.free.push(self.number);
        }
    }
}

/// A place in the range that has a page table.
fn take_place() -> Option<(u32, *mut u8)> {
    let mut range = RANGE.lock();
    if range.place.is_none() {
        range.place = window::reserve();
    }
    let (start, directory) = range.place?;
    let number = match range.free.pop() {
        Some(number) => number,
        None if range.next < COUNT => {
            let number = range.next;
            // SAFETY: the directory is the range's for good, and the index below 512, as the range has 1 GiB.
            let entry =
                unsafe { &mut *phys::pointer::<u64>(directory + 8 * ((u64::from(number) * STRIDE) >> 21)) };
            if *entry == 0 {
                *entry = frames::allocate_table()? | TABLE;
            }
            range.next += 1;
            number
        }
        None => return None,
    };
    Some((number, core::ptr::with_exposed_provenance_mut((start + u64::from(number) * STRIDE) as usize)))
}

/// Writes the entry of a page of the range.
fn set_entry(address: u64, entry: u64) {
    let Some((start, directory)) = RANGE.lock().place else { return };
    let offset = address - start;
    // SAFETY: places that were taken have a table, which stays; the entry is that of the caller's stack, which is not in use
    // while its entries change.
    unsafe {
        let table = *phys::pointer::<u64>(directory + 8 * (offset >> 21)) & ADDRESS;
        *phys::pointer::<u64>(table + 8 * ((offset >> 12) & 511)) = entry;
    }
    if entry == 0 {
        ring0::invalidate(address);
    }
}
