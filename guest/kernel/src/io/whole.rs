//! Files as other components of the kernel read and write them.

use alloc::sync::Arc;
use alloc::vec::Vec;

use iocore::Place;
use nt::NtStatus;
use nt::types::Handle;

use super::file::FileObject;
use super::irp::{Completion, Irp, Outcome, Request};

/// So much is read at once.
const CHUNK: u32 = 0x1_0000;

/// The file of a handle of the current process, which grants all that access.
///
/// # Errors
/// INVALID_HANDLE, OBJECT_TYPE_MISMATCH, ACCESS_DENIED.
pub fn file_of(handle: Handle, access: u32) -> Result<Arc<FileObject>, NtStatus> {
    super::opener(handle, access).map(|opener| opener.file)
}

/// A file's length in bytes.
///
/// # Errors
/// The driver's.
pub fn length(file: &FileObject) -> Result<u64, NtStatus> {
    file.device().dispatch.query(file).map(|information| information.end_of_file)
}

/// The first bytes of a file, as many as there are but no more than `length`. The thread may wait.
///
/// # Errors
/// The driver's.
pub fn read(file: &Arc<FileObject>, length: usize) -> Result<Vec<u8>, NtStatus> {
    let mut bytes = Vec::with_capacity(length);
    while bytes.len() < length {
        let most = (length - bytes.len()).min(CHUNK as usize);
        let request = Request::Read { offset: bytes.len() as u64, length: most as u32, pages: None };
        let outcome = file.device().dispatch.read(Irp { file: file.clone(), request });
        let completion = end(file, outcome);
        match completion.output.as_bytes() {
            _ if completion.status == NtStatus::END_OF_FILE => break,
            _ if completion.status.is_error() => return Err(completion.status),
            [] => break,
            read => bytes.extend_from_slice(read.get(..most).unwrap_or(read)),
        }
    }
    Ok(bytes)
}

/// Writes bytes to a place of a file. The thread may wait.
///
/// # Errors
/// The driver's.
pub fn write(file: &Arc<FileObject>, offset: u64, data: Vec<u8>) -> Result<(), NtStatus> {
    let request = Request::Write { place: Place::At(offset), length: data.len() as u32, data, pages: None };
    let outcome = file.device().dispatch.write(Irp { file: file.clone(), request });
    end(file, outcome).status.ok()
}

/// Brings what was written to the disk.
///
/// # Errors
/// The driver's, but for one that buffers nothing and so does not know the request.
pub fn flush(file: &FileObject) -> Result<(), NtStatus> {
    match file.device().dispatch.flush(file) {
        Err(NtStatus::INVALID_DEVICE_REQUEST) => Ok(()),
        flushed => flushed,
    }
}

fn end(file: &FileObject, outcome: Outcome) -> Completion {
    match outcome {
        Outcome::Completed(completion) => completion,
        Outcome::Pending(ticket) => file.wait_for(&ticket),
    }
}
