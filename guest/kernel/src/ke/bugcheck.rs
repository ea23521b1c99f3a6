//! The end of the system: the stop screen, the crash record, pvpanic.

use alloc::string::String;
use core::fmt::{self, Write};
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicBool, Ordering};

use hal::trace::{self, Phase};
use hal::trap::TrapFrame;
use hal::{cpu, crash, platform};
use nt::kd::{CrashRecord, CrashRegisters};
use nt::{NtStatus, bugcheck as codes, events};

use super::sched;
use crate::kd;
use crate::ps::Process;

static STOPPING: AtomicBool = AtomicBool::new(false);

/// Stops the system. `text` says in words what happened; `status` is the NTSTATUS at the root of it.
pub fn bugcheck(code: u32, params: [u64; 4], status: NtStatus, text: fmt::Arguments<'_>) -> ! {
    let (rip, rsp) = cpu::here();
    let mut registers = CrashRegisters { rip, cr3: cpu::page_table_root(), ..CrashRegisters::default() };
    registers.gpr[4] = rsp;
    stop(code, params, status, registers, text)
}

/// Stops the system because of a process that need not be the current one: the record names it.
pub fn bugcheck_for(
    process: &Process,
    code: u32,
    params: [u64; 4],
    status: NtStatus,
    text: fmt::Arguments<'_>,
) -> ! {
    let (rip, rsp) = cpu::here();
    let mut registers = CrashRegisters { rip, cr3: cpu::page_table_root(), ..CrashRegisters::default() };
    registers.gpr[4] = rsp;
    stop_for((process.short_name(), process.id(), 0), code, params, status, registers, text)
}

/// Stops the system for a trap; the record gets the registers of the trap frame.
pub fn bugcheck_at(frame: &TrapFrame, code: u32, params: [u64; 4]) -> ! {
    let registers = CrashRegisters {
        gpr: [
            frame.rax, frame.rcx, frame.rdx, frame.rbx, frame.rsp, frame.rbp, frame.rsi, frame.rdi, frame.r8,
            frame.r9, frame.r10, frame.r11, frame.r12, frame.r13, frame.r14, frame.r15,
        ],
        rip: frame.rip,
        rflags: frame.rflags,
        cr2: cpu::fault_address(),
        cr3: cpu::page_table_root(),
    };
    stop(
        code,
        params,
        NtStatus::SUCCESS,
        registers,
        format_args!("trap {:#x} at {:#x}", frame.vector, frame.rip),
    )
}

/// A panic of the kernel's own code.
pub fn panicked(info: &PanicInfo<'_>) -> ! {
    let line = info.location().map_or(0, |location| location.line());
    bugcheck(
        codes::KERNEL_SECURITY_CHECK_FAILURE,
        [0, line.into(), 0, 0],
        NtStatus::SUCCESS,
        format_args!("{info}"),
    )
}

fn stop(
    code: u32,
    params: [u64; 4],
    status: NtStatus,
    registers: CrashRegisters,
    text: fmt::Arguments<'_>,
) -> ! {
    stop_for(sched::current_name_and_ids(), code, params, status, registers, text)
}

fn stop_for(
    (process, pid, tid): ([u8; 16], u32, u32),
    code: u32,
    params: [u64; 4],
    status: NtStatus,
    registers: CrashRegisters,
    text: fmt::Arguments<'_>,
) -> ! {
    // A fault on the way to the stop screen must not come back here for ever: the second one only leaves
    // what the first has recorded.
    if STOPPING.swap(true, Ordering::Relaxed) {
        platform::panicked();
    }
    trace::event(events::EX_BUGCHECK, Phase::Instant, pid, [code.into(), params[0]]);
    let mut record = CrashRecord {
        magic: 0,
        code,
        pid,
        params,
        status: status.0,
        tid,
        process,
        registers,
        text: [0; 192],
    };
    let mut words = Fixed { bytes: &mut record.text, len: 0 };
    let _ = words.write_fmt(text);
    let len = words.len;
    crash::leave(record);

    let name = codes::name(code).unwrap_or("");
    let mut screen = String::new();
    let _ = write!(
        screen,
        "\r\n*** STOP: 0x{code:08X} (0x{:016X},0x{:016X},0x{:016X},0x{:016X})\r\n{name}\r\n",
        params[0], params[1], params[2], params[3],
    );
    let _ = write!(screen, "*** {}\r\n", String::from_utf8_lossy(&record.text[..len]));
    if code == codes::STATUS_SYSTEM_PROCESS_TERMINATED {
        screen.push_str("{Fatal System Error} The system has been shut down.\r\n");
    }
    kd::print(format_args!("{screen}"));
    platform::panicked()
}

/// Text cut to what a fixed buffer holds, at a character's end.
struct Fixed<'a> {
    bytes: &'a mut [u8],
    len: usize,
}

impl Write for Fixed<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.bytes.len() - self.len;
        let end = (0..=room.min(text.len())).rev().find(|&n| text.is_char_boundary(n)).unwrap_or(0);
        self.bytes[self.len..self.len + end].copy_from_slice(&text.as_bytes()[..end]);
        self.len += end;
        Ok(())
    }
}
