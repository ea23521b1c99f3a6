//! The instruction that the guest stands at.

use iced_x86::{Decoder, DecoderOptions, Formatter, IntelFormatter};
use serde::Serialize;

use super::translate;
use crate::kvm::Registers;
use crate::trace::reader::GuestBytes;

/// Longest x86 instruction.
const LONGEST: usize = 15;

/// A disassembled instruction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Instruction {
    /// Linear address.
    pub address: u64,
    /// Its bytes, in hexadecimal.
    pub bytes: String,
    /// In Intel's syntax; `(bad)` when the bytes are no instruction.
    pub text: String,
}

/// Disassembles what is at the instruction pointer; `None` when nothing is mapped there.
pub fn instruction_at(memory: &impl GuestBytes, registers: &Registers) -> Option<Instruction> {
    let address = registers.rip;
    let base = if registers.bitness() == 64 { 0 } else { registers.cs.base };
    let mut code = Vec::with_capacity(LONGEST);
    // Byte by byte, because an instruction may cross into a page that is somewhere else or nowhere.
    for offset in 0..LONGEST as u64 {
        let linear = base.wrapping_add(address).wrapping_add(offset);
        let mut byte = [0];
        match translate(memory, registers, linear) {
            Some(physical) if memory.read(physical, &mut byte) => code.extend(byte),
            _ => break,
        }
    }
    if code.is_empty() {
        return None;
    }
    let mut decoder = Decoder::with_ip(registers.bitness(), &code, address, DecoderOptions::NONE);
    let instruction = decoder.decode();
    let len = if instruction.is_invalid() { code.len() } else { instruction.len() };
    let mut text = String::new();
    IntelFormatter::new().format(&instruction, &mut text);
    let bytes = code[..len].iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
    Some(Instruction { address, bytes, text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kvm::Segment;
    use crate::trace::reader::RamImage;

    #[test]
    fn decodes_at_the_segment_base_and_stops_at_the_end_of_ram() {
        let mut ram = vec![0x90; 0x20];
        ram[0x1E..].copy_from_slice(b"\xEB\xFE");
        let cs = Segment { base: 0x10, db: true, ..Default::default() };
        let registers = Registers { rip: 0xE, cs, ..Default::default() };
        let found = instruction_at(&RamImage(&ram), &registers).expect("mapped");
        assert_eq!((found.bytes.as_str(), found.text.as_str()), ("eb fe", "jmp short 0000000Eh"));
        let outside = Registers { rip: 0x1000, cs, ..Default::default() };
        assert_eq!(instruction_at(&RamImage(&ram), &outside), None);
    }
}
