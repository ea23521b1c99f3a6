//! An event as every output shows it.

use std::borrow::Cow;

use nt::NtStatus;
use nt::events::{self, ArgKind};
use nt::kd::TraceRecord;
use nt::service::SERVICES;

use super::MonitorEvent;

/// Beginning or end of a span, or a single moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// A span begins.
    Begin,
    /// It ends.
    End,
    /// A single moment.
    Instant,
}

impl Phase {
    /// The letter of outputs and of the trace ring.
    pub fn letter(self) -> &'static str {
        match self {
            Phase::Begin => "B",
            Phase::End => "E",
            Phase::Instant => "I",
        }
    }

    /// From the trace ring.
    pub fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            b'B' => Some(Phase::Begin),
            b'E' => Some(Phase::End),
            b'I' => Some(Phase::Instant),
            _ => None,
        }
    }
}

/// The value of an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A decimal number.
    Dec(u64),
    /// A number shown in hexadecimal.
    Hex(u64),
    /// An NTSTATUS.
    Status(NtStatus),
}

/// An event of either side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Host time stamp counter.
    pub tsc: u64,
    /// Name.
    pub name: Cow<'static, str>,
    /// Begin, end or instant.
    pub phase: Phase,
    /// Process it happened in; 0 for none, and for the monitor.
    pub pid: u32,
    /// Arguments with their names.
    pub args: Vec<(&'static str, Value)>,
}

impl From<MonitorEvent> for Event {
    fn from(event: MonitorEvent) -> Self {
        Self { tsc: event.tsc, name: event.name.into(), phase: event.phase, pid: 0, args: Vec::new() }
    }
}

impl Event {
    /// Gives a record of the trace ring its names. `tsc_offset` is guest counter minus host counter.
    pub fn from_record(record: &TraceRecord, phase: Phase, text: &str, tsc_offset: i64) -> Self {
        let described = events::by_id(record.event);
        let mut args = Vec::new();
        // Arguments belong to the moment they are known: text to the begin or instant, a result to the end.
        if !text.is_empty() {
            args.push((
                described.and_then(|event| event.text).unwrap_or("text"),
                Value::Text(text.to_owned()),
            ));
        }
        match described {
            Some(event) => args.extend(event.args.iter().zip(record.args).map(|(arg, value)| {
                let value = match arg.kind {
                    ArgKind::Dec => Value::Dec(value),
                    ArgKind::Hex => Value::Hex(value),
                    ArgKind::Status => Value::Status(NtStatus(value as u32)),
                };
                (arg.name, value)
            })),
            None if record.event >= events::SYSTEM_CALL_BASE => {
                system_call_args(&mut args, record, phase);
            }
            None => args.extend([("arg0", Value::Hex(record.args[0])), ("arg1", Value::Hex(record.args[1]))]),
        }
        Self {
            tsc: record.tsc.wrapping_sub(tsc_offset as u64),
            name: name_of(record.event),
            phase,
            pid: record.pid,
            args,
        }
    }
}

fn name_of(id: u16) -> Cow<'static, str> {
    match events::by_id(id) {
        Some(event) => event.name.into(),
        None if id >= events::SYSTEM_CALL_BASE => {
            let number = id - events::SYSTEM_CALL_BASE;
            match nt::service::name(number.into()) {
                Some(service) => format!("Sys.{service}").into(),
                None => format!("Sys.{number:#x}").into(),
            }
        }
        None => format!("Unknown.{id:#x}").into(),
    }
}

/// A system call begins with its first arguments and ends with its status.
fn system_call_args(args: &mut Vec<(&'static str, Value)>, record: &TraceRecord, phase: Phase) {
    if phase == Phase::End {
        args.push(("status", Value::Status(NtStatus(record.args[0] as u32))));
        return;
    }
    let number = u32::from(record.event - events::SYSTEM_CALL_BASE);
    let service = SERVICES.iter().find(|service| service.number == number);
    let names = service.map_or(&[][..], |service| service.args);
    args.extend(names.iter().zip(record.args).map(|((name, _), value)| (*name, Value::Hex(value))));
}
