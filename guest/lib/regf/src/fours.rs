//! Names four units at a time: hashed and compared in a third of the instructions. ASCII is folded all at once, and
//! whatever is not goes unit by unit.

use nt::upcase;

/// Those bits of four units that no ASCII character has.
const BEYOND_ASCII: u64 = 0xFF80_FF80_FF80_FF80;
/// The first and the third of four units.
const EVEN: u64 = 0x0000_FFFF_0000_FFFF;

/// Four units, the first one lowest.
#[inline(always)]
fn word([a, b, c, d]: [u16; 4]) -> u64 {
    u64::from(a) | u64::from(b) << 16 | u64::from(c) << 32 | u64::from(d) << 48
}

/// Four ASCII units as capitals; nothing if one is beyond ASCII.
#[inline(always)]
fn capitals(word: u64) -> Option<u64> {
    if word & BEYOND_ASCII != 0 {
        return None;
    }
    // Bit 7 of each unit: it is `a` or more, and not more than `z`.
    let from_a = word + 0x001F_001F_001F_001F;
    let above_z = word + 0x0005_0005_0005_0005;
    let small = from_a & !above_z & 0x0080_0080_0080_0080;
    Some(word ^ small >> 2)
}

/// Powers of what a hash is multiplied with for each unit.
const POWERS: [u32; 5] = [1, 37, 37 * 37, 37 * 37 * 37, 37 * 37 * 37 * 37];

/// The hash of a name ("Hash leaf").
#[inline]
pub(crate) fn hash(units: &[u16]) -> u32 {
    match hash_of_ascii(units) {
        Some(hash) => hash,
        None => hash_by_units(units),
    }
}

#[inline(always)]
fn hash_of_ascii(units: &[u16]) -> Option<u32> {
    let (fours, rest) = units.as_chunks::<4>();
    let mut hash = 0_u32;
    for four in fours {
        hash = hash.wrapping_mul(POWERS[4]).wrapping_add(hash_of_four(capitals(word(*four))?));
    }
    if rest.is_empty() {
        return Some(hash);
    }
    // The last units once more with those before them, which count as zeros: so they take no loop.
    let last = capitals(word(*units.last_chunk()?))?;
    let new = last & u64::MAX << (64 - 16 * rest.len());
    Some(hash.wrapping_mul(POWERS[rest.len() & 3]).wrapping_add(hash_of_four(new)))
}

/// The hash of four capitals.
#[inline(always)]
fn hash_of_four(word: u64) -> u32 {
    // Two hashes of two units each, which do not reach into one another.
    let pairs = (word & EVEN) * u64::from(POWERS[1]) + (word >> 16 & EVEN);
    (pairs as u32).wrapping_mul(POWERS[2]).wrapping_add((pairs >> 32) as u32)
}

/// The same for a name of fewer than four units, or with one beyond ASCII.
#[cold]
#[inline(never)]
fn hash_by_units(units: &[u16]) -> u32 {
    units.iter().fold(0, |hash, &unit| hash.wrapping_mul(POWERS[1]).wrapping_add(upcase(unit).into()))
}

/// Whether two pieces of four units are the same but for case; nothing if that takes a look at each.
#[inline(always)]
fn same(own: u64, other: u64) -> Option<bool> {
    if own == other { Some(true) } else { Some(capitals(own)? == capitals(other)?) }
}

/// Whether a name is one in Latin-1, but for case.
#[inline]
pub(crate) fn is_latin1(units: &[u16], latin1: &[u8]) -> bool {
    if units.len() != latin1.len() {
        return false;
    }
    match is_ascii(units, latin1) {
        Some(is) => is,
        None => is_by_units(units, latin1),
    }
}

#[inline(always)]
fn is_ascii(units: &[u16], latin1: &[u8]) -> Option<bool> {
    for (four, other) in units.as_chunks::<4>().0.iter().zip(latin1.as_chunks::<4>().0) {
        if !same(word(*four), widen(*other))? {
            return Some(false);
        }
    }
    // The last four include what is no four of its own, and perhaps some of the one before.
    same(word(*units.last_chunk()?), widen(*latin1.last_chunk()?))
}

/// Four bytes, each moved to a unit of its own.
#[inline(always)]
pub(crate) fn widen(bytes: [u8; 4]) -> u64 {
    let mut wide = u64::from(u32::from_le_bytes(bytes));
    wide = (wide | wide << 16) & EVEN;
    (wide | wide << 8) & 0x00FF_00FF_00FF_00FF
}

#[cold]
#[inline(never)]
fn is_by_units(units: &[u16], latin1: &[u8]) -> bool {
    units.iter().zip(latin1).all(|(&a, &b)| upcase(a) == upcase(b.into()))
}
