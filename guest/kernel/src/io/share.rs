//! That a file is open, to those who open it later.

use alloc::sync::Arc;

use nt::NtStatus;

use super::device::Device;

/// An open file's part in the sharing of its volume. It ends when this is dropped.
#[derive(Debug)]
pub struct Sharing {
    device: Arc<Device>,
    file: u64,
    access: u32,
    share: u32,
}

impl Sharing {
    pub(super) fn open(device: &Arc<Device>, file: u64, access: u32, share: u32) -> Result<Self, NtStatus> {
        device.shares.lock().open(file, access, share)?;
        Ok(Self { device: device.clone(), file, access, share })
    }
}

impl Drop for Sharing {
    fn drop(&mut self) {
        self.device.shares.lock().close(self.file, self.access, self.share);
    }
}
