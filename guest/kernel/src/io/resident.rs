//! Files that stay in memory for as long as the system runs: what the kernel itself loads.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use hal::cell::KernelCell;
use hal::dma::Block;
use nt::NtStatus;

use super::open_kernel;

/// Files of disks that have been read, by path.
static READ: KernelCell<Vec<(String, &'static [u8])>> = KernelCell::new(Vec::new());

/// The bytes of a file, with zeros behind them to the end of the last page: where they lie in the boot archive, or read
/// from a disk, once. The thread may wait.
///
/// # Errors
/// As [`open_kernel`]; INVALID_FILE_FOR_SECTION for what has no contents; those of the disk; INSUFFICIENT_RESOURCES.
pub fn resident(path: &str) -> Result<&'static [u8], NtStatus> {
    let file = open_kernel(path)?;
    if let Some(bytes) = file.archive_data() {
        return Ok(bytes);
    }
    let known =
        READ.lock().iter().find(|(known, _)| known.eq_ignore_ascii_case(path)).map(|(_, bytes)| *bytes);
    if let Some(bytes) = known {
        return Ok(bytes);
    }
    let (block, length) = file.device().dispatch.contents(&file)?;
    let block: &'static Block = Box::leak(Box::new(block));
    let bytes = block.bytes().get(..length).ok_or(NtStatus::INVALID_FILE_FOR_SECTION)?;
    READ.lock().push((path.into(), bytes));
    Ok(bytes)
}
