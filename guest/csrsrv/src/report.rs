//! Hard errors and unhandled exceptions that the kernel tells of: the server DLLs show them, in the order of their numbers, until
//! one has an answer.

use csrlib::process;
use nt::NtStatus;
use nt::csr::ApiMessage;
use nt::dbgk::ExceptionMessage;
use nt::harderror::{HardErrorMessage, response};
use nt::lpc::PORT_MESSAGE_SIZE;
use nt::types::Handle;
use zerocopy::{FromBytes, IntoBytes};

use crate::state::STATE;

/// PROCESS_VM_READ and PROCESS_QUERY_INFORMATION.
const ACCESS: u32 = 0x410;
/// OptionOk.
const OPTION_OK: u32 = 1;

/// Shows a hard error; the response goes into the message.
pub fn hard_error(message: &mut ApiMessage) {
    let id = message.header.client_id.process;
    let data = &mut message.as_mut_bytes()[PORT_MESSAGE_SIZE..];
    if let Ok((error, _)) = HardErrorMessage::mut_from_prefix(data) {
        show(id, error);
    }
}

/// Shows an unhandled exception. Nobody handles it here, so the kernel ends the process, with the exception as status.
pub fn exception(message: &mut ApiMessage) {
    let id = message.header.client_id.process;
    let data = &mut message.as_mut_bytes()[PORT_MESSAGE_SIZE..];
    if let Ok((exception, _)) = ExceptionMessage::mut_from_prefix(data) {
        let mut error = HardErrorMessage {
            status: NtStatus::UNHANDLED_EXCEPTION.0,
            valid_response_options: OPTION_OK,
            number_of_parameters: 2,
            ..HardErrorMessage::default()
        };
        error.parameters[0] = exception.record.code.into();
        error.parameters[1] = exception.record.address;
        show(id, &mut error);
        exception.status = NtStatus::DBG_EXCEPTION_NOT_HANDLED.0;
    }
}

fn show(id: u64, error: &mut HardErrorMessage) {
    let process = process::open(id, ACCESS);
    let handle = process.as_ref().map_or(Handle::NULL, |process| process.get());
    error.response = response::NOT_HANDLED;
    let servers = STATE.lock().servers;
    for show in servers.iter().flatten().filter_map(|dll| dll.hard_error) {
        show(handle, error);
        if error.response != response::NOT_HANDLED {
            break;
        }
    }
}
