//! Files whose data are mapped: the pages that all sections of a file share, and their way to the file and back.
//!
//! A page comes from the file when somebody first touches it. No entry of a page table lets it be written before the page is marked as
//! changed, so what is not marked need not be written. Reading and writing the file by its handles goes past the pages but not
//! past what is in them: [`MappedFile::flush`] before a read, [`MappedFile::written`] after a write.

mod pages;
mod write;

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt::Debug;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use hal::cell::KernelCell;
use hal::frames::Page;
use mmcore::SectionPages;
use nt::NtStatus;

pub use write::{ENOUGH, any, flush_all, relieve};

/// A file that is mapped, as its file system knows it. It is open until [`Contents::close`]. All of it waits for the disk.
pub trait Contents: Debug + Send + Sync {
    /// Bytes.
    ///
    /// # Errors
    /// The file system's.
    fn size(&self) -> Result<u64, NtStatus>;

    /// Makes it larger.
    ///
    /// # Errors
    /// DISK_FULL, others of the file system.
    fn extend(&self, size: u64) -> Result<(), NtStatus>;

    /// Reads; what is behind the end is zero.
    ///
    /// # Errors
    /// The file system's.
    fn read(&self, offset: u64, into: &mut [u8]) -> Result<(), NtStatus>;

    /// Writes that many bytes, but nothing behind the end. They are asked for when nobody else is at the file.
    ///
    /// # Errors
    /// The file system's.
    fn write(&self, offset: u64, length: usize, fill: &dyn Fn(&mut [u8])) -> Result<(), NtStatus>;

    /// Nobody maps it any more.
    fn close(&self);
}

/// A file system, by its address, and the file's number there.
pub type Key = (usize, u64);

/// A file that is mapped, or was and has changed pages.
#[derive(Debug)]
pub struct MappedFile {
    key: Key,
    contents: Box<dyn Contents>,
    pages: KernelCell<SectionPages<Kept>>,
    /// Its disk would not take a page: that is tried again at the end, or when somebody asks for it.
    has_failed: AtomicBool,
    /// Sections of it as an image.
    images: AtomicU32,
}

/// A section of a file as an image: the file is open for as long, and nobody may write to it or delete it.
#[derive(Debug)]
pub struct ImageUse(Arc<MappedFile>);

impl ImageUse {
    /// There is one more.
    pub fn new(file: Arc<MappedFile>) -> Self {
        file.images.fetch_add(1, Ordering::Relaxed);
        Self(file)
    }
}

impl Drop for ImageUse {
    fn drop(&mut self) {
        self.0.images.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A page that is in memory.
#[derive(Debug)]
struct Kept {
    page: Page,
    /// The file has another one, or may have.
    is_changed: bool,
}

/// All of them. Each has one reference here; the others are sections'.
static FILES: KernelCell<Vec<Arc<MappedFile>>> = KernelCell::new(Vec::new());

/// The file of that key, which is opened if nobody maps it yet. No guard may be held: this waits.
///
/// # Errors
/// What opening it says; INSUFFICIENT_RESOURCES.
pub fn open(
    key: Key,
    contents: impl FnOnce() -> Result<Box<dyn Contents>, NtStatus>,
) -> Result<Arc<MappedFile>, NtStatus> {
    if let Some(file) = find(key) {
        return Ok(file);
    }
    let contents = contents()?;
    // Somebody else may have been faster.
    let (file, unused) = match find(key) {
        Some(file) => (Ok(file), Some(contents)),
        None => {
            let mut files = FILES.lock();
            match files.try_reserve(1) {
                Ok(()) => {
                    let pages = KernelCell::new(SectionPages::new());
                    let (has_failed, images) = (AtomicBool::new(false), AtomicU32::new(0));
                    let file = Arc::new(MappedFile { key, contents, pages, has_failed, images });
                    files.push(file.clone());
                    (Ok(file), None)
                }
                Err(_) => (Err(NtStatus::INSUFFICIENT_RESOURCES), Some(contents)),
            }
        }
    };
    if let Some(contents) = unused {
        contents.close();
    }
    file
}

/// The file of that key, if it is mapped or has changed pages.
pub fn find(key: Key) -> Option<Arc<MappedFile>> {
    FILES.lock().iter().find(|file| file.key == key).cloned()
}

/// Whether a section of the file of that key is there. One that nobody maps any more is brought to its end. No guard may be held:
/// this waits.
pub fn is_mapped(key: Key) -> bool {
    settle();
    FILES.lock().iter().any(|file| file.key == key)
}

/// Whether a section of the file of that key as an image is there.
pub fn has_image(key: Key) -> bool {
    find(key).is_some_and(|file| file.images.load(Ordering::Relaxed) > 0)
}

/// Brings files to an end that nobody maps any more: their changed pages are written, and they are closed. No guard may be held: this
/// waits.
pub fn settle() {
    loop {
        let file = {
            let files = FILES.lock();
            let idle = |file: &&Arc<MappedFile>| {
                Arc::strong_count(file) == 1 && !file.has_failed.load(Ordering::Relaxed)
            };
            files.iter().find(idle).cloned()
        };
        let Some(file) = file else { return };
        if file.flush(0..u32::MAX).is_err() {
            file.has_failed.store(true, Ordering::Relaxed);
            continue;
        }
        let is_idle = {
            let mut files = FILES.lock();
            // This one's reference and the list's; it may have been mapped again meanwhile.
            let is_idle = Arc::strong_count(&file) == 2 && !file.is_changed();
            if is_idle {
                files.retain(|other| !Arc::ptr_eq(other, &file));
            }
            is_idle
        };
        if is_idle {
            file.contents.close();
        }
    }
}

impl MappedFile {
    /// Bytes of the file.
    ///
    /// # Errors
    /// The file system's.
    pub fn size(&self) -> Result<u64, NtStatus> {
        self.contents.size()
    }

    /// Makes the file larger.
    ///
    /// # Errors
    /// DISK_FULL, others of the file system.
    pub fn extend(&self, size: u64) -> Result<(), NtStatus> {
        self.contents.extend(size)
    }

    fn is_changed(&self) -> bool {
        self.pages.lock().iter().any(|(_, kept)| kept.is_changed)
    }
}
