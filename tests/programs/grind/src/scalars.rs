//! Values of arguments that are numbers, by their names.

use crate::random::Random;

/// Access masks that get somewhere.
const ACCESS: [u64; 12] = [
    0x0200_0000,
    0x0200_0000,
    0x1000_0000,
    0x1000_0000,
    0x001F_FFFF,
    0x001F_0003,
    0x000F_001F,
    0x8000_0000,
    0x0002_0000,
    0x0010_0001,
    0,
    0x0100_0000,
];
/// Protections of pages.
const PROTECT: [u64; 12] = [1, 2, 4, 4, 4, 8, 0x10, 0x20, 0x40, 0x80, 0x104, 0x204];
/// MEM_* and SEC_*.
const ALLOCATION: [u64; 13] = [
    0x1000, 0x2000, 0x3000, 0x3000, 0x4000, 0x8000, 0x8_0000, 0x10_3000, 0x100_0000, 0x400_0000, 0x800_0000,
    0x800_0000, 0,
];
/// Lengths of structures.
const LENGTHS: [u64; 16] = [0, 1, 2, 4, 8, 12, 16, 0x18, 0x20, 0x28, 0x30, 0x38, 0x40, 0x48, 0x68, 0x138];
/// Sizes of memory.
const SIZES: [u64; 12] = [
    0,
    1,
    0x1000,
    0x1001,
    0x2000,
    0x1_0000,
    0x1_0000,
    0x4_0000,
    0x10_0000,
    0x7FF_0000_0000,
    u64::MAX,
    1 << 63,
];
/// Times: none is long, so that no wait is.
const TIMES: [i64; 8] = [0, 0, -1, -10, -1000, -3000, 1, 1_000_000];

/// Bytes of every buffer that an argument of unknown use points to.
pub const BUFFER: usize = 0x200;

/// A u32 or i32 by its name.
pub fn number32(random: &mut Random, name: &str) -> u64 {
    if random.one_in(24) {
        let any = random.any();
        return random.number(&[u64::MAX, 0x8000_0000, 0x7FFF_FFFF, 0xFFFF, any]);
    }
    match name {
        "access" => random.number(&ACCESS),
        "class" => random.below(72),
        "protect" => random.number(&PROTECT),
        "allocation_type" | "allocation" | "free_type" => {
            let first = random.number(&ALLOCATION);
            if random.one_in(8) { first | random.number(&ALLOCATION) } else { first }
        }
        "attributes" => random.number(&[0, 2, 0x40, 0x42]),
        "count" => random.below(6),
        // How long a period or an amount is.
        "period" => random.below(20),
        name if name.contains("length") || name.contains("size") || name.starts_with("max_") => {
            length(random)
        }
        // Control codes: of the kinds of devices that there are.
        "code" => random.below(64) << 16 | random.below(64) << 2 | random.below(4),
        _ if random.percent(80) => random.below(9),
        _ => 1 << random.below(32),
    }
}

/// How long a buffer is said to be.
pub fn length(random: &mut Random) -> u64 {
    match random.below(10) {
        0..=3 => BUFFER as u64,
        4..=7 => random.number(&LENGTHS),
        8 => random.below(BUFFER as u64 + 1),
        _ => random.number(&[u64::MAX, 0x7FFF_FFFF, 0x1000, 0x1_0000, 0x10_0000]),
    }
}

/// How many bytes are to be copied: what the buffer holds, or more than user mode has. Between those, a service that
/// does as it is told would write over this program.
pub fn copied(random: &mut Random) -> u64 {
    match random.below(10) {
        0..=8 => length(random).min(BUFFER as u64),
        _ => random.number(&[u64::MAX, 1 << 63, 0x8000_0000_0000]),
    }
}

/// The size of a region.
pub fn size(random: &mut Random) -> u64 {
    random.number(&SIZES)
}

/// A time or time-out in 100 ns.
pub fn time(random: &mut Random) -> u64 {
    random.pick(&TIMES.each_ref()).copied().unwrap_or(0) as u64
}

/// A status for those who end, report or raise something.
pub fn status(random: &mut Random) -> u64 {
    let any = random.any();
    random.number(&[0, 0x102, 0x103, 0x4000_0015, 0x8000_0003, 0xC000_0005, 0xC000_0001, any])
}
