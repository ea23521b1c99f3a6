//! Frames by hand: each unwind code, prologues and epilogues half done, chains, damage.

use std::collections::BTreeMap;

use proptest::prelude::*;
use unwind::register::{RBP, RBX, RSP};
use unwind::{EXCEPTION_HANDLER, Function, Handler, Memory, Registers, TERMINATION_HANDLER, find, unwind};

const STACK: u64 = 0x10_0000;
const FUNCTION: Function = Function { entry: 0, begin: 0x100, end: 0x180, unwind: 0x200 };

#[derive(Clone, Default)]
struct World {
    image: Vec<u8>,
    stack: BTreeMap<u64, u64>,
    restored: Vec<(usize, u64)>,
}

impl Memory for World {
    fn stack(&self, address: u64) -> Option<u64> {
        self.stack.get(&address).copied()
    }

    fn image(&self, rva: u32) -> Option<u8> {
        self.image.get(rva as usize).copied()
    }

    fn restored(&mut self, register: usize, from: u64) {
        self.restored.push((register, from));
    }
}

/// A function with that code from its start, and that unwind data; the rest of its code is NOPs. The stack holds its own
/// addresses, negated.
fn world(code: &[u8], data: &[u8]) -> World {
    let mut image = vec![0; 0x400];
    image[0x100..0x180].fill(0x90);
    image[0x100..0x100 + code.len()].copy_from_slice(code);
    image[0x200..0x200 + data.len()].copy_from_slice(data);
    let stack = (0..64).map(|n| (STACK + 8 * n, !(STACK + 8 * n))).collect();
    World { image, stack, restored: Vec::new() }
}

fn registers() -> Registers {
    let mut registers = Registers { rip: 0x7777, ..Registers::default() };
    for (number, register) in registers.general.iter_mut().enumerate() {
        *register = 0x1111 * number as u64;
    }
    registers.general[RSP] = STACK;
    registers
}

fn at(world: &mut World, rva: u32, registers: &mut Registers) -> unwind::Unwound {
    unwind(world, &FUNCTION, rva, EXCEPTION_HANDLER, registers).expect("sound data")
}

/// push rbx; sub rsp, 0x20.
const SIMPLE: [u8; 8] = [1, 5, 2, 0, 5, 0x32, 1, 0x30];

#[test]
fn a_prologue_is_undone_as_far_as_it_came() {
    let code = [0x53, 0x48, 0x83, 0xEC, 0x20];
    for (rva, rbx, rsp) in [
        (0x100, 0x3333, 0),
        (0x101, !STACK, 8),
        (0x105, !(STACK + 0x20), 0x28),
        (0x140, !(STACK + 0x20), 0x28),
    ] {
        let (mut world, mut registers) = (world(&code, &SIMPLE), registers());
        let unwound = at(&mut world, rva, &mut registers);
        assert_eq!((unwound.establisher, unwound.handler, unwound.interrupted), (STACK, None, false));
        assert_eq!((registers.general[RBX], registers.general[RSP]), (rbx, STACK + rsp + 8), "{rva:#x}");
        assert_eq!(registers.rip, !(STACK + rsp));
        let restored = if rva == 0x100 { vec![] } else { vec![(RBX, STACK + rsp - 8)] };
        assert_eq!(world.restored, restored);
    }
}

#[test]
fn an_epilogue_is_carried_on() {
    // add rsp, 0x20; pop rbx; pop r12; and ways to leave.
    let leave: [&[u8]; 8] = [
        &[0xC3],
        &[0xC2, 8, 0],
        &[0xF3, 0xC3],
        &[0xEB, 0x60],
        &[0xE9, 0, 1, 0, 0],
        &[0xFF, 0x25, 0, 0, 0, 0],
        &[0x48, 0xFF, 0xE0],
        &[0x49, 0xFF, 0x62, 8],
    ];
    for leave in leave {
        let code = [&[0x90; 0x20], &[0x48, 0x83, 0xC4, 0x20, 0x5B, 0x41, 0x5C][..], leave].concat();
        for (rva, skip, pops) in [(0x120, 0x20, 2), (0x124, 0, 2), (0x125, 0, 1), (0x127, 0, 0)] {
            let (mut world, mut registers) = (world(&code, &SIMPLE), registers());
            let before = registers;
            let unwound = at(&mut world, rva, &mut registers);
            assert_eq!(unwound.handler, None);
            assert_eq!(registers.rip, !(STACK + skip + 8 * pops), "{leave:x?} {rva:#x}");
            assert_eq!(registers.general[RSP], STACK + skip + 8 * pops + 8);
            let expected = if pops == 2 { !(STACK + skip) } else { before.general[RBX] };
            assert_eq!(registers.general[RBX], expected);
            assert_eq!(registers.general[12] == before.general[12], pops == 0);
        }
    }
    // Jumps that stay inside, and other instructions, are no ends.
    for other in [
        &[0xEB_u8, 0x10][..],
        &[0xE9, 0x10, 0, 0, 0],
        &[0xFF, 0x15, 0, 0, 0, 0],
        &[0x48, 0xFF, 0xD0],
        &[0x90],
    ] {
        let code = [&[0x90; 0x20], &[0x48, 0x83, 0xC4, 0x20, 0x5B][..], other].concat();
        let (mut world, mut registers) = (world(&code, &SIMPLE), registers());
        at(&mut world, 0x120, &mut registers);
        assert_eq!(registers.general[RSP], STACK + 0x30, "{other:x?}");
    }
}

#[test]
fn a_frame_register_says_where_the_frame_is() {
    // push rbp; sub rsp, 0x40; lea rbp, [rsp+0x20]; then RSP moves on.
    let data = [1, 10, 3, 0x25, 10, 3, 5, 0x72, 1, 0x50];
    let code = [&[0x90; 0x20][..], &[0x48, 0x8D, 0x65, 0x20, 0x5D, 0xC3]].concat();
    let (mut world, mut registers) = (world(&code, &data), registers());
    registers.general[RBP] = STACK + 0x60;
    registers.general[RSP] = STACK - 0x800;
    let before = registers;
    let unwound = at(&mut world, 0x110, &mut registers);
    assert_eq!(unwound.establisher, STACK + 0x40);
    assert_eq!((registers.general[RBP], registers.general[RSP]), (!(STACK + 0x80), STACK + 0x90));
    // lea rsp, [rbp+0x20] begins an epilogue, with this register only.
    let mut registers = before;
    at(&mut world, 0x120, &mut registers);
    assert_eq!((registers.general[RBP], registers.general[RSP]), (!(STACK + 0x80), STACK + 0x90));
    // Before the register is set the frame is at RSP.
    let mut registers = before;
    registers.general[RSP] = STACK;
    let unwound = at(&mut world, 0x105, &mut registers);
    assert_eq!((unwound.establisher, registers.general[RSP]), (STACK, STACK + 0x50));
}

#[test]
fn saved_registers_are_read_from_the_frame() {
    // sub rsp, 0x88 (large); mov [rsp+0x40], rsi; movaps [rsp+0x50], xmm6; far versions of both.
    let data = [
        1, 40, 12, 0, 40, 0x79, 0x60, 0, 0, 0, 32, 0x55, 0x48, 0, 0, 0, 24, 0x68, 5, 0, 16, 0x64, 8, 0, 7, 1,
        0x11, 0,
    ];
    let (mut world, mut registers) = (world(&[], &data), registers());
    at(&mut world, 0x140, &mut registers);
    assert_eq!(registers.general[6], !(STACK + 0x40));
    assert_eq!(registers.general[RBP], !(STACK + 0x48));
    assert_eq!(registers.vector[6], [!(STACK + 0x50), !(STACK + 0x58)]);
    assert_eq!(registers.vector[7], [!(STACK + 0x60), !(STACK + 0x68)]);
    assert_eq!(registers.general[RSP], STACK + 0x90);
    assert!(world.restored.contains(&(22, STACK + 0x50)));
}

#[test]
fn machine_frames_have_both_rip_and_rsp() {
    for (code, skip) in [(0x0A, 0), (0x1A, 8)] {
        // sub rsp, 0x10 in a routine that the processor entered.
        let data = [1, 4, 2, 0, 4, 0x12, 0, code];
        let (mut world, mut registers) = (world(&[], &data), registers());
        world.stack.insert(STACK + 0x10 + skip + 24, 0xABCD_EF00);
        let unwound = at(&mut world, 0x110, &mut registers);
        assert_eq!((registers.rip, registers.general[RSP]), (!(STACK + 0x10 + skip), 0xABCD_EF00));
        assert!(unwound.interrupted);
    }
}

#[test]
fn handlers_are_those_asked_for_and_only_in_the_body() {
    let handled = |flags: u8| [&[1 | flags << 3][..], &SIMPLE[1..], &[0x44, 0x33, 0x22, 0x11]].concat();
    let handler = Some(Handler { routine: 0x1122_3344, data: 0x20C });
    for (flags, rva, kinds, expected) in [
        (EXCEPTION_HANDLER, 0x140, EXCEPTION_HANDLER, handler),
        (EXCEPTION_HANDLER, 0x140, TERMINATION_HANDLER, None),
        (EXCEPTION_HANDLER | TERMINATION_HANDLER, 0x140, TERMINATION_HANDLER, handler),
        (EXCEPTION_HANDLER, 0x103, EXCEPTION_HANDLER, None),
        (EXCEPTION_HANDLER, 0x120, EXCEPTION_HANDLER, None),
        (0, 0x140, EXCEPTION_HANDLER, None),
    ] {
        let code = [&[0x90; 0x20][..], &[0xC3]].concat();
        let (mut world, mut registers) = (world(&code, &handled(flags)), registers());
        let unwound = unwind(&mut world, &FUNCTION, rva, kinds, &mut registers).expect("sound data");
        assert_eq!(unwound.handler, expected, "{flags} {rva:#x} {kinds}");
    }
}

#[test]
fn chained_data_goes_on_with_the_first_parts() {
    // The fragment saved RSI at 0x18; the function has pushed RBX and taken 0x20 before.
    let mut data = vec![1 | 4 << 3, 0, 2, 0, 0, 0x64, 3, 0];
    data.extend([0, 1, 0, 0, 0x10, 1, 0, 0, 0x40, 2, 0, 0]);
    let (mut world, mut registers) = (world(&[], &data), registers());
    world.image[0x240..0x248].copy_from_slice(&SIMPLE);
    world.image[0x240] |= 1 << 3;
    world.image[0x248..0x24C].copy_from_slice(&[9, 0, 0, 0]);
    let unwound = at(&mut world, 0x110, &mut registers);
    assert_eq!((registers.general[6], registers.general[RBX]), (!(STACK + 0x18), !(STACK + 0x20)));
    assert_eq!(registers.general[RSP], STACK + 0x30);
    assert_eq!(unwound.handler, Some(Handler { routine: 9, data: 0x24C }));
    // One that goes round in circles ends.
    world.image[0x210..0x214].copy_from_slice(&0x200_u32.to_le_bytes());
    assert_eq!(unwind(&mut world, &FUNCTION, 0x110, 1, &mut registers), None);
}

#[test]
fn functions_are_found_by_any_of_their_addresses() {
    let mut world = World::default();
    for (begin, end) in [(0x10, 0x20), (0x20, 0x28), (0x40, 0x90)] {
        world.image.extend([begin, end, 0x999_u32].into_iter().flat_map(u32::to_le_bytes));
    }
    for (rva, begin) in
        [(0xF, 0), (0x10, 0x10), (0x1F, 0x10), (0x20, 0x20), (0x28, 0), (0x40, 0x40), (0x8F, 0x40), (0x90, 0)]
    {
        let found = find(&world, 0, 36, rva);
        assert_eq!(found.map_or(0, |function| function.begin), begin, "{rva:#x}");
    }
    assert_eq!(find(&world, 0, 0, 0x10), None);
    assert_eq!(find(&world, 0, 1200, 0x1000), None);
    assert_eq!(find(&world, u32::MAX - 3, 36, 0x10), None);
}

#[test]
fn what_is_malformed_or_out_of_reach_is_refused() {
    let refused = |data: &[u8], rsp: u64| {
        let (mut world, mut registers) = (world(&[], data), registers());
        registers.general[RSP] = rsp;
        unwind(&mut world, &FUNCTION, 0x140, 1, &mut registers)
    };
    assert!(refused(&SIMPLE, STACK).is_some());
    for data in [
        &[0_u8, 0, 0, 0][..],
        &[3, 0, 0, 0],
        &[1, 0, 1, 0, 0, 0x0B],
        &[1, 0, 1, 0, 0, 0x21],
        &[1, 0, 1, 0, 0, 0x01],
        &[1, 0, 1, 0, 0, 0x2A],
    ] {
        assert_eq!(refused(data, STACK), None, "{data:x?}");
    }
    assert_eq!(refused(&SIMPLE, 0), None);
    assert_eq!(refused(&SIMPLE, u64::MAX - 7), None);
    let gone = Function { unwind: 0x10_0000, ..FUNCTION };
    assert_eq!(unwind(&mut world(&[], &[]), &gone, 0x140, 1, &mut registers()), None);
}

proptest! {
    #[test]
    fn nothing_panics(image in prop::collection::vec(any::<u8>(), 0..600), rva in 0..0x300_u32, entry in 0..0x300_u32, rsp in any::<u64>()) {
        let stack = (0..64).map(|n| (rsp.wrapping_add(8 * n), n)).collect();
        let mut world = World { image, stack, restored: Vec::new() };
        let _ = find(&world, entry, 240, rva);
        if let Some(function) = Function::read(&world, entry) {
            let mut registers = Registers::default();
            registers.general[RSP] = rsp;
            let _ = unwind(&mut world, &function, rva, 3, &mut registers);
        }
    }
}
