//! Checks that one thread can make.

use nt::{NtStatus, service};

use crate::asm;

/// Prints the verdict of a check.
pub fn verdict(name: &str, passed: bool, why: &str) {
    rt::display(if passed { "PASS " } else { "FAIL " });
    rt::display(name);
    if !passed {
        rt::display(": ");
        rt::display(why);
    }
    rt::display("\n");
}

/// The number of a service.
pub fn number_of(name: &str) -> u64 {
    service::SERVICES
        .iter()
        .find(|service| service.name == name)
        .map_or(0xFFF, |service| service.number.into())
}

/// The first argument is the PEB, and the command line is what the kernel was told.
pub fn environment(peb: usize, line: &str) {
    verdict("peb", peb as u64 == nt::layout::peb::ADDRESS, "RCX is not the PEB");
    rt::display(line);
    rt::display("\n");
}

/// Pointers to the kernel, to nowhere, across the end of user memory: ACCESS_VIOLATION each time.
pub fn hostile_pointers() {
    let display = number_of("NtDisplayString");
    let counter = number_of("NtQueryPerformanceCounter");
    let addresses = [
        0,
        8,
        0xFFFF,
        0x7FFE_0000,
        0x7FF_FFFE_FFFF,
        0x7FF_FFFF_0000,
        0x8000_0000_0000,
        0x4000_0000_0000,
        0x7FFF_8040_0000,
        u64::MAX - 7,
        u64::MAX,
    ];
    for address in addresses {
        // KUSER_SHARED_DATA can be read, not written.
        if address != 0x7FFE_0000 {
            let status = asm::system_call(display, address, 0, 0);
            verdict("read", status == u64::from(NtStatus::ACCESS_VIOLATION.0), "the kernel read it");
        }
        let status = asm::system_call(counter, address, 0, 0);
        verdict("write", status == u64::from(NtStatus::ACCESS_VIOLATION.0), "the kernel wrote it");
    }
    let string =
        nt::types::UnicodeString { length: 20, maximum_length: 20, reserved: 0, buffer: 0x4000_0020_0000 };
    let status = asm::system_call(display, (&raw const string).expose_provenance() as u64, 0, 0);
    verdict("inner", status == u64::from(NtStatus::ACCESS_VIOLATION.0), "the kernel followed it");
}

/// Numbers without a service; and registers that a call must preserve.
pub fn unknown_services() {
    for number in [service::SERVICES.len() as u64, 0xFFF, 0x1000, 0x1FFF, 0x7FFF_FFFF, 0xFFFF_FFFF] {
        let status = asm::system_call(number, 0, 0, 0);
        verdict("unknown", status == u64::from(NtStatus::INVALID_SYSTEM_SERVICE.0), "it was accepted");
    }
    let lost = asm::lost_registers(number_of("NtYieldExecution"));
    verdict("registers", lost == 0, "a preserved register was lost");
}

/// `int 2Eh` does what `syscall` does.
pub fn legacy_gate() {
    let close = number_of("NtClose");
    let by_syscall = asm::system_call(close, 0x4444, 0, 0);
    let by_interrupt = asm::system_call_by_interrupt(close, 0x4444, 0, 0);
    verdict(
        "int2e",
        by_interrupt == by_syscall && by_interrupt == u64::from(NtStatus::INVALID_HANDLE.0),
        "other result",
    );
    let unknown = asm::system_call_by_interrupt(0xFFF, 0, 0, 0);
    verdict("int2e-unknown", unknown == u64::from(NtStatus::INVALID_SYSTEM_SERVICE.0), "it was accepted");
}

/// The stack grows as it is touched.
pub fn stack_growth() {
    let mut area = [0_u8; 128 * 1024];
    for byte in area.iter_mut().step_by(4096) {
        *byte = 1;
    }
    let sum: u32 = core::hint::black_box(&area).iter().map(|&byte| u32::from(byte)).sum();
    verdict("stack", sum == 32, "a page of it was not zero");
}

/// A delay takes at least its time.
pub fn delay() {
    let time = || core::hint::black_box(rt::performance_counter());
    let (before, frequency) = time();
    rt::delay(200_000);
    let (after, _) = time();
    let milliseconds = (after - before) * 1000 / frequency.max(1);
    verdict("delay", (20..5_000).contains(&milliseconds), "not 20 ms");
}
