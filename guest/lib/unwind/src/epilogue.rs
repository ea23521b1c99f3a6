//! Epilogues: recognised by their instructions, and carried out.
//!
//! `add rsp, constant` or `lea rsp, constant[frame register]`; pops; then `ret` or a jump out of the function.

use crate::frame::Registers;
use crate::register::RSP;
use crate::table::Function;
use crate::{Memory, image_u32};

/// Longest epilogue: every register is popped, and twice as much.
const MAX_POPS: usize = 32;

/// How an epilogue takes its first step.
enum First {
    Add(u64),
    Lea(usize, u64),
}

/// Carries out what is left of an epilogue that begins, or goes on, at an RVA: RSP points behind the return address then, and RIP
/// to where that leads. `None` when this is no epilogue; registers are as they were.
pub fn finish(
    memory: &mut impl Memory,
    function: &Function,
    rva: u32,
    frame_register: usize,
    registers: &Registers,
) -> Option<Registers> {
    let mut after = *registers;
    let mut at = rva;
    if let Some((first, len)) = first_step(memory, at, frame_register) {
        after.general[RSP] = match first {
            First::Add(size) => after.general[RSP].wrapping_add(size),
            First::Lea(register, offset) => after.general[register].wrapping_add(offset),
        };
        at = at.checked_add(len)?;
    }
    let mut popped = [(0, 0); MAX_POPS];
    let mut count = 0;
    while let Some((register, len)) = pop(memory, at) {
        let from = after.general[RSP];
        *popped.get_mut(count)? = (register, from);
        count += 1;
        after.general[register] = memory.stack(from)?;
        after.general[RSP] = from.wrapping_add(8);
        at = at.checked_add(len)?;
    }
    if !leaves(memory, function, at)? {
        return None;
    }
    after.rip = memory.stack(after.general[RSP])?;
    after.general[RSP] = after.general[RSP].wrapping_add(8);
    for &(register, from) in &popped[..count] {
        memory.restored(register, from);
    }
    Some(after)
}

/// Up to seven bytes at an RVA; zeros behind the end of the image.
fn bytes(memory: &impl Memory, rva: u32) -> [u8; 7] {
    core::array::from_fn(|n| rva.checked_add(n as u32).and_then(|rva| memory.image(rva)).unwrap_or(0))
}

fn first_step(memory: &impl Memory, rva: u32, frame_register: usize) -> Option<(First, u32)> {
    let short = |byte: u8| i64::from(byte.cast_signed()).cast_unsigned();
    let long = |offset: u32| {
        Some(i64::from(image_u32(memory, rva.checked_add(offset)?)?.cast_signed()).cast_unsigned())
    };
    match bytes(memory, rva) {
        [0x48, 0x83, 0xC4, size, ..] => Some((First::Add(short(size)), 4)),
        [0x48, 0x81, 0xC4, ..] => Some((First::Add(long(3)?), 7)),
        // The register of LEA's operand: three bits of ModRM, the fourth of the prefix.
        [prefix @ (0x48 | 0x49), 0x8D, modrm, third, fourth, ..] if modrm & 0x38 == 0x20 => {
            let register = usize::from(modrm & 7) | usize::from(prefix & 1) << 3;
            if register != frame_register || frame_register == 0 {
                return None;
            }
            // R12 takes one more byte to encode.
            let sib = u32::from(modrm & 7 == 4);
            if sib == 1 && third != 0x24 {
                return None;
            }
            match modrm >> 6 {
                0 if modrm & 7 != 5 => Some((First::Lea(register, 0), 3 + sib)),
                1 => Some((First::Lea(register, short(if sib == 1 { fourth } else { third })), 4 + sib)),
                2 => Some((First::Lea(register, long(3 + sib)?), 7 + sib)),
                _ => None,
            }
        }
        _ => None,
    }
}

fn pop(memory: &impl Memory, rva: u32) -> Option<(usize, u32)> {
    match bytes(memory, rva) {
        [byte @ 0x58..=0x5F, ..] => Some((usize::from(byte & 7), 1)),
        [0x41, byte @ 0x58..=0x5F, ..] => Some((usize::from(byte & 7) + 8, 2)),
        _ => None,
    }
}

/// Whether an instruction returns, or jumps out of the function.
fn leaves(memory: &impl Memory, function: &Function, rva: u32) -> Option<bool> {
    let outside = |target: u32| !(function.begin..function.end).contains(&target) || target == function.begin;
    Some(match bytes(memory, rva) {
        // RET, RET n, REP RET.
        [0xC3 | 0xC2, ..] | [0xF3, 0xC3, ..] => true,
        [0xEB, distance, ..] => {
            let distance = i32::from(distance.cast_signed());
            outside(rva.wrapping_add(2).wrapping_add_signed(distance))
        }
        [0xE9, ..] => {
            let distance = image_u32(memory, rva.checked_add(1)?)?;
            outside(rva.wrapping_add(5).wrapping_add(distance))
        }
        // JMP through memory, or with REX.W: compilers keep that for jumps to other functions.
        [0xFF, 0x25, ..] => true,
        [0x48..=0x4F, 0xFF, modrm, ..] => modrm & 0x38 == 0x20,
        _ => false,
    })
}
