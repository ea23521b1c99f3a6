//! Who is connected.

use alloc::sync::Arc;
use alloc::vec::Vec;

use nt::sm::SmMessage;
use rt::lpc::Port;
use rt::sync::Mutex;

/// A connection.
#[derive(Debug)]
struct Connection {
    number: u64,
    /// The session manager's end of it. It is there so that it is closed with the client's.
    _port: Arc<Port<SmMessage>>,
    client: Client,
}

/// What is known of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its process id.
    pub process: u64,
    /// Which subsystem it is, if it is one.
    pub subsystem: Option<u32>,
}

/// The connections, and how many there have been.
static CONNECTIONS: Mutex<(Vec<Connection>, u64)> = Mutex::new((Vec::new(), 0));

/// A number for the next connection; messages come with it. Never 0.
pub fn next_number() -> u64 {
    let mut connections = CONNECTIONS.lock();
    connections.1 += 1;
    connections.1
}

/// Remembers a connection.
pub fn add(number: u64, port: Arc<Port<SmMessage>>, client: Client) {
    CONNECTIONS.lock().0.push(Connection { number, _port: port, client });
}

/// The client of a connection.
pub fn find(number: u64) -> Option<Client> {
    CONNECTIONS.lock().0.iter().find(|connection| connection.number == number).map(|found| found.client)
}

/// Forgets a connection whose client has closed it.
pub fn remove(number: u64) {
    let mut connections = CONNECTIONS.lock();
    let Some(at) = connections.0.iter().position(|connection| connection.number == number) else { return };
    let gone = connections.0.swap_remove(at);
    // The port is closed without the lock.
    drop(connections);
    drop(gone);
}
