//! Data of images in session space that need not stay in memory (`hal::system_image`): it goes to the paging files under memory
//! pressure, and comes back when the image touches it. If it cannot be read, that is the end (KERNEL_DATA_INPAGE_ERROR).

use alloc::sync::Arc;
use alloc::vec::Vec;

use hal::frames::{self, Page};
use hal::system_image::SystemImage;
use mmcore::{PageState, Slot};
use nt::{NtStatus, bugcheck as codes};

use super::fault::Failure;
use super::session::Session;
use super::{PAGE, paging, writer};
use crate::ke::bugcheck::bugcheck;
use crate::ke::sched;

/// Brings the page at an address of the current session back. Says whether it is one that can be taken out; then the access
/// can be tried again. No guard may be held: this waits.
pub fn resolve(address: u64) -> bool {
    let Some(session) = sched::current().process().session() else { return false };
    let page = address & !(PAGE - 1);
    loop {
        match session.page_in(page) {
            Ok(found) => return found,
            Err(Failure { status: NtStatus::NO_MEMORY, .. }) if writer::relieve() || !frames::is_short() => {}
            Err(failure) => session.stop(page, address, failure.cause),
        }
    }
}

/// Takes pages that were not accessed for a while from the images of all sessions, a cluster of each, and writes them. Says
/// whether there were any. No guard may be held: this waits.
pub fn page_out(cluster: u32) -> bool {
    Session::all().iter().any(|session| session.page_out(cluster).unwrap_or(false))
}

/// An image goes, and what it has in paging files.
pub fn forget(image: &SystemImage) {
    let slots = image.pageable().filter_map(|page| image.entry_of(page).and_then(slot_of));
    slots.for_each(paging::give_back);
}

/// The slot that an entry which maps nothing names.
fn slot_of(entry: u64) -> Option<Slot> {
    match PageState::decode(entry) {
        Some(PageState::PagedOut { slot }) if !SystemImage::is_present(entry) => Some(slot),
        _ => None,
    }
}

/// Notes that a page has left for a slot. Says whether it could.
fn leaves(content: &Page, slot: Slot) -> bool {
    content.pinned().is_some_and(|kept| paging::leave(slot, kept).is_ok())
}

impl Session {
    /// The entry of a page that can be taken out.
    fn entry_of(&self, page: u64) -> Option<u64> {
        self.state.lock().modules.iter().find_map(|module| module.image.entry_of(page))
    }

    fn page_in(&self, page: u64) -> Result<bool, Failure> {
        let Some(entry) = self.entry_of(page) else { return Ok(false) };
        let Some(slot) = slot_of(entry) else { return Ok(SystemImage::is_present(entry)) };
        // Nothing when somebody else has read it meanwhile.
        let Some(content) = paging::read(slot, 1)?.and_then(|mut pages| pages.pop()) else { return Ok(true) };
        let is_back = {
            let mut state = self.state.lock();
            let mut images = state.modules.iter_mut().map(|module| &mut module.image);
            let image = images.find(|image| image.entry_of(page) == Some(entry));
            image.is_some_and(|image| image.put_back(page, content))
        };
        if is_back {
            paging::give_back(slot);
        }
        Ok(true)
    }

    fn page_out(&self, cluster: u32) -> Result<bool, NtStatus> {
        let count = self.state.lock().modules.len();
        for number in 0..count {
            let chosen = {
                let mut state = self.state.lock();
                let Some(module) = state.modules.get_mut(number) else { break };
                module.image.not_accessed(cluster as usize)
            };
            if !chosen.is_empty() && self.send_away(number, &chosen)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Writes pages of an image to adjoining slots, as many as there are. Says whether it could.
    fn send_away(&self, number: usize, chosen: &[u64]) -> Result<bool, NtStatus> {
        let Some(run) = paging::take(chosen.len() as u32) else { return Ok(false) };
        let slot = |n: u32| Slot { index: run.first.index + n, ..run.first };
        let mut pages = Vec::new();
        pages.try_reserve(run.count as usize).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)?;
        {
            let mut state = self.state.lock();
            let module = state.modules.get_mut(number);
            let mut image = module.map(|module| &mut module.image);
            for (n, &page) in (0..run.count).zip(chosen) {
                let note = PageState::PagedOut { slot: slot(n) }.encode();
                let Some(image) = image.as_mut() else { break };
                let Some(content) = image.take_out(page, note) else { break };
                match content.pinned() {
                    Some(written) if leaves(&content, slot(n)) => pages.push(written),
                    _ => {
                        image.put_back(page, content);
                        break;
                    }
                }
            }
        }
        let sent = pages.len() as u32;
        (sent..run.count).for_each(|n| paging::give_back(slot(n)));
        if sent > 0 {
            paging::write(run.first, pages)?;
        }
        Ok(sent > 0)
    }

    /// A page of the kernel's data cannot be read.
    fn stop(self: &Arc<Self>, page: u64, address: u64, cause: NtStatus) -> ! {
        let (place, entry) = {
            let state = self.state.lock();
            let image =
                state.modules.iter().map(|module| &module.image).find(|image| image.entry_of(page).is_some());
            image.map_or((0, 0), |image| (image.entry_address(page), image.entry_of(page).unwrap_or(0)))
        };
        bugcheck(
            codes::KERNEL_DATA_INPAGE_ERROR,
            [place, cause.0.into(), entry, address],
            cause,
            format_args!("a page of the kernel's data cannot be read: {address:#x}"),
        )
    }
}
