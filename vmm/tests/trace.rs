//! The guest's trace ring and crash record, from a small guest that has them, and from our own image.

mod common;

use common::{BASE, Code, elf64_with_notes, file, folder, note, run_args, run_elf};
use nt::kd::{
    CRASH_MAGIC, CrashRecord, DEBUGGER_DATA_MAGIC, DebuggerData, KD_VERSION, KernelNote, NOTE_OWNER,
    NOTE_TYPE, TRACE_MAGIC, TraceHeader, TraceRecord,
};
use zerocopy::{FromZeros, IntoBytes};

/// Where the structures are, from the start of the guest.
const DATA: usize = 0x200;
const RING: usize = 0x240;
const CRASH: usize = 0x800;

/// A guest with structures behind its code: a ring with `records`, and a crash record.
fn with_structures(code: Code, records: &[TraceRecord]) -> Vec<u8> {
    let mut bytes = code.0;
    assert!(bytes.len() <= DATA);
    bytes.resize(0x1000, 0);
    let address = |offset: usize| u64::from(BASE) + offset as u64;
    let data = DebuggerData {
        magic: DEBUGGER_DATA_MAGIC,
        version: KD_VERSION,
        size: size_of::<DebuggerData>() as u32,
        trace: address(RING),
        crash: address(CRASH),
        hives: 0,
        waits: 0,
    };
    put(&mut bytes, DATA, data.as_bytes());
    let mut header = TraceHeader::new_zeroed();
    (header.magic, header.version, header.capacity) = (TRACE_MAGIC, KD_VERSION, 8);
    (header.head, header.lost) = (records.len() as u64, 2);
    put(&mut bytes, RING, header.as_bytes());
    put(&mut bytes, RING + size_of::<TraceHeader>(), records.as_bytes());
    let mut crash = CrashRecord::new_zeroed();
    (crash.magic, crash.code, crash.pid, crash.tid) = (CRASH_MAGIC, 0xEF, 12, 16);
    (crash.params, crash.status) = ([1, 2, 3, 0x1234], 0xC000_0005);
    crash.process[..8].copy_from_slice(b"smss.exe");
    crash.text[..13].copy_from_slice(b"died\x1B[31m red");
    (crash.registers.rip, crash.registers.gpr[0]) = (u64::from(BASE), 7);
    put(&mut bytes, CRASH, crash.as_bytes());
    let kernel_note = KernelNote { version: KD_VERSION, reserved: 0, debugger_data: address(DATA) };
    let ours = note(&[NOTE_OWNER, b"\0"].concat(), NOTE_TYPE, kernel_note.as_bytes());
    elf64_with_notes(&bytes, BASE.into(), BASE, bytes.len() as u64, &ours)
}

fn put(bytes: &mut [u8], at: usize, object: &[u8]) {
    bytes[at..at + object.len()].copy_from_slice(object);
}

#[test]
fn a_bugcheck_is_told_in_full() {
    let elf = with_structures(Code::new().out8(0x505, 1).halt(), &[]);
    let run = run_elf(&elf, &["--json"]);
    assert_eq!(run.code, 5, "{}", run.stderr);
    let json = run.json();
    let record = &json["outcome"]["record"];
    assert_eq!((&record["code"], &record["name"]), (&0xEF.into(), &"CRITICAL_PROCESS_DIED".into()));
    assert_eq!(
        (&record["status_name"], &record["process"]),
        (&"ACCESS_VIOLATION".into(), &"smss.exe".into())
    );
    assert_eq!(record["params"][3], 0x1234);
    assert_eq!(json["dump"]["rip"], BASE);
    assert!(run.stderr.contains("STOP 0x000000EF CRITICAL_PROCESS_DIED"), "{}", run.stderr);
    // What the guest says cannot command the terminal.
    assert!(!run.stderr.contains('\x1B'), "{}", run.stderr);
}

#[test]
fn events_of_both_sides_are_merged_and_losses_counted() {
    let now = |plus| TraceRecord { tsc: plus, event: 2, phase: b'B', ..Default::default() };
    let elf = with_structures(
        Code::new().power_off().halt(),
        &[now(1), TraceRecord { phase: b'E', ..now(5) }, now(9)],
    );
    let folder = folder();
    let events = folder.path().join("events");
    let run = run_elf(&elf, &["--json", "--events", events.to_str().expect("UTF-8")]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let json = run.json();
    assert_eq!((&json["events_lost"]["full"], &json["events_lost"]["malformed"]), (&2.into(), &0.into()));
    let steps: Vec<_> = json["timeline"]
        .as_array()
        .expect("steps")
        .iter()
        .filter(|step| step["ev"] == "Ke.Phase0")
        .cloned()
        .collect();
    assert_eq!(steps.len(), 2);
    assert_eq!((&steps[0]["open"], &steps[1]["open"]), (&false.into(), &true.into()));
    assert!(run.stderr.contains("2 did not fit"), "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(events).expect("events").matches("Ke.Phase0").count(), 3);
}

#[test]
fn our_image_boots_and_its_events_lie_between_the_monitors() {
    let run = run_args(&["boot", "--json", "--deadline", "15s"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let json = run.json();
    assert_eq!(json["events_lost"], serde_json::json!({"full": 0, "malformed": 0}));
    let start = |name: &str| {
        let steps = json["timeline"].as_array().expect("steps");
        let step = steps.iter().find(|step| step["ev"] == name);
        step.unwrap_or_else(|| panic!("no {name}"))["start_us"].as_f64().expect("a number")
    };
    let order =
        ["Vmm.Start", "Vmm.VmCreate", "Vmm.FirstRun", "Ke.Entry", "Ke.Phase1", "Vmm.End", "Vmm.Teardown"];
    assert!(order.map(start).is_sorted(), "{order:?} {:?}", order.map(start));
    let exits = json["exits"]["total"].as_u64().expect("a number");
    assert!(exits <= 100, "{exits} exits: the budget is 100");
    let pages = json["guest_pages"].as_u64().expect("a number");
    assert!(pages <= 1024, "{pages} pages: the budget is 4 MiB");
}

#[test]
fn an_exported_image_boots_like_the_embedded_one() {
    let folder = folder();
    let path = folder.path().join("deep/er");
    let path = path.to_str().expect("UTF-8");
    assert_eq!(run_args(&["image", "export", path]).code, 0);
    let run = run_args(&["boot", "--image", path, "--deadline", "15s"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("Ke.Entry") && run.stdout.contains("Vmm.Teardown"), "{}", run.stdout);
    let extra = file(b"hello");
    let extra = format!(r"\SystemRoot\extra.txt={}", extra.path().display());
    assert_eq!(run_args(&["boot", "--image", path, "--file", &extra]).code, 0);
}
