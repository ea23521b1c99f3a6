//! Clients of the session manager: connecting to `\SmApiPort`, and asking (spec/smss.md 3.2, 3.4, 3.6).
#![expect(unsafe_code, reason = "exports by name, the caller's pointers")]

use nt::NtStatus;
use nt::lpc::SecurityQualityOfService;
use nt::sm::{
    ExecPgm, LoadDefered, PORT_NAME_UNITS, SbConnectionInfo, SessionComplete, SmMessage, StartCsr, StopCsr,
    sm_api,
};
use nt::types::{Handle, UnicodeString, UserPtr};
use zerocopy::FromZeros;

use super::raw::{at, wide};
use crate::stubs::{NtConnectPort, NtRequestWaitReplyPort};

/// The session manager's port.
static SM_API_PORT: &[u16] = nt::wide!(r"\SmApiPort");
/// Bytes of API number and status, which count as data.
const PREFIX: usize = 8;

/// The session manager may know who asks, at the moment of asking.
static QUALITY: SecurityQualityOfService = SecurityQualityOfService {
    length: size_of::<SecurityQualityOfService>() as u32,
    impersonation_level: 1,
    context_tracking_mode: 1,
    effective_only: 1,
    reserved: 0,
};

/// Connects to the session manager: as a subsystem of a type with a port of its own, or, without a name, as a plain
/// client. INVALID_PARAMETER_MIX: a name without a port or type; INVALID_PARAMETER: the name is too long.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlConnectToSm(
    port_name: *const UnicodeString,
    port: Handle,
    subsystem_type: u32,
    connected: *mut Handle,
) -> NtStatus {
    let mut information = SbConnectionInfo::new_zeroed();
    if !port_name.is_null() {
        if port == Handle::NULL || subsystem_type == 0 {
            return NtStatus::INVALID_PARAMETER_MIX;
        }
        // SAFETY: as the caller says.
        let name = unsafe { wide(port_name) };
        if name.len() >= PORT_NAME_UNITS {
            return NtStatus::INVALID_PARAMETER;
        }
        information.port_name[..name.len()].copy_from_slice(name);
        information.subsystem_type = subsystem_type;
    }
    let length = (SM_API_PORT.len() * 2) as u16;
    let name = UnicodeString {
        length,
        maximum_length: length,
        reserved: 0,
        buffer: SM_API_PORT.as_ptr().expose_provenance() as u64,
    };
    let mut size = size_of::<SbConnectionInfo>() as u32;
    // SAFETY: everything but the place for the handle lives here; that one as the caller says.
    unsafe {
        NtConnectPort(
            at(connected),
            at(&raw const name),
            at(&raw const QUALITY),
            UserPtr::new(0),
            UserPtr::new(0),
            UserPtr::new(0),
            at((&raw mut information).cast::<u8>()),
            at(&raw mut size),
        )
    }
}

/// Asks the session manager, and gives what it answers. The caller has filled in number and data.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlSendMsgToSm(port: Handle, message: *mut SmMessage) -> NtStatus {
    // SAFETY: as the caller says.
    let message = unsafe { &mut *message };
    let data = match message.api {
        sm_api::SESSION_COMPLETE => size_of::<SessionComplete>(),
        sm_api::EXEC_PGM => size_of::<ExecPgm>(),
        sm_api::LOAD_DEFERED_SUBSYSTEM => size_of::<LoadDefered>(),
        sm_api::START_CSR => size_of::<StartCsr>(),
        sm_api::STOP_CSR => size_of::<StopCsr>(),
        _ => 0,
    };
    message.header = SmMessage::bare(message.api).header;
    message.header.data_length = (data + PREFIX) as u16;
    let place = at(core::ptr::from_mut(message).cast());
    // SAFETY: the session manager's replies are as long as the message.
    let status = unsafe { NtRequestWaitReplyPort(port, place, place) };
    if status.is_success() { NtStatus(message.status) } else { status }
}
