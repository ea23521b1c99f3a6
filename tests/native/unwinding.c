/* setjmp and longjmp, with and without unwinding, and functions made at run time with tables that say how to unwind
   them. Compilers call _setjmp with a frame of their choice; here it is chosen. */
#include "check.h"

typedef struct {
    ULONG64 words[32];
} __attribute__((aligned(16))) BUFFER;
/* RUNTIME_FUNCTION */
typedef struct {
    ULONG begin, end, unwind;
} FUNCTION;
typedef FUNCTION *(*FINDER)(ULONG64, PVOID);

int _setjmp_of(BUFFER *, void *frame) __asm__("_setjmp") __attribute__((returns_twice));
int _setjmpex_of(BUFFER *, void *frame) __asm__("_setjmpex") __attribute__((returns_twice));
void longjmp_of(BUFFER *, int) __asm__("longjmp") __attribute__((noreturn));
FUNCTION *RtlLookupFunctionEntry_of(void *, ULONG64 *, void *) __asm__("RtlLookupFunctionEntry");
BOOLEAN RtlAddFunctionTable_of(FUNCTION *, ULONG, ULONG64) __asm__("RtlAddFunctionTable");
BOOLEAN RtlDeleteFunctionTable_of(void *) __asm__("RtlDeleteFunctionTable");
BOOLEAN RtlInstallFunctionTableCallback_of(ULONG64, ULONG64, ULONG, FINDER, PVOID, const wchar_t *)
    __asm__("RtlInstallFunctionTableCallback");
NTSTATUS RtlAddGrowableFunctionTable_of(void **, FUNCTION *, ULONG, ULONG, ULONG64, ULONG64)
    __asm__("RtlAddGrowableFunctionTable");
void RtlGrowFunctionTable_of(void *, ULONG) __asm__("RtlGrowFunctionTable");
void RtlDeleteGrowableFunctionTable_of(void *) __asm__("RtlDeleteGrowableFunctionTable");
NTSYSAPI NTSTATUS NTAPI NtAllocateVirtualMemory(HANDLE, PVOID *, ULONG_PTR, PSIZE_T, ULONG, ULONG);

static BUFFER buffer;
static volatile unsigned unwound;

/* A language handler, which sees that its frame is unwound. */
int __attribute__((used)) cleaned_up(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, void *dispatcher)
{
    if (record->ExceptionFlags & 2)
        unwound++;
    return 1;
}

/* Calls a routine from a frame that has to be cleaned up. */
void with_clean_up(void (*routine)(void));
__asm__(
    ".text\n"
    ".seh_proc with_clean_up\n"
    "with_clean_up:\n"
    "    pushq %rbx\n"
    "    .seh_pushreg %rbx\n"
    "    subq $0x20, %rsp\n"
    "    .seh_stackalloc 0x20\n"
    "    .seh_endprologue\n"
    "    .seh_handler cleaned_up, @unwind, @except\n"
    "    movl $99, %ebx\n"
    "    call *%rcx\n"
    "    nop\n"
    "    addq $0x20, %rsp\n"
    "    popq %rbx\n"
    "    ret\n"
    ".seh_endproc\n");

static void jump_back(void)
{
    longjmp_of(&buffer, 7);
}

static void __attribute__((noinline)) plain(void)
{
    volatile int passes = 0;
    int value = _setjmp_of(&buffer, NULL);
    passes++;
    if (passes == 1) {
        CHECK(value == 0);
        longjmp_of(&buffer, 0);
    }
    CHECK(value == 1 && passes == 2);
    unwound = 0;
    if (_setjmpex_of(&buffer, NULL) == 0)
        with_clean_up(jump_back);
    CHECK(unwound == 0);
}

/* This function's frame is what its RSP is: it has no frame register. */
static int __attribute__((noinline, optimize("omit-frame-pointer"))) across(void (*frames)(void (*)(void)))
{
    register void *frame;
    int value;
    __asm__("movq %%rsp, %0" : "=r"(frame));
    value = _setjmp_of(&buffer, frame);
    if (value == 0)
        frames(jump_back);
    return value;
}

/* subq $0x28, %rsp; call *%rcx; nop; addq $0x28, %rsp; ret */
static const unsigned char code[] = {0x48, 0x83, 0xEC, 0x28, 0xFF, 0xD1, 0x90, 0x48, 0x83, 0xC4, 0x28, 0xC3};
enum { HANDLER = 0x40, UNWIND = 0x80, TABLE = 0x100, LATER = 0x800 };

static char *page;

static void generate(char *at)
{
    char *unwind = page + UNWIND, *handler = page + HANDLER;
    void *target = (void *)cleaned_up;
    memcpy(at, code, sizeof code);
    /* movq $cleaned_up, %rax; jmp *%rax */
    handler[0] = 0x48, handler[1] = (char)0xB8;
    memcpy(handler + 2, &target, 8);
    handler[10] = (char)0xFF, handler[11] = (char)0xE0;
    /* Version 1 with handlers of both kinds; a prologue of 4 bytes, which takes 0x28 bytes of stack. */
    unwind[0] = 1 | 3 << 3, unwind[1] = 4, unwind[2] = 1, unwind[3] = 0;
    unwind[4] = 4, unwind[5] = 2 | 4 << 4;
    *(ULONG *)(unwind + 8) = HANDLER;
}

static FUNCTION *asked(ULONG64 address, PVOID context)
{
    CHECK(context == page && address - (ULONG64)page < 0x1000);
    return (FUNCTION *)(page + TABLE);
}

static void generated(void)
{
    void (*made)(void (*)(void));
    SIZE_T size = 0x1000;
    ULONG64 base = 0, known = (ULONG64)page | 3;
    FUNCTION *table;
    void *handle;
    ok("memory", NtAllocateVirtualMemory(NtCurrentProcess(), (PVOID *)&page, 0, &size, MEM_COMMIT, PAGE_EXECUTE_READWRITE));
    known = (ULONG64)page | 3;
    generate(page);
    generate(page + LATER);
    table = (FUNCTION *)(page + TABLE);
    table[0] = (FUNCTION){0, sizeof code, UNWIND};
    table[1] = (FUNCTION){LATER, LATER + sizeof code, UNWIND};
    made = (void (*)(void (*)(void)))page;

    CHECK(!RtlLookupFunctionEntry_of(page, &base, NULL));
    CHECK(RtlAddFunctionTable_of(table, 1, (ULONG64)page));
    CHECK(RtlLookupFunctionEntry_of(page + 5, &base, NULL) == table && base == (ULONG64)page);
    CHECK(!RtlLookupFunctionEntry_of(page + sizeof code, &base, NULL));
    unwound = 0;
    CHECK(across(made) == 7 && unwound == 1);
    CHECK(RtlDeleteFunctionTable_of(table) && !RtlDeleteFunctionTable_of(table));
    CHECK(!RtlLookupFunctionEntry_of(page, &base, NULL));

    CHECK(!RtlInstallFunctionTableCallback_of((ULONG64)page, (ULONG64)page, 0x1000, asked, page, NULL));
    CHECK(RtlInstallFunctionTableCallback_of(known, (ULONG64)page, 0x1000, asked, page, NULL));
    CHECK(RtlLookupFunctionEntry_of(page, &base, NULL) == table);
    unwound = 0;
    CHECK(across(made) == 7 && unwound == 1);
    CHECK(RtlDeleteFunctionTable_of((void *)known) && !RtlLookupFunctionEntry_of(page, &base, NULL));

    CHECK(RtlAddGrowableFunctionTable_of(&handle, table, 3, 2, (ULONG64)page, (ULONG64)page + 0x1000) < 0);
    CHECK(!RtlAddGrowableFunctionTable_of(&handle, table, 1, 2, (ULONG64)page, (ULONG64)page + 0x1000));
    CHECK(RtlLookupFunctionEntry_of(page, &base, NULL) == table);
    CHECK(!RtlLookupFunctionEntry_of(page + LATER, &base, NULL));
    RtlGrowFunctionTable_of(handle, 2);
    CHECK(RtlLookupFunctionEntry_of(page + LATER, &base, NULL) == table + 1);
    RtlDeleteGrowableFunctionTable_of(handle);
    CHECK(!RtlLookupFunctionEntry_of(page, &base, NULL));
}

PROGRAM(peb)
{
    plain();
    unwound = 0;
    CHECK(across(with_clean_up) == 7 && unwound == 1);
    generated();
    return checked("unwinding");
}
