//! Taking a frame away.

use crate::code::Operation;
use crate::info::Info;
use crate::register::RSP;
use crate::table::Function;
use crate::{Memory, epilogue};

/// Most functions whose data goes on with that of another.
const MAX_CHAIN: usize = 32;
/// RSP in a machine frame, behind RIP, CS and RFLAGS.
const MACHINE_RSP: u64 = 24;

/// The registers that unwinding restores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Registers {
    /// RAX to R15 by their numbers.
    pub general: [u64; 16],
    /// RIP.
    pub rip: u64,
    /// XMM0 to XMM15: low and high half.
    pub vector: [[u64; 2]; 16],
}

/// A language's handler for a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handler {
    /// RVA of its code.
    pub routine: u32,
    /// RVA of its data.
    pub data: u32,
}

/// What was found on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unwound {
    /// What identifies the frame: RSP after the prologue, or the frame register less its offset.
    pub establisher: u64,
    /// Who handles exceptions in it. Nobody does in a prologue or epilogue.
    pub handler: Option<Handler>,
    /// The function was not called but entered by the processor, or by the kernel for it: RIP may be anything.
    pub interrupted: bool,
}

/// Takes the frame of `function`, which was at `rva`, away: `registers` are then as they were after the call of it.
/// `handlers` says which kind of handler is asked for ([`crate::EXCEPTION_HANDLER`], [`crate::TERMINATION_HANDLER`]).
///
/// `None` when the unwind data is malformed or the stack cannot be read; registers may have changed then.
pub fn unwind<M: Memory>(
    memory: &mut M,
    function: &Function,
    rva: u32,
    handlers: u8,
    registers: &mut Registers,
) -> Option<Unwound> {
    let function = function.resolved(memory)?;
    let mut info = Info::read(memory, function.unwind)?;
    let offset = rva.saturating_sub(function.begin);
    // How far the prologue has come: an instruction is done when RIP is behind it.
    let progress = (offset < u32::from(info.prologue)).then_some(offset);
    let establisher = match has_frame_register(memory, &info, progress) {
        true => registers.general[info.frame_register].wrapping_sub(info.frame_offset),
        false => registers.general[RSP],
    };
    if progress.is_none()
        && let Some(after) = epilogue::finish(memory, &function, rva, info.frame_register, registers)
    {
        *registers = after;
        return Some(Unwound { establisher, handler: None, interrupted: false });
    }
    let mut returned = undo_all(memory, &info, progress, establisher, registers)?;
    for _ in 0..MAX_CHAIN {
        let Some(next) = info.chained(memory)? else {
            if !returned {
                registers.rip = memory.stack(registers.general[RSP])?;
                registers.general[RSP] = registers.general[RSP].wrapping_add(8);
            }
            // The last one has the handler for all.
            let handler = info.handler(memory, handlers).filter(|_| progress.is_none());
            let handler = handler.map(|(routine, data)| Handler { routine, data });
            return Some(Unwound { establisher, handler, interrupted: returned });
        };
        info = Info::read(memory, next.resolved(memory)?.unwind)?;
        returned |= undo_all(memory, &info, None, establisher, registers)?;
    }
    None
}

/// Whether the frame register has been set, as far as the prologue has come.
fn has_frame_register(memory: &impl Memory, info: &Info, progress: Option<u32>) -> bool {
    let Some(offset) = progress.filter(|_| !info.is_chained()) else {
        return info.frame_register != 0;
    };
    let mut codes = info.codes();
    while let Some(Some(code)) = codes.next(memory) {
        if code.operation == Operation::SetFrame && u32::from(code.offset) <= offset {
            return info.frame_register != 0;
        }
    }
    false
}

/// Undoes what a prologue has done, as far as it has come. Whether RIP is restored then.
fn undo_all(
    memory: &mut impl Memory,
    info: &Info,
    progress: Option<u32>,
    establisher: u64,
    registers: &mut Registers,
) -> Option<bool> {
    let mut returned = false;
    let mut codes = info.codes();
    while let Some(code) = codes.next(memory) {
        let code = code?;
        if progress.is_some_and(|offset| u32::from(code.offset) > offset) {
            continue;
        }
        let rsp = registers.general[RSP];
        match code.operation {
            Operation::Push(register) => {
                registers.general[register] = memory.stack(rsp)?;
                registers.general[RSP] = rsp.wrapping_add(8);
                memory.restored(register, rsp);
            }
            Operation::Allocate(size) => registers.general[RSP] = rsp.wrapping_add(size),
            Operation::SetFrame => {
                registers.general[RSP] =
                    registers.general[info.frame_register].wrapping_sub(info.frame_offset);
            }
            Operation::Save(register, offset) => {
                let from = establisher.wrapping_add(offset);
                registers.general[register] = memory.stack(from)?;
                memory.restored(register, from);
            }
            Operation::SaveVector(register, offset) => {
                let from = establisher.wrapping_add(offset);
                registers.vector[register] = [memory.stack(from)?, memory.stack(from.wrapping_add(8))?];
                memory.restored(16 + register, from);
            }
            Operation::MachineFrame(has_error) => {
                let frame = if has_error { rsp.wrapping_add(8) } else { rsp };
                registers.rip = memory.stack(frame)?;
                registers.general[RSP] = memory.stack(frame.wrapping_add(MACHINE_RSP))?;
                returned = true;
            }
            Operation::Nothing => {}
        }
    }
    Some(returned)
}
