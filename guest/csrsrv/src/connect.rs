//! A client connects: only a process that is known, and one that is not connected yet.

use alloc::sync::Arc;

use nt::csr::{ApiMessage, ConnectInfo, SERVER_DLLS};
use rt::lpc::Port;
use zerocopy::IntoBytes;

use crate::client::Connection;
use crate::shared;
use crate::state::STATE;

/// Answers a connection request, which a client waits for.
pub fn request(message: &mut ApiMessage) {
    let client = message.header.client_id;
    let found = {
        let mut state = STATE.lock();
        state
            .process(client.process)
            .filter(|process| process.connection.is_none() && process.knows(client.thread))
            .map(|process| (process.sequence, process.handle.get()))
    };
    if let Some((sequence, process)) = found
        && shared::map_into(process).is_ok()
    {
        tell(message);
        if let Ok((port, base, size)) = Port::accept_with_view(message, sequence) {
            let connection = Arc::new(Connection { port, base, size });
            if let Some(process) = STATE.lock().process(client.process) {
                process.connection = Some(connection.clone());
            }
            // From here on the client can call.
            connection.port.complete();
            return;
        }
    }
    let _ = Port::accept(message, 0, false);
}

/// Writes what the client is told over what it has said.
fn tell(message: &mut ApiMessage) {
    let [shared_section_base, shared_section_heap, shared_static_data] = shared::addresses();
    let information = ConnectInfo {
        shared_section_base,
        shared_section_heap,
        shared_static_data,
        server_dlls: SERVER_DLLS as u32,
        server_process: csrlib::process::own_id(),
        ..ConnectInfo::default()
    };
    // The information lies right behind the header.
    let bytes = message.as_mut_bytes();
    let start = nt::lpc::PORT_MESSAGE_SIZE;
    bytes[start..start + size_of::<ConnectInfo>()].copy_from_slice(information.as_bytes());
    message.header.data_length = size_of::<ConnectInfo>() as u16;
    message.header.total_length = message.header.data_length + start as u16;
}
