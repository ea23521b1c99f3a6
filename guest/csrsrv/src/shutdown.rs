//! Ending the processes of a session, by level (spec/smss.md 4.4).

use alloc::vec::Vec;

use csrlib::api::{Caller, ShutdownAnswer};
use nt::NtStatus;
use nt::csr::ShutdownParameters;

use crate::client;
use crate::state::STATE;

/// Highest level.
const MAX_LEVEL: u32 = 0x4FF;

/// When the caller is to end.
///
/// # Errors
/// INVALID_PARAMETER for a level or flag that there is none; INVALID_CID.
pub fn set_parameters(caller: &Caller, parameters: &ShutdownParameters) -> Result<(), NtStatus> {
    if parameters.level > MAX_LEVEL || parameters.flags & !1 != 0 {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let mut state = STATE.lock();
    let process = state.process(caller.client_id.process).ok_or(NtStatus::INVALID_CID)?;
    process.shutdown_level = parameters.level;
    process.shutdown_flags = parameters.flags;
    Ok(())
}

/// When the caller is to end. `None`: it is not known.
pub fn parameters(caller: &Caller) -> Option<ShutdownParameters> {
    let mut state = STATE.lock();
    let process = state.process(caller.client_id.process)?;
    Some(ShutdownParameters { level: process.shutdown_level, flags: process.shutdown_flags })
}

/// Asks the server DLLs to end each process of the caller's SM session but the caller, the highest level first, those of one level
/// as they came.
///
/// # Errors
/// CANCELLED: a server DLL wants it to stop.
pub fn processes(caller: &Caller, flags: u32) -> Result<(), NtStatus> {
    client::reap();
    let (mut victims, servers) = {
        let state = STATE.lock();
        let others = state
            .processes
            .iter()
            .filter(|process| process.session == caller.session && process.id != caller.client_id.process);
        let victims: Vec<(u32, u64, u64)> =
            others.map(|process| (process.shutdown_level, process.sequence, process.id)).collect();
        (victims, state.servers)
    };
    // They are few: looking for the next one each time takes less room than sorting.
    let first = |&(level, sequence, _): &(u32, u64, u64)| (core::cmp::Reverse(level), sequence);
    while let Some(next) = (0..victims.len()).min_by_key(|&n| victims.get(n).map(first)) {
        let (_, sequence, id) = victims.swap_remove(next);
        // It may have ended by itself meanwhile; as long as it is known, its handle is open.
        let victim = {
            let mut state = STATE.lock();
            state.process(id).filter(|process| process.sequence == sequence).map(|process| process.caller(0))
        };
        let Some(victim) = victim else { continue };
        for end in servers.iter().flatten().filter_map(|dll| dll.shutdown) {
            match end(&victim, flags) {
                ShutdownAnswer::NotMine => {}
                ShutdownAnswer::Ended => break,
                ShutdownAnswer::Cancel => return Err(NtStatus::CANCELLED),
            }
        }
    }
    client::reap();
    Ok(())
}
