//! The trace ring: events stamped with the TSC, read by the monitor, no exit. See `nt::kd`.

use core::cell::UnsafeCell;

use nt::kd::{
    DEBUGGER_DATA_MAGIC, DebuggerData, KD_VERSION, TRACE_MAGIC, TRACE_SLOT, TRACE_TEXT_MAX, TraceHeader,
    TraceRecord,
};

use crate::{cpu, crash, phys, waits};

/// Slots of the ring: 256 KiB, of which only pages written to are ever touched.
const CAPACITY: u32 = 8192;

#[repr(C, align(4096))]
struct Ring {
    header: TraceHeader,
    slots: [TraceRecord; CAPACITY as usize],
}

struct Shared<T>(UnsafeCell<T>);

// SAFETY: the kernel runs alone (see the crate); the monitor only reads, and moves `tail`.
unsafe impl<T> Sync for Shared<T> {}

static RING: Shared<Ring> = Shared(UnsafeCell::new(Ring {
    header: TraceHeader { magic: 0, version: 0, capacity: 0, head: 0, tail: 0, lost: 0, reserved: [0; 3] },
    slots: [TraceRecord { tsc: 0, event: 0, phase: 0, text_slots: 0, pid: 0, args: [0; 2] };
        CAPACITY as usize],
}));

/// Named by the kernel's ELF note.
#[unsafe(no_mangle)]
#[used]
static kd_debugger_data: Shared<DebuggerData> = Shared(UnsafeCell::new(DebuggerData {
    magic: DEBUGGER_DATA_MAGIC,
    version: KD_VERSION,
    size: size_of::<DebuggerData>() as u32,
    trace: 0,
    crash: 0,
    hives: 0,
    waits: 0,
}));

/// The phase of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// Something begins.
    Begin = b'B',
    /// It ends.
    End = b'E',
    /// A moment.
    Instant = b'I',
}

pub(crate) fn init() {
    let ring = RING.0.get();
    // SAFETY: first code to touch the ring; the kernel runs alone.
    unsafe {
        (*ring).header.magic = TRACE_MAGIC;
        (*ring).header.version = KD_VERSION;
        (*ring).header.capacity = CAPACITY;
        (*kd_debugger_data.0.get()).trace = phys::address_of(ring);
        (*kd_debugger_data.0.get()).crash = crash::record_address();
        (*kd_debugger_data.0.get()).waits = waits::address();
    }
}

/// Says where the table of hives is.
pub(crate) fn set_hives(address: u64) {
    // SAFETY: the kernel runs alone, and the monitor reads when it has stopped.
    unsafe { (*kd_debugger_data.0.get()).hives = address };
}

/// Records an event of now.
#[inline]
pub fn event(event: u16, phase: Phase, pid: u32, args: [u64; 2]) {
    event_at(cpu::tsc(), event, phase, pid, args);
}

/// Records an event with a time stamp taken before.
pub fn event_at(tsc: u64, event: u16, phase: Phase, pid: u32, args: [u64; 2]) {
    let ring = RING.0.get();
    // SAFETY: the kernel runs alone; `head` is published after the slot, in program order, which is
    // the order other processors see on x86; the volatile accesses keep the compiler to it. `tail`
    // may hold anything a reader wrote, and is only compared.
    unsafe {
        let head = (*ring).header.head;
        let tail = (&raw const (*ring).header.tail).read_volatile();
        if head.wrapping_sub(tail) >= u64::from(CAPACITY) {
            (*ring).header.lost += 1;
            return;
        }
        (*ring).slots[head as usize % CAPACITY as usize] =
            TraceRecord { tsc, event, phase: phase as u8, text_slots: 0, pid, args };
        (&raw mut (*ring).header.head).write_volatile(head + 1);
    }
}

/// Records an event that carries text, cut at [`TRACE_TEXT_MAX`] bytes.
pub fn event_with_text(event: u16, phase: Phase, pid: u32, args: [u64; 2], text: &[u8]) {
    let text = &text[..text.len().min(TRACE_TEXT_MAX)];
    let text_slots = text.len().div_ceil(TRACE_SLOT);
    let tsc = cpu::tsc();
    let ring = RING.0.get();
    // SAFETY: as in `event_at`; text slots are written as bytes inside their slot.
    unsafe {
        let head = (*ring).header.head;
        let tail = (&raw const (*ring).header.tail).read_volatile();
        if head.wrapping_sub(tail).saturating_add(text_slots as u64) >= u64::from(CAPACITY) {
            (*ring).header.lost += 1;
            return;
        }
        (*ring).slots[head as usize % CAPACITY as usize] =
            TraceRecord { tsc, event, phase: phase as u8, text_slots: text_slots as u8, pid, args };
        for (n, chunk) in text.chunks(TRACE_SLOT).enumerate() {
            let slot = &raw mut (*ring).slots[(head as usize + 1 + n) % CAPACITY as usize];
            if chunk.len() < TRACE_SLOT {
                *slot = TraceRecord::default();
            }
            slot.cast::<u8>().copy_from_nonoverlapping(chunk.as_ptr(), chunk.len());
        }
        (&raw mut (*ring).header.head).write_volatile(head + 1 + text_slots as u64);
    }
}
