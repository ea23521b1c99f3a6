//! The unwinder against real code: the prologues and epilogues of every function of images that two compilers have made
//! are carried out instruction by instruction, and after each the unwinder has to give the caller's registers.

mod common;

use std::collections::BTreeMap;

use common::folder;
use iced_x86::{Code, Decoder, DecoderOptions, Instruction, Mnemonic, OpKind, Register};
use pe::{Directory, Image};
use unwind::register::RSP;
use unwind::{Function, Memory, Registers, unwind};

const STACK: u64 = 0x7000_0000;
const RETURN: u64 = 0x1234_5678;

struct World<'a> {
    image: Image<'a>,
    stack: BTreeMap<u64, u64>,
}

impl Memory for World<'_> {
    fn stack(&self, address: u64) -> Option<u64> {
        self.stack.get(&address).copied()
    }

    fn image(&self, rva: u32) -> Option<u8> {
        self.image.tail(rva).and_then(<[u8]>::first).copied()
    }
}

/// What a call leaves: every register another value, the return address on the stack.
fn called() -> Registers {
    let mut registers = Registers::default();
    for number in 0..16 {
        registers.general[number] = 0x1111_0000 * (number as u64 + 1);
        registers.vector[number] = [number as u64 + 0x100, number as u64 + 0x200];
    }
    registers.general[RSP] = STACK;
    registers
}

/// What the caller sees again: everything that a function must keep.
fn kept(registers: &Registers) -> (Vec<u64>, Vec<[u64; 2]>, u64) {
    let general = [3, 4, 5, 6, 7, 12, 13, 14, 15].map(|number| registers.general[number]);
    (general.to_vec(), registers.vector[6..].to_vec(), registers.rip)
}

impl World<'_> {
    /// Carries an instruction out, if it is one of those that prologues and epilogues are made of.
    fn execute(&mut self, instruction: &Instruction, registers: &mut Registers) -> bool {
        let general = |register: Register| register.is_gpr64().then(|| register.number());
        let address = |registers: &Registers| {
            let base = general(instruction.memory_base())?;
            let simple = instruction.memory_index() == Register::None;
            simple.then(|| registers.general[base].wrapping_add(instruction.memory_displacement64()))
        };
        let (first, second) = (instruction.op0_register(), instruction.op1_register());
        match instruction.mnemonic() {
            Mnemonic::Push if instruction.op0_kind() == OpKind::Register => {
                registers.general[RSP] -= 8;
                self.stack.insert(registers.general[RSP], registers.general[first.number()]);
            }
            Mnemonic::Pop if instruction.op0_kind() == OpKind::Register => {
                registers.general[first.number()] = self.stack[&registers.general[RSP]];
                registers.general[RSP] += 8;
            }
            Mnemonic::Sub | Mnemonic::Add
                if first == Register::RSP && instruction.op1_kind() != OpKind::Register =>
            {
                let size = instruction.immediate(1);
                let size = if instruction.mnemonic() == Mnemonic::Sub { size.wrapping_neg() } else { size };
                registers.general[RSP] = registers.general[RSP].wrapping_add(size);
            }
            Mnemonic::Lea => match (general(first), address(registers)) {
                (Some(to), Some(address)) => registers.general[to] = address,
                _ => return false,
            },
            Mnemonic::Mov if instruction.code() == Code::Mov_rm64_r64 => match instruction.op0_kind() {
                OpKind::Register => registers.general[first.number()] = registers.general[second.number()],
                _ => match address(registers) {
                    Some(address) => _ = self.stack.insert(address, registers.general[second.number()]),
                    None => return false,
                },
            },
            Mnemonic::Movaps | Mnemonic::Movups | Mnemonic::Movdqa if second.is_xmm() => {
                match address(registers) {
                    Some(address) if instruction.op0_kind() == OpKind::Memory => {
                        let [low, high] = registers.vector[second.number()];
                        self.stack.extend([(address, low), (address + 8, high)]);
                    }
                    _ => return false,
                }
            }
            _ => return false,
        }
        true
    }

    /// The instructions of a function.
    fn instructions(&self, function: &Function) -> Vec<Instruction> {
        let len = function.end - function.begin;
        let code = self.image.slice(function.begin, len).expect("code");
        Decoder::with_ip(64, code, function.begin.into(), DecoderOptions::NONE).into_iter().collect()
    }

    fn check(&mut self, function: &Function, rva: u64, registers: &Registers, expected: &Registers) {
        let mut unwound = *registers;
        unwind(self, function, rva as u32, 0, &mut unwound).expect("sound data");
        assert_eq!(kept(&unwound), kept(expected), "function {:#x} at {rva:#x}", function.begin);
    }

    /// Goes through a function; gives how many places were checked.
    fn try_function(&mut self, function: &Function) -> usize {
        let Some(info) = self.image.slice(function.unwind, 4) else { return 0 };
        // Parts of functions, and routines that the kernel enters, have no prologue to begin with.
        if info[0] >> 3 & 4 != 0 || info[2] == 0 || self.is_entered(function) {
            return 0;
        }
        let (prologue, instructions) = (u64::from(info[1]), self.instructions(function));
        let (mut registers, begin) = (called(), u64::from(function.begin));
        self.stack = BTreeMap::from([(STACK, RETURN)]);
        let mut expected = registers;
        expected.rip = RETURN;
        expected.general[RSP] += 8;
        let mut checked = 0;
        for instruction in instructions.iter().take_while(|next| next.ip() - begin < prologue) {
            self.check(function, instruction.ip(), &registers, &expected);
            // Whatever else is there changes no register that is kept.
            self.execute(instruction, &mut registers);
            checked += 1;
        }
        self.check(function, begin + prologue, &registers, &expected);
        // What the function has kept may hold anything now.
        let body = registers;
        for (place, instruction) in instructions.iter().enumerate() {
            if instruction.mnemonic() != Mnemonic::Ret {
                continue;
            }
            let is_part = |instruction: &Instruction| {
                instruction.mnemonic() == Mnemonic::Pop
                    || instruction.mnemonic() == Mnemonic::Add && instruction.op0_register() == Register::RSP
                    || instruction.mnemonic() == Mnemonic::Lea && instruction.op0_register() == Register::RSP
            };
            let start =
                instructions[..place].iter().rposition(|other| !is_part(other)).map_or(0, |last| last + 1);
            let mut registers = body;
            let saved = self.stack.clone();
            // Between body and epilogue registers that were saved by moves are loaded again.
            registers.vector[6..].copy_from_slice(&expected.vector[6..]);
            for number in [3, 5, 6, 7, 12, 13, 14, 15] {
                let popped = instructions[start..place]
                    .iter()
                    .any(|next| next.mnemonic() == Mnemonic::Pop && next.op0_register().number() == number);
                let frame = usize::from(info[3] & 15) == number;
                if !popped && !frame {
                    registers.general[number] = expected.general[number];
                }
            }
            for next in &instructions[start..=place] {
                self.check(function, next.ip(), &registers, &expected);
                self.execute(next, &mut registers);
                checked += 1;
            }
            self.stack = saved;
        }
        checked
    }

    fn is_entered(&self, function: &Function) -> bool {
        let info = self.image.slice(function.unwind, 4).expect("unwind data");
        let codes = self.image.slice(function.unwind + 4, 2 * u32::from(info[2])).expect("codes");
        codes.last_chunk::<2>().is_some_and(|code| code[1] & 15 == 10)
    }
}

#[test]
fn every_prologue_and_epilogue_unwinds_at_every_instruction() {
    for (name, at_least) in [("ntdll.dll", 2000), ("exceptions.exe", 150), ("middle.dll", 5)] {
        let file = std::fs::read(folder().join(name)).expect("an image");
        let image = Image::parse(&file).expect("an image");
        let directory = image.directory(Directory::Exception).expect("sound").expect("a table");
        let mut world = World { image, stack: BTreeMap::new() };
        let mut checked = 0;
        for entry in (directory.rva..directory.rva + directory.size).step_by(12) {
            let function = Function::read(&world, entry).expect("an entry");
            checked += world.try_function(&function);
        }
        println!("{name}: {checked}");
        assert!(checked >= at_least, "{name}: only {checked}");
    }
}
