/* __try, __except and __finally for a compiler that has none: frames in assembler, with the scope tables that
   compilers for x64 make for __C_specific_handler. */
#ifndef SEH_H
#define SEH_H

#include "try.h"

typedef LONG (*FILTER)(EXCEPTION_POINTERS *, void *frame);
typedef ULONG64 (*BODY)(void *);

/* __try { return body(argument); } __except (filter(...)) { return the exception's code with bit 63 set; } */
ULONG64 guarded(BODY body, void *argument, FILTER filter);
/* __try { return body(argument); } __finally { last(argument); } */
ULONG64 finally(BODY body, void *argument, void (*last)(void *));

/* The argument's home is in the frame above: [frame + 0x30 + 8 * n], see the prologues. */
__asm__(
    ".text\n"
    ".globl guarded\n"
    ".def guarded; .scl 2; .type 32; .endef\n"
    ".seh_proc guarded\n"
    "guarded:\n"
    "    pushq %rbx\n"
    "    .seh_pushreg %rbx\n"
    "    subq $0x20, %rsp\n"
    "    .seh_stackalloc 0x20\n"
    "    .seh_endprologue\n"
    "    .seh_handler __C_specific_handler, @except, @unwind\n"
    "    .seh_handlerdata\n"
    "    .long 1\n"
    "    .rva guarded_begin, guarded_end, guarded_filter, guarded_except\n"
    "    .text\n"
    "    movq %r8, 0x40(%rsp)\n"
    "    movq %rcx, %rax\n"
    "    movq %rdx, %rcx\n"
    "guarded_begin:\n"
    "    call *%rax\n"
    "    nop\n"
    "guarded_end:\n"
    "    jmp guarded_out\n"
    "guarded_except:\n"
    "    movl %eax, %eax\n"
    "    btsq $63, %rax\n"
    "guarded_out:\n"
    "    addq $0x20, %rsp\n"
    "    popq %rbx\n"
    "    ret\n"
    ".seh_endproc\n"
    ".seh_proc guarded_filter\n"
    "guarded_filter:\n"
    "    subq $0x28, %rsp\n"
    "    .seh_stackalloc 0x28\n"
    "    .seh_endprologue\n"
    "    call *0x40(%rdx)\n"
    "    nop\n"
    "    addq $0x28, %rsp\n"
    "    ret\n"
    ".seh_endproc\n"
    ".globl finally\n"
    ".def finally; .scl 2; .type 32; .endef\n"
    ".seh_proc finally\n"
    "finally:\n"
    "    subq $0x28, %rsp\n"
    "    .seh_stackalloc 0x28\n"
    "    .seh_endprologue\n"
    "    .seh_handler __C_specific_handler, @except, @unwind\n"
    "    .seh_handlerdata\n"
    "    .long 1\n"
    "    .rva finally_begin, finally_end, finally_last\n"
    "    .long 0\n"
    "    .text\n"
    "    movq %rdx, 0x38(%rsp)\n"
    "    movq %r8, 0x40(%rsp)\n"
    "    movq %rcx, %rax\n"
    "    movq %rdx, %rcx\n"
    "finally_begin:\n"
    "    call *%rax\n"
    "    nop\n"
    "finally_end:\n"
    "    movq %rax, 0x30(%rsp)\n"
    "    movq 0x38(%rsp), %rcx\n"
    "    call *0x40(%rsp)\n"
    "    movq 0x30(%rsp), %rax\n"
    "    addq $0x28, %rsp\n"
    "    ret\n"
    ".seh_endproc\n"
    ".seh_proc finally_last\n"
    "finally_last:\n"
    "    subq $0x28, %rsp\n"
    "    .seh_stackalloc 0x28\n"
    "    .seh_endprologue\n"
    "    movq 0x38(%rdx), %rcx\n"
    "    call *0x40(%rdx)\n"
    "    nop\n"
    "    addq $0x28, %rsp\n"
    "    ret\n"
    ".seh_endproc\n");

#define CAUGHT(code) (0x8000000000000000ull | (ULONG)(code))

#endif
