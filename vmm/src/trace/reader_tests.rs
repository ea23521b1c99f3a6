use zerocopy::FromZeros;

use super::*;

const KD: u64 = 0x100;
const RING: u64 = 0x200;
const CRASH: u64 = 0x800;
const CAPACITY: u64 = 8;

/// A guest's RAM with a debugger data block, a ring of eight slots, and no records.
fn ram() -> Vec<u8> {
    let mut ram = vec![0; 0x1000];
    let data = DebuggerData {
        magic: DEBUGGER_DATA_MAGIC,
        version: KD_VERSION,
        size: size_of::<DebuggerData>() as u32,
        trace: RING,
        crash: CRASH,
        hives: 0,
        waits: 0,
    };
    put(&mut ram, KD, &data);
    let header = TraceHeader {
        magic: TRACE_MAGIC,
        version: KD_VERSION,
        capacity: CAPACITY as u32,
        head: 0,
        tail: 0,
        lost: 3,
        reserved: [0; 3],
    };
    put(&mut ram, RING, &header);
    ram
}

fn put<T: IntoBytes + zerocopy::Immutable>(ram: &mut [u8], address: u64, object: &T) {
    ram[address as usize..][..size_of::<T>()].copy_from_slice(object.as_bytes());
}

fn record(ram: &mut [u8], slot: u64, event: u16, phase: u8, text_slots: u8) {
    let record = TraceRecord { tsc: 1000 + slot, event, phase, text_slots, pid: 4, args: [7, 8] };
    put(ram, RING + SLOTS + slot % CAPACITY * TRACE_SLOT as u64, &record);
}

fn set_head(ram: &mut [u8], head: u64) {
    put(ram, RING + HEAD, &head);
}

fn drain(reader: &mut TraceReader, ram: &[u8]) -> Vec<Event> {
    let mut events = Vec::new();
    reader.drain(&RamImage(ram), KD, 0, &mut events);
    events
}

#[test]
fn records_with_text_across_the_end_of_the_ring() {
    let mut ram = ram();
    let mut reader = TraceReader::default();
    for slot in 0..6 {
        record(&mut ram, slot, nt::events::KE_PHASE0, b'B', 0);
    }
    set_head(&mut ram, 6);
    assert_eq!(drain(&mut reader, &ram).len(), 6);
    record(&mut ram, 6, nt::events::SMSS_EXECUTE_IMAGE, b'I', 2);
    let text = b"\\SystemRoot\\System32\\a-rather-long-name.exe";
    for (slot, part) in (7..).zip(text.chunks(TRACE_SLOT)) {
        let at = (RING + SLOTS) as usize + slot % CAPACITY as usize * TRACE_SLOT;
        ram[at..at + TRACE_SLOT].fill(0);
        ram[at..at + part.len()].copy_from_slice(part);
    }
    set_head(&mut ram, 9);
    let events = drain(&mut reader, &ram);
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].name, "Smss.ExecuteImage");
    assert_eq!(
        events[0].args,
        [("image", super::super::Value::Text(String::from_utf8_lossy(text).into_owned()))]
    );
    assert_eq!(reader.lost, Lost { full: 3, malformed: 0 });
}

#[test]
fn nonsense_is_counted_not_believed() {
    let mut ram = ram();
    let mut reader = TraceReader::default();
    record(&mut ram, 0, 1, b'X', 0);
    record(&mut ram, 1, 1, b'I', 200);
    record(&mut ram, 2, 1, b'I', 3);
    record(&mut ram, 3, 0x7777, b'E', 0);
    set_head(&mut ram, 4);
    let events = drain(&mut reader, &ram);
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].name, "Unknown.0x7777");
    assert_eq!(reader.lost.malformed, 3);
    for head in [0, u64::MAX, 1 << 63] {
        set_head(&mut ram, head);
        assert!(drain(&mut reader, &ram).is_empty());
    }
}

#[test]
fn headers_that_lie_are_ignored() {
    for (address, value) in [
        (KD, 0),
        (KD + 8, 99),
        (KD + 16, u64::MAX),
        (KD + 16, 0xFF8),
        (KD + 16, RING + 4),
        (RING, 0),
        (RING + 8, u64::MAX),
        (RING + 12, 7),
        (RING + 12, 0),
    ] {
        let mut ram = ram();
        ram[address as usize..][..8].copy_from_slice(&u64::to_le_bytes(value));
        set_head(&mut ram, 2);
        let mut reader = TraceReader::default();
        let events = drain(&mut reader, &ram);
        assert!(events.is_empty() && reader.ring.is_none(), "{address:#x} = {value:#x}: {events:?}");
    }
    assert!(debugger_data(&RamImage(&[]), u64::MAX).is_none());
}

#[test]
fn crash_record_counts_only_when_complete() {
    let mut ram = ram();
    assert_eq!(crash_record(&RamImage(&ram), KD), None);
    let mut record = CrashRecord::new_zeroed();
    record.code = bugcheck::CRITICAL_PROCESS_DIED;
    record.status = 0xC000_0005;
    record.process[..8].copy_from_slice(b"smss.exe");
    put(&mut ram, CRASH, &record);
    assert_eq!(crash_record(&RamImage(&ram), KD), None);
    record.magic = CRASH_MAGIC;
    put(&mut ram, CRASH, &record);
    let crash = crash_record(&RamImage(&ram), KD).expect("complete");
    assert_eq!(crash.name, Some("CRITICAL_PROCESS_DIED"));
    assert_eq!(crash.status_name, Some("ACCESS_VIOLATION"));
    assert_eq!(crash.process, "smss.exe");
}

/// A guest can write anything: random bytes over valid structures never do harm.
#[test]
fn random_damage() {
    let mut seed = 0xDEAD_BEEF_CAFE_F00D_u64;
    for _ in 0..3000 {
        let mut ram = ram();
        set_head(&mut ram, 5);
        for _ in 0..8 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let at = KD as usize + (seed as usize >> 8) % 0x400;
            ram[at] = seed as u8;
        }
        let _ = drain(&mut TraceReader::default(), &ram);
        let _ = crash_record(&RamImage(&ram), KD);
    }
}
