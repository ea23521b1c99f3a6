//! What arguments point to, by its type.

use nt::types::{Context, InitialTeb, ObjectAttributes};

use crate::arena::{Arena, Slot};
use crate::names::{self, Use};
use crate::pointers;
use crate::pool;
use crate::random::Random;
use crate::scalars;
use crate::{asm, identity};

/// OBJECT_ATTRIBUTES for an object of a kind.
pub fn object_attributes(random: &mut Random, arena: &mut Arena, kind: Option<usize>) -> Slot {
    let slot = arena.take(size_of::<ObjectAttributes>());
    let root = match random.below(10) {
        0..=5 => 0,
        6..=8 => pool::handle(random, root_kind(kind)),
        _ => handle(random, None),
    };
    let name = match random.below(20) {
        0..=4 => 0,
        5 => pointers::bad(random),
        _ => names::string(random, arena, Use::Object(kind)).address(),
    };
    // OBJ_INHERIT, OBJ_CASE_INSENSITIVE, OBJ_OPENIF and others. OBJ_PERMANENT would leave names behind, so it is for
    // those who may not.
    let permanent = if identity::is_ordinary() { 0x50 } else { 0x40 };
    let flags =
        random.number(&[permanent, 0x40, 0x40, 0x40, 0xC0, 0x42, 0xC2, 0, 0x100, 0x20, 0x200, 0x400, 0x8000]);
    let length = if random.one_in(40) { random.below(0x60) } else { size_of::<ObjectAttributes>() as u64 };
    let descriptor = if random.one_in(12) { soup(random, arena).address() } else { 0 };
    let quality = if random.one_in(12) { pointers::any(random, arena) } else { 0 };
    for (word, value) in [length, root, name, flags, descriptor, quality].into_iter().enumerate() {
        slot.put(word, value);
    }
    slot
}

/// What names of a kind are relative to.
fn root_kind(kind: Option<usize>) -> Option<usize> {
    match kind.map_or("", pool::kind_name) {
        "key" | "file" => kind,
        _ => pool::kind_of("directory"),
    }
}

/// A handle to an object of a kind, or not.
pub fn handle(random: &mut Random, kind: Option<usize>) -> u64 {
    match random.below(40) {
        0 => 0,
        1 | 2 => u64::MAX,
        3 | 4 => u64::MAX - 1,
        5 => 4 * random.below(64),
        6 => random.any(),
        7 => pool::handle(random, kind) | random.below(4),
        8..=11 => pool::handle(random, None),
        _ => match (pool::handle(random, kind), kind.map_or("", pool::kind_name)) {
            (0, "process") => u64::MAX,
            (0, "thread") => u64::MAX - 1,
            (handle, _) => handle,
        },
    }
}

/// Bytes of which some may make sense to somebody.
pub fn soup(random: &mut Random, arena: &mut Arena) -> Slot {
    let slot = arena.take(scalars::BUFFER);
    let recipe = random.below(6);
    let words = if random.one_in(4) { slot.words() } else { 12 };
    for word in 0..words {
        let value = match recipe {
            0 => 0,
            1 => random.below(4) << 32 | random.below(64),
            2 => match random.below(4) {
                0 => pool::handle(random, None),
                1 => slot.address() + 8 * random.below(slot.words() as u64),
                2 => pointers::bad(random),
                _ => random.below(0x40),
            },
            3 => random.any(),
            // A SID in every word but the first two: S-1-5-18.
            4 => [0x0000_0001_8004_0001, 0, 0x0500_0000_0000_0101, 0x12][word % 4],
            _ => 0x0067_0030_005C_0067,
        };
        slot.put(word, value);
    }
    slot
}

/// CLIENT_ID: of this process and its threads, or of nobody; of others only where the system must forbid it.
pub fn client_id(random: &mut Random, arena: &mut Arena) -> Slot {
    let slot = arena.take(16);
    let (process, thread) = identity::own();
    let nobody = match identity::is_ordinary() {
        true => 4 * random.below(32),
        false => 0x10_0000 + random.below(0x1_0000),
    };
    slot.put(0, if random.percent(70) { process } else { nobody });
    slot.put(1, if random.percent(70) { thread } else { 0 });
    slot
}

/// CONTEXT: of a thread that goes on to end itself, damaged here and there.
pub fn context(random: &mut Random, arena: &mut Arena) -> Slot {
    let slot = arena.take(size_of::<Context>());
    for word in 0..slot.words() {
        slot.put(word, 0);
    }
    let stack = arena.take(0x400);
    let flags = random.number(&[0x10_000B, 0x10_000F, 0x10_001F, 0x10_0001, 0x10_0002, 0, 0xFFFF_FFFF]);
    slot.put(6, flags | 0x1F80 << 32);
    // EFLAGS is the upper half of the word at 0x40, RSP is at 0x98, RIP at 0xF8.
    slot.put(8, random.number(&[0, 0, 0x202, 0x40_0102, 0xFFFF_FFFF, 0x3000]) << 32);
    slot.put(0x98 / 8, stack.address() + 0x3D8);
    slot.put(0xF8 / 8, crate::grinder::calm as *const () as u64);
    for _ in 0..random.below(3) {
        slot.put(random.below(slot.words() as u64) as usize, random.any());
    }
    slot
}

/// INITIAL_TEB.
pub fn initial_teb(random: &mut Random, arena: &mut Arena) -> Slot {
    let slot = arena.take(size_of::<InitialTeb>());
    let stack = arena.take(0x400).address();
    for (word, value) in [0, 0, stack + 0x400, stack, stack].into_iter().enumerate() {
        slot.put(word, if random.one_in(12) { random.any() } else { value });
    }
    slot
}

/// PORT_MESSAGE with some data.
pub fn port_message(random: &mut Random, arena: &mut Arena) -> Slot {
    let slot = arena.take(0x2B0);
    let data = 8 * random.below(8);
    let total = data + 0x28;
    let sizes = if random.one_in(6) { random.any() & 0xFFFF_FFFF } else { data | total << 16 };
    let kind = if random.one_in(4) { random.below(0x1_0000) } else { random.below(11) };
    let (process, thread) = identity::own();
    let offset = if random.one_in(6) { random.below(0x100) } else { 0 };
    let words = [sizes | kind << 32 | offset << 48, process, thread, random.below(16), 0];
    for (word, value) in words.into_iter().enumerate() {
        slot.put(word, value);
    }
    for word in 5..13 {
        slot.put(word, random.below(0x100));
    }
    slot
}

/// PORT_VIEW or REMOTE_PORT_VIEW.
pub fn port_view(random: &mut Random, arena: &mut Arena, bytes: u64) -> Slot {
    let slot = arena.take(0x30);
    let length = if random.one_in(8) { random.below(0x40) } else { bytes };
    let section = handle(random, pool::kind_of("section"));
    for (word, value) in [length, section, 0, 0x1000, 0, 0].into_iter().enumerate() {
        slot.put(word, if random.one_in(16) { random.any() } else { value });
    }
    slot
}

/// SECURITY_QUALITY_OF_SERVICE.
pub fn quality(random: &mut Random, arena: &mut Arena) -> Slot {
    let slot = arena.take(16);
    let length = if random.one_in(8) { random.below(0x20) } else { 12 };
    slot.put(0, length | random.below(5) << 32);
    slot.put(1, random.below(2) | random.below(2) << 8);
    slot
}

/// The fields of a boot event: any at all.
pub fn trace_fields(random: &mut Random, arena: &mut Arena) -> Slot {
    let slot = arena.take(88);
    for word in 0..slot.words() {
        slot.put(word, random.any());
    }
    let phase = random.number(&[0x42, 0x45, 0x49, 0]);
    slot.put(0, random.below(0x200) | phase << 16 | random.below(80) << 24);
    slot
}

/// The address of code.
pub fn code(random: &mut Random) -> u64 {
    match random.below(30) {
        0 => pointers::bad(random),
        1..=8 => asm::routine as *const () as u64,
        _ => 0,
    }
}
