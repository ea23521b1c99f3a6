//! One operation at a time on a volume: it waits for the disk in its midst.

use alloc::boxed::Box;

use hal::cell::KernelCell;
use nt::NtStatus;

use crate::ke::event::Event;
use crate::ke::wait::{self, Mode};

/// A volume that one thread at a time has.
#[derive(Debug)]
pub struct Gate {
    volume: KernelCell<Option<Box<fat::Volume>>>,
    /// Wakes one thread when the volume is back.
    back: Event,
}

impl Gate {
    pub fn new(volume: fat::Volume) -> Self {
        Self { volume: KernelCell::new(Some(Box::new(volume))), back: Event::new(true, false) }
    }

    /// Works on the volume as soon as nobody else does. The thread's end does not break that off. What is done in there must not
    /// come back here: no user memory, no files.
    ///
    /// # Errors
    /// What the work says.
    pub fn with<T>(
        &self,
        work: impl FnOnce(&mut fat::Volume) -> Result<T, fat::Error>,
    ) -> Result<T, NtStatus> {
        let mut volume = loop {
            let taken = self.volume.lock().take();
            match taken {
                Some(volume) => break volume,
                None => {
                    wait::wait_for_any(&[self.back.signal()], None, Mode::Kernel);
                }
            }
        };
        let result = work(&mut volume);
        *self.volume.lock() = Some(volume);
        self.back.set();
        result.map_err(NtStatus::from)
    }
}
