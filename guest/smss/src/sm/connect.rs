//! Connections to `\SmApiPort` (spec/smss.md 3.2).

use alloc::sync::Arc;

use nt::sm::{PORT_NAME_UNITS, SbConnectionInfo, SbMessage, SmMessage, subsystem};
use rt::lpc::{Message, Port};
use zerocopy::{FromBytes, FromZeros, IntoBytes};

use super::clients::{self, Client};
use super::complete;
use super::listen::Busy;
use crate::subsystem::table::TABLE;

/// Decides about a connection. A subsystem that the session manager has started and that says what it is has the
/// session manager connect back to its own port; with that, or without, it counts as initialised.
pub fn request(message: &SmMessage) {
    let information = information(message);
    let process = message.header().client_id.process;
    let registers = information.subsystem_type != subsystem::UNKNOWN;
    let (known, accept) = {
        let mut table = TABLE.lock();
        match table.by_process(process) {
            Some(id) if registers => (Some(id), table.register(id, information.subsystem_type)),
            known => (known, true),
        }
    };
    let number = clients::next_number();
    let Ok(Some(port)) = Port::accept(message, number, accept) else { return };
    let port = Arc::new(port);
    // Before the client is let go: what it asks at once is to be answered.
    clients::add(number, port.clone(), Client { process, subsystem: known });
    if !port.complete().is_success() {
        clients::remove(number);
        return;
    }
    let Some(id) = known.filter(|_| registers) else { return };
    let back = connect_back(&information);
    let told = TABLE.lock().connected(id, back.clone());
    let Some((event, missed)) = told else { return };
    rt::handle::set_event(&event);
    for session in missed {
        if let Some(port) = &back {
            complete::tell(port, session);
        }
    }
}

/// What the client tells. Behind what it has sent there are zeros.
fn information(message: &SmMessage) -> SbConnectionInfo {
    let behind = message.as_bytes().get(size_of_val(message.header())..).unwrap_or_default();
    SbConnectionInfo::read_from_prefix(behind)
        .map_or_else(|_| SbConnectionInfo::new_zeroed(), |(found, _)| found)
}

/// The subsystem's port, if it has one that lets the session manager in.
fn connect_back(information: &SbConnectionInfo) -> Option<Arc<Port<SbMessage>>> {
    let end = information.port_name.iter().position(|&unit| unit == 0)?;
    let name = information.port_name.get(..end).filter(|name| !name.is_empty())?;
    debug_assert!(name.len() < PORT_NAME_UNITS);
    let _busy = Busy::new();
    Port::connect(name, &mut [0_u8; 0]).ok().map(Arc::new)
}
