// Trap and system-call entries. Everything runs with interrupts off until `iretq`.

.set STUBS, 0xFFFFFFFF80200000

// One 16-byte stub a vector; the address of stub n is STUBS + 16 n (the IDT counts on it).
.section .stubs, "ax"
.altmacro
.macro stub vector
    .balign 16
    .if (\vector == 14)
        jmp trap_page_fault
    .else
        .if (\vector != 8) & (\vector != 10) & (\vector != 11) & (\vector != 12) & (\vector != 13) & (\vector != 17) & (\vector != 21) & (\vector != 29) & (\vector != 30)
            push 0
        .endif
        .byte 0x68                      // push imm32
        .long \vector
        jmp trap_common
    .endif
.endm
.set vector, 0
.rept 256
    stub %vector
    .set vector, vector + 1
.endr

// With error code, RIP, CS, flags, RSP and SS on the stack: completes a TrapFrame but for RCX and R11,
// which a system call loses, calls the service, and leaves RIP on top of the stack, the service's status in
// RAX and all other registers as the convention wants them. Somebody who wants the thread (hal_attention)
// gets the frame, and it is left by the long way.
.set FRAME_RAX, 6 * 8
.set FRAME_RSI, 11 * 8
.set FRAME_RDI, 12 * 8
.set FRAME_RIP, 17 * 8
.macro call_service
    push 0x100                          // trap.rs, vector::SYSTEM_CALL
    sub rsp, 16
    push rdi
    push rsi
    push r9
    push r8
    push rdx
    push r10
    push rax
    push rbx
    push rbp
    push r12
    push r13
    push r14
    push r15
    mov rdi, rsp
    call ki_system_service
    cmp byte ptr [rip + hal_attention], 0
    jne system_call_attention
    mov rax, [rsp + FRAME_RAX]
    mov rsi, [rsp + FRAME_RSI]
    mov rdi, [rsp + FRAME_RDI]
    add rsp, FRAME_RIP
.endm

// LSTAR. On hardware `syscall` enters here in ring 0. On a paravirtual host it jumps here in
// ring 3, and the fetch from this supervisor page faults: trap_page_fault takes that very case as
// a system call. The page must therefore never be readable from ring 3.
.balign 4096
.global ki_system_call_64
ki_system_call_64:
    mov [rip + syscall_user_rsp], rsp
    mov rsp, [rip + tss + 4]
    push 0x2B
    push [rip + syscall_user_rsp]
    push r11
    push 0x33
    push rcx
    push 0
    call_service
    pop rcx
    mov rdx, rcx
    shr rdx, 47                         // sysret faults in ring 0 on a non-canonical rip
    jnz 1f
    add rsp, 8
    pop r11
    xor r8d, r8d
    xor r9d, r9d
    xor r10d, r10d
    pop rsp
    sysretq
1:  push rcx
    jmp system_call_iret

.text
trap_page_fault:
    cmp dword ptr [rsp], 0x15           // present, user, fetch
    jne 1f
    cmp qword ptr [rsp + 8], offset ki_system_call_64
    je 2f
1:  push 14
    jmp trap_common
2:  mov [rsp + 8], rcx                  // rip and flags as the syscall instruction left them
    mov [rsp + 24], r11
    cld
    call_service
system_call_iret:
    xor ecx, ecx                        // the caller loses these; nothing of the kernel leaks
    xor edx, edx
    xor r8d, r8d
    xor r9d, r9d
    xor r10d, r10d
    xor r11d, r11d
    iretq

.global trap_common
trap_common:                            // the rest of a TrapFrame, in the order of trap.rs
    cld
    push rcx
    push r11
    push rdi
    push rsi
    push r9
    push r8
    push rdx
    push r10
    push rax
    push rbx
    push rbp
    push r12
    push r13
    push r14
    push r15
    mov rdi, rsp
    call hal_trap
.global trap_return
trap_return:                            // rsp = TrapFrame
    pop r15
    pop r14
    pop r13
    pop r12
    pop rbp
    pop rbx
    pop rax
    pop r10
    pop rdx
    pop r8
    pop r9
    pop rsi
    pop rdi
    pop r11
    pop rcx
    add rsp, 16
    iretq

.global system_call_attention
system_call_attention:                  // rsp = TrapFrame
    mov rdi, rsp
    call hal_attend
    jmp trap_return

// hal_switch(save: *mut u64, load: u64): leaves one kernel stack, enters another.
.global hal_switch
hal_switch:
    push rbx
    push rbp
    push r12
    push r13
    push r14
    push r15
    mov [rdi], rsp
    mov rsp, rsi
    pop r15
    pop r14
    pop r13
    pop r12
    pop rbp
    pop rbx
    ret

// First code on a new kernel stack: rbx = function, rbp = its argument.
.global hal_thread_start
hal_thread_start:
    mov rdi, rbp
    xor ebp, ebp
    call rbx
    ud2

// User memory accessors. A fault on one of the marked instructions continues at its fix-up with
// carry set (see usercopy.rs).
// hal_copy(dst: rdi, src: rsi, len: rdx) -> rax = 0, or 1 after a fault
.global hal_copy
hal_copy:
    mov rcx, rdx
    shr rcx, 3
    jz 2f
.global hal_copy_words
hal_copy_words:
    rep movsq
2:  mov ecx, edx
    and ecx, 7
    jz 3f
.global hal_copy_bytes
hal_copy_bytes:
    rep movsb
3:  xor eax, eax
    ret
.global hal_copy_fixup
hal_copy_fixup:
    mov eax, 1
    ret

.section .bss
.balign 8
syscall_user_rsp:
    .skip 8
