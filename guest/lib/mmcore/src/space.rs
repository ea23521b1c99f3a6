//! The user half of a process's address space: its allocations and views in order of address.

mod allocate;
mod free;
mod hole;
mod protect;
mod query;
mod view;

use alloc::boxed::Box;
use alloc::vec::Vec;

use nt::NtStatus;

pub use allocate::{Allocate, Allocated};
pub use free::Freed;
pub use protect::Protected;
pub use view::{MapView, Mapped, Unmapped};

use crate::charge::{Account, Ledger};
use crate::section::SectionRef;
use crate::vad::{Commit, Lock, Vad};
use crate::{GRANULARITY, PAGE};

/// Which addresses a process can have.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Where the search for free addresses begins. An address below it is had by asking for it.
    pub lowest: u64,
    /// First address that cannot be had.
    pub end: u64,
}

/// A process's allocations and views. `S` is how the kernel refers to a section.
#[derive(Debug)]
pub struct Space<S> {
    limits: Limits,
    /// In order of address, not overlapping. Boxed, so that an insertion moves pointers only.
    vads: Vec<Box<Vad<S>>>,
    /// Index of the descriptor that was found last.
    last: usize,
    /// No allocation could begin below this address: the search for free addresses starts here.
    floor: u64,
    /// Pages of addresses that are taken, and the most that ever were.
    size: (u64, u64),
    account: Account,
}

impl<S: SectionRef> Space<S> {
    /// An empty space. Pages are numbered with 32 bits, so it ends at 16 TiB at the latest.
    pub const fn new(limits: Limits) -> Self {
        const MOST: u64 = 1 << 44;
        let end = if limits.end > MOST { MOST } else { granule(limits.end) };
        let limits = Limits { end, ..limits };
        Self {
            limits,
            vads: Vec::new(),
            last: 0,
            floor: limits.lowest,
            size: (0, 0),
            account: Account::new(),
        }
    }

    /// What the process pays for.
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// The same, to set a quota.
    pub const fn account_mut(&mut self) -> &mut Account {
        &mut self.account
    }

    /// Pages of addresses that are allocations or views, and the most that ever were.
    pub const fn size(&self) -> (u64, u64) {
        self.size
    }

    /// The descriptors in order.
    pub fn vads(&self) -> impl Iterator<Item = &Vad<S>> {
        self.vads.iter().map(|vad| &**vad)
    }

    /// The descriptor of an address.
    pub fn find(&self, address: u64) -> Option<&Vad<S>> {
        self.index_of(address).and_then(|index| self.vads.get(index)).map(|vad| &**vad)
    }

    /// What the page at an address is; `Reserved` where nothing is.
    pub fn commit_at(&self, address: u64) -> Commit {
        self.find(address).map_or(Commit::Reserved, |vad| vad.commit(vad.page(address)))
    }

    /// Locks the allocation or view that begins at an address; returns false when there is none.
    pub fn lock(&mut self, start: u64, lock: Lock) -> bool {
        let vad = self.vads.iter_mut().find(|vad| vad.start == start);
        vad.map(|vad| vad.lock = lock).is_some()
    }

    /// Takes a descriptor out and gives its charge back, for as long as there are any: the end of the
    /// process.
    pub fn tear_down(&mut self, ledger: &mut Ledger) -> Option<Box<Vad<S>>> {
        let vad = self.vads.pop()?;
        self.last = 0;
        self.size.0 -= u64::from(vad.len());
        self.account.give_back(ledger, vad.charged(0..vad.len()));
        Some(vad)
    }

    /// As [`Self::find`], and remembers where.
    pub(crate) fn seek(&mut self, address: u64) -> Option<&mut Vad<S>> {
        self.last = self.index_of(address)?;
        self.vads.get_mut(self.last).map(|vad| &mut **vad)
    }

    fn index_of(&self, address: u64) -> Option<usize> {
        if self.vads.get(self.last).is_some_and(|vad| vad.start <= address && address < vad.end) {
            return Some(self.last);
        }
        let index = self.first_after(address).checked_sub(1)?;
        self.vads.get(index).filter(|vad| address < vad.end).map(|_| index)
    }

    /// Index of the first descriptor that begins above an address.
    fn first_after(&self, address: u64) -> usize {
        self.vads.partition_point(|vad| vad.start <= address)
    }

    /// The descriptor that a whole range of addresses lies in, to work on it and the account.
    pub(crate) fn within(&mut self, start: u64, end: u64) -> Result<(&mut Vad<S>, &mut Account), NtStatus> {
        let index = self.index_of(start).ok_or(NtStatus::CONFLICTING_ADDRESSES)?;
        match self.vads.get_mut(index) {
            Some(vad) if end <= vad.end => Ok((&mut **vad, &mut self.account)),
            _ => Err(NtStatus::CONFLICTING_ADDRESSES),
        }
    }

    /// Whether nothing lies in a range, which is not empty.
    fn is_free(&self, start: u64, end: u64) -> bool {
        let before = self.first_after(end - 1).checked_sub(1).and_then(|index| self.vads.get(index));
        before.is_none_or(|vad| vad.end <= start)
    }

    /// Inserts a descriptor into a free range and pays for its pages.
    fn insert(&mut self, ledger: &mut Ledger, vad: Vad<S>) -> Result<(), NtStatus> {
        self.vads.try_reserve(1).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
        self.account.charge(ledger, vad.charged(0..vad.len()))?;
        let index = self.first_after(vad.start);
        self.last = index;
        if vad.start <= self.floor && self.floor < vad.end {
            self.floor = vad.end.next_multiple_of(GRANULARITY);
        }
        self.size.0 += u64::from(vad.len());
        self.size.1 = self.size.1.max(self.size.0);
        self.vads.insert(index, Box::new(vad));
        Ok(())
    }

    /// Takes note that addresses `start..end` have become free.
    fn freed(&mut self, start: u64, end: u64) {
        self.size.0 -= (end - start) / PAGE;
        let start = start.next_multiple_of(GRANULARITY).max(self.limits.lowest);
        self.floor = self.floor.min(start);
    }
}

/// The whole pages that the bytes `base..base + size` touch. The caller has checked that they do not
/// reach beyond the limit.
fn pages_of(base: u64, size: u64) -> (u64, u64) {
    (base & !(PAGE - 1), (base + size).next_multiple_of(PAGE))
}

/// Highest address plus one that the ZeroBits argument allows; `None` when it makes no sense.
/// Up to 21 it counts the zero bits at the top of a 32-bit address, from 32 on it is a mask.
fn zero_bits_end(zero_bits: u64) -> Option<u64> {
    match zero_bits {
        0 => Some(u64::MAX),
        1..=21 => Some(1 << (32 - zero_bits)),
        22..=31 => None,
        mask => Some((u64::MAX >> mask.leading_zeros()).saturating_add(1)),
    }
}

/// Rounds down to what allocations begin at.
const fn granule(address: u64) -> u64 {
    address & !(GRANULARITY - 1)
}
