//! Calling csrss.
#![expect(unsafe_code, reason = "an export by name, the caller's message")]

use core::ptr::with_exposed_provenance_mut;

use nt::NtStatus;
use nt::csr::{ApiMessage, CaptureBuffer, DATA_OFFSET};
use nt::lpc::{PORT_MESSAGE_SIZE, PortMessage};

use super::capture::slot;
use super::connect::{delta, port};
use crate::rtl::raw::at;
use crate::stubs::NtRequestWaitReplyPort;

/// Sends a call with so many bytes of arguments, captured ones with it, and waits for the answer, which takes the message's place.
/// Captured pointers are the caller's again then. The status is the answer's, or why there is none.
///
/// # Safety
/// The message has that many bytes of arguments; the buffer is one of `CsrAllocateCaptureBuffer`'s, filled for this message, or
/// NULL.
#[unsafe(no_mangle)]
pub unsafe extern "win64" fn CsrClientCallServer(
    message: *mut ApiMessage,
    buffer: *mut CaptureBuffer,
    api: u32,
    length: u32,
) -> NtStatus {
    let Ok(length) = u16::try_from(length as usize + DATA_OFFSET) else {
        return NtStatus::INVALID_PARAMETER;
    };
    // SAFETY: as the caller says.
    unsafe {
        (*message).header = PortMessage {
            data_length: length - PORT_MESSAGE_SIZE as u16,
            total_length: length,
            ..PortMessage::default()
        };
        (*message).api = api;
        (*message).capture = 0;
        if !buffer.is_null() {
            (*message).capture = (buffer.expose_provenance() as u64).wrapping_add(delta());
            move_pointers(message, buffer, true);
        }
        let status = match port() {
            Ok(port) => NtRequestWaitReplyPort(port, at(message.cast()), at(message.cast())),
            Err(status) => status,
        };
        if !buffer.is_null() {
            move_pointers(message, buffer, false);
            (*message).capture = buffer.expose_provenance() as u64;
        }
        if !status.is_success() {
            (*message).status = status.0;
        }
        NtStatus((*message).status)
    }
}

/// Makes the captured pointers csrss's, and their places offsets in the message; or back.
///
/// # Safety
/// As [`CsrClientCallServer`].
unsafe fn move_pointers(message: *mut ApiMessage, buffer: *mut CaptureBuffer, there: bool) {
    let start = message.expose_provenance() as u64;
    // SAFETY: as the caller says; a slot of 0 stands for an empty argument.
    unsafe {
        for index in 0..(*buffer).pointers {
            let slot = slot(buffer, index);
            if *slot == 0 {
                continue;
            }
            let place = if there { *slot } else { *slot + start };
            let pointer = with_exposed_provenance_mut::<u64>(place as usize);
            if there {
                *pointer = (*pointer).wrapping_add(delta());
                *slot = place - start;
            } else {
                *pointer = (*pointer).wrapping_sub(delta());
                *slot = place;
            }
        }
    }
}
