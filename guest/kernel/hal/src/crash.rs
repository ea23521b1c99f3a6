//! The crash record: what the monitor reads after a bugcheck. See `nt::kd`.

use core::cell::UnsafeCell;

use nt::kd::{CRASH_MAGIC, CrashRecord, CrashRegisters};

use crate::phys;

struct Shared(UnsafeCell<CrashRecord>);

// SAFETY: written once, by the bugcheck path, after which nothing else runs.
unsafe impl Sync for Shared {}

static RECORD: Shared = Shared(UnsafeCell::new(CrashRecord {
    magic: 0,
    code: 0,
    pid: 0,
    params: [0; 4],
    status: 0,
    tid: 0,
    process: [0; 16],
    registers: CrashRegisters { gpr: [0; 16], rip: 0, rflags: 0, cr2: 0, cr3: 0 },
    text: [0; 192],
}));

pub(crate) fn record_address() -> u64 {
    phys::address_of(RECORD.0.get())
}

/// Leaves the record for the monitor. Its magic is written last.
pub fn leave(record: CrashRecord) {
    let place = RECORD.0.get();
    // SAFETY: see `Sync`; volatile so that the magic really comes after the rest.
    unsafe {
        place.write_volatile(CrashRecord { magic: 0, ..record });
        (&raw mut (*place).magic).write_volatile(CRASH_MAGIC);
    }
}
