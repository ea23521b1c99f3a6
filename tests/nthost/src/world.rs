//! The one process there is.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock};

use crate::args::Options;
use crate::memory::Space;
use crate::objects::Object;

/// State that threads share. It is only taken while a thread is outside of the program, so no trap finds it taken by
/// its own thread.
#[derive(Debug, Default)]
pub struct World {
    pub space: Space,
    pub handles: HashMap<u64, Object>,
    pub next_handle: u64,
    /// Id of the thread that was made last.
    pub last_thread: u64,
    pub next_teb: u64,
    /// How many threads there are.
    pub threads: u64,
}

static WORLD: OnceLock<Mutex<World>> = OnceLock::new();
static OPTIONS: OnceLock<Options> = OnceLock::new();
/// Where ntdll has what the kernel enters: [`nt::dispatch::ENTRIES`], and its base.
pub static ENTRIES: [AtomicU64; 3] = [const { AtomicU64::new(0) }; 3];
pub static NTDLL: AtomicU64 = AtomicU64::new(0);
/// System calls so far.
pub static CALLS: AtomicU64 = AtomicU64::new(0);

pub fn world() -> MutexGuard<'static, World> {
    let mutex = WORLD.get_or_init(|| Mutex::new(World { next_handle: 4, ..World::default() }));
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

pub fn set_options(options: Options) {
    let _ = OPTIONS.set(options);
}

pub fn options() -> &'static Options {
    static NONE: OnceLock<Options> = OnceLock::new();
    OPTIONS.get().unwrap_or_else(|| NONE.get_or_init(Options::default))
}

impl World {
    /// A handle for an object.
    pub fn insert(&mut self, object: Object) -> u64 {
        let handle = self.next_handle;
        self.next_handle += 4;
        self.handles.insert(handle, object);
        handle
    }
}

/// Ends the process: the last line says how.
pub fn end(status: u32) -> ! {
    eprintln!("status={status:08x} calls={}", CALLS.load(Ordering::Relaxed));
    // SAFETY: it takes no pointers. Nothing of the host is left to be dropped.
    unsafe { libc::_exit(0) }
}
