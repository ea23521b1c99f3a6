//! Values of arguments, by the types and names that the table of services has.

use nt::service::pointee;

use crate::arena::{Arena, Slot};
use crate::names::{self, Use};
use crate::pointers;
use crate::pool;
use crate::random::Random;
use crate::scalars;
use crate::structures as make;

/// An argument as it is passed, and what it points to when that is ours.
#[derive(Clone, Copy, Debug)]
pub struct Value {
    /// What is passed.
    pub raw: u64,
    /// Where it points.
    pub slot: Option<Slot>,
}

/// A value for an argument of a service whose handles are of a kind.
pub fn argument(
    random: &mut Random,
    arena: &mut Arena,
    name: &str,
    kind: &str,
    handles: Option<usize>,
) -> Value {
    let raw = match kind {
        "Handle" => make::handle(random, pool::kind_of(name).or(handles)),
        "Boolean" => random.number(&[0, 0, 0, 1, 1, 0xFF, 0x100]),
        "u32" | "i32" => {
            let number = scalars::number32(random, name);
            // The upper half of a small argument is nobody's business.
            if random.one_in(8) { number & 0xFFFF_FFFF | random.any() << 32 } else { number }
        }
        "NtStatus" => scalars::status(random),
        "u64" => number64(random, arena, name),
        _ => return pointer(random, arena, name, pointee(kind).unwrap_or(kind), handles),
    };
    Value { raw, slot: None }
}

fn number64(random: &mut Random, arena: &mut Arena, name: &str) -> u64 {
    match name {
        "routine" => make::code(random),
        "base" | "address" => pointers::any(random, arena),
        "zero_bits" => random.number(&[0, 0, 0, 0, 1, 12, 21, 40, 64, 0x7FFF_FFFF, u64::MAX]),
        "length" => scalars::copied(random),
        "commit" => scalars::size(random),
        _ if random.percent(70) => random.below(0x100),
        _ => random.any(),
    }
}

fn pointer(random: &mut Random, arena: &mut Arena, name: &str, kind: &str, handles: Option<usize>) -> Value {
    // Without a time-out, or with one that nobody chose, a call may take for ever: that is left to a few.
    let times = if matches!(name, "timeout" | "interval") { 30 } else { 1 };
    match random.below(100 * times) {
        0..=4 => return Value { raw: 0, slot: None },
        5..=12 => return Value { raw: pointers::bad(random), slot: None },
        _ => {}
    }
    let slot = target(random, arena, name, kind, handles);
    let misaligned = if random.one_in(24 * times) { random.number(&[1, 2, 4]) } else { 0 };
    Value { raw: slot.address() + misaligned, slot: (misaligned == 0).then_some(slot) }
}

/// What a pointer argument points to.
fn target(random: &mut Random, arena: &mut Arena, name: &str, kind: &str, handles: Option<usize>) -> Slot {
    match kind {
        "ObjectAttributes" => make::object_attributes(random, arena, handles),
        "UnicodeString" => {
            let what = if name == "name" && handles.is_none() { Use::Object(None) } else { Use::Word };
            names::string(random, arena, what)
        }
        "ClientId" => make::client_id(random, arena),
        "Context" => make::context(random, arena),
        "InitialTeb" => make::initial_teb(random, arena),
        "PortMessage" => make::port_message(random, arena),
        "PortView" => make::port_view(random, arena, 0x30),
        "RemotePortView" => make::port_view(random, arena, 0x18),
        "SecurityQualityOfService" => make::quality(random, arena),
        "TraceFields" => make::trace_fields(random, arena),
        "Handle" => {
            let slot = arena.take(64);
            let kind = pool::kind_of(name);
            (0..slot.words()).for_each(|word| slot.put(word, make::handle(random, kind)));
            slot
        }
        "i64" | "u64" | "u32" | "i32" => {
            let slot = arena.take(16);
            slot.put(0, cell(random, arena, name, kind));
            slot
        }
        _ => make::soup(random, arena),
    }
}

/// The number in a place that a service reads, writes or both.
fn cell(random: &mut Random, arena: &mut Arena, name: &str, kind: &str) -> u64 {
    match name {
        "base" if random.percent(60) => 0,
        "base" => pointers::any(random, arena),
        "size" | "maximum_size" => scalars::size(random),
        "offset" => random.number(&[0, 0, 0, 0x1000, 0x1_0000, 1, u64::MAX]),
        "length" | "max_message" => scalars::length(random),
        _ if kind == "i64" => scalars::time(random),
        _ => random.below(0x100),
    }
}
