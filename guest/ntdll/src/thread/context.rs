//! The registers of a thread: saved, restored, and as the unwinder takes them.
#![expect(unsafe_code, reason = "reads and sets registers")]

use core::arch::naked_asm;
use core::mem::offset_of;

use nt::NtStatus;
use nt::dispatch::context_flags;
use nt::types::{Boolean, Context, ExceptionRecord, UserPtr};
use unwind::Registers;

use crate::stubs::NtContinue;

/// Where XMM0 to XMM15 are in the FXSAVE area, 16 bytes each.
const XMM: usize = 0xA0;

const _: () = {
    assert!(offset_of!(Context, rcx) == 0x80 && offset_of!(Context, rsp) == 0x98);
    assert!(offset_of!(Context, r15) == 0xF0 && offset_of!(Context, segments) == 0x38);
};

/// What the unwinder works on.
pub fn registers_of(context: &Context) -> Registers {
    let c = context;
    let vector = core::array::from_fn(|number| {
        let half = |at: usize| {
            let at = XMM + 16 * number + at;
            c.fp.get(at..).and_then(|rest| rest.first_chunk()).copied().map_or(0, u64::from_le_bytes)
        };
        [half(0), half(8)]
    });
    Registers {
        general: [
            c.rax, c.rcx, c.rdx, c.rbx, c.rsp, c.rbp, c.rsi, c.rdi, c.r8, c.r9, c.r10, c.r11, c.r12, c.r13,
            c.r14, c.r15,
        ],
        rip: c.rip,
        vector,
    }
}

/// Takes over what the unwinder has restored.
pub fn set_registers(context: &mut Context, registers: &Registers) {
    let c = &mut *context;
    [
        c.rax, c.rcx, c.rdx, c.rbx, c.rsp, c.rbp, c.rsi, c.rdi, c.r8, c.r9, c.r10, c.r11, c.r12, c.r13,
        c.r14, c.r15,
    ] = registers.general;
    c.rip = registers.rip;
    for (bytes, [low, high]) in c.fp[XMM..].chunks_exact_mut(16).zip(registers.vector) {
        bytes[..8].copy_from_slice(&low.to_le_bytes());
        bytes[8..].copy_from_slice(&high.to_le_bytes());
    }
}

/// Saves the caller's registers, as they are when the call returns.
///
/// # Safety
/// `context` can be written to, and lies on a multiple of 16.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "win64" fn RtlCaptureContext(context: *mut Context) {
    naked_asm!(
        "mov [rcx + 0x78], rax",
        "mov [rcx + 0x80], rcx",
        "mov [rcx + 0x88], rdx",
        "mov [rcx + 0x90], rbx",
        "lea rax, [rsp + 8]",
        "mov [rcx + 0x98], rax",
        "mov [rcx + 0xA0], rbp",
        "mov [rcx + 0xA8], rsi",
        "mov [rcx + 0xB0], rdi",
        "mov [rcx + 0xB8], r8",
        "mov [rcx + 0xC0], r9",
        "mov [rcx + 0xC8], r10",
        "mov [rcx + 0xD0], r11",
        "mov [rcx + 0xD8], r12",
        "mov [rcx + 0xE0], r13",
        "mov [rcx + 0xE8], r14",
        "mov [rcx + 0xF0], r15",
        "mov rax, [rsp]",
        "mov [rcx + 0xF8], rax",
        "mov word ptr [rcx + 0x38], cs",
        "mov word ptr [rcx + 0x3A], ds",
        "mov word ptr [rcx + 0x3C], es",
        "mov word ptr [rcx + 0x3E], fs",
        "mov word ptr [rcx + 0x40], gs",
        "mov word ptr [rcx + 0x42], ss",
        "fxsave [rcx + 0x100]",
        "stmxcsr [rcx + 0x34]",
        "mov dword ptr [rcx + 0x30], {flags}",
        "pushfq",
        "pop rax",
        "mov [rcx + 0x44], eax",
        "mov rax, [rcx + 0x78]",
        "ret",
        flags = const context_flags::FULL | context_flags::SEGMENTS,
    )
}

/// Goes on with all registers of a context, without the kernel.
///
/// # Safety
/// The context is one that the thread may go on with.
#[unsafe(naked)]
unsafe extern "win64" fn restore(context: *const Context) -> ! {
    naked_asm!(
        "test byte ptr [rcx + 0x30], 8",
        "jz 2f",
        "fxrstor [rcx + 0x100]",
        "ldmxcsr [rcx + 0x34]",
        "2:",
        // What IRET takes: SS, RSP, RFLAGS, CS, RIP. Of the flags only those that a program may set.
        "xor eax, eax",
        "mov ax, ss",
        "push rax",
        "push qword ptr [rcx + 0x98]",
        "mov eax, [rcx + 0x44]",
        "and eax, 0x240DD5",
        "or eax, 0x202",
        "push rax",
        "xor eax, eax",
        "mov ax, cs",
        "push rax",
        "push qword ptr [rcx + 0xF8]",
        "mov rax, [rcx + 0x78]",
        "mov rdx, [rcx + 0x88]",
        "mov rbx, [rcx + 0x90]",
        "mov rbp, [rcx + 0xA0]",
        "mov rsi, [rcx + 0xA8]",
        "mov rdi, [rcx + 0xB0]",
        "mov r8, [rcx + 0xB8]",
        "mov r9, [rcx + 0xC0]",
        "mov r10, [rcx + 0xC8]",
        "mov r11, [rcx + 0xD0]",
        "mov r12, [rcx + 0xD8]",
        "mov r13, [rcx + 0xE0]",
        "mov r14, [rcx + 0xE8]",
        "mov r15, [rcx + 0xF0]",
        "mov rcx, [rcx + 0x80]",
        "iretq",
    )
}

/// What a record of a long jump points to: `_JUMP_BUFFER` of the C library.
#[repr(C)]
pub struct JumpBuffer {
    /// Frame of who called `setjmp`; 0: without unwinding.
    pub frame: u64,
    rbx: u64,
    rsp: u64,
    rbp: u64,
    rsi: u64,
    rdi: u64,
    r12: u64,
    r13: u64,
    r14: u64,
    r15: u64,
    /// Where it goes on.
    pub rip: u64,
    pub mx_csr: u32,
    fp_csr: u16,
    spare: u16,
    /// XMM6 to XMM15.
    pub xmm: [[u8; 16]; 10],
}

/// Goes on with the registers of a context. A record of a long jump says where it goes; one that joins frames has a
/// routine that says it.
///
/// # Safety
/// The context is one that the thread may go on with; `record` is NULL, or a sound one.
#[unsafe(no_mangle)]
pub unsafe extern "win64" fn RtlRestoreContext(context: *mut Context, record: *const ExceptionRecord) -> ! {
    // SAFETY: as the caller says.
    unsafe {
        if let Some(record) = record.as_ref() {
            let first = record.information[0];
            match NtStatus(record.code) {
                NtStatus::LONGJUMP if record.parameters >= 1 => jump(&mut *context, first),
                NtStatus::UNWIND_CONSOLIDATE if record.parameters >= 1 => {
                    let routine = core::ptr::with_exposed_provenance::<()>(first as usize);
                    let routine: unsafe extern "win64" fn(*const ExceptionRecord) -> u64 =
                        core::mem::transmute(routine);
                    (*context).rip = routine(record);
                }
                _ => {}
            }
        }
        go_on(context)
    }
}

/// Takes the registers of a `setjmp`.
///
/// # Safety
/// There is a jump buffer at that address.
unsafe fn jump(context: &mut Context, buffer: u64) {
    // SAFETY: as the caller says.
    let from = unsafe { &*core::ptr::with_exposed_provenance::<JumpBuffer>(buffer as usize) };
    context.rbx = from.rbx;
    context.rsp = from.rsp;
    context.rbp = from.rbp;
    context.rsi = from.rsi;
    context.rdi = from.rdi;
    context.r12 = from.r12;
    context.r13 = from.r13;
    context.r14 = from.r14;
    context.r15 = from.r15;
    context.rip = from.rip;
    context.mx_csr = from.mx_csr;
    for (to, from) in context.fp[XMM + 6 * 16..].chunks_exact_mut(16).zip(from.xmm) {
        to.copy_from_slice(&from);
    }
}

/// Goes on with a context: by the kernel if it sets what only that can.
///
/// # Safety
/// The context is one that the thread may go on with.
pub unsafe fn go_on(context: *const Context) -> ! {
    const NEEDED: u32 = context_flags::CONTROL | context_flags::INTEGER;
    // SAFETY: as the caller says.
    unsafe {
        let flags = (*context).context_flags;
        let debug = flags & context_flags::DEBUG_REGISTERS == context_flags::DEBUG_REGISTERS;
        if !debug && flags & NEEDED == NEEDED {
            restore(context);
        }
        let status = NtContinue(UserPtr::new(context.expose_provenance() as u64), Boolean(0));
        super::raise::raise_status(status)
    }
}
