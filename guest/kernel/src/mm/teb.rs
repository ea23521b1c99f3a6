//! What a process and its threads need to begin with: the PEB, TEBs, stacks.

use alloc::vec::Vec;

use mmcore::Allocate;
use nt::NtStatus;
use nt::layout::{peb, teb};
use nt::memory::{MEM_COMMIT, MEM_RESERVE, MEM_TOP_DOWN, PAGE_GUARD, PAGE_READWRITE};
use nt::types::InitialTeb;

use super::space::ProcessSpace;
use super::{PAGE, charge};

/// TEBs are allocated by blocks of this size, which is what allocations are multiples of.
const BLOCK: u64 = mmcore::GRANULARITY;
const PER_BLOCK: u32 = (BLOCK / teb::SIZE) as u32;
/// The slot of the first block that the PEB is in.
const PEB_SLOT: u8 = 1 << (peb::ADDRESS % BLOCK / teb::SIZE);
/// ZeroBits for addresses below 2 GiB.
const BELOW_2_GIB: u64 = 1;

/// Where the TEBs of a process are.
#[derive(Debug, Default)]
pub(super) struct TebBlocks(Vec<Block>);

#[derive(Debug)]
struct Block {
    base: u64,
    /// A bit for each slot in use.
    used: u8,
}

impl ProcessSpace {
    /// Makes the PEB: zeros. Returns where.
    ///
    /// # Errors
    /// CONFLICTING_ADDRESSES, COMMITMENT_LIMIT.
    pub fn create_peb(&mut self) -> Result<u64, NtStatus> {
        let base = self.allocate_locked(peb::ADDRESS & !(BLOCK - 1), BLOCK, PAGE_READWRITE)?;
        self.tebs.0.push(Block { base, used: PEB_SLOT });
        Ok(peb::ADDRESS)
    }

    /// Makes a TEB: zeros. Returns where.
    ///
    /// # Errors
    /// NO_MEMORY, COMMITMENT_LIMIT.
    pub fn create_teb(&mut self) -> Result<u64, NtStatus> {
        if self.tebs.0.iter().all(|block| block.used == u8::MAX) {
            let base = self.teb_block()?;
            self.tebs.0.push(Block { base, used: 0 });
        }
        let free = self.tebs.0.iter_mut().find(|block| block.used != u8::MAX);
        let block = free.ok_or(NtStatus::NO_MEMORY)?;
        // The highest one that is free.
        let slot = PER_BLOCK - 1 - (!block.used).leading_zeros();
        block.used |= 1 << slot;
        Ok(block.base + u64::from(slot) * teb::SIZE)
    }

    /// Takes the TEB of a thread that has ended.
    pub fn free_teb(&mut self, address: u64) {
        let Some(block) = self.tebs.0.iter_mut().find(|block| block.base == address & !(BLOCK - 1)) else {
            return;
        };
        block.used &= !(1 << (address % BLOCK / teb::SIZE));
        // The block stays; without its pages the next TEB is all zero again.
        self.clear(address, address + teb::SIZE);
    }

    fn teb_block(&mut self) -> Result<u64, NtStatus> {
        let request = Allocate {
            base: 0,
            zero_bits: BELOW_2_GIB,
            size: BLOCK,
            allocation_type: MEM_RESERVE | MEM_COMMIT | MEM_TOP_DOWN,
            protect: PAGE_READWRITE,
        };
        let mut ledger = charge::ledger();
        let allocated = match self.space.allocate(&mut ledger, &request) {
            Err(NtStatus::NO_MEMORY) => {
                self.space.allocate(&mut ledger, &Allocate { zero_bits: 0, ..request })
            }
            other => other,
        }?;
        self.space.lock(allocated.base, mmcore::Lock::All);
        Ok(allocated.base)
    }

    /// Makes a stack of `reserve` bytes below `top` (0: anywhere), of which `commit` are committed now. Below
    /// those is a guard page by which it grows.
    ///
    /// # Errors
    /// INVALID_PARAMETER when it is too small to have a guard page, or larger than the space;
    /// CONFLICTING_ADDRESSES, NO_MEMORY, COMMITMENT_LIMIT.
    pub fn create_stack(&mut self, top: u64, reserve: u64, commit: u64) -> Result<InitialTeb, NtStatus> {
        let rounded = |size: u64, to| size.checked_next_multiple_of(to).ok_or(NtStatus::INVALID_PARAMETER);
        let reserve = rounded(reserve.max(1), BLOCK)?;
        let commit = rounded(commit.max(1), PAGE)?.min(reserve - 2 * PAGE);
        let base = match top {
            0 => 0,
            top => top.checked_sub(reserve).ok_or(NtStatus::INVALID_PARAMETER)?,
        };
        let mut ledger = charge::ledger();
        let mut allocate = |base, size, allocation_type, protect| {
            let request = Allocate { base, zero_bits: 0, size, allocation_type, protect };
            self.space.allocate(&mut ledger, &request)
        };
        let base = allocate(base, reserve, MEM_RESERVE, PAGE_READWRITE)?.base;
        let top = base + reserve;
        let limit = top - commit;
        allocate(limit, commit, MEM_COMMIT, PAGE_READWRITE)?;
        allocate(limit - PAGE, PAGE, MEM_COMMIT, PAGE_READWRITE | PAGE_GUARD)?;
        Ok(InitialTeb {
            stack_base: top,
            stack_limit: limit,
            allocated_stack_base: base,
            ..InitialTeb::default()
        })
    }
}
