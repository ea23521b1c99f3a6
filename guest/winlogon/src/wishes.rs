//! Who wants the system shut down says so by an event (`nt::winlogon`).

use alloc::vec::Vec;

use nt::security::EVENT_ALL_ACCESS;
use nt::types::Handle;
use nt::winlogon::SHUTDOWN_EVENTS;
use rt::handle::{self, Owned};
use rt::objects::{self, Name, OPEN_IF};

use crate::shutdown::Wish;

/// A descriptor in self-relative form: the system and Administrators may do everything, others nothing.
/// Source: [MS-DTYP] 2.4.5 (ACL), 2.4.4.2 (ACCESS_ALLOWED_ACE), 2.4.6 (SECURITY_DESCRIPTOR).
const DESCRIPTOR: [u32; 18] = [
    0x8004_0001, // revision 1; SE_DACL_PRESENT, SE_SELF_RELATIVE
    0,           // owner
    0,           // group
    0,           // SACL
    20,          // DACL
    0x0034_0002, // ACL: revision 2, 52 bytes
    2,           // ACEs
    0x0014_0000, // ACCESS_ALLOWED_ACE, 20 bytes
    EVENT_ALL_ACCESS,
    0x0000_0101, // S-1-5-18
    0x0500_0000,
    18,
    0x0018_0000, // ACCESS_ALLOWED_ACE, 24 bytes
    EVENT_ALL_ACCESS,
    0x0000_0201, // S-1-5-32-544
    0x0500_0000,
    32,
    544,
];

/// The events, by action of `NtShutdownSystem`; none in sessions but the first.
#[derive(Debug)]
pub struct Wishes(Vec<Owned>);

/// What has come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Come {
    /// Somebody wants the system shut down.
    Wish(Wish),
    /// The process has ended.
    Ended,
}

impl Wishes {
    /// Makes the events.
    pub fn create(session: u32) -> Self {
        let mut bytes = [0; size_of_val(&DESCRIPTOR)];
        for (place, word) in bytes.chunks_exact_mut(4).zip(DESCRIPTOR) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        let create = |name: &&str| {
            let path: Vec<u16> = name.encode_utf16().collect();
            let name = Name::new(&path).with(OPEN_IF).described(&bytes);
            objects::create_event(&name, EVENT_ALL_ACCESS).ok()
        };
        match session {
            0 => Self(SHUTDOWN_EVENTS.iter().map_while(create).collect()),
            _ => Self(Vec::new()),
        }
    }

    /// Waits for a wish or for the end of a process.
    pub fn wait_with(&self, process: Option<Handle>) -> Come {
        let handles: Vec<Handle> = self.0.iter().map(Owned::get).chain(process).collect();
        match handle::wait_any(&handles) {
            Ok(number) if number < self.0.len() => Come::Wish(Wish(number as u32)),
            Ok(_) => Come::Ended,
            // Without anything to wait for, nothing ever comes.
            Err(_) => rt::wait_for_ever(),
        }
    }
}
