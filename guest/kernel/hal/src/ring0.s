// All that ever runs in ring 0: the ways in and out, and a handful of operations that need it. Everything runs with
// interrupts off until `iretq`, at addresses that ring 3 has no part in. The kernel itself runs in ring 3, on tables that
// map it for ring 3: see ring0.rs.

.set USER_CODE, 0x33
.set USER_DATA, 0x2B

// Whose code runs in ring 3: hal_mode.
.set MODE_USER, 0
.set MODE_KERNEL, 1
.set MODE_LEAVING, 2                    // the kernel's, and its next `syscall` goes to user mode

// One 16-byte stub a vector, from the beginning of the section on: the IDT (entry.s) counts on it.
.section .ring0, "ax"
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
        .if (\vector < 32)
            jmp trap_common
        .else
            jmp trap_interrupt
        .endif
    .endif
.endm
.set vector, 0
.rept 256
    stub %vector
    .set vector, vector + 1
.endr

// LSTAR. On hardware `syscall` enters here in ring 0. On a paravirtual host it jumps here in ring 3, and the fetch from
// this supervisor page faults: trap_page_fault takes that very case as a `syscall`.
.balign 4096
.global ki_system_call_64
ki_system_call_64:
    cmp byte ptr [rip + hal_mode], MODE_USER
    jne 1f
    mov [rip + call_rax], rax
    mov rax, [rip + hal_kernel_root]
    mov cr3, rax
    mov [rip + call_rip], rcx
    mov [rip + call_flags], r11
    mov rcx, [rip + service_address]
    mov r11d, 2
    mov rax, [rip + call_rax]
    sysretq
1:  cmp byte ptr [rip + hal_mode], MODE_LEAVING
    je leave_to_user
    mov [rip + call_rsp], rsp
    lea rsp, [rip + ring0_stack_top]
    push rcx
    call operate
    pop rcx
    mov rsp, [rip + call_rsp]
    mov r11d, 2
    sysretq

// To user mode with the registers as they are, and those that `syscall` loses as the kernel left them.
leave_to_user:
    mov byte ptr [rip + hal_mode], MODE_USER
    mov rcx, [rip + hal_user_root]
    mov cr3, rcx
    mov rcx, [rip + leave_rcx]
    mov r11, [rip + leave_r11]
    lea rsp, [rip + leave_frame]
    iretq

// Error code, RIP, CS, flags, RSP and SS are on the stack.
trap_page_fault:
    cmp dword ptr [rsp], 0x15           // present, user, fetch
    jne 1f
    push rax
    mov rax, [rip + system_call_address]
    cmp rax, [rsp + 16]
    pop rax
    jne 1f
    add rsp, 8
    cmp byte ptr [rip + hal_mode], MODE_USER
    jne 2f
    mov [rip + call_rax], rax           // as above; RCX and R11 are where to go on, and the flags
    mov rax, [rip + hal_kernel_root]
    mov cr3, rax
    mov rax, [rip + service_after_fault_address]
    mov [rsp], rax
    mov qword ptr [rsp + 16], 2
    mov rax, [rip + call_rax]
    iretq
1:  mov [rip + trap_rax], rax
    mov rax, cr2
    mov [rip + hal_fault_address], rax
    mov rax, [rip + trap_rax]
    push 14
    jmp trap_common
2:  cmp byte ptr [rip + hal_mode], MODE_LEAVING
    je leave_to_user
    mov [rsp], rcx
    mov qword ptr [rsp + 16], 2
    call operate
    iretq

// An interrupt in user mode is the kernel's at once; else it waits until the kernel asks (take_interrupt).
trap_interrupt:
    cmp byte ptr [rip + hal_mode], MODE_USER
    je trap_common
    push rax
    movzx eax, byte ptr [rsp + 8]
    bts [rip + hal_pending], eax
    and dword ptr [rsp + 40], ~0x200
    // No interrupt comes between `sti` and `hlt`, says the architecture; under a hypervisor that leaves the guest just
    // there and forgets, one does, and halting behind it with interrupts off would be for ever.
    lea rax, [rip + hal_idle_halt]
    cmp rax, [rsp + 24]
    jne 1f
    inc qword ptr [rsp + 24]
1:  pop rax
    add rsp, 16
    iretq

// Vector, error code, RIP, CS, flags, RSP and SS are on the stack: the kernel fetches them from there.
trap_common:
    mov [rip + trap_rax], rax
    mov [rip + trap_frame], rsp
    mov rax, [rip + hal_kernel_root]
    mov cr3, rax
    lea rsp, [rip + trap_entry_frame]
    iretq

// The kernel's operation EAX (ring0.rs) with RDI, RSI, RDX; its result is RAX. RCX, RDX, R8 and flags are lost.
operate:
    cmp eax, 11
    ja operate_reset
    lea rcx, [rip + operations]
    movsxd rax, dword ptr [rcx + rax * 4]
    add rax, rcx
    jmp rax
.balign 4
operations:
    .long operate_idle - operations
    .long operate_write_msr - operations
    .long operate_read_msr - operations
    .long operate_load_root - operations
    .long operate_invalidate - operations
    .long operate_in8 - operations
    .long operate_out8 - operations
    .long operate_in32 - operations
    .long operate_out32 - operations
    .long operate_cpuid - operations
    .long operate_halt - operations
    .long operate_reset - operations
operate_idle:
    sti
.global hal_idle_halt
hal_idle_halt:
    hlt
    cli
    ret
operate_write_msr:
    mov ecx, edi
    mov eax, esi
    mov rdx, rsi
    shr rdx, 32
    wrmsr
    ret
operate_read_msr:
    mov ecx, edi
    rdmsr
    shl rdx, 32
    or rax, rdx
    ret
operate_load_root:
    mov cr3, rdi
    ret
operate_invalidate:
    invlpg [rdi]
    ret
operate_in8:
    mov edx, edi
    in al, dx
    ret
operate_out8:
    mov edx, edi
    mov eax, esi
    out dx, al
    ret
operate_in32:
    mov edx, edi
    in eax, dx
    ret
operate_out32:
    mov edx, edi
    mov eax, esi
    out dx, eax
    ret
operate_reset:
    lidt [rip + nowhere]
    ud2
operate_cpuid:
    push rbx
    mov r8, rdx
    mov eax, edi
    xor ecx, ecx
    cpuid
    mov [r8], eax
    mov [r8 + 4], ebx
    mov [r8 + 8], ecx
    mov [r8 + 12], edx
    pop rbx
    ret
operate_halt:
    cli
    hlt
    jmp operate_halt

.section .cpu
.balign 8
system_call_address:
    .quad ki_system_call_64
service_address:
    .quad service_entry
service_after_fault_address:
    .quad service_after_fault
trap_entry_frame:
    .quad trap_entry, USER_CODE, 2, boot_stack_top, USER_DATA
leave_frame:
leave_rip:
    .quad 0, USER_CODE
leave_flags:
    .quad 0
leave_rsp:
    .quad 0, USER_DATA
leave_rcx:
    .quad 0
leave_r11:
    .quad 0
call_rax:
    .quad 0
call_rip:
    .quad 0
call_flags:
    .quad 0
call_rsp:
    .quad 0
trap_rax:
    .quad 0
trap_frame:
    .quad 0
nowhere:
    .quad 0, 0
.global hal_fault_address
hal_fault_address:
    .quad 0
// What the switch of tasks sets.
.global hal_kernel_root
hal_kernel_root:
    .quad boot_pml4 - KERNEL_BASE
.global hal_user_root
hal_user_root:
    .quad 0
.global hal_stack_top
hal_stack_top:
    .quad 0
.global hal_pending
hal_pending:
    .quad 0, 0, 0, 0
hal_mode:
    .byte MODE_KERNEL
