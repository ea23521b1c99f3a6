//! Changed pages of mapped files on their way to the file: the mapped-page writer, and those who ask for it.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;
use core::sync::atomic::Ordering;

use hal::address_space::{Access, Entry, Pinned};
use nt::NtStatus;

use super::{FILES, MappedFile};
use crate::mm::PAGE;
use crate::mm::space::ProcessSpace;
use crate::ps::cid;

/// Pages that are written together.
const CLUSTER: usize = 8;
/// Clusters that are written before whoever needs memory tries again.
const CLUSTERS: usize = 8;
/// So many pages are enough for whoever needs memory: with a page or two he would be back before he has what he needs.
pub const ENOUGH: u32 = 16;

/// Makes room in memory: lets go what the files have as well, and writes what nobody has mapped. How many pages that were. No guard may
/// be held: this waits.
pub fn relieve() -> u32 {
    let files = files();
    let mut gone = files.iter().map(|file| file.let_go()).sum::<u32>();
    for file in &files {
        if gone >= ENOUGH {
            break;
        }
        let unmapped = file.changed(0..u32::MAX, true).unwrap_or_default();
        for part in unmapped.chunks(CLUSTER).take(CLUSTERS) {
            // What cannot be written stays.
            let _ = file.write(part);
        }
        gone += file.let_go();
    }
    gone
}

/// Whether files are mapped, or have changed pages.
pub fn any() -> bool {
    !FILES.lock().is_empty()
}

/// Writes all changed pages: the system ends. No guard may be held: this waits.
pub fn flush_all() {
    for file in files() {
        // A disk that does not take it has its say when it is checked.
        let _ = file.flush(0..u32::MAX);
    }
}

fn files() -> Vec<Arc<MappedFile>> {
    FILES.lock().clone()
}

impl MappedFile {
    /// Writes the changed pages of a range. No guard may be held: this waits.
    ///
    /// # Errors
    /// The file system's; what could not be written is still changed. INSUFFICIENT_RESOURCES.
    pub fn flush(&self, pages: Range<u32>) -> Result<(), NtStatus> {
        let changed = self.changed(pages, false)?;
        let follows = |a: &u32, b: &u32| a + 1 == *b;
        let mut result = Ok(());
        for part in changed.chunk_by(follows).flat_map(|run| run.chunks(CLUSTER)) {
            result = self.write(part).and(result);
        }
        if result.is_ok() {
            self.has_failed.store(false, Ordering::Relaxed);
        }
        result
    }

    /// The changed pages of a range, perhaps only those that nobody has mapped, in order.
    fn changed(&self, range: Range<u32>, only_unmapped: bool) -> Result<Vec<u32>, NtStatus> {
        let pages = self.pages.lock();
        let wanted = || {
            let within = pages.iter().filter(|(index, kept)| range.contains(index) && kept.is_changed);
            within.filter(|(_, kept)| !only_unmapped || kept.page.references() == 1)
        };
        let mut changed = Vec::new();
        changed.try_reserve_exact(wanted().count()).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
        changed.extend(wanted().map(|(index, _)| index));
        Ok(changed)
    }

    /// Writes pages, up to a cluster of them. From now on nobody writes to them unnoticed, and who had them for a transfer leaves them
    /// marked.
    fn write(&self, indices: &[u32]) -> Result<(), NtStatus> {
        let mut mappings = [0; CLUSTER];
        for process in cid::processes() {
            if let Some(space) = process.space().lock().as_mut() {
                space.protect_mapped(self, indices, &mut mappings);
            }
        }
        let mut result = Ok(());
        // Pages that do not adjoin, or for which there is not enough memory together, go one after the other.
        let mut at = 0;
        while let Some(rest) = indices.get(at..).filter(|rest| !rest.is_empty()) {
            let run = rest.chunk_by(|a, b| a + 1 == *b).next().unwrap_or(rest);
            let counts = mappings.get(at..).unwrap_or(&[]);
            let done = match self.write_run(run, counts) {
                Err(NtStatus::INSUFFICIENT_RESOURCES) if run.len() > 1 => {
                    run.iter().zip(counts).try_for_each(|(index, count)| self.write_run(&[*index], &[*count]))
                }
                done => done,
            };
            result = done.and(result);
            at += run.len();
        }
        result
    }

    fn write_run(&self, run: &[u32], mappings: &[u64]) -> Result<(), NtStatus> {
        let Some(&first) = run.first() else { return Ok(()) };
        let mut pinned: Vec<Pinned> = Vec::new();
        pinned.try_reserve_exact(run.len()).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
        {
            let mut pages = self.pages.lock();
            for (index, mappings) in run.iter().zip(mappings) {
                let Some(kept) = pages.place(*index)? else { return Ok(()) };
                // Its own reference, and those of page tables.
                kept.is_changed = kept.page.references() > 1 + mappings;
                pinned.push(kept.page.pinned().ok_or(NtStatus::INSUFFICIENT_RESOURCES)?);
            }
        }
        let fill = |bytes: &mut [u8]| {
            for (part, page) in bytes.chunks_mut(PAGE as usize).zip(&pinned) {
                page.read(0, part);
            }
        };
        let length = run.len() * PAGE as usize;
        let result = self.contents.write(u64::from(first) * PAGE, length, &fill);
        if result.is_err() {
            run.iter().for_each(|index| self.mark_changed(*index));
        }
        result
    }
}

impl ProcessSpace {
    /// The next one who writes to pages of a mapped file is noticed. Counts the entries that have each of them.
    fn protect_mapped(&mut self, file: &MappedFile, indices: &[u32], mappings: &mut [u64; CLUSTER]) {
        let Self { space, tables, .. } = self;
        for vad in space.vads() {
            let Some(view) = vad.view().filter(|view| view.section.is_of(file)) else { continue };
            let end = view.first + vad.page(vad.end() - 1);
            for (index, count) in indices.iter().zip(mappings.iter_mut()) {
                if !(view.first..=end).contains(index) {
                    continue;
                }
                let address = vad.start() + u64::from(index - view.first) * PAGE;
                if let Entry::Present { own: false, access, .. } = tables.entry(address) {
                    *count += 1;
                    if access.write {
                        tables.protect(address, Access { write: false, ..access });
                    }
                }
            }
        }
    }
}
