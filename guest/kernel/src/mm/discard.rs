//! Space of paging files that goes back to the disk: what was in slots that are free is of no use to anybody.
//!
//! Slots become free where nobody may wait, so that is done later, in runs, by who has given much back. The slots of a run are in use
//! until the disk has answered: nobody writes to what is being discarded.

use mmcore::{FileNumber, MAX_FILES, Slot, SlotRun};

use super::{PAGE, paging};

/// Fewer slots than that in a row are not worth a request, 64 KiB: they wait for their neighbours.
const LEAST: u32 = 16;
/// With fewer slots than that nobody looks, 1 MiB.
const MANY: u64 = 256;
/// Runs that are discarded at once. The others have to wait for the next time.
const RUNS: usize = 64;

/// Gives space back if there is much of it. No guard may be held: this waits.
pub fn if_much() {
    if paging::has_files() && paging::FILES.lock().leftover() >= MANY {
        all();
    }
}

/// Gives back what there is in long runs: a process has ended. No guard may be held: this waits.
pub fn all() {
    let mut left = RUNS;
    for file in (0..MAX_FILES as u8).filter_map(FileNumber::new) {
        let mut from = Slot { file, index: 0 };
        while left > 0 {
            let Some(run) = paging::FILES.lock().take_leftover(from, LEAST) else { break };
            discard(run);
            paging::FILES.lock().discarded(run);
            from.index = run.first.index + run.count;
            left -= 1;
        }
    }
}

/// What a disk does not discard it keeps, and that does no harm.
fn discard(run: SlotRun) {
    let Some(extents) = paging::extents(run.first.file) else { return };
    let volume = &extents.volume;
    if !volume.properties().can_discard {
        return;
    }
    let sector = u64::from(volume.sector_size());
    let mut offset = u64::from(run.first.index) * PAGE;
    let end = offset + u64::from(run.count) * PAGE;
    while let Some((at, there)) = extents.find(offset).filter(|_| offset < end) {
        let now = there.min(end - offset);
        if volume.discard(at / sector, now / sector).is_err() {
            return;
        }
        offset += now;
    }
}
