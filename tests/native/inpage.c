/* What a page that cannot be read back is to the thread that touches it: an exception, EXCEPTION_IN_PAGE_ERROR. The first word says
   what to do, the number how many MiB to take:
     handled      vectored handlers and one of a frame see it, and the program goes on
     service      a system service that needs the page ends with the status
     unhandled    the process ends with the status, and its parent reads that
     critical     the same, of a process that the system cannot do without
     kernel       a driver's data goes out and comes back
     exhaust      a process locks all memory, and ends of that
     stack        the kernel stacks of threads that wait go out and come back
   With the word mapped, the pages are those of a file on D: that is mapped, and not memory of the process. */
#include "check.h"

NTSYSAPI NTSTATUS NTAPI NtAllocateVirtualMemory(HANDLE, PVOID *, ULONG_PTR, PSIZE_T, ULONG, ULONG);
NTSYSAPI NTSTATUS NTAPI NtQueryPerformanceCounter(PLARGE_INTEGER, PLARGE_INTEGER);
NTSYSAPI NTSTATUS NTAPI NtFreeVirtualMemory(HANDLE, PVOID *, PSIZE_T, ULONG);
NTSYSAPI NTSTATUS NTAPI NtQueryVirtualMemory(HANDLE, PVOID, ULONG, PVOID, SIZE_T, PSIZE_T);
NTSYSAPI NTSTATUS NTAPI NtLockVirtualMemory(HANDLE, PVOID *, PSIZE_T, ULONG);
NTSYSAPI NTSTATUS NTAPI NtSetSystemInformation(ULONG, PVOID, ULONG);
NTSYSAPI NTSTATUS NTAPI NtDelayExecution(BOOLEAN, PLARGE_INTEGER);
NTSYSAPI NTSTATUS NTAPI NtCreateEvent(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES, ULONG, BOOLEAN);
NTSYSAPI NTSTATUS NTAPI NtSetEvent(HANDLE, PLONG);
NTSYSAPI NTSTATUS NTAPI RtlCreateUserThread(
    HANDLE, PVOID, BOOLEAN, ULONG, SIZE_T, SIZE_T, PVOID, PVOID, PHANDLE, CLIENT_ID *);
NTSYSAPI NTSTATUS NTAPI RtlAdjustPrivilege(ULONG, BOOLEAN, BOOLEAN, PBOOLEAN);
NTSYSAPI PVOID NTAPI RtlAddVectoredExceptionHandler(ULONG, PVECTORED_EXCEPTION_HANDLER);

#define PAGE 4096
#define IN_PAGE_ERROR ((NTSTATUS)0xC0000006)
#define BREAK_ON_TERMINATION 29
#define DEBUG_PRIVILEGE 20
#define LOAD_DRIVER_PRIVILEGE 10
#define EXTEND_SERVICE_TABLE 38
#define SESSION_CREATE 47
#define MAP_PROCESS 1

typedef unsigned long long word;

static char *base;
static word pages;
/* The page that is being touched, the kind of access, what the disk said, and who has seen that. */
static volatile word touched, kind, disk_status;
static volatile unsigned seen_vectored, seen_frame;

static void check_record(EXCEPTION_RECORD *record)
{
    CHECK(record->ExceptionCode == (ULONG)IN_PAGE_ERROR && record->ExceptionFlags == 0 && record->NumberParameters == 3);
    CHECK(record->ExceptionInformation[0] == kind);
    CHECK(record->ExceptionInformation[1] == (ULONG_PTR)base + touched * PAGE);
    disk_status = record->ExceptionInformation[2];
}

/* Writes (1) or reads (0) a word; what a frame's handler makes of it, if it fails, is -1. */
word access_guarded(volatile word *place, word write, word value);
__asm__(
    ".text\n"
    ".seh_proc access_guarded\n"
    "access_guarded:\n"
    "    subq $0x28, %rsp\n"
    "    .seh_stackalloc 0x28\n"
    "    .seh_endprologue\n"
    "    .seh_handler frame_handler, @except\n"
    "    testq %rdx, %rdx\n"
    "    jz 1f\n"
    "access_write:\n"
    "    movq %r8, (%rcx)\n"
    "1:\n"
    "access_read:\n"
    "    movq (%rcx), %rax\n"
    "access_behind:\n"
    "    addq $0x28, %rsp\n"
    "    ret\n"
    ".seh_endproc\n");
extern char access_write[], access_read[], access_behind[];

int __attribute__((used)) frame_handler(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, void *dispatcher)
{
    seen_frame++;
    check_record(record);
    CHECK(record->ExceptionAddress == (kind ? access_write : access_read));
    context->Rip = (ULONG64)access_behind;
    context->Rax = (ULONG64)-1;
    /* ExceptionContinueExecution */
    return 0;
}

/* The first two times the access is tried again. */
static LONG CALLBACK vectored(EXCEPTION_POINTERS *pointers)
{
    check_record(pointers->ExceptionRecord);
    return ++seen_vectored > 2 ? EXCEPTION_CONTINUE_SEARCH : EXCEPTION_CONTINUE_EXECUTION;
}

static void fill(unsigned mib)
{
    PVOID place = NULL;
    SIZE_T size = (SIZE_T)mib << 20;
    ok("commit", NtAllocateVirtualMemory(NtCurrentProcess(), &place, 0, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
    base = place;
    pages = size / PAGE;
    for (word page = 0; page < pages; page++)
        *(volatile word *)(base + page * PAGE) = ~page;
}

/* A file with the same in it, mapped. What is written by a handle is not in memory until somebody touches it. */
static void map(unsigned mib)
{
    static word part[16 * PAGE / sizeof(word)];
    HANDLE file, section;
    OBJECT_ATTRIBUTES named;
    UNICODE_STRING name;
    IO_STATUS_BLOCK io;
    PVOID view = NULL;
    SIZE_T size = 0;
    name_it(&named, &name, L"\\??\\D:\\data.bin");
    ok("file", NtCreateFile(&file, FILE_READ_DATA | FILE_WRITE_DATA | SYNCHRONIZE, &named, &io, NULL, 0, 0, FILE_OVERWRITE_IF,
        FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0));
    for (pages = 0; pages < ((word)mib << 20) / PAGE; pages += 16) {
        for (unsigned page = 0; page < 16; page++)
            part[page * PAGE / sizeof(word)] = ~(pages + page);
        ok("write", NtWriteFile(file, NULL, NULL, NULL, &io, part, sizeof part, NULL, NULL));
    }
    ok("section", NtCreateSection(&section, SECTION_ALL_ACCESS, NULL, NULL, PAGE_READWRITE, SEC_COMMIT, file));
    ok("map", NtMapViewOfSection(section, NtCurrentProcess(), &view, 0, 0, NULL, &size, ViewUnmap, 0, PAGE_READWRITE));
    base = view;
}

static void handled(word write)
{
    unsigned wrong = 0;
    kind = write;
    RtlAddVectoredExceptionHandler(1, vectored);
    for (touched = 0; touched < pages; touched++) {
        unsigned before = seen_frame;
        volatile word *place = (volatile word *)(base + touched * PAGE);
        word value = access_guarded(place, write, ~touched);
        wrong += value != (before == seen_frame ? ~touched : (word)-1);
    }
    say("inpage: %u vectored, %u frame, disk %08lx\n", seen_vectored, seen_frame, (ULONG)disk_status);
    CHECK(wrong == 0 && seen_vectored == 3 && seen_frame == 1);
    /* The page that was given up is as it was. */
    for (word page = 0; page < pages; page++)
        wrong += *(volatile word *)(base + page * PAGE) != ~page;
    CHECK(wrong == 0);
}

static void service(void)
{
    word failed = 0, other = 0;
    for (word page = 0; page < pages; page++) {
        NTSTATUS status = NtQueryPerformanceCounter((PLARGE_INTEGER)(base + page * PAGE), NULL);
        failed += status == IN_PAGE_ERROR;
        other += status != IN_PAGE_ERROR && status != 0;
    }
    CHECK(failed == 1 && other == 0);
}

static void touch_all(void)
{
    word sum = 0;
    for (word page = 0; page < pages; page++)
        sum += *(volatile word *)(base + page * PAGE);
    say("inpage: nothing failed, %lu\n", (ULONG)sum);
}

/* Keeps all that this process has in memory: from here on nothing of it is read back. */
static void stay_in_memory(void)
{
    MEMORY_BASIC_INFORMATION region;
    for (char *at = NULL; NtQueryVirtualMemory(NtCurrentProcess(), at, 0, &region, sizeof region, NULL) == 0;
         at = (char *)region.BaseAddress + region.RegionSize) {
        PVOID start = region.BaseAddress;
        SIZE_T size = region.RegionSize;
        if (region.State == MEM_COMMIT && !(region.Protect & (PAGE_GUARD | PAGE_NOACCESS)))
            NtLockVirtualMemory(NtCurrentProcess(), &start, &size, MAP_PROCESS);
    }
}

/* Takes more memory than there is, for a while, several times. */
static void press(unsigned mib, unsigned times, unsigned milliseconds)
{
    LARGE_INTEGER pause = {.QuadPart = -10000LL * milliseconds};
    while (times--) {
        PVOID place = NULL;
        SIZE_T size = (SIZE_T)mib << 20;
        ok("commit", NtAllocateVirtualMemory(NtCurrentProcess(), &place, 0, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
        for (word page = 0; page < size / PAGE; page++)
            *(volatile word *)((char *)place + page * PAGE) = ~page;
        size = 0;
        ok("free", NtFreeVirtualMemory(NtCurrentProcess(), &place, &size, MEM_RELEASE));
        if (milliseconds)
            NtDelayExecution(FALSE, &pause);
    }
}

/* The driver's services. */
__attribute__((naked)) static NTSTATUS store(void)
{
    __asm__("mov $0x1002, %eax; syscall; ret");
}

__attribute__((naked)) static NTSTATUS compare(void)
{
    __asm__("mov $0x1003, %eax; syscall; ret");
}

static void kernel(unsigned mib)
{
    UNICODE_STRING path;
    ULONG session;
    BOOLEAN old;
    RtlInitUnicodeString(&path, L"\\SystemRoot\\System32\\driver.sys");
    ok("privilege", RtlAdjustPrivilege(LOAD_DRIVER_PRIVILEGE, TRUE, FALSE, &old));
    ok("session", NtSetSystemInformation(SESSION_CREATE, &session, sizeof session));
    ok("load", NtSetSystemInformation(EXTEND_SERVICE_TABLE, &path, sizeof path));
    CHECK(store() == 0 && compare() == 0);
    stay_in_memory();
    press(mib, 2, 0);
    CHECK(compare() == 0);
}

static NTSTATUS NTAPI sleeper(void *argument)
{
    LARGE_INTEGER hour = {.QuadPart = -36000000000LL};
    return NtDelayExecution(FALSE, &hour);
}

/* The first thread's end is what the parent waits for; the memory is there when the other one has ended, too. */
static void exhaust(unsigned mib)
{
    HANDLE thread;
    PVOID place = NULL;
    SIZE_T size = (SIZE_T)mib << 20;
    ok("thread", RtlCreateUserThread(NtCurrentProcess(), NULL, FALSE, 0, 0, 0, sleeper, NULL, &thread, NULL));
    ok("commit", NtAllocateVirtualMemory(NtCurrentProcess(), &place, 0, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
    stay_in_memory();
    for (word page = 0; page < size / PAGE; page++) {
        PVOID start = (char *)place + page * PAGE;
        SIZE_T one = PAGE;
        *(volatile word *)start = page;
        NtLockVirtualMemory(NtCurrentProcess(), &start, &one, MAP_PROCESS);
    }
    CHECK(!"memory has no end");
}

#define THREADS 64
static HANDLE go;
static volatile LONG gone_on;

static NTSTATUS NTAPI waiter(void *argument)
{
    NTSTATUS status = NtWaitForSingleObject(go, FALSE, NULL);
    __sync_fetch_and_add(&gone_on, status == 0);
    return status;
}

static void stack(unsigned mib)
{
    HANDLE threads[THREADS];
    LARGE_INTEGER pause = {.QuadPart = -200000LL};
    ok("event", NtCreateEvent(&go, EVENT_ALL_ACCESS, NULL, 0, FALSE));
    for (unsigned n = 0; n < THREADS; n++)
        ok("thread", RtlCreateUserThread(NtCurrentProcess(), NULL, FALSE, 0, 0, 0, waiter, NULL, &threads[n], NULL));
    /* All of them have begun to wait. */
    NtDelayExecution(FALSE, &pause);
    stay_in_memory();
    press(mib, 3, 1100);
    put("inpage: go\n");
    NtSetEvent(go, NULL);
    for (unsigned n = 0; n < THREADS; n++)
        CHECK(NtWaitForSingleObject(threads[n], FALSE, NULL) == 0);
    CHECK(gone_on == THREADS);
}

static unsigned mib_of(PEB *peb)
{
    const wchar_t *text = parameters_of(peb)->CommandLine.Buffer;
    unsigned mib = 0;
    for (; *text; text++)
        if (*text >= '0' && *text <= '9')
            mib = mib * 10 + (*text - '0');
    return mib;
}

PROGRAM(peb)
{
    if (has_word(peb, L"unhandled")) {
        PROCESS_INFO info = start_again(peb, L"inpage touch 8");
        say("inpage: the child ended with %08lx\n", wait_for_end(&info));
        return checked("inpage");
    }
    if (has_word(peb, L"critical")) {
        BOOLEAN old;
        ULONG yes = 1;
        ok("privilege", RtlAdjustPrivilege(DEBUG_PRIVILEGE, TRUE, FALSE, &old));
        ok("critical", NtSetInformationProcess(NtCurrentProcess(), BREAK_ON_TERMINATION, &yes, sizeof yes));
    }
    if (has_word(peb, L"kernel") || has_word(peb, L"stack")) {
        (has_word(peb, L"kernel") ? kernel : stack)(mib_of(peb));
        return checked("inpage");
    }
    if (has_word(peb, L"exhaust")) {
        exhaust(mib_of(peb));
        return checked("inpage");
    }
    (has_word(peb, L"mapped") ? map : fill)(mib_of(peb));
    if (has_word(peb, L"handled"))
        handled(has_word(peb, L"write"));
    else if (has_word(peb, L"service"))
        service();
    else
        touch_all();
    return checked("inpage");
}
