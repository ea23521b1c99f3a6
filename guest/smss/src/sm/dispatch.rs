//! The seven messages (spec/smss.md 3.4).

use nt::NtStatus;
use nt::sm::{ExecPgm, LoadDefered, SessionComplete, SmData, SmMessage, StartCsr, StopCsr, sm_api};
use rt::lpc::Message;

use super::clients::Client;
use super::{complete, csr, deferred, exec};

/// Does what a client asks; what comes back goes into the message.
pub fn request(client: &Client, message: &mut SmMessage) -> NtStatus {
    done(client, message).map_or_else(|status| status, |()| NtStatus::SUCCESS)
}

fn done(client: &Client, message: &mut SmMessage) -> Result<(), NtStatus> {
    match message.api {
        // Of subsystems only.
        sm_api::CREATE_FOREIGN_SESSION | sm_api::TERMINATE_FOREIGN_SESSION => {
            client.subsystem.ok_or(NtStatus::INVALID_PARAMETER)?;
            Err(NtStatus::NOT_IMPLEMENTED)
        }
        sm_api::SESSION_COMPLETE => {
            let subsystem = client.subsystem.ok_or(NtStatus::INVALID_PARAMETER)?;
            complete::session(subsystem, &data::<SessionComplete>(message)?)
        }
        sm_api::EXEC_PGM => exec::program(client, &data::<ExecPgm>(message)?),
        sm_api::LOAD_DEFERED_SUBSYSTEM => deferred::load(client, &data::<LoadDefered>(message)?),
        sm_api::START_CSR => {
            let mut request = data::<StartCsr>(message)?;
            csr::start(&mut request)?;
            message.set(&request);
            Ok(())
        }
        sm_api::STOP_CSR => csr::stop(data::<StopCsr>(message)?.mu_session),
        _ => Err(NtStatus::NOT_IMPLEMENTED),
    }
}

/// The data of a message that has as much of it as it must.
fn data<T: SmData>(message: &SmMessage) -> Result<T, NtStatus> {
    /// API number and status count as data.
    const PREFIX: usize = 8;
    if usize::from(message.header().data_length) < PREFIX + size_of::<T>() {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    message.get().ok_or(NtStatus::INVALID_PARAMETER)
}
