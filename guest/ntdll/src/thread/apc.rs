//! User APCs.
#![expect(unsafe_code, reason = "entered by the kernel")]

use core::arch::naked_asm;

use nt::dispatch::{APC_ARGUMENT_1, APC_ARGUMENT_2, APC_ARGUMENT_3, APC_MACHINE_FRAME, APC_ROUTINE};

use super::raise::raise_status;
use crate::stubs::NtContinue;

/// The kernel enters it with an APC: see [`nt::dispatch`]. It calls the routine with its three arguments, and goes on with
/// the context, or with the next APC. Who unwinds through it gets to the interrupted code.
///
/// # Safety
/// The kernel enters it.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "win64" fn KiUserApcDispatcher() -> ! {
    naked_asm!(
        ".seh_proc KiUserApcDispatcher",
        ".seh_pushframe",
        ".seh_stackalloc {frame}",
        ".seh_savereg rbx, 0x90",
        ".seh_savereg rbp, 0xA0",
        ".seh_savereg rsi, 0xA8",
        ".seh_savereg rdi, 0xB0",
        ".seh_savereg r12, 0xD8",
        ".seh_savereg r13, 0xE0",
        ".seh_savereg r14, 0xE8",
        ".seh_savereg r15, 0xF0",
        ".seh_savexmm xmm6, 0x200",
        ".seh_savexmm xmm7, 0x210",
        ".seh_savexmm xmm8, 0x220",
        ".seh_savexmm xmm9, 0x230",
        ".seh_savexmm xmm10, 0x240",
        ".seh_savexmm xmm11, 0x250",
        ".seh_savexmm xmm12, 0x260",
        ".seh_savexmm xmm13, 0x270",
        ".seh_savexmm xmm14, 0x280",
        ".seh_savexmm xmm15, 0x290",
        ".seh_endprologue",
        "cld",
        "mov rcx, [rsp + {argument_1}]",
        "mov rdx, [rsp + {argument_2}]",
        "mov r8, [rsp + {argument_3}]",
        // The fourth is the context, for whom it may concern; the home space is the APC's own, which is not needed any more.
        "mov r9, rsp",
        "call qword ptr [rsp + {routine}]",
        "mov rcx, rsp",
        "mov edx, 1",
        "call {go_on}",
        "mov ecx, eax",
        "call {failed}",
        "int3",
        ".seh_endproc",
        frame = const APC_MACHINE_FRAME,
        argument_1 = const APC_ARGUMENT_1,
        argument_2 = const APC_ARGUMENT_2,
        argument_3 = const APC_ARGUMENT_3,
        routine = const APC_ROUTINE,
        go_on = sym NtContinue,
        failed = sym failed,
    )
}

extern "win64" fn failed(status: u32) -> ! {
    raise_status(nt::NtStatus(status))
}
