//! Reads the guest's trace ring and crash record. Works on a running VM's memory and on a file of RAM
//! that another monitor wrote. Every field is the guest's word: it is checked before it is used.

use nt::kd::{
    CRASH_MAGIC, CrashRecord, DEBUGGER_DATA_MAGIC, DebuggerData, KD_VERSION, TRACE_MAGIC, TRACE_SLOT,
    TRACE_TEXT_MAX, TraceHeader, TraceRecord, padded_str,
};
use nt::{NtStatus, bugcheck};
use vm_memory::{Bytes, GuestAddress};
use zerocopy::{FromBytes, IntoBytes};

use super::{Event, Phase};
use crate::kvm::Memory;
use crate::outcome::Bugcheck;

/// Largest ring that is believed: 4 Mi slots, 128 MiB.
const CAPACITY_MAX: u32 = 1 << 22;
/// Offsets of the counters in [`TraceHeader`].
const HEAD: u64 = std::mem::offset_of!(TraceHeader, head) as u64;
const TAIL: u64 = std::mem::offset_of!(TraceHeader, tail) as u64;
const LOST: u64 = std::mem::offset_of!(TraceHeader, lost) as u64;
/// Where the slots begin, from the header.
const SLOTS: u64 = size_of::<TraceHeader>() as u64;
const TEXT_SLOTS_MAX: u64 = (TRACE_TEXT_MAX / TRACE_SLOT) as u64;

/// Guest-physical memory, by whatever means.
pub trait GuestBytes {
    /// Fills `buffer` from `address`; false when any of it is no RAM.
    fn read(&self, address: u64, buffer: &mut [u8]) -> bool;

    /// Reads a counter that the guest may be changing; what it wrote before is visible after.
    fn load(&self, address: u64) -> Option<u64>;

    /// Writes a counter that the guest reads. Nothing happens where that is not possible.
    fn store(&self, address: u64, value: u64);
}

impl GuestBytes for Memory {
    fn read(&self, address: u64, buffer: &mut [u8]) -> bool {
        self.map.read_slice(buffer, GuestAddress(address)).is_ok()
    }

    fn load(&self, address: u64) -> Option<u64> {
        Bytes::load(&self.map, GuestAddress(address), std::sync::atomic::Ordering::Acquire).ok()
    }

    fn store(&self, address: u64, value: u64) {
        // Fails only outside RAM; the address was readable before.
        let _ = Bytes::store(&self.map, value, GuestAddress(address), std::sync::atomic::Ordering::Release);
    }
}

/// A file of guest RAM: physical address 0 is its first byte.
#[derive(Clone, Copy, Debug)]
pub struct RamImage<'a>(pub &'a [u8]);

impl GuestBytes for RamImage<'_> {
    fn read(&self, address: u64, buffer: &mut [u8]) -> bool {
        let source = usize::try_from(address)
            .ok()
            .and_then(|start| self.0.get(start..))
            .and_then(|rest| rest.get(..buffer.len()));
        source.is_some_and(|source| {
            buffer.copy_from_slice(source);
            true
        })
    }

    fn load(&self, address: u64) -> Option<u64> {
        let mut bytes = [0; 8];
        self.read(address, &mut bytes).then(|| u64::from_le_bytes(bytes))
    }

    fn store(&self, _address: u64, _value: u64) {}
}

/// Reads a structure; `None` when any of it is no RAM.
pub(crate) fn object<T: FromBytes + IntoBytes>(memory: &impl GuestBytes, address: u64) -> Option<T> {
    let mut object = T::new_zeroed();
    memory.read(address, object.as_mut_bytes()).then_some(object)
}

/// The debugger data block at `address` (from the kernel's ELF note), if it is there and of our version.
pub fn debugger_data(memory: &impl GuestBytes, address: u64) -> Option<DebuggerData> {
    let data: DebuggerData = object(memory, address)?;
    (data.magic == DEBUGGER_DATA_MAGIC && data.version == KD_VERSION).then_some(data)
}

/// What was lost of the trace, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Lost {
    /// Dropped by the guest because the ring was full.
    pub full: u64,
    /// Slots that made no sense.
    pub malformed: u64,
}

/// A reader of the trace ring. It remembers where it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct TraceReader {
    /// Guest-physical address of the header and number of slots, once found.
    ring: Option<(u64, u32)>,
    next: u64,
    /// What was lost so far.
    pub lost: Lost,
}

impl TraceReader {
    /// Appends all events since the last time to `events`, and tells the guest that their slots are free.
    ///
    /// `debugger_data` is the address from the kernel's ELF note, `tsc_offset` guest counter minus host counter.
    pub fn drain(
        &mut self,
        memory: &impl GuestBytes,
        debugger_data: u64,
        tsc_offset: i64,
        events: &mut Vec<Event>,
    ) {
        if self.ring.is_none() {
            self.ring = locate(memory, debugger_data);
        }
        let Some((header, capacity)) = self.ring else {
            return;
        };
        let Some(head) = memory.load(header + HEAD) else {
            return;
        };
        self.lost.full = memory.load(header + LOST).unwrap_or(self.lost.full);
        let capacity = u64::from(capacity);
        // `head` only ever grows, and never gets further ahead than there are slots.
        if head < self.next || head - self.next > capacity {
            self.lost.malformed += head.abs_diff(self.next).min(capacity);
            self.next = head;
        }
        while self.next < head {
            let slot = |number: u64| header + SLOTS + number % capacity * TRACE_SLOT as u64;
            let Some(record) = object::<TraceRecord>(memory, slot(self.next)) else {
                break;
            };
            let text_slots = u64::from(record.text_slots);
            let phase = Phase::from_byte(record.phase);
            let (Some(phase), true) = (phase, text_slots <= TEXT_SLOTS_MAX && text_slots < head - self.next)
            else {
                self.lost.malformed += 1;
                self.next += 1;
                continue;
            };
            let mut text = [0; TRACE_TEXT_MAX];
            for (number, part) in (1..=text_slots).zip(text.chunks_mut(TRACE_SLOT)) {
                memory.read(slot(self.next + number), part);
            }
            events.push(Event::from_record(&record, phase, padded_str(&text), tsc_offset));
            self.next += 1 + text_slots;
        }
        memory.store(header + TAIL, self.next);
    }
}

fn locate(memory: &impl GuestBytes, debugger_data_address: u64) -> Option<(u64, u32)> {
    let address = debugger_data(memory, debugger_data_address)?.trace;
    let header: TraceHeader = object(memory, address)?;
    let sane = header.magic == TRACE_MAGIC
        && header.version == KD_VERSION
        && header.capacity.is_power_of_two()
        && header.capacity <= CAPACITY_MAX
        && address.is_multiple_of(8)
        // The counters stay clear of the end of the address space.
        && address < 1 << 52;
    sane.then_some((address, header.capacity))
}

/// The crash record, if there is a complete one.
pub fn crash_record(memory: &impl GuestBytes, debugger_data_address: u64) -> Option<Bugcheck> {
    let address = debugger_data(memory, debugger_data_address)?.crash;
    let record: CrashRecord = object(memory, address)?;
    if record.magic != CRASH_MAGIC {
        return None;
    }
    // A process may end with status 0 and bring the system down; elsewhere 0 says that there is none.
    let of_process = matches!(
        record.code,
        bugcheck::STATUS_SYSTEM_PROCESS_TERMINATED
            | bugcheck::CRITICAL_OBJECT_TERMINATION
            | bugcheck::CRITICAL_PROCESS_DIED
    );
    let status = (of_process || record.status != 0).then_some(record.status);
    let registers = record.registers;
    Some(Bugcheck {
        code: record.code,
        name: bugcheck::name(record.code),
        params: record.params,
        status,
        status_name: status.and_then(|status| NtStatus(status).name()),
        pid: record.pid,
        tid: record.tid,
        process: padded_str(&record.process).to_owned(),
        text: padded_str(&record.text).to_owned(),
        gpr: registers.gpr,
        rip: registers.rip,
        rflags: registers.rflags,
        cr2: registers.cr2,
        cr3: registers.cr3,
    })
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
