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
        context_in_frame!(),
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
