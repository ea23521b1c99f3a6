//! Sections: what can be mapped into processes, and the pages that their views share.

mod based;
mod create;
mod image;
mod mapped;
mod paging;
mod query;
mod view;

use alloc::string::String;
use alloc::sync::Arc;

use hal::cell::KernelCell;
use hal::dma::Block;
use hal::frames::Page;
use mmcore::{FilePage, SectionLock, SectionPages, Slot};
use nt::NtStatus;
use nt::process::SectionImageInformation;

pub use create::{create_section, open_section};
pub use image::image_from;
pub use mapped::flush_virtual_memory;
pub use paging::{page_out, search};
pub use query::{extend_section, query_section};
pub use view::{map_view, reference, unmap_view};

use super::mapped::{ImageUse, MappedFile};
use super::{PAGE, charge};
use crate::ps::entries::Entries;

/// Where the content of a section's pages comes from.
#[derive(Debug)]
pub enum Source {
    /// Nowhere: it is zero.
    PagingFile,
    /// A file of the boot archive, in memory for ever, filled up with zeros to whole pages.
    Archive(&'static [u8]),
    /// A copy of an image file as it was when the section was made, its length, and what keeps the file as it is.
    Copied(Block, usize, #[expect(dead_code, reason = "held until the section goes")] ImageUse),
    /// The data of a file, with all others who map them.
    Mapped(Arc<MappedFile>),
}

impl Source {
    /// The file, if there is one.
    fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::PagingFile | Self::Mapped(_) => None,
            Self::Archive(file) => Some(file),
            Self::Copied(block, length, _) => block.bytes().get(..*length),
        }
    }
}

/// A page of a section.
pub enum Content {
    /// It lies in memory for ever and is never written.
    Static(&'static [u8]),
    /// A reference to it.
    Page(Page),
    /// It is in a paging file, or in the file: [`Section::page_in`] brings it.
    Out,
}

/// A page that had to be made.
#[derive(Debug)]
enum Held {
    Page(Page),
    /// It is in a paging file.
    Out(Slot),
}

/// A section.
#[derive(Debug)]
pub struct Section {
    core: KernelCell<mmcore::Section>,
    source: Source,
    /// `SEC_*`.
    attributes: u32,
    /// Where the next pages for the paging files are looked for.
    hand: KernelCell<u32>,
    /// The pages that had to be made.
    pages: KernelCell<SectionPages<Held>>,
    image: Option<SectionImageInformation>,
    /// Dispatchers of its own that the image exports.
    entries: Entries,
    /// Path of the file, where a caller gave one.
    file_name: KernelCell<String>,
}

impl SectionLock for Section {
    #[inline]
    fn with<R>(&self, work: impl FnOnce(&mut mmcore::Section) -> R) -> R {
        work(&mut self.core.lock())
    }
}

impl Section {
    fn new(
        core: mmcore::Section,
        source: Source,
        attributes: u32,
        image: Option<(SectionImageInformation, Entries)>,
    ) -> Self {
        let (image, entries) = image.unzip();
        Self {
            core: KernelCell::new(core),
            source,
            attributes,
            hand: KernelCell::new(0),
            pages: KernelCell::new(SectionPages::new()),
            image,
            entries: entries.unwrap_or_default(),
            file_name: KernelCell::default(),
        }
    }

    /// RVAs of the dispatchers that the image itself exports.
    pub fn entries(&self) -> &Entries {
        &self.entries
    }

    /// The path of the file that it is a section of; empty when the kernel knows none.
    pub fn file_name(&self) -> String {
        self.file_name.lock().clone()
    }

    /// It is a section of the file at that path.
    pub fn set_file_name(&self, path: impl FnOnce() -> String) {
        let mut name = self.file_name.lock();
        if name.is_empty() {
            *name = path();
        }
    }

    /// What `NtQuerySection` tells of an image.
    pub const fn image_information(&self) -> Option<&SectionImageInformation> {
        self.image.as_ref()
    }

    /// The page that all views share; it is made if there is none yet.
    ///
    /// # Errors
    /// NO_MEMORY, INSUFFICIENT_RESOURCES.
    pub fn page(&self, index: u32) -> Result<Content, NtStatus> {
        if let Some(file) = self.mapped() {
            return file.page(index);
        }
        if self.image.is_none()
            && let Source::Archive(file) = self.source
            && let Some(bytes) = file.get(index as usize * PAGE as usize..).filter(|bytes| is_page(bytes))
        {
            return Ok(Content::Static(bytes));
        }
        self.made(index, || self.fresh(index))
    }

    /// A page of an image that nobody shares for writing.
    ///
    /// # Errors
    /// As [`Self::page`].
    pub fn image_page(&self, page: &FilePage) -> Result<Content, NtStatus> {
        match self.whole_page(page) {
            Some(bytes) => Ok(Content::Static(bytes)),
            None => self.made(page.index, || self.read(Some(*page))),
        }
    }

    /// The pages of an image around one, within `window`, that lie in memory one after another as they
    /// should be: the first, and their bytes.
    ///
    /// # Errors
    /// ACCESS_VIOLATION when the page itself is none of them.
    pub fn static_pages(
        &self,
        page: u32,
        window: core::ops::Range<u32>,
    ) -> Result<(u32, &'static [u8]), NtStatus> {
        let core = self.core.lock();
        let (Some(map), &Source::Archive(file)) = (core.image(), &self.source) else {
            return Err(NtStatus::ACCESS_VIOLATION);
        };
        let mut filled = map.filled(page, window);
        if !filled.contains(&page) {
            // The last page of the file, which zeros fill up.
            filled = page..page + 1;
        }
        let first = map.file_page(filled.start).ok_or(NtStatus::ACCESS_VIOLATION)?;
        let from = file.get(first.offset as usize..).unwrap_or(&[]);
        let bytes = from.get(..filled.len() * PAGE as usize).unwrap_or(from);
        Ok((filled.start, bytes))
    }

    /// A copy of a page that all views share; nothing when it has to be read.
    ///
    /// # Errors
    /// NO_MEMORY.
    pub fn copy_page(&self, index: u32) -> Result<Option<Page>, NtStatus> {
        if let Some(file) = self.mapped() {
            return file.copy(index);
        }
        match self.pages.lock().get(index) {
            Some(Held::Page(page)) => page.copy().map(Some).ok_or(NtStatus::NO_MEMORY),
            Some(Held::Out(_)) => Ok(None),
            None => self.fresh(index).map(Some),
        }
    }

    /// A copy of a page of an image.
    ///
    /// # Errors
    /// NO_MEMORY.
    pub fn copy_image_page(&self, page: &FilePage) -> Result<Page, NtStatus> {
        match self.pages.lock().get(page.index) {
            Some(Held::Page(page)) => page.copy().ok_or(NtStatus::NO_MEMORY),
            _ => self.read(Some(*page)),
        }
    }

    /// A reference to a page that is made when somebody first wants it.
    fn made(&self, index: u32, make: impl FnOnce() -> Result<Page, NtStatus>) -> Result<Content, NtStatus> {
        let shared = |page: &Page| page.share().map(Content::Page).ok_or(NtStatus::NO_MEMORY);
        match self.pages.lock().get(index) {
            Some(Held::Page(page)) => return shared(page),
            Some(Held::Out(_)) => return Ok(Content::Out),
            None => {}
        }
        let page = make()?;
        let reference = shared(&page)?;
        *self.pages.lock().place(index)? = Some(Held::Page(page));
        Ok(reference)
    }

    /// A new page with the content that a page of the section has at first.
    fn fresh(&self, index: u32) -> Result<Page, NtStatus> {
        let file_page = match (self.core.lock().image(), self.source.bytes()) {
            (_, None) => None,
            (Some(map), _) => map.file_page(index),
            (None, Some(file)) => {
                let offset = u64::from(index) * PAGE;
                let len = (file.len() as u64).saturating_sub(offset).min(PAGE) as u32;
                (len > 0).then_some(FilePage { index, offset, len })
            }
        };
        self.read(file_page)
    }

    /// A new page with a part of the file and zeros.
    fn read(&self, part: Option<FilePage>) -> Result<Page, NtStatus> {
        let bytes = match (part, self.source.bytes()) {
            (Some(part), Some(file)) => file
                .get(part.offset as usize..)
                .and_then(|rest| rest.get(..part.len as usize))
                .ok_or(NtStatus::IN_PAGE_ERROR)?,
            _ => &[],
        };
        let page = if bytes.len() as u64 == PAGE { Page::any() } else { Page::zeroed() };
        let page = page.ok_or(NtStatus::NO_MEMORY)?;
        page.write(0, bytes);
        Ok(page)
    }

    /// The bytes of an image page if they lie in memory as they should be.
    fn whole_page(&self, page: &FilePage) -> Option<&'static [u8]> {
        let Source::Archive(file) = self.source else { return None };
        let bytes = file.get(page.offset as usize..).filter(|bytes| is_page(bytes))?;
        let fills = u64::from(page.len) == PAGE || page.len as usize == bytes.len();
        fills.then_some(bytes)
    }
}

/// Whether bytes begin on a page boundary, and so can be mapped.
fn is_page(bytes: &[u8]) -> bool {
    !bytes.is_empty() && (bytes.as_ptr().addr() as u64).is_multiple_of(PAGE)
}

impl Drop for Section {
    fn drop(&mut self) {
        let (charge, based) = {
            let core = self.core.lock();
            (core.charge(), core.based())
        };
        if charge > 0 {
            charge::ledger().give_back(charge);
        }
        self.forget_pages();
        if let Some(address) = based {
            based::give_back(address);
        }
        if let (Some(_), &Source::Archive(file)) = (&self.image, &self.source) {
            image::forget(file);
        }
    }
}
