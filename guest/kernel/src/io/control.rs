//! `NtDeviceIoControlFile`, `NtFsControlFile`, `NtFlushBuffersFile`.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::file::{access, control};
use nt::types::{Handle, IoStatusBlock, UserPtr};

use super::asker::{Asker, write_status};
use super::irp::{Irp, Request};
use super::{Opener, opener, pending};
use crate::ke::sched;
use crate::ke::service::NtResult;
use crate::mm::user;

/// `NtDeviceIoControlFile`.
#[expect(clippy::too_many_arguments, reason = "NT's signature")]
pub fn device_control(
    file: Handle,
    event: Handle,
    routine: u64,
    context: u64,
    io_status: UserPtr<IoStatusBlock>,
    code: u32,
    input: UserPtr<u8>,
    input_length: u32,
    output: UserPtr<u8>,
    output_length: u32,
) -> NtResult {
    let told = (event, routine, context, io_status);
    send(file, told, code, (input, input_length), (output, output_length), false)
}

/// `NtFsControlFile`.
#[expect(clippy::too_many_arguments, reason = "NT's signature")]
pub fn fs_control(
    file: Handle,
    event: Handle,
    routine: u64,
    context: u64,
    io_status: UserPtr<IoStatusBlock>,
    code: u32,
    input: UserPtr<u8>,
    input_length: u32,
    output: UserPtr<u8>,
    output_length: u32,
) -> NtResult {
    let told = (event, routine, context, io_status);
    send(file, told, code, (input, input_length), (output, output_length), true)
}

/// Sends a control code. The code itself says what its sender must be allowed.
fn send(
    file: Handle,
    (event, routine, context, io_status): (Handle, u64, u64, UserPtr<IoStatusBlock>),
    code: u32,
    (input, input_length): (UserPtr<u8>, u32),
    (output, output_length): (UserPtr<u8>, u32),
    to_file_system: bool,
) -> NtResult {
    let mut needed = 0;
    if code & control::NEEDS_READ != 0 {
        needed |= access::READ_DATA;
    }
    if code & control::NEEDS_WRITE != 0 {
        needed |= access::WRITE_DATA;
    }
    let Opener { file, .. } = opener(file, needed)?;
    let asker = Asker::new(&file, event, routine, context, io_status)?;
    let input = match input_length {
        0 => Vec::new(),
        length => user::read_bytes(input.address, length as usize)?,
    };
    let irp = Irp { file: file.clone(), request: Request::Control { code, input, output_length } };
    let driver = &file.device().dispatch;
    let outcome = if to_file_system { driver.fs_control(irp) } else { driver.device_control(irp) };
    asker.tell(&file, (output.address, output_length), None, outcome)
}

/// `NtCancelIoFile`: the caller's own requests of a file.
pub fn cancel(file: Handle, io_status: UserPtr<IoStatusBlock>) -> NtResult {
    let Opener { file, .. } = opener(file, 0)?;
    pending::cancel_of_thread(&file, &sched::current());
    write_status(io_status, NtStatus::SUCCESS, 0)?;
    Ok(NtStatus::SUCCESS)
}

/// `NtFlushBuffersFile`.
pub fn flush(file: Handle, io_status: UserPtr<IoStatusBlock>) -> NtResult {
    let Opener { file, access } = opener(file, 0)?;
    if access & (access::WRITE_DATA | access::APPEND_DATA) == 0 {
        return Err(NtStatus::ACCESS_DENIED);
    }
    file.device().dispatch.flush(&file)?;
    write_status(io_status, NtStatus::SUCCESS, 0)?;
    Ok(NtStatus::SUCCESS)
}
