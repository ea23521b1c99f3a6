//! What csrsrv remembers. The lock is held for moments, never while somebody else is called or waited for.

use alloc::vec::Vec;

use csrlib::api::ServerDll;
use nt::csr::SERVER_DLLS;
use rt::sync::Mutex;

use crate::client::Process;

/// All of it.
pub struct State {
    /// The clients.
    pub processes: Vec<Process>,
    /// What the next client's connection is called.
    pub next_sequence: u64,
    /// The server DLLs by number; csrsrv itself is the first.
    pub servers: [Option<ServerDll>; SERVER_DLLS],
}

/// The only one.
pub static STATE: Mutex<State> =
    Mutex::new(State { processes: Vec::new(), next_sequence: 1, servers: [None; SERVER_DLLS] });
