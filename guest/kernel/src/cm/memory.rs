//! The memory that a hive lies in: its file in the boot archive as it is, until something is written.

use alloc::vec::Vec;

use hal::window::{self, Window};

/// A hive file in memory.
#[derive(Debug)]
pub enum Memory {
    /// A file of the boot archive, read where it lies.
    Archive(&'static [u8]),
    /// Pages of the archive, of which those that were written to are copies, and pages behind them.
    Window(Window),
}

impl Memory {
    /// Memory that holds a copy of some bytes; `None` without memory.
    pub fn copy_of(bytes: &[u8]) -> Option<Self> {
        let mut window = Window::new()?;
        (window.grow(bytes.len()) && window.write(0, bytes)).then_some(Self::Window(window))
    }

    /// Physical addresses of the pages that the first so many bytes are in.
    pub fn page_list(&self, len: usize) -> Vec<u64> {
        let mut pages = match self {
            Self::Archive(file) => window::page_list(file),
            Self::Window(window) => window.page_list(),
        };
        pages.truncate(len.div_ceil(crate::mm::PAGE as usize));
        pages
    }

    /// The window, which is made if there is none.
    #[inline]
    fn window(&mut self) -> Option<&mut Window> {
        if let Self::Archive(file) = self {
            *self = Self::Window(window_on(file)?);
        }
        match self {
            Self::Window(window) => Some(window),
            Self::Archive(_) => None,
        }
    }
}

#[cold]
fn window_on(file: &'static [u8]) -> Option<Window> {
    let mut window = Window::new()?;
    window.append(file).then_some(window)
}

impl regf::Image for Memory {
    #[inline]
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Archive(file) => file,
            Self::Window(window) => window.bytes(),
        }
    }

    fn write(&mut self, at: usize, bytes: &[u8]) -> bool {
        self.window().is_some_and(|window| window.write(at, bytes))
    }

    fn grow(&mut self, len: usize) -> bool {
        self.window().is_some_and(|window| window.grow(len))
    }
}
