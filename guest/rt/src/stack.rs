//! The stack probe.
#![expect(unsafe_code, reason = "called by compiled code only, with a convention of its own")]

use core::arch::naked_asm;

/// Touches every page that a stack frame of RAX bytes will take, in descending order, so that the
/// guard page is never jumped over: stacks are committed page by page as the guard is hit.
/// Called by functions with frames of a page or more; changes R10, R11 and flags only.
///
/// # Safety
/// Compiled code calls it before it moves RSP.
#[unsafe(naked)]
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "win64" fn __chkstk() {
    naked_asm!(
        "lea r10, [rsp + 8]",
        "mov r11, rax",
        "2:",
        "cmp r11, 4096",
        "jb 3f",
        "sub r10, 4096",
        "test byte ptr [r10], r10b",
        "sub r11, 4096",
        "jmp 2b",
        "3:",
        "sub r10, r11",
        "test byte ptr [r10], r10b",
        "ret",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::arch::asm;

    #[test]
    fn probes_down_to_the_last_byte_and_changes_two_registers() {
        for size in [0_usize, 1, 4095, 4096, 4097, 8192, 100_000] {
            let (end, rest, rax, rcx, start): (usize, usize, usize, usize, usize);
            // SAFETY: it reads the stack of this thread, well inside its 2 MiB, and R10, R11 and
            // flags are declared as changed. RBX holds the stack pointer over the alignment.
            unsafe {
                asm!(
                    "mov {start}, rsp",
                    "call {probe}",
                    probe = sym __chkstk,
                    start = out(reg) start,
                    inout("rax") size => rax,
                    inout("rcx") 0x1234_usize => rcx,
                    out("r10") end,
                    out("r11") rest,
                );
            }
            assert_eq!((start - end, rax, rcx), (size, size, 0x1234));
            assert_eq!(rest, size % 4096);
        }
    }
}
