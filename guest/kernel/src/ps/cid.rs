//! Client ids: which process or thread has a number. Both share one space of numbers, in steps of four.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU32, Ordering};

use hal::cell::KernelCell;

use super::{Process, SYSTEM_PROCESS_ID, Thread};
use crate::ob::{Body, Object};

static NEXT: AtomicU32 = AtomicU32::new(SYSTEM_PROCESS_ID);
/// Living processes and threads.
static TABLE: KernelCell<BTreeMap<u32, Object>> = KernelCell::new(BTreeMap::new());

/// A number that nobody has had.
pub fn next() -> u32 {
    NEXT.fetch_add(4, Ordering::Relaxed)
}

/// Makes a process or thread known under its number.
pub fn insert(id: u32, object: Object) {
    TABLE.lock().insert(id, object);
}

/// Forgets a number whose process or thread has ended.
pub fn remove(id: u32) {
    // Dropped behind the guard: what goes with the object may look at the table.
    let object = TABLE.lock().remove(&id);
    drop(object);
}

/// The object of a number.
pub fn object(id: u32) -> Option<Object> {
    TABLE.lock().get(&id).cloned()
}

/// The living thread of that number.
pub fn thread(id: u32) -> Option<Arc<Thread>> {
    match object(id)?.body() {
        Some(Body::Thread(thread)) => Some(thread.clone()),
        _ => None,
    }
}

/// All living processes, in order of id.
pub fn processes() -> Vec<Arc<Process>> {
    let table = TABLE.lock();
    let process = |object: &Object| match object.body() {
        Some(Body::Process(process)) => Some(process.clone()),
        _ => None,
    };
    table.values().filter_map(process).collect()
}
