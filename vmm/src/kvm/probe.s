// The guest of `smvm doctor`: enters long mode, times a loop in ring 0, port writes, the same loop in ring 3,
// and system calls, and leaves the figures in memory. Loaded at BASE and again at USER; entered at BASE by the
// PVH protocol. The values in braces come from probe.rs.

.set BASE, {base}
.set USER, {user}
.set RESULTS, {results} // u64: ring-0 loop, port writes; u32: by instruction, by page fault
.set USER_RESULTS, {user_results} // u64: ring-3 loop, system calls
.set STACK, 0x7000
.set USER_STACK, 0x207000
.set WARM_UP, 64
.set LOOPS, {loops} // of two instructions each
.set WRITES, {writes}
.set CALLS, {calls}
.set PORT_WRITE, {port_write}
.set PORT_DONE, {port_done}
.set PORT_FAULT, {port_fault}
.set GDT_POINTER, gdt_pointer - smvm_probe_start + BASE
.set SYSTEM_CALL, system_call - smvm_probe_start + BASE
.set PAGE_FAULT, page_fault - smvm_probe_start + BASE
.set STUBS, stubs - smvm_probe_start + BASE
.set USER_START, user - smvm_probe_start + USER

.section .rodata.smvm_probe, "a", @progbits
.balign 16
.global smvm_probe_start
smvm_probe_start:
.code32
    mov edx, PORT_WRITE             // how long the first entry takes
    out dx, al
    mov esp, STACK
    mov dword ptr [0x1000], 0x2007  // one 2 MiB page for ring 0, the next one for ring 3
    mov dword ptr [0x2000], 0x3007
    mov dword ptr [0x3000], 0x83
    mov dword ptr [0x3008], 0x200087
    mov eax, 0x1000
    mov cr3, eax
    mov eax, 0x20                   // PAE
    mov cr4, eax
    mov ecx, 0xC0000080             // EFER: SCE, LME, NXE (else no fault is marked as a fetch)
    mov eax, 0x901
    xor edx, edx
    wrmsr
    mov eax, 0x80010011             // PG, WP, ET, PE
    mov cr0, eax
    lgdt [GDT_POINTER]
    .byte 0xEA                      // far jump
    .long long_mode - smvm_probe_start + BASE
    .short 0x10

.code64
long_mode:
    mov eax, 0x18
    mov ss, eax
    mov ds, eax
    mov es, eax
    lidt [rip + idt_pointer]
    mov eax, 0x40
    ltr ax
    mov ecx, 0xC0000081             // STAR: selectors as NT has them
    xor eax, eax
    mov edx, 0x00230010
    wrmsr
    inc ecx                         // LSTAR
    mov eax, offset SYSTEM_CALL
    xor edx, edx
    wrmsr
    mov ecx, 0xC0000084             // FMASK: TF, IF, DF
    mov eax, 0x700
    wrmsr

    mov ecx, WARM_UP
    call timed_loop
    mov ecx, LOOPS
    call timed_loop
    mov [RESULTS], rax

    mov ecx, WRITES
    call stamp
    mov r8, rax
    mov edx, PORT_WRITE
2:  out dx, al
    sub ecx, 1
    jnz 2b
    call stamp
    sub rax, r8
    mov [RESULTS + 8], rax

    push 0x2B
    push USER_STACK
    push 2
    push 0x33
    push offset USER_START
    iretq

// Runs in ring 3.
user:
    mov ecx, WARM_UP
    call timed_loop
    mov ecx, LOOPS
    call timed_loop
    mov [USER_RESULTS], rax

    xor eax, eax
    syscall
    mov ebx, CALLS
    call stamp
    mov r8, rax
3:  xor eax, eax
    syscall
    sub ebx, 1
    jnz 3b
    call stamp
    sub rax, r8
    mov [USER_RESULTS + 8], rax
    mov eax, 1
    syscall
    ud2

// In either ring: rax = ticks that ecx rounds take.
timed_loop:
    call stamp
    mov r8, rax
4:  sub ecx, 1
    jnz 4b
    call stamp
    sub rax, r8
    ret

// rax = time stamp counter; changes rdx.
stamp:
    rdtsc
    shl rdx, 32
    or rax, rdx
    ret

// LSTAR: system call 0 does nothing, 1 ends the guest. The stack is still that of ring 3, and nothing
// can interrupt.
system_call:
    test eax, eax
    jnz done
    inc dword ptr [RESULTS + 16]
    sysretq

// On a paravirtual host `syscall` jumps to LSTAR without leaving ring 3, and the fetch faults.
page_fault:
    cmp dword ptr [rsp], 0x15       // present, user, fetch
    jne 5f
    cmp qword ptr [rsp + 8], offset SYSTEM_CALL
    jne 5f
    test eax, eax
    jnz done
    add rsp, 8
    mov [rsp], rcx                  // rip and flags as the instruction left them
    mov [rsp + 16], r11
    inc dword ptr [RESULTS + 20]
    iretq
5:  push 14
    jmp fault

done:
    mov edx, PORT_DONE
    out dx, al
6:  jmp 6b

// Any other exception: its vector goes to the monitor, the error code if it has one in rbx, rip in the register
// after that (rbx, rcx).
fault:
    pop rax
    pop rbx
    pop rcx
    mov edx, PORT_FAULT
    out dx, al
7:  jmp 7b

.balign 8
stubs:
.altmacro
.macro smvm_probe_stub vector
    .balign 8
    push \vector
    jmp fault
.endm
.set smvm_probe_vector, 0
.rept 32
    smvm_probe_stub %smvm_probe_vector
    .set smvm_probe_vector, smvm_probe_vector + 1
.endr

.balign 8
gdt:
    .quad 0, 0
    .quad 0x00209B0000000000        // 0x10: code of ring 0
    .quad 0x00CF93000000FFFF        // 0x18: data of ring 0
    .quad 0x00CFFB000000FFFF        // 0x20: 32-bit code of ring 3
    .quad 0x00CFF3000000FFFF        // 0x28: data of ring 3
    .quad 0x0020FB0000000000        // 0x30: code of ring 3
    .quad 0
    .short 0x67, tss - smvm_probe_start + BASE
    .byte 0, 0x89, 0, 0             // 0x40: TSS
    .quad 0
gdt_end:
tss:
    .long 0
    .quad STACK                     // RSP0
    .fill 90, 1, 0
    .short 0x68                     // no I/O permission map
idt:
.macro smvm_probe_gate target
    .short \target
    .short 0x10
    .byte 0, 0x8E
    .short 0
    .quad 0
.endm
.set smvm_probe_vector, 0
.rept 32
    .if smvm_probe_vector == 14
    smvm_probe_gate PAGE_FAULT
    .else
    smvm_probe_gate <STUBS + 8 * smvm_probe_vector>
    .endif
    .set smvm_probe_vector, smvm_probe_vector + 1
.endr
idt_end:
gdt_pointer:
    .short gdt_end - gdt - 1
    .long gdt - smvm_probe_start + BASE
idt_pointer:
    .short idt_end - idt - 1
    .quad idt - smvm_probe_start + BASE
.global smvm_probe_end
smvm_probe_end:
.noaltmacro
.text
