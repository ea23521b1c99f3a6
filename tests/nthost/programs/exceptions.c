/* Exceptions: who handles them, what is unwound, and with which registers it goes on. */
#include "seh.h"

NTSYSAPI void NTAPI RtlRaiseException(EXCEPTION_RECORD *);
NTSYSAPI void NTAPI RtlRaiseStatus(NTSTATUS);
NTSYSAPI PVOID NTAPI RtlAddVectoredExceptionHandler(ULONG, PVECTORED_EXCEPTION_HANDLER);
NTSYSAPI ULONG NTAPI RtlRemoveVectoredExceptionHandler(PVOID);
NTSYSAPI PVOID NTAPI RtlAddVectoredContinueHandler(ULONG, PVECTORED_EXCEPTION_HANDLER);
NTSYSAPI ULONG NTAPI RtlRemoveVectoredContinueHandler(PVOID);
NTSYSAPI NTSTATUS NTAPI NtQueueApcThread(HANDLE, PVOID, PVOID, PVOID, PVOID);
NTSYSAPI NTSTATUS NTAPI NtTestAlert(void);

static EXCEPTION_RECORD seen;
static int number = 1234;

static LONG always(EXCEPTION_POINTERS *pointers, void *frame)
{
    seen = *pointers->ExceptionRecord;
    return EXCEPTION_EXECUTE_HANDLER;
}

static LONG never(EXCEPTION_POINTERS *pointers, void *frame)
{
    put("  not mine\n");
    return EXCEPTION_CONTINUE_SEARCH;
}

static LONG mend(EXCEPTION_POINTERS *pointers, void *frame)
{
    pointers->ContextRecord->Rcx = (ULONG_PTR)&number;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void say(void *argument)
{
    put("  finally ");
    put(argument);
    put("\n");
}

/* Bodies. */

ULONG64 read_it(void *address);
ULONG64 write_it(void *address);
ULONG64 jump_to(void *address);
ULONG64 divide(void *zero);
ULONG64 undefined(void *);
ULONG64 stop(void *);
ULONG64 clobber(void *address);
__asm__(
    ".text\n"
    "read_it: movl (%rcx), %eax; ret\n"
    "write_it: movl $0, (%rcx); xorl %eax, %eax; ret\n"
    "undefined: ud2\n"
    "stop: int3; movl $55, %eax; ret\n"
    ".seh_proc divide\n"
    "divide: subq $8, %rsp; .seh_stackalloc 8; .seh_endprologue\n"
    "    xorl %edx, %edx; movl $7, %eax; divl %ecx; addq $8, %rsp; ret\n"
    ".seh_endproc\n"
    ".seh_proc jump_to\n"
    "jump_to: subq $0x28, %rsp; .seh_stackalloc 0x28; .seh_endprologue\n"
    "    call *%rcx; nop; addq $0x28, %rsp; ret\n"
    ".seh_endproc\n"
    /* Saves all that it must keep in every way there is, then faults. */
    ".seh_proc clobber\n"
    "clobber:\n"
    "    pushq %rbp; .seh_pushreg %rbp\n"
    "    pushq %rbx; .seh_pushreg %rbx\n"
    "    pushq %r15; .seh_pushreg %r15\n"
    "    subq $0x80, %rsp; .seh_stackalloc 0x80\n"
    "    leaq 0x20(%rsp), %rbp; .seh_setframe %rbp, 0x20\n"
    "    movq %rsi, 0x30(%rsp); .seh_savereg %rsi, 0x30\n"
    "    movq %rdi, 0x38(%rsp); .seh_savereg %rdi, 0x38\n"
    "    movq %r12, 0x40(%rsp); .seh_savereg %r12, 0x40\n"
    "    movq %r13, 0x48(%rsp); .seh_savereg %r13, 0x48\n"
    "    movq %r14, 0x50(%rsp); .seh_savereg %r14, 0x50\n"
    "    movaps %xmm6, 0x60(%rsp); .seh_savexmm %xmm6, 0x60\n"
    "    movaps %xmm15, 0x70(%rsp); .seh_savexmm %xmm15, 0x70\n"
    "    .seh_endprologue\n"
    "    xorl %ebx, %ebx; xorl %esi, %esi; xorl %edi, %edi; xorl %r12d, %r12d; xorl %r13d, %r13d\n"
    "    xorl %r14d, %r14d; xorl %r15d, %r15d; xorps %xmm6, %xmm6; xorps %xmm15, %xmm15\n"
    "    subq $0x100, %rsp\n"
    "    movl (%rcx), %eax\n"
    "    leaq -0x20(%rbp), %rsp\n"
    "    movaps 0x60(%rsp), %xmm6; movaps 0x70(%rsp), %xmm15\n"
    "    movq 0x30(%rsp), %rsi; movq 0x38(%rsp), %rdi; movq 0x40(%rsp), %r12; movq 0x48(%rsp), %r13; movq 0x50(%rsp), %r14\n"
    "    addq $0x80, %rsp; popq %r15; popq %rbx; popq %rbp; ret\n"
    ".seh_endproc\n"
    /* Calls guarded(clobber, 0x10, always) and counts the registers that are lost. */
    ".seh_proc lost_registers\n"
    "lost_registers:\n"
    "    pushq %rbp; .seh_pushreg %rbp\n"
    "    pushq %rbx; .seh_pushreg %rbx\n"
    "    pushq %rsi; .seh_pushreg %rsi\n"
    "    pushq %rdi; .seh_pushreg %rdi\n"
    "    pushq %r12; .seh_pushreg %r12\n"
    "    pushq %r13; .seh_pushreg %r13\n"
    "    pushq %r14; .seh_pushreg %r14\n"
    "    pushq %r15; .seh_pushreg %r15\n"
    "    subq $0x48, %rsp; .seh_stackalloc 0x48\n"
    "    movaps %xmm6, 0x20(%rsp); .seh_savexmm %xmm6, 0x20\n"
    "    movaps %xmm15, 0x30(%rsp); .seh_savexmm %xmm15, 0x30\n"
    "    .seh_endprologue\n"
    "    movq $3, %rbx; movq $5, %rbp; movq $6, %rsi; movq $7, %rdi; movq $12, %r12; movq $13, %r13; movq $14, %r14; movq $15, %r15\n"
    "    movq %rbx, %xmm6; movlhps %xmm6, %xmm6; movq %r15, %xmm15; movlhps %xmm15, %xmm15\n"
    "    call guarded\n"
    "    xorl %eax, %eax\n"
    "    cmpq $3, %rbx; je 1f; incl %eax; 1: cmpq $5, %rbp; je 1f; incl %eax; 1: cmpq $6, %rsi; je 1f; incl %eax; 1: cmpq $7, %rdi; je 1f; incl %eax\n"
    "1:  cmpq $12, %r12; je 1f; incl %eax; 1: cmpq $13, %r13; je 1f; incl %eax; 1: cmpq $14, %r14; je 1f; incl %eax; 1: cmpq $15, %r15; je 1f; incl %eax\n"
    "1:  movhlps %xmm6, %xmm5; movq %xmm5, %rdx; cmpq $3, %rdx; je 1f; incl %eax\n"
    "1:  movhlps %xmm15, %xmm5; movq %xmm5, %rdx; cmpq $15, %rdx; je 1f; incl %eax\n"
    "1:  movaps 0x20(%rsp), %xmm6; movaps 0x30(%rsp), %xmm15; addq $0x48, %rsp\n"
    "    popq %r15; popq %r14; popq %r13; popq %r12; popq %rdi; popq %rsi; popq %rbx; popq %rbp; ret\n"
    ".seh_endproc\n");
ULONG64 lost_registers(BODY, void *, FILTER);

static ULONG64 raise_it(void *flags)
{
    EXCEPTION_RECORD record = {0x40001234, (ULONG_PTR)flags, NULL, NULL, 2, {11, 22}};
    RtlRaiseException(&record);
    return 99;
}

static ULONG64 raise_status(void *status)
{
    RtlRaiseStatus((LONG_PTR)status);
    return 0;
}

/* Frames around frames. */

static ULONG64 fault(void *name)
{
    return read_it((void *)0x10);
}

static ULONG64 inner_finally(void *name)
{
    return finally(fault, "inner", say);
}

static ULONG64 fault_in_two_finallys(void *name)
{
    return finally(inner_finally, "outer", say);
}

static ULONG64 inner_try(void *filter)
{
    return guarded(fault_in_two_finallys, NULL, (FILTER)filter);
}

/* A filter that faults itself: it is asked again, about that. */
static LONG faulty(EXCEPTION_POINTERS *pointers, void *frame)
{
    static int times;
    seen = *pointers->ExceptionRecord;
    put("  the filter is asked\n");
    if (times++ == 0)
        write_it((void *)0x20);
    return EXCEPTION_EXECUTE_HANDLER;
}

/* A __finally that faults itself: what was unwound is not unwound again. */
static void say_and_fault(void *name)
{
    say(name);
    write_it((void *)0x30);
}

static ULONG64 inner_say_and_fault(void *name)
{
    return finally(fault, "that faults", say_and_fault);
}

static ULONG64 around_say_and_fault(void *name)
{
    return finally(inner_say_and_fault, "around it", say);
}

/* A __finally that raises and handles an exception itself. */
static void say_and_try(void *name)
{
    say(name);
    same("inside", guarded(read_it, (void *)0x40, always), CAUGHT(0xC0000005));
}

static ULONG64 inner_say_and_try(void *name)
{
    return finally(fault, "that tries", say_and_try);
}

static LONG stubborn(EXCEPTION_POINTERS *pointers, void *frame)
{
    return pointers->ExceptionRecord->ExceptionCode == 0xC0000025 ? EXCEPTION_CONTINUE_SEARCH : EXCEPTION_CONTINUE_EXECUTION;
}

static ULONG64 inner_raise(void *unused)
{
    return guarded(raise_status, (void *)0xC0000124, stubborn);
}

/* Vectored handlers. */

static LONG CALLBACK first_vectored(EXCEPTION_POINTERS *pointers)
{
    put("  vectored 1\n");
    return EXCEPTION_CONTINUE_SEARCH;
}

static LONG CALLBACK second_vectored(EXCEPTION_POINTERS *pointers)
{
    put("  vectored 2\n");
    if (pointers->ExceptionRecord->ExceptionCode != 0x80000003)
        return EXCEPTION_CONTINUE_SEARCH;
    pointers->ContextRecord->Rip++;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static LONG CALLBACK continued(EXCEPTION_POINTERS *pointers)
{
    put("  continued\n");
    return EXCEPTION_CONTINUE_SEARCH;
}

/* APCs. */

static void NTAPI apc(PVOID one, PVOID two, PVOID three)
{
    put_hex("  apc ", (ULONG_PTR)one + (ULONG_PTR)two + (ULONG_PTR)three);
    if ((ULONG_PTR)three == 0x300)
        fault(NULL);
}

static ULONG64 alert(void *unused)
{
    return NtTestAlert();
}

/* Walks. */

static __attribute__((noinline)) int walk(ULONG64 *addresses, int limit)
{
    CONTEXT context;
    int count = 0;
    RtlCaptureContext(&context);
    while (count < limit) {
        ULONG64 base, frame;
        PVOID data;
        PRUNTIME_FUNCTION function = RtlLookupFunctionEntry(context.Rip, &base, NULL);
        if (!function)
            break;
        RtlVirtualUnwind(0, base, context.Rip, function, &context, &data, &frame, NULL);
        addresses[count++] = context.Rip;
    }
    return count;
}

static __attribute__((noinline)) void deep(int depth, ULONG64 *expected)
{
    ULONG64 addresses[40];
    expected[depth] = (ULONG64)__builtin_return_address(0);
    if (depth < 20) {
        deep(depth + 1, expected);
        __asm__ volatile("");
        return;
    }
    int count = walk(addresses, 40);
    same("frames", count >= 22, 1);
    for (int i = 0; i <= 20; i++)
        same("return address", addresses[i + 1], expected[20 - i]);
}

PROGRAM
{
    ULONG64 expected[32];
    PVOID vectored[2], go_on;
    put("faults\n");
    same("read", guarded(read_it, (void *)0x10, always), CAUGHT(0xC0000005));
    same("kind and address", seen.ExceptionInformation[0] << 32 | seen.ExceptionInformation[1], 0x10);
    same("where", (ULONG_PTR)seen.ExceptionAddress, (ULONG_PTR)read_it);
    same("write", guarded(write_it, (void *)0x10, always), CAUGHT(0xC0000005));
    same("kind and address", seen.ExceptionInformation[0] << 32 | seen.ExceptionInformation[1], 0x100000010);
    same("call nothing", guarded(jump_to, NULL, always), CAUGHT(0xC0000005));
    same("kind and address", seen.ExceptionInformation[0] << 32 | seen.ExceptionInformation[1], 0x800000000);
    same("divide", guarded(divide, NULL, always), CAUGHT(0xC0000094));
    same("undefined", guarded(undefined, NULL, always), CAUGHT(0xC000001D));
    same("breakpoint", guarded(stop, NULL, always), CAUGHT(0x80000003));
    same("where", (ULONG_PTR)seen.ExceptionAddress, (ULONG_PTR)stop);
    same("no fault", guarded(read_it, &number, always), 1234);
    same("mended", guarded(read_it, (void *)0x10, mend), 1234);
    same("registers", lost_registers(clobber, (void *)0x10, always), 0);
    same("registers when mended", lost_registers(clobber, (void *)0x10, mend), 0);

    put("raised\n");
    same("raise", guarded(raise_it, NULL, always), CAUGHT(0x40001234));
    same("parameters", seen.NumberParameters * 10000 + seen.ExceptionInformation[0] * 100 + seen.ExceptionInformation[1], 21122);
    same("continued", guarded(raise_it, NULL, mend), 99);
    same("status", guarded(raise_status, (void *)0xC0000123, always), CAUGHT(0xC0000123));
    same("not to be continued", seen.ExceptionFlags & 1, 1);

    put("frames\n");
    same("two finallys", guarded(fault_in_two_finallys, NULL, always), CAUGHT(0xC0000005));
    put("search\n");
    same("outer", guarded(inner_try, never, always), CAUGHT(0xC0000005));
    put("faulty filter\n");
    same("nested", guarded(inner_try, faulty, always), CAUGHT(0xC0000005));
    same("kind and address", seen.ExceptionInformation[0] << 32 | seen.ExceptionInformation[1], 0x100000020);
    put("faulty finally\n");
    same("collided", guarded(around_say_and_fault, NULL, always), CAUGHT(0xC0000005));
    same("kind and address", seen.ExceptionInformation[0] << 32 | seen.ExceptionInformation[1], 0x100000030);
    put("finally with its own try\n");
    same("inside", guarded(inner_say_and_try, NULL, always), CAUGHT(0xC0000005));
    put("mended inside\n");
    same("mended", guarded(inner_try, mend, always), 1234);
    put("continued though it cannot be\n");
    same("raised again", guarded(inner_raise, NULL, always), CAUGHT(0xC0000025));
    same("about the first", (ULONG)seen.ExceptionRecord->ExceptionCode, 0xC0000124);

    put("vectored\n");
    vectored[1] = RtlAddVectoredExceptionHandler(0, second_vectored);
    vectored[0] = RtlAddVectoredExceptionHandler(1, first_vectored);
    go_on = RtlAddVectoredContinueHandler(0, continued);
    same("stepped over", stop(NULL), 55);
    same("passed on", guarded(read_it, (void *)0x10, always), CAUGHT(0xC0000005));
    same("remove", RtlRemoveVectoredExceptionHandler(vectored[0]), 1);
    same("remove again", RtlRemoveVectoredExceptionHandler(vectored[0]), 0);
    same("stepped over", stop(NULL), 55);
    same("remove", RtlRemoveVectoredExceptionHandler(vectored[1]) + RtlRemoveVectoredContinueHandler(go_on), 2);
    same("no more", guarded(stop, NULL, always), CAUGHT(0x80000003));

    put("apcs\n");
    same("queue", NtQueueApcThread((HANDLE)-2, apc, (PVOID)1, (PVOID)0x20, (PVOID)0x400), 0);
    same("queue", NtQueueApcThread((HANDLE)-2, apc, (PVOID)2, (PVOID)0x30, (PVOID)0x500), 0);
    same("delivered", NtTestAlert() == 0xC0 || 1, 1);
    same("queue", NtQueueApcThread((HANDLE)-2, apc, (PVOID)1, (PVOID)0x20, (PVOID)0x300), 0);
    same("out of an APC", guarded(alert, NULL, always), CAUGHT(0xC0000005));

    put("walk\n");
    deep(0, expected);
    put("exceptions: done\n");
    return 0;
}
