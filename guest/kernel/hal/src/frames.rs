//! The one PFN database of the machine, and frames out of it.

use core::slice;

use pfn::{Content, Frame, Pfn, PfnDatabase};
use pvh::Ranges;

use crate::address_space::Pinned;
use crate::cell::KernelCell;
use crate::phys;

static DATABASE: KernelCell<Option<PfnDatabase<'static>>> = KernelCell::new(None);

/// Sets the database up in the first usable range that holds it.
pub(crate) fn init(usable: &Ranges, memory_end: u64, content: Content) {
    let count = memory_end / pvh::PAGE;
    let size = (count * size_of::<Pfn>() as u64).next_multiple_of(pvh::PAGE);
    let home =
        usable.as_slice().iter().find(|range| range.end.min(1 << 30).saturating_sub(range.start) >= size);
    let home = home.expect("no room for the PFN database").start;
    if content == Content::Unknown {
        for page in (home..home + size).step_by(phys::PAGE) {
            phys::clear(page);
        }
    }
    // SAFETY: the range is RAM that nothing occupies, mapped (below 1 GiB), zero, and zero bytes are
    // default entries; it is not given to the database below, so it is ours for good.
    let entries = unsafe { slice::from_raw_parts_mut(phys::pointer::<Pfn>(home), count as usize) };
    let mut database = PfnDatabase::new(entries, content);
    for range in usable.as_slice() {
        let start = if range.start == home { home + size } else { range.start };
        database.add_untouched((start / pvh::PAGE) as u32, (range.end / pvh::PAGE) as u32);
    }
    *DATABASE.lock() = Some(database);
    for range in usable.as_slice() {
        phys::map(range.start, range.end, allocate_table);
    }
}

/// A zeroed frame for a page directory of the direct map. Low memory is handed out first, so it is mapped
/// when the map is extended.
pub(crate) fn allocate_table() -> Option<u64> {
    allocate_zeroed().map(|frame| frame.address())
}

fn with<R>(f: impl FnOnce(&mut PfnDatabase<'static>) -> R) -> R {
    f(DATABASE.lock().as_mut().expect("PFN database used before its set-up"))
}

/// Frames that only the kernel itself may use up: when so few are left, user mode gets no more.
const RESERVE: u32 = 64;

/// A frame of zero bytes for the kernel itself; cleared only when nobody knows it to be zero.
pub(crate) fn allocate_zeroed() -> Option<Frame> {
    cleared(with(|database| database.allocate_for_zero())?)
}

/// The same for what user mode is the cause of.
pub(crate) fn allocate_for_user() -> Option<Frame> {
    cleared(with(|database| match database.available() {
        ..=RESERVE => None,
        _ => database.allocate_for_zero(),
    })?)
}

fn cleared((frame, content): (Frame, Content)) -> Option<Frame> {
    if content == Content::Unknown {
        phys::clear(frame.address());
    }
    Some(frame)
}

/// A frame with any content for the kernel itself, for who overwrites all of it.
pub(crate) fn allocate_any() -> Option<Frame> {
    with(|database| database.allocate_any())
}

/// Gives a frame back.
pub(crate) fn release(frame: Frame) {
    with(|database| database.release(frame, Content::Unknown));
}

/// Gives back a reference that was kept as a physical address.
pub(crate) fn release_address(address: u64) {
    release_number(address, Content::Unknown);
}

/// Gives back a page table, which is all zero.
pub(crate) fn release_table(address: u64) {
    release_number(address, Content::Zero);
}

fn release_number(address: u64, content: Content) {
    with(|database| {
        if let Some(frame) = database.adopt((address / pvh::PAGE) as u32) {
            database.release(frame, content);
        }
    });
}

/// A reference to a page of memory that user mode may get to see. It gives itself back.
#[derive(Debug)]
pub struct Page(u32);

impl Page {
    /// A page of zeros, cleared only when nobody knows it to be zero. `None` when memory is short.
    pub fn zeroed() -> Option<Self> {
        allocate_for_user().map(Self::of)
    }

    /// A page with any content, for who overwrites all of it. `None` when memory is short.
    pub fn any() -> Option<Self> {
        let frame = with(|database| match database.available() {
            ..=RESERVE => None,
            _ => database.allocate_any(),
        })?;
        Some(Self::of(frame))
    }

    /// A page with any content for the kernel itself, which may use the last ones.
    pub fn of_kernel() -> Option<Self> {
        allocate_any().map(Self::of)
    }

    fn of(frame: Frame) -> Self {
        Self(frame.number())
    }

    /// Another reference to the user page at a physical address.
    pub(crate) fn another(address: u64) -> Option<Self> {
        with(|database| {
            let frame = database.adopt((address / pvh::PAGE) as u32)?;
            database.share(&frame)
        })
        .map(Self::of)
    }

    /// Another reference to the page.
    pub fn share(&self) -> Option<Self> {
        Self::another(self.address())
    }

    /// The page for a device, or whoever else needs it for a while. `None` when it has too many references.
    pub fn pinned(&self) -> Option<Pinned> {
        self.share().map(Pinned::of)
    }

    /// How many references to the page there are.
    pub fn references(&self) -> u64 {
        with(|database| database.adopt(self.0).map_or(0, |frame| database.references(&frame)))
    }

    /// Page frame number.
    pub fn number(&self) -> u32 {
        self.0
    }

    /// The physical address.
    pub(crate) fn address(&self) -> u64 {
        u64::from(self.0) * pvh::PAGE
    }

    /// A reference that was kept as a physical address.
    pub(crate) fn from_address(address: u64) -> Self {
        Self((address / pvh::PAGE) as u32)
    }

    /// The reference as a physical address: whoever has it gives it back.
    pub(crate) fn into_address(self) -> u64 {
        let address = self.address();
        core::mem::forget(self);
        address
    }

    /// Writes bytes into the page.
    ///
    /// # Panics
    /// When they reach beyond it.
    pub fn write(&self, offset: usize, bytes: &[u8]) {
        phys::write_at(self.address(), offset, bytes);
    }

    /// A page with the same content.
    pub fn copy(&self) -> Option<Self> {
        let copy = Self::any()?;
        phys::copy_page(copy.address(), self.address());
        Some(copy)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        release_address(self.address());
    }
}

/// `count` adjoining frames for the heap: their physical address, and what is known of them.
pub(crate) fn allocate_run(count: u32) -> Option<(u64, Content)> {
    let (first, content) = with(|database| database.allocate_run(count))?;
    Some((u64::from(first) * pvh::PAGE, content))
}

/// Whether so few frames are left that user mode gets no more, of whatever kind.
pub fn is_short() -> bool {
    spare() == 0
}

/// Frames that are free for whoever is not the kernel itself.
pub fn spare() -> u32 {
    with(|database| database.available().saturating_sub(RESERVE))
}

/// Frames free now, and frames in all.
pub fn counts() -> (u32, u32) {
    with(|database| (database.available(), database.total()))
}

/// Number of the highest frame that there is.
pub fn highest() -> u32 {
    with(|database| database.highest())
}
