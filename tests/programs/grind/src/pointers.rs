//! Addresses, most of them bad.

use nt::kuser;
use nt::layout::peb;

use crate::arena::Arena;
use crate::pool;
use crate::random::Random;
use crate::{asm, identity};

/// First address that no user has, and its neighbours.
const USER_END: u64 = 0x7FF_FFFF_0000;
/// Addresses that no user may touch, or that nobody has.
const NOBODY: [u64; 22] = [
    1,
    7,
    0xFFFF,
    0x1_0000,
    USER_END - 1,
    USER_END - 8,
    USER_END,
    USER_END + 0xFFF8,
    0x7FFF_FFFF_FFFF,
    0x8000_0000_0000,
    0xFFFF_7FFF_FFFF_FFF8,
    0x4000_0000_0000,
    0x4000_0010_0000,
    0x7E80_0000_0000,
    0x7FFF_8020_0000,
    0x7FFF_8040_0000,
    0xFFFF_FFFF_FFFF_F000,
    u64::MAX,
    u64::MAX - 7,
    u64::MAX - 0xFFF,
    0x4141_4141_4141_4141,
    0x1234_5000,
];

/// An address that a service must not take.
pub fn bad(random: &mut Random) -> u64 {
    match random.below(12) {
        0 => kuser::USER_ADDRESS + random.number(&[0, 8, 0x320, 0xFF0, 0xFFF]),
        1 => asm::routine as *const () as u64,
        2 => random.any(),
        3 => random.any() & 0x7FF_FFFF_FFFF,
        // The last bytes before what may be nobody's.
        4 | 5 => identity::guarded().wrapping_sub(random.number(&[1, 2, 4, 7, 8, 12, 16])),
        6 => identity::freed().wrapping_add(random.below(0x1_0000)),
        7 => pool::address(random).wrapping_add(random.number(&[0, 0x1000, 0xFFC, 0xFFFC])),
        _ => random.number(&NOBODY),
    }
}

/// An address for those who take any.
pub fn any(random: &mut Random, arena: &mut Arena) -> u64 {
    match random.below(8) {
        0..=2 => pool::address(random).wrapping_add(random.number(&[0, 0, 0x800, 0x1000, 0x1_0000])),
        3 => 0,
        4 | 5 => arena.take(64).address() + random.number(&[0, 0, 1, 4]),
        6 => random.number(&[peb::ADDRESS, kuser::USER_ADDRESS, 0x7FFB_0000, 0x7FFA_F000, 0x1_4000_0000]),
        _ => bad(random),
    }
}
