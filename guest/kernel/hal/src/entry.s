// PVH entry: 32-bit protected mode, paging off, ebx = hvm_start_info.
// Ring 0 is interpreted on some hosts, so all tables are laid out here by the assembler and the
// linker script puts them at fixed places: entering long mode costs two dozen instructions.

.set KERNEL_BASE, 0x00007FFF80000000    // virtual address of physical 0
.set STUBS,       0x00007FFF80800000    // section .ring0, see link.ld
.set CPU,         0x00007FFF80400000    // section .cpu, see link.ld

// ---------------------------------------------------------------- ELF notes
.section .note.pvh, "a", @note
    .long 4, 4, 18                      // XEN_ELFNOTE_PHYS32_ENTRY
    .asciz "Xen"
    .long pvh_entry - KERNEL_BASE
.balign 4
    .long 5, 16, 1                      // nt::kd::KernelNote
    .asciz "smvm"
.balign 4
    .long 1, 0
    .quad kd_debugger_data - KERNEL_BASE
.balign 4

// ---------------------------------------------------------------- entry
.section .entry, "ax"                   // 32-bit code, and nothing else
.code32
.global pvh_entry
pvh_entry:
    rdtsc
    mov dword ptr [boot_tsc - KERNEL_BASE], eax
    mov dword ptr [boot_tsc - KERNEL_BASE + 4], edx
    mov eax, offset boot_pml4 - KERNEL_BASE
    mov cr3, eax
    mov eax, 0x660                      // OSXMMEXCPT, OSFXSR, MCE, PAE
    mov cr4, eax
    mov ecx, 0xC0000080                 // EFER: SCE, LME, NXE
    mov eax, 0x901
    xor edx, edx
    wrmsr
    mov eax, 0x80010033                 // PG, WP, NE, ET, MP, PE
    mov cr0, eax
    lgdt [boot_gdtr - KERNEL_BASE]
    ljmp 0x10, offset long_mode - KERNEL_BASE

.text
.code64
long_mode:
    movabs rax, offset ring0
    jmp rax
ring0:
    lgdt [rip + gdtr]
    lidt [rip + idtr]
    mov eax, 0x18
    mov ss, eax
    mov eax, 0x2B                       // user data: what ds and es hold for good
    mov ds, eax
    mov es, eax
    mov gs, eax
    mov eax, 0x53
    mov fs, eax
    mov eax, 0x40
    ltr ax
    mov ecx, 0xC0000081                 // STAR: selectors of syscall and sysret
    xor eax, eax
    mov edx, 0x00230010
    wrmsr
    inc ecx                             // LSTAR
    movabs rdx, offset ki_system_call_64
    mov eax, edx
    shr rdx, 32
    wrmsr
    mov ecx, 0xC0000084                 // FMASK: AC, NT, DF, IF, TF
    mov eax, 0x44700
    xor edx, edx
    wrmsr
    lea rsp, [rip + start_frame]
    iretq                               // the kernel's own mode (ring0.s)
start:
    xor ebp, ebp
    mov edi, ebx
    call hal_start
    ud2

// ---------------------------------------------------------------- section .cpu: fixed addresses
.section .cpu, "aw"
.balign 4096
// Offset 0: TSS. IST1-3 for #DF, NMI, #MC.
tss:
    .long 0
    .quad ring0_stack_top, 0, 0         // RSP0-2
    .quad 0
    .quad ist_df_top, ist_nmi_top, ist_mc_top, 0, 0, 0, 0
    .quad 0
    .word 0, 104                        // no I/O permission map
.balign 16
gdt:                                    // NT's selectors
    .quad 0
    .quad 0
    .quad 0x00209B0000000000            // 0x10 kernel code
    .quad 0x00CF93000000FFFF            // 0x18 kernel data
    .quad 0x00CFFB000000FFFF            // 0x20 user code, 32-bit
    .quad 0x00CFF3000000FFFF            // 0x28 user data
    .quad 0x0020FB0000000000            // 0x30 user code
    .quad 0
    .quad 0x8000894000000067, 0x00007FFF // 0x40 TSS at CPU, 104 bytes
    .quad 0x0040F30000003C00            // 0x50 user TEB, 32-bit
gdt_end:
.balign 16
gdtr:
    .word gdt_end - gdt - 1
    .quad gdt
idtr:
    .word 256 * 16 - 1
    .quad idt
boot_gdtr:
    .word gdt_end - gdt - 1
    .long gdt - KERNEL_BASE
.global boot_tsc
boot_tsc:
    .quad 0
start_frame:
    .quad start, 0x33, 2, boot_stack_top, 0x2B

// Interrupt gates to the 16-byte stubs in section .ring0.
.macro gate vector, attributes
    .word (STUBS + \vector * 16) & 0xFFFF
    .word 0x10
    .word \attributes
    .word ((STUBS + \vector * 16) >> 16) & 0xFFFF
    .long STUBS >> 32
    .long 0
.endm
.balign 4096
idt:
.altmacro
.set vector, 0
.rept 256
    .if vector == 8
        gate %vector, 0x8E01
    .elseif vector == 2
        gate %vector, 0x8E02
    .elseif vector == 18
        gate %vector, 0x8E03
    .elseif (vector == 3) | (vector == 4) | (vector == 0x2D) | (vector == 0x2E)
        gate %vector, 0xEE00
    .else
        gate %vector, 0x8E00
    .endif
    .set vector, vector + 1
.endr

// Page tables: the kernel's view. The kernel runs in ring 3, so its pages are user pages here; in the roots that
// user mode runs on (tables.rs) the same entries are a supervisor's. No page is global. Accessed and dirty bits are
// preset: nobody reads them here.
.balign 4096
.global boot_pml4
boot_pml4:
    .quad boot_pdpt_low - KERNEL_BASE + 0x23            // until the jump to where the kernel is linked
    .fill 127, 8, 0
    .quad direct_pdpt - KERNEL_BASE + 0x67              // 0x400000000000 direct map
    .fill 124, 8, 0                                     // 0x7E8000000000 a session's own (SessionSpace)
    .fill 2, 8, 0
    .quad kernel_pdpt - KERNEL_BASE + 0x67              // 0x7F8000000000 windows, kernel image
    .fill 256, 8, 0
boot_pdpt_low:
    .quad kernel_pd - KERNEL_BASE + 0x23
    .fill 511, 8, 0
.global direct_pdpt
direct_pdpt:
    .quad direct_pd - KERNEL_BASE + 0x67
    .fill 511, 8, 0
.global kernel_pdpt
kernel_pdpt:
    .fill 510, 8, 0
    .quad kernel_pd - KERNEL_BASE + 0x67
    .quad 0
kernel_pd:
    .quad 0
    .quad 0x2000A5                                      // text, read-only data: read, execute
    .quad 0x80000000004000E7                            // data: read, write
    .quad 0
    .quad 0x2000A1                                      // text once more, for ring 0 alone: section .ring0
    .fill 507, 8, 0
direct_pd:
.set page, 0
.rept 512
    .quad 0x80000000000000E7 + page
    .set page, page + 0x200000
.endr

.section .bss.stacks, "aw", @nobits
.balign 4096
.global shared_user_data
shared_user_data:
    .skip 4096
    .skip 512
ring0_stack_top:
    .skip 3584
ist_df_top:
    .skip 4096
ist_nmi_top:
    .skip 4096
ist_mc_top:
    .skip 16384
.global boot_stack_top
boot_stack_top:
