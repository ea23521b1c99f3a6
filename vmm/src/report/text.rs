//! The report for people.

use std::fmt;

use super::Dump;
use crate::kvm::Registers;
use crate::trace::{Step, Value};

impl fmt::Display for Dump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.waits.is_empty() {
            writeln!(f, "  who waits for what:")?;
            self.waits.iter().try_for_each(|waiting| writeln!(f, "  {}", Printable(&waiting.text)))?;
        }
        if let Some(rip) = self.rip {
            write!(f, "  at {rip:#x}")?;
            if let Some(symbol) = &self.symbol {
                write!(f, "  {}+{:#x}", symbol.name, symbol.offset)?;
            }
            match &self.instruction {
                Some(instruction) => writeln!(f, "\n     {}    [{}]", instruction.text, instruction.bytes)?,
                None => writeln!(f, "\n     (nothing is mapped there)")?,
            }
        }
        if self.halted {
            writeln!(f, "  the processor is halted and nothing wakes it")?;
        }
        if let Some(registers) = &self.registers {
            write_registers(f, registers)?;
        }
        if !self.last_exits.is_empty() {
            writeln!(f, "  last exits (µs, kind, port or address, value, rip):")?;
            for exit in &self.last_exits {
                let (kind, address) = (exit.kind.name(), exit.address);
                write!(f, "  {:>12.1} {kind:<14} {address:#x}", exit.ts_us)?;
                if exit.size > 0 {
                    write!(f, " = {:#0width$x}", exit.value, width = 2 + 2 * usize::from(exit.size.min(8)))?;
                }
                writeln!(f, "  rip {:#x}", exit.rip)?;
            }
        }
        if !self.last_events.is_empty() {
            writeln!(f, "  last events (µs):")?;
            for step in &self.last_events {
                writeln!(f, "  {:>12.1} {}", step.start_us, Line(step))?;
            }
        }
        Ok(())
    }
}

fn write_registers(f: &mut fmt::Formatter<'_>, registers: &Registers) -> fmt::Result {
    for (row, names) in Registers::NAMES.chunks(4).enumerate() {
        for (column, name) in names.iter().enumerate() {
            write!(f, "  {name:>3} {:016x}", registers.gpr[4 * row + column])?;
        }
        writeln!(f)?;
    }
    let Registers { rip, rflags, cr0, cr2, cr3, cr4, efer, cs, ss, fs_base, gs_base, idt, gdt, .. } =
        registers;
    writeln!(
        f,
        "  rip {rip:016x}  rflags {rflags:08x}  ring {}  {}-bit",
        registers.ring(),
        registers.bitness()
    )?;
    writeln!(f, "  cr0 {cr0:016x}  cr2 {cr2:016x}  cr3 {cr3:016x}  cr4 {cr4:016x}  efer {efer:x}")?;
    writeln!(f, "  cs {:04x}  ss {:04x}  fs {fs_base:016x}  gs {gs_base:016x}", cs.selector, ss.selector)?;
    writeln!(f, "  idt {:016x}/{:04x}  gdt {:016x}/{:04x}", idt.0, idt.1, gdt.0, gdt.1)
}

/// A step of the trace in one line: its name, what it is about, and that it never ended.
pub(crate) struct Line<'a>(pub(crate) &'a Step);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.name)?;
        for (name, value) in &self.0.args {
            match value {
                Value::Text(text) => write!(f, " {}", Printable(text))?,
                Value::Dec(number) => write!(f, " {name}={number}")?,
                Value::Hex(number) => write!(f, " {name}={number:#x}")?,
                Value::Status(status) => write!(f, " {name}={status}")?,
            }
        }
        if self.0.open { f.write_str("  (never ended)") } else { Ok(()) }
    }
}

/// Text that comes from the guest, with control characters made harmless for a terminal.
pub(crate) struct Printable<'a>(pub(crate) &'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|letter| match letter {
            '\n' | '\t' => write!(f, "{letter}"),
            '\r' => Ok(()),
            _ if letter.is_control() => write!(f, "{}", letter.escape_default()),
            _ => write!(f, "{letter}"),
        })
    }
}
