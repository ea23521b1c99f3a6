//! What is where (NtQueryVirtualMemory, MemoryBasicInformation).

use nt::NtStatus;
use nt::memory::{MEM_COMMIT, MEM_FREE, MEM_RESERVE, MemoryBasicInformation, PAGE_NOACCESS};

use super::Space;
use crate::PAGE;
use crate::protect::Protection;
use crate::section::SectionRef;
use crate::vad::Vad;

impl<S: SectionRef> Space<S> {
    /// Describes the pages from an address on that are alike.
    ///
    /// # Errors
    /// INVALID_PARAMETER when no process can have the address.
    pub fn query(&self, address: u64) -> Result<MemoryBasicInformation, NtStatus> {
        if address >= self.limits.end {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        let base_address = address & !(PAGE - 1);
        let Some(vad) = self.find(address) else {
            let next = self.vads.get(self.first_after(address)).map_or(self.limits.end, |vad| vad.start);
            return Ok(MemoryBasicInformation {
                base_address,
                region_size: next - base_address,
                state: MEM_FREE,
                protect: PAGE_NOACCESS,
                ..Default::default()
            });
        };
        let page = vad.page(base_address);
        let (protection, end) = region(vad, page);
        Ok(MemoryBasicInformation {
            base_address,
            allocation_base: vad.start,
            allocation_protect: vad.protection.raw(),
            region_size: u64::from(end - page) * PAGE,
            state: if protection.is_some() { MEM_COMMIT } else { MEM_RESERVE },
            protect: protection.map_or(0, Protection::raw),
            kind: vad.memory_type(),
            ..Default::default()
        })
    }
}

/// The protection of a page and the end of the pages that have the same.
fn region<S: SectionRef>(vad: &Vad<S>, page: u32) -> (Option<Protection>, u32) {
    let (commit, mut end) = vad.commit_run(page);
    let protection = commit.protection();
    while end < vad.len() {
        let (commit, next) = vad.commit_run(end);
        if commit.protection() != protection {
            break;
        }
        end = next;
    }
    (protection, end)
}
