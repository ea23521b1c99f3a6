//! Which file system is on a volume.

use alloc::sync::Arc;

use nt::NtStatus;

use super::volume::Volume;
use crate::io::dispatch::Dispatch;
use crate::io::fat;

/// Asks every file system whether a volume is its own; the first one that recognises it gets all that is opened by a
/// name on it. It may wait.
///
/// # Errors
/// When the volume cannot be read. It is asked again then.
pub fn mount(volume: &Arc<Volume>) -> Result<Option<Arc<dyn Dispatch>>, NtStatus> {
    fat::mount(volume)
}
