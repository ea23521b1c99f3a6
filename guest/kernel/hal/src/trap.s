// The kernel's ends of the ways in and out: ring 3, on the kernel's tables. The ends in ring 0 are in ring0.s.

.set USER_FLAGS, 0x250DD5               // trap.rs; all above are zero
.set FRAME_RAX, 6 * 8
.set FRAME_R11, 13 * 8
.set FRAME_RCX, 14 * 8
.set FRAME_RSI, 11 * 8
.set FRAME_RDI, 12 * 8
.set FRAME_RIP, 17 * 8
.set FRAME_FLAGS, 19 * 8
.set FRAME_RSP, 20 * 8
.set FRAME_SIZE, 22 * 8

// The rest of a TrapFrame below RCX and R11, in the order of trap.rs.
.macro push_registers
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
.endm

// And back.
.macro pop_registers
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
.endm

// What ring 0 leaves with, but for RCX and R11: from the TrapFrame at rsp. RAX is lost.
.macro leave_as_frame_says
    mov rax, [rsp + FRAME_RIP]
    mov [rip + leave_rip], rax
    mov rax, [rsp + FRAME_FLAGS]
    mov [rip + leave_flags], rax
    mov rax, [rsp + FRAME_RSP]
    mov [rip + leave_rsp], rax
.endm

.text
// A `syscall` of user mode: RSP is still the user's, RAX and the other registers too but RCX and R11.
// Where it goes on and with which flags is what it says itself, for a program may also jump to the entry: iretq must not
// fault, nor give it what is not its own.
service_after_fault:
    mov [rip + call_rip], rcx
    mov [rip + call_flags], r11
service_entry:
    shl qword ptr [rip + call_rip], 16
    sar qword ptr [rip + call_rip], 16
    and qword ptr [rip + call_flags], USER_FLAGS
    or dword ptr [rip + call_flags], 0x202
    mov byte ptr [rip + hal_mode], MODE_KERNEL
    mov [rip + call_rsp], rsp
    mov rsp, [rip + hal_stack_top]
    push USER_DATA
    push [rip + call_rsp]
    push [rip + call_flags]
    push USER_CODE
    push [rip + call_rip]
    push 0
    push 0x100                          // trap.rs, vector::SYSTEM_CALL
    push 0                              // RCX and R11 are lost
    push 0
    push_registers
    mov rdi, rsp
    call ki_system_service
    cmp byte ptr [rip + hal_attention], 0
    jne system_call_attention
    // The other registers are as the convention wants them; those that the caller loses tell nothing of the kernel.
    leave_as_frame_says
    mov rax, [rsp + FRAME_RAX]
    mov rsi, [rsp + FRAME_RSI]
    mov rdi, [rsp + FRAME_RDI]
    xor edx, edx
    xor r8d, r8d
    xor r9d, r9d
    xor r10d, r10d
    mov [rip + leave_rcx], rdx
    mov [rip + leave_r11], rdx
    mov byte ptr [rip + hal_mode], MODE_LEAVING
    syscall

// A trap: from user mode onto the thread's stack, from the kernel below what it is at.
.global trap_entry
trap_entry:
    mov rax, [rip + trap_frame]
    cmp byte ptr [rip + hal_mode], MODE_USER
    jne 1f
    mov byte ptr [rip + hal_mode], MODE_KERNEL
    mov rsp, [rip + hal_stack_top]
    jmp 2f
1:  mov rsp, [rax + 40]
    sub rsp, 64                         // trap_in_kernel writes there
    and rsp, -16
2:  push [rax + 48]
    push [rax + 40]
    push [rax + 32]
    push [rax + 24]
    push [rax + 16]
    push [rax + 8]
    push [rax]
    mov rax, [rip + trap_rax]
    push rcx
    push r11
    push_registers
    mov rdi, rsp
    lea rax, [rsp + FRAME_SIZE]
    cmp rax, [rip + hal_stack_top]
    jne trap_in_kernel
    call hal_user_trap
.global trap_return
trap_return:                            // rsp = TrapFrame of user mode
    leave_as_frame_says
    mov rax, [rsp + FRAME_RCX]
    mov [rip + leave_rcx], rax
    mov rax, [rsp + FRAME_R11]
    mov [rip + leave_r11], rax
    pop_registers
    mov byte ptr [rip + hal_mode], MODE_LEAVING
    syscall

trap_in_kernel:                         // rsp = TrapFrame of the kernel
    call hal_kernel_trap
    mov rax, [rsp + FRAME_RSP]
    sub rax, 16
    mov rcx, [rsp + FRAME_FLAGS]
    mov [rax], rcx
    mov rcx, [rsp + FRAME_RIP]
    mov [rax + 8], rcx
    mov [rsp + FRAME_RSP], rax
    pop_registers
    pop r11
    pop rcx
    mov rsp, [rsp + FRAME_RSP - 15 * 8]
    popfq
    ret

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
// its status in rax (see usercopy.rs).
// hal_copy(dst: rdi, src: rsi, len: rdx) -> eax = 0, or an NTSTATUS after a fault
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
    ret
