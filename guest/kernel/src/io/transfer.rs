//! `NtReadFile` and `NtWriteFile`.

use alloc::sync::Arc;
use alloc::vec::Vec;

use hal::dma::Pages;
use iocore::{Place, place};
use mmcore::Access;
use nt::NtStatus;
use nt::file::{access, option};
use nt::types::{Handle, IoStatusBlock, UserPtr};

use super::asker::Asker;
use super::file::FileObject;
use super::irp::{Irp, Request};
use super::{Opener, opener};
use crate::ke::sched;
use crate::ke::service::NtResult;
use crate::mm::copy::keep_pages;
use crate::mm::user;

/// `NtReadFile`.
#[expect(clippy::too_many_arguments, reason = "NT's signature")]
pub fn read(
    file: Handle,
    event: Handle,
    routine: u64,
    context: u64,
    io_status: UserPtr<IoStatusBlock>,
    buffer: UserPtr<u8>,
    length: u32,
    offset: UserPtr<i64>,
    key: UserPtr<u32>,
) -> NtResult {
    let Opener { file, .. } = opener(file, access::READ_DATA)?;
    let asker = Asker::new(&file, event, routine, context, io_status)?;
    let Place::At(offset) = begin(&file, offset, length, key, false)? else {
        return Err(NtStatus::INVALID_PARAMETER);
    };
    let pages = direct(&file, buffer, length, Access::Write)?;
    let answer = if pages.is_some() { (0, 0) } else { (buffer.address, length) };
    let irp = Irp { file: file.clone(), request: Request::Read { offset, length, pages } };
    let outcome = file.device().dispatch.read(irp);
    asker.tell(&file, answer, Some(offset), outcome)
}

/// `NtWriteFile`.
#[expect(clippy::too_many_arguments, reason = "NT's signature")]
pub fn write(
    file: Handle,
    event: Handle,
    routine: u64,
    context: u64,
    io_status: UserPtr<IoStatusBlock>,
    buffer: UserPtr<u8>,
    length: u32,
    offset: UserPtr<i64>,
    key: UserPtr<u32>,
) -> NtResult {
    let Opener { file, access: granted } = opener(file, 0)?;
    let writes = granted & (access::WRITE_DATA | access::APPEND_DATA);
    if writes == 0 {
        return Err(NtStatus::ACCESS_DENIED);
    }
    let asker = Asker::new(&file, event, routine, context, io_status)?;
    // Who may only append does, whatever he says.
    let place = match writes {
        access::APPEND_DATA => Place::End,
        _ => begin(&file, offset, length, key, true)?,
    };
    let pages = direct(&file, buffer, length, Access::Read)?;
    let data = match pages.is_none() && file.device().dispatch.takes_data() {
        true => user::read_bytes(buffer.address, length as usize)?,
        false => Vec::new(),
    };
    let irp = Irp { file: file.clone(), request: Request::Write { place, length, data, pages } };
    let outcome = file.device().dispatch.write(irp);
    let offset = if let Place::At(offset) = place { Some(offset) } else { None };
    asker.tell(&file, (0, 0), offset, outcome)
}

/// The caller's buffer, if the driver works on it itself.
fn direct(
    file: &FileObject,
    buffer: UserPtr<u8>,
    length: u32,
    access: Access,
) -> Result<Option<Pages>, NtStatus> {
    if !file.device().dispatch.direct(file) {
        return Ok(None);
    }
    let thread = sched::current();
    keep_pages(thread.process(), buffer.address, length as usize, access).map(Some)
}

/// Captures where a transfer begins.
fn begin(
    file: &Arc<FileObject>,
    offset: UserPtr<i64>,
    length: u32,
    key: UserPtr<u32>,
    writes: bool,
) -> Result<Place, NtStatus> {
    if !key.is_null() {
        // Byte-range locks are not there to be keyed, but a bad pointer is one.
        user::read(UserPtr::<[u8; 4]>::new(key.address))?;
    }
    let offset = match offset.is_null() {
        true => None,
        false => Some(i64::from_le_bytes(user::read(UserPtr::new(offset.address))?)),
    };
    let position = (file.options() & option::SYNCHRONOUS != 0).then(|| file.position());
    place(offset, length, position, writes)
}
