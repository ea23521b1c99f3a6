//! Who asks for something, and how he is told of its end.

use alloc::sync::Arc;

use nt::NtStatus;
use nt::types::{Handle, IoStatusBlock, UserPtr};
use zerocopy::IntoBytes;

use super::file::FileObject;
use super::irp::Completion;
use crate::ke::dispatcher;
use crate::ke::service::NtResult;
use crate::mm::user;

/// The captured arguments that say how a caller is told.
pub struct Asker {
    io_status: UserPtr<IoStatusBlock>,
}

impl Asker {
    /// Captures the arguments.
    ///
    /// # Errors
    /// INVALID_HANDLE and its kind, about the event.
    pub fn new(
        _file: &Arc<FileObject>,
        _event: Handle,
        _routine: u64,
        _context: u64,
        io_status: UserPtr<IoStatusBlock>,
    ) -> Result<Self, NtStatus> {
        Ok(Self { io_status })
    }

    /// Tells the caller of a request that has ended at once. Data goes to `buffer`, at most `room` bytes; the IO_STATUS_BLOCK is
    /// written last, and not at all for errors, as in NT.
    ///
    /// # Errors
    /// The request's own; ACCESS_VIOLATION.
    pub fn tell(self, file: &FileObject, buffer: u64, room: u32, completion: Completion) -> NtResult {
        let Completion { status, information, output } = completion;
        if status.is_error() {
            return Err(status);
        }
        match output.as_bytes() {
            [] => {}
            bytes => user::write(buffer, &bytes[..bytes.len().min(room as usize)])?,
        }
        write_status(self.io_status, status, information)?;
        dispatcher::signal(file.signal());
        status.ok().map(|()| status)
    }
}

/// Writes an IO_STATUS_BLOCK.
///
/// # Errors
/// ACCESS_VIOLATION.
pub fn write_status(to: UserPtr<IoStatusBlock>, status: NtStatus, information: u64) -> Result<(), NtStatus> {
    let block = IoStatusBlock { status: status.0.into(), information };
    user::write(to.address, block.as_bytes())
}
