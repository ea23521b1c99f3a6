//! File objects: a device or file as somebody has opened it.

use alloc::sync::Arc;
use alloc::vec::Vec;

use hal::cell::KernelCell;

use super::device::Device;
use super::dispatch::Opened;
use super::share::Sharing;
use crate::ke::wait::{self, Signal};

/// An open file, folder, volume or device. It is cleaned up when its last handle is closed, or dropped if
/// there never was one.
#[derive(Debug)]
pub struct FileObject {
    device: Arc<Device>,
    /// Behind the device's name.
    name: Vec<u16>,
    /// `nt::file::option`.
    options: u32,
    number: u64,
    is_directory: bool,
    resident: Option<&'static [u8]>,
    state: KernelCell<State>,
    signal: Signal,
}

#[derive(Debug)]
struct State {
    /// Until it is cleaned up.
    sharing: Option<Sharing>,
    is_open: bool,
}

impl FileObject {
    /// A file that a driver has opened.
    pub(super) fn new(device: Arc<Device>, name: Vec<u16>, options: u32, opened: Opened) -> Arc<Self> {
        Arc::new(Self {
            device,
            name,
            options,
            number: opened.number,
            is_directory: opened.is_directory,
            resident: opened.resident,
            state: KernelCell::new(State { sharing: opened.sharing, is_open: true }),
            signal: wait::unsignalled(),
        })
    }

    /// The device.
    pub fn device(&self) -> &Arc<Device> {
        &self.device
    }

    /// The name behind the device's: empty for the device itself, else it begins with a backslash.
    pub fn name(&self) -> &[u16] {
        &self.name
    }

    /// `nt::file::option`, as it was opened.
    pub fn options(&self) -> u32 {
        self.options
    }

    /// The file's number on its volume; 0 for none.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Whether it is a folder.
    pub fn is_directory(&self) -> bool {
        self.is_directory
    }

    /// The contents of a file of the boot archive: in memory for ever, on a page boundary, and zero up to the
    /// end of its last page.
    pub fn archive_data(&self) -> Option<&'static [u8]> {
        self.resident
    }

    /// Signalled when a request has ended.
    pub fn signal(&self) -> &Signal {
        &self.signal
    }

    /// The last handle is gone: the driver is told, once.
    pub fn cleanup(&self) {
        let sharing = {
            let mut state = self.state.lock();
            if !core::mem::take(&mut state.is_open) {
                return;
            }
            state.sharing.take()
        };
        self.device.dispatch.cleanup(self);
        drop(sharing);
    }
}

impl Drop for FileObject {
    fn drop(&mut self) {
        self.cleanup();
    }
}
