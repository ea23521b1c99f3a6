//! Who waits for what: the kernel's list of waiting threads (`nt::kd`), with names from the trace.

use std::collections::HashMap;

use nt::kd::{WAITS, WaitRecord, wait_kind};
use serde::Serialize;

use crate::clock::Clock;
use crate::trace::reader::{GuestBytes, debugger_data, object};
use crate::trace::{Step, Value};

/// An object that a thread waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Awaited {
    /// What it is: `event`, `process`, `thread`, `message`, `reply`, …
    pub kind: &'static str,
    /// The process that it is, belongs to or is served by; 0 when there is none.
    pub pid: u32,
    /// That process's image.
    pub process: Option<String>,
    /// The thread that it is; 0 when it is none.
    pub tid: u32,
}

/// A thread that waits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Waiting {
    /// Its process.
    pub pid: u32,
    /// That process's image, if the trace has its creation.
    pub process: Option<String>,
    /// Thread id.
    pub tid: u32,
    /// Microseconds from the start of the process until the wait began.
    pub since_us: f64,
    /// The first objects that it waits for, at most two.
    pub objects: Vec<Awaited>,
    /// How many there are.
    pub count: u32,
    /// It waits for all of them, not for any.
    pub all: bool,
    /// The steps of its process that have begun and not ended, outermost first. Only the thread that is taken to be in
    /// them has them.
    pub steps: Vec<String>,
    /// All of it in words.
    pub text: String,
}

/// The threads that wait: those in a step first, the kernel's own last. Every field of the list is the guest's word.
pub fn waits(
    memory: &impl GuestBytes,
    debugger_data_at: Option<u64>,
    steps: &[Step],
    clock: &Clock,
) -> Vec<Waiting> {
    let Some(data) = debugger_data_at.and_then(|address| debugger_data(memory, address)) else {
        return Vec::new();
    };
    if data.waits == 0 {
        return Vec::new();
    }
    let images = images(steps);
    let size = size_of::<WaitRecord>() as u64;
    let records = (0..WAITS as u64)
        .map_while(|number| object::<WaitRecord>(memory, data.waits.checked_add(number * size)?))
        .filter(|record| record.since != 0 && record.pid != 0);
    let mut records: Vec<WaitRecord> = records.collect();
    records.sort_by_key(|record| (record.pid, record.tid));
    let mut found: Vec<Waiting> = Vec::new();
    for record in &records {
        let open: Vec<&Step> = steps.iter().filter(|step| is_open(step, record.pid)).collect();
        let is_in = in_step(&records, &open, clock) == Some(record.tid);
        found.push(waiting(record, if is_in { &open } else { &[] }, &images, clock));
    }
    // The kernel's own threads are the least interesting.
    found.sort_by_key(|waiting| (waiting.steps.is_empty(), waiting.process.is_none()));
    found
}

/// The thread that is in its process's open steps: the first whose wait began in the innermost, and not one that waits
/// for messages.
fn in_step(records: &[WaitRecord], open: &[&Step], clock: &Clock) -> Option<u32> {
    let innermost = open.last()?;
    let able = |record: &&WaitRecord| {
        record.pid == innermost.pid
            && record.kinds[0] != wait_kind::MESSAGE
            && clock.us(record.since) >= innermost.start_us
    };
    records.iter().find(able).map(|record| record.tid)
}

fn is_open(step: &Step, pid: u32) -> bool {
    step.open && step.pid == pid && !step.name.starts_with("Sys.")
}

/// Image names by process id; an id that was used twice has its last one.
fn images(steps: &[Step]) -> HashMap<u32, String> {
    let created = steps.iter().filter(|step| step.name == "Ps.ProcessCreate");
    created
        .filter_map(|step| {
            let id = step.args.iter().find_map(|(name, value)| match value {
                Value::Dec(id) if *name == "id" => u32::try_from(*id).ok(),
                _ => None,
            })?;
            Some((id, text_of(step)?.to_owned()))
        })
        .collect()
}

fn text_of(step: &Step) -> Option<&str> {
    step.args.iter().find_map(|(_, value)| match value {
        Value::Text(text) => Some(text.as_str()),
        _ => None,
    })
}

fn awaited(kind: u32, target: u64, images: &HashMap<u32, String>) -> Awaited {
    let low = target as u32;
    let (kind, pid, tid) = match kind {
        wait_kind::EVENT => ("event", 0, 0),
        wait_kind::PROCESS => ("process", low, 0),
        wait_kind::THREAD => ("thread", (target >> 32) as u32, low),
        wait_kind::SEMAPHORE => ("semaphore", 0, 0),
        wait_kind::MUTANT => ("mutant", 0, 0),
        wait_kind::TIMER => ("timer", 0, 0),
        wait_kind::FILE => ("file", 0, 0),
        wait_kind::MESSAGE => ("message", 0, 0),
        wait_kind::REPLY => ("reply", low, 0),
        wait_kind::CONNECTION => ("connection", low, 0),
        wait_kind::DELAY => ("delay", 0, 0),
        _ => ("unknown", 0, 0),
    };
    Awaited { kind, pid, process: images.get(&pid).cloned(), tid }
}

fn waiting(record: &WaitRecord, open: &[&Step], images: &HashMap<u32, String>, clock: &Clock) -> Waiting {
    let known = (record.count as usize).min(2);
    let objects: Vec<Awaited> = record.kinds[..known]
        .iter()
        .zip(record.targets)
        .map(|(&kind, target)| awaited(kind, target, images))
        .collect();
    let steps: Vec<String> = open
        .iter()
        .map(|step| match text_of(step) {
            Some(text) => format!("{} {text}", step.name),
            None => step.name.clone(),
        })
        .collect();
    let process = images.get(&record.pid).cloned();
    let mut text = format!("{} thread {} waits for ", named(process.as_deref(), record.pid), record.tid);
    text += &match objects.as_slice() {
        [] => "something in the kernel".to_owned(),
        [one] => words(one, open),
        several => {
            let list: Vec<String> = several.iter().map(|object| words(object, open)).collect();
            let more = record.count as usize - several.len();
            let tail = if more == 0 { String::new() } else { format!(" and {more} more") };
            format!("{} {}{tail}", if record.all != 0 { "all of" } else { "any of" }, list.join(", "))
        }
    };
    if !steps.is_empty() {
        text += " in ";
        text += &steps.join(" > ");
    }
    Waiting {
        pid: record.pid,
        process,
        tid: record.tid,
        since_us: (clock.us(record.since) * 1000.0).round() / 1000.0,
        objects,
        count: record.count,
        all: record.all != 0,
        steps,
        text,
    }
}

fn named(process: Option<&str>, pid: u32) -> String {
    match process {
        Some(image) => image.to_owned(),
        None => format!("process {pid}"),
    }
}

/// An object in words. What an event stands for only the step knows.
fn words(object: &Awaited, open: &[&Step]) -> String {
    let whose = named(object.process.as_deref(), object.pid);
    match object.kind {
        "event" => {
            match open.last().filter(|step| step.name == "Smss.LoadSubsystem").and_then(|step| text_of(step))
            {
                Some(subsystem) => format!("an event (subsystem {subsystem} to connect)"),
                None => "an event".to_owned(),
            }
        }
        "process" => format!("the end of {whose} ({})", object.pid),
        "thread" => format!("the end of thread {} of {whose}", object.tid),
        "message" => "a message".to_owned(),
        "reply" => format!("the reply of {whose}"),
        "connection" => format!("{whose} to accept a connection"),
        "delay" => "a time".to_owned(),
        "unknown" => "something in the kernel".to_owned(),
        kind => format!("a {kind}"),
    }
}

#[cfg(test)]
mod tests {
    use nt::kd::{DEBUGGER_DATA_MAGIC, DebuggerData, KD_VERSION};
    use zerocopy::IntoBytes;

    use super::*;
    use crate::clock::Stamp;
    use crate::trace::reader::RamImage;

    fn step(name: &str, pid: u32, open: bool, args: Vec<(&'static str, Value)>) -> Step {
        Step { name: name.to_owned(), start_us: 0.2, duration_us: None, open, depth: 0, pid, args }
    }

    fn created(id: u32, image: &str) -> Step {
        let args = vec![("image", Value::Text(image.to_owned())), ("id", Value::Dec(id.into()))];
        step("Ps.ProcessCreate", 4, false, args)
    }

    fn told(records: &[WaitRecord], steps: &[Step]) -> Vec<String> {
        let mut ram = vec![0; 0x4000];
        let data = DebuggerData {
            magic: DEBUGGER_DATA_MAGIC,
            version: KD_VERSION,
            size: size_of::<DebuggerData>() as u32,
            trace: 0,
            crash: 0,
            hives: 0,
            waits: 0x1000,
        };
        ram[..size_of::<DebuggerData>()].copy_from_slice(data.as_bytes());
        ram[0x1000..0x1000 + size_of_val(records)].copy_from_slice(records.as_bytes());
        let clock = Clock::calibrate(Stamp { tsc: 0, ns: 0 }, Stamp { tsc: 1000, ns: 1000 });
        waits(&RamImage(&ram), Some(0), steps, &clock).into_iter().map(|waiting| waiting.text).collect()
    }

    fn record(pid: u32, tid: u32, kind: u32, target: u64) -> WaitRecord {
        WaitRecord { since: 500, pid, tid, kinds: [kind, 0], targets: [target, 0], count: 1, all: 0 }
    }

    #[test]
    fn the_thread_in_a_step_comes_first_and_listeners_are_in_none() {
        let steps = [
            created(12, "smss.exe"),
            created(28, "sleeper.exe"),
            step("Smss.BootExecuteList", 12, true, Vec::new()),
            step("Smss.ExecuteImage", 12, true, vec![("image", Value::Text("sleeper".into()))]),
            step("Sys.NtWaitForSingleObject", 12, true, Vec::new()),
        ];
        let records = [
            record(12, 8, wait_kind::MESSAGE, 0),
            WaitRecord { since: 1, ..record(12, 12, wait_kind::PROCESS, 28) },
            record(12, 16, wait_kind::THREAD, 28 << 32 | 32),
            record(28, 32, wait_kind::DELAY, 5),
        ];
        assert_eq!(
            told(&records, &steps),
            [
                "smss.exe thread 16 waits for the end of thread 32 of sleeper.exe in Smss.BootExecuteList > \
                 Smss.ExecuteImage sleeper",
                "smss.exe thread 8 waits for a message",
                "smss.exe thread 12 waits for the end of sleeper.exe (28)",
                "sleeper.exe thread 32 waits for a time",
            ]
        );
    }

    #[test]
    fn events_mean_what_the_step_is_about_and_several_objects_are_listed() {
        let steps = [
            created(12, "smss.exe"),
            step("Smss.LoadSubsystem", 12, true, vec![("name", Value::Text("Windows".into()))]),
        ];
        let event = record(12, 16, wait_kind::EVENT, 1);
        assert_eq!(
            told(&[event], &steps),
            [
                "smss.exe thread 16 waits for an event (subsystem Windows to connect) in Smss.LoadSubsystem Windows"
            ]
        );
        let two = [wait_kind::PROCESS, wait_kind::PROCESS];
        let several = WaitRecord { kinds: two, targets: [28, 40], count: 3, ..event };
        assert_eq!(
            told(&[several], &[created(28, "csrss.exe")]),
            [
                "process 12 thread 16 waits for any of the end of csrss.exe (28), the end of process 40 (40) and 1 more"
            ]
        );
    }

    #[test]
    fn without_a_list_there_is_nothing() {
        assert!(told(&[], &[]).is_empty());
        let clock = Clock::calibrate(Stamp { tsc: 0, ns: 0 }, Stamp { tsc: 1000, ns: 1000 });
        assert!(waits(&RamImage(&[]), Some(0), &[], &clock).is_empty());
    }
}
