//! The command line, and what its words mean.
#![expect(unsafe_code, reason = "reads the process parameters the kernel left")]

use nt::layout::{parameters, peb};
use nt::{NtStatus, events};
use rt::ShutdownAction;

use crate::{
    asm, checks, costs, drives, files, folders, fp, gui, ke, memory, objects, pending, ports, registry,
    security, threads,
};

/// Longest command line looked at, in characters.
const MAX: usize = 512;

/// Reads a value at an address in this process.
fn peek<T: Copy>(address: u64) -> T {
    // SAFETY: called with addresses inside the PEB and the process parameters, which the kernel maps
    // before the first thread runs and nobody writes to here.
    unsafe { core::ptr::with_exposed_provenance::<T>(address as usize).read_unaligned() }
}

fn command_line(peb: usize, buffer: &mut [u8; MAX]) -> &str {
    let block = peek::<u64>(peb as u64 + peb::PROCESS_PARAMETERS) + parameters::COMMAND_LINE as u64;
    let len = usize::from(peek::<u16>(block) / 2).min(MAX);
    let text = peek::<u64>(block + 8);
    for (n, byte) in buffer[..len].iter_mut().enumerate() {
        *byte = peek::<u16>(text + 2 * n as u64) as u8;
    }
    str::from_utf8(&buffer[..len]).unwrap_or("")
}

/// Does what the words of the command line say.
pub fn run(peb: usize) -> NtStatus {
    let mut buffer = [0; MAX];
    let line = command_line(peb, &mut buffer);
    for word in line.split(' ').skip(1) {
        match word {
            "directories" => objects::directories(),
            "links" => objects::links(),
            "handles" => objects::handles(),
            "drive-read" => drives::read(),
            "drive-write" => drives::write(),
            "drive-asynchronous" => drives::asynchronous(),
            "drive-cost" => drives::cost(),
            "drive-faults" => drives::faults(),
            "ready" => rt::trace(events::SMSS_SESSION_READY, b'I', [0; 2], ""),
            "long-text" => (0..200)
                .for_each(|_| rt::display("The quick brown fox jumps over the lazy dog. 0123456789\n")),
            "environment" => checks::environment(peb, line),
            "pointers" => checks::hostile_pointers(),
            "services" => checks::unknown_services(),
            "int2e" => checks::legacy_gate(),
            "stack" => checks::stack_growth(),
            "delay" => checks::delay(),
            "system-process" => objects::system_process(),
            "memory" => memory::private(),
            "guard" => memory::guard(),
            "guard-hit" => memory::touch_guard(),
            "sections" => memory::sections(),
            "hostile-memory" => memory::hostile(),
            "process-memory" => memory::processes(),
            "many-threads" => memory::many_threads(),
            "memory-cost" => memory::costs(),
            "registry" => registry::all(),
            "registry-ways" => registry::ways(),
            "registry-hostile" => registry::hostile(),
            "registry-load" => registry::load(),
            "registry-cost" => registry::cost(),
            "tokens" => security::tokens(),
            "access" => security::access(),
            "privileges" => security::privileges(),
            "security-hostile" => security::hostile(),
            "security-cost" => security::cost(),
            "become-user" => security::become_user(),
            "sessions" => gui::sessions(),
            "stations" => gui::stations(),
            "gui-threads" => gui::gui_threads(),
            "gui-hostile" => gui::hostile(),
            "threads" => threads::create_and_wait(),
            "preempt" => threads::preemption(),
            "fp" => fp::survives_switches(),
            "file-cost" => costs::files(),
            "port-talk" => ports::conversation(),
            "port-cost" => ports::costs(),
            "port-errors" => ports::errors(),
            "port-waitable" => ports::waitable(),
            "port-death" => ports::deaths(),
            "port-process" => ports::talk(),
            "port-views" => ports::views(),
            "port-identity" => ports::identity(),
            "io-drivers" => pending::drivers(),
            "io-asynchronous" => pending::asynchronous(),
            "io-synchronous" => pending::synchronous(),
            "file-create" => files::creates(),
            "file-share" => files::sharing(),
            "file-read" => files::reads(),
            "file-classes" => files::classes(),
            "file-devices" => files::devices(),
            "file-lists" => folders::listings(),
            "events" => (0..10_000).for_each(|n| rt::trace(events::KD_CALIBRATE, b'I', [n, 0], "")),
            "exit" => return NtStatus(0x1234_5678),
            "null-write" => asm::write_to(0),
            "kernel-read" => asm::read_from(0x7FFF_8020_0000),
            "kernel-read-data" => asm::read_from(0x7FFF_8040_0000),
            "kernel-read-ring0" => asm::read_from(0x7FFF_8080_1000),
            "kernel-read-ram" => asm::read_from(0x4000_0020_0000),
            "kernel-write-ram" => asm::write_to(0x4000_0040_0000),
            "kernel-read-hive" => asm::read_from(0x7F80_0000_0000),
            "kernel-read-session" => asm::read_from(0x7EE0_0000_0000),
            "entry-to-nowhere" => asm::jump_to_entry(1 << 47, 0x202),
            "entry-with-flags" => asm::jump_to_entry(asm::cli_address(), 0x3002),
            "kernel-jump" => asm::jump_to(0x7FFF_8020_2000),
            "stack-overflow" => asm::recurse(),
            "privileged" => asm::privileged(),
            "invalid-opcode" => asm::invalid_opcode(),
            "divide" => asm::divide_by_zero(),
            "spin" => asm::spin(),
            "wait" => rt::wait_for_ever(),
            "reset" => drop(rt::shutdown(ShutdownAction::Reboot)),
            "halt" => drop(rt::shutdown(ShutdownAction::NoReboot)),
            word if ke::run(word) => {}
            unknown => {
                rt::display("FAIL unknown word ");
                rt::display(unknown);
                rt::display("\n");
            }
        }
    }
    rt::shutdown(ShutdownAction::PowerOff)
}
