/* Threads: DLLs hear of them, and each has its storage. */
#include "try.h"

NTSYSAPI NTSTATUS NTAPI NtAllocateVirtualMemory(HANDLE, PVOID *, ULONG_PTR, PSIZE_T, ULONG, ULONG);
NTSYSAPI NTSTATUS NTAPI NtCreateThread(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES, HANDLE, CLIENT_ID *, CONTEXT *, PVOID, BOOLEAN);
NTSYSAPI NTSTATUS NTAPI RtlInitializeCriticalSection(RTL_CRITICAL_SECTION *);
NTSYSAPI NTSTATUS NTAPI RtlEnterCriticalSection(RTL_CRITICAL_SECTION *);
NTSYSAPI NTSTATUS NTAPI RtlLeaveCriticalSection(RTL_CRITICAL_SECTION *);
NTSYSAPI ULONG NTAPI RtlTryEnterCriticalSection(RTL_CRITICAL_SECTION *);
NTSYSAPI NTSTATUS NTAPI RtlDeleteCriticalSection(RTL_CRITICAL_SECTION *);
NTSYSAPI NTSTATUS NTAPI LdrDisableThreadCalloutsForDll(PVOID);
NTSYSAPI void NTAPI RtlExitUserThread(NTSTATUS);
NTSYSAPI void NTAPI RtlExitUserProcess(NTSTATUS) __attribute__((noreturn));
NTSYSAPI NTSTATUS NTAPI NtYieldExecution(void);
__declspec(dllimport) int inner_add(int, int);
__declspec(dllimport) int storage_next(void);

static RTL_CRITICAL_SECTION section;
static volatile long counter, wrong;

static HANDLE start(void (*routine)(void *), void *argument)
{
    struct {
        PVOID previous[2], base, limit, allocated;
    } teb = {0};
    CONTEXT context __attribute__((aligned(16)));
    CLIENT_ID id;
    HANDLE thread;
    PVOID stack = NULL;
    SIZE_T size = 0x10000;
    for (unsigned i = 0; i < sizeof context; i++)
        ((volatile char *)&context)[i] = 0;
    same("stack", NtAllocateVirtualMemory(SELF, &stack, 0, &size, 0x3000, 4), 0);
    teb.base = (char *)stack + size;
    teb.limit = teb.allocated = stack;
    context.ContextFlags = CONTEXT_FULL;
    context.Rip = (ULONG_PTR)routine;
    context.Rcx = (ULONG_PTR)argument;
    context.Rsp = (ULONG_PTR)teb.base - 0x28;
    context.EFlags = 0x200;
    context.MxCsr = context.FltSave.MxCsr = 0x1F80;
    context.FltSave.ControlWord = 0x27F;
    context.SegCs = 0x33;
    context.SegSs = 0x2B;
    same("thread", NtCreateThread(&thread, 0x1FFFFF, NULL, SELF, &id, &context, &teb, FALSE), 0);
    return thread;
}

static void count(void *argument)
{
    for (int i = 0; i < 5000; i++) {
        RtlEnterCriticalSection(&section);
        RtlEnterCriticalSection(&section);
        long before = counter;
        if (i % 16 == 0)
            NtYieldExecution();
        counter = before + 1;
        RtlLeaveCriticalSection(&section);
        RtlLeaveCriticalSection(&section);
    }
    if (storage_next() != 40 || storage_next() != 41)
        wrong = 1;
    RtlExitUserThread(0);
}

static void try_it(void *argument)
{
    *(long *)argument = RtlTryEnterCriticalSection(&section);
    RtlExitUserThread(0);
}

PROGRAM
{
    HANDLE threads[4];
    long got = 5;
    UNICODE_STRING name;
    PVOID inner;
    same("prepare", RtlInitializeCriticalSection(&section), 0);
    status("not mine", RtlLeaveCriticalSection(&section), 0xC0000264);
    same("first thread's storage", storage_next(), 40);
    for (int i = 0; i < 4; i++)
        threads[i] = start(count, NULL);
    for (int i = 0; i < 4; i++)
        same("wait", NtWaitForSingleObject(threads[i], FALSE, NULL), 0);
    same("counter", counter, 20000);
    same("storage", wrong, 0);
    same("first thread's storage", storage_next(), 41);
    put("no more for inner\n");
    name = wide_string(L"inner.dll");
    status("inner", LdrGetDllHandle(NULL, NULL, &name, &inner), 0);
    status("disable", LdrDisableThreadCalloutsForDll(inner), 0);
    status("disable nothing", LdrDisableThreadCalloutsForDll((PVOID)0x1000), 0xC0000135);
    same("try", RtlTryEnterCriticalSection(&section), 1);
    NtWaitForSingleObject(start(try_it, &got), FALSE, NULL);
    same("another thread has it", got, 0);
    RtlLeaveCriticalSection(&section);
    NtWaitForSingleObject(start(try_it, &got), FALSE, NULL);
    same("nobody has it", got, 1);
    same("delete", RtlDeleteCriticalSection(&section), 0);
    put("threads: done\n");
    RtlExitUserProcess(inner_add(1, 2));
}
