//! What calls gave back, for later calls: handles by the kind of object, and addresses.

use core::sync::atomic::{AtomicU64, Ordering};

use nt::types::Handle;

use crate::random::Random;

/// Last words of the names of arguments that take or give handles: what they are handles to.
const KINDS: &[&str] = &[
    "directory",
    "link",
    "event",
    "semaphore",
    "mutant",
    "timer",
    "process",
    "thread",
    "section",
    "key",
    "port",
    "file",
    "token",
];
/// Handles of each kind that are kept. One that has no place any more is closed.
const EACH: usize = 8;
/// Addresses that are kept.
const ADDRESSES: usize = 32;

/// Shared by the threads of a process, who take each other's handles away.
static HANDLES: [[AtomicU64; EACH]; KINDS.len()] =
    [const { [const { AtomicU64::new(0) }; EACH] }; KINDS.len()];
static PLACES: [AtomicU64; ADDRESSES] = [const { AtomicU64::new(0) }; ADDRESSES];

/// The kind of object that an argument of this name is a handle to.
pub fn kind_of(argument: &str) -> Option<usize> {
    KINDS.iter().position(|kind| argument.ends_with(kind))
}

/// The name of a kind.
pub fn kind_name(kind: usize) -> &'static str {
    KINDS.get(kind).copied().unwrap_or("")
}

/// Keeps a handle that a call gave back; gives the one that must make room.
pub fn keep_handle(random: &mut Random, kind: usize, handle: u64) -> Option<Handle> {
    let place = HANDLES.get(kind)?.get(random.below(EACH as u64) as usize)?;
    let old = place.swap(handle, Ordering::Relaxed);
    (old != 0).then_some(Handle(old))
}

/// A handle to an object of a kind, or of any; 0 when the place that was looked at is empty.
pub fn handle(random: &mut Random, kind: Option<usize>) -> u64 {
    let kind = kind.unwrap_or_else(|| random.below(KINDS.len() as u64) as usize);
    let first = random.below(EACH as u64) as usize;
    let Some(places) = HANDLES.get(kind) else { return 0 };
    // The next few places, too: at the beginning most are empty.
    let found = (0..4).map(|step| places[(first + step) % EACH].load(Ordering::Relaxed));
    found.into_iter().find(|&handle| handle != 0).unwrap_or(0)
}

/// Keeps an address that a call gave back.
pub fn keep_address(random: &mut Random, address: u64) {
    PLACES[random.below(ADDRESSES as u64) as usize].store(address, Ordering::Relaxed);
}

/// An address that a call gave back; 0 when there is none.
pub fn address(random: &mut Random) -> u64 {
    PLACES[random.below(ADDRESSES as u64) as usize].load(Ordering::Relaxed)
}
