/* NtSuspendProcess and NtResumeProcess: a process of two threads that count stands still, and goes on. */
#include "check.h"

#define COUNTERS L"\\StrangersCounters"
#define PROCESS_SUSPEND 0x800

NTSYSAPI NTSTATUS NTAPI NtSuspendProcess(HANDLE);
NTSYSAPI NTSTATUS NTAPI NtResumeProcess(HANDLE);
NTSYSAPI NTSTATUS NTAPI NtDelayExecution(BOOLEAN, PLARGE_INTEGER);
NTSYSAPI NTSTATUS NTAPI NtYieldExecution(void);
NTSYSAPI NTSTATUS NTAPI NtDuplicateObject(HANDLE, HANDLE, HANDLE, PHANDLE, ACCESS_MASK, ULONG, ULONG);
NTSYSAPI NTSTATUS NTAPI RtlCreateUserThread(
    HANDLE, PVOID, BOOLEAN, ULONG, SIZE_T, SIZE_T, PVOID, PVOID, PHANDLE, CLIENT_ID *);

static volatile LONG64 *map(HANDLE section)
{
    PVOID view = NULL;
    SIZE_T size = 0;
    ok("map", NtMapViewOfSection(section, NtCurrentProcess(), &view, 0, 0, NULL, &size, ViewUnmap, 0, PAGE_READWRITE));
    return view;
}

static NTSTATUS NTAPI count(void *counter)
{
    while (++*(volatile LONG64 *)counter)
        NtYieldExecution();
    return STATUS_UNSUCCESSFUL;
}

static NTSTATUS child(void)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    HANDLE section, thread;
    volatile LONG64 *counters;
    name_it(&attributes, &name, COUNTERS);
    ok("open section", NtOpenSection(&section, SECTION_ALL_ACCESS, &attributes));
    counters = map(section);
    ok("thread", RtlCreateUserThread(NtCurrentProcess(), NULL, FALSE, 0, 0, 0, count, (void *)(counters + 1), &thread, NULL));
    return count((void *)counters);
}

static void pass(int milliseconds)
{
    LARGE_INTEGER time = {.QuadPart = -10000LL * milliseconds};
    NtDelayExecution(FALSE, &time);
}

static int move(volatile LONG64 *counters)
{
    LONG64 first = counters[0], second = counters[1];
    for (int looks = 0; looks < 1000; looks++) {
        pass(5);
        if (counters[0] != first && counters[1] != second)
            return 1;
    }
    return 0;
}

static int stand(volatile LONG64 *counters)
{
    LONG64 first = counters[0], second = counters[1];
    pass(100);
    return counters[0] == first && counters[1] == second;
}

PROGRAM(peb)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    LARGE_INTEGER size = {.QuadPart = 0x1000};
    HANDLE section, weak;
    PROCESS_INFO info;
    volatile LONG64 *counters;
    if (has_word(peb, L"child"))
        return child();
    name_it(&attributes, &name, COUNTERS);
    ok("section", NtCreateSection(&section, SECTION_ALL_ACCESS, &attributes, &size, PAGE_READWRITE, SEC_COMMIT, NULL));
    counters = map(section);
    info = start_again(peb, L"suspend child");
    CHECK(move(counters));
    ok("weak handle", NtDuplicateObject(NtCurrentProcess(), info.Process, NtCurrentProcess(), &weak, PROCESS_QUERY_INFORMATION, 0, 0));
    CHECK(NtSuspendProcess(weak) == (NTSTATUS)0xC0000022 && NtResumeProcess(weak) == (NTSTATUS)0xC0000022);
    CHECK(move(counters));
    CHECK(NtSuspendProcess(info.Process) == 0 && stand(counters));
    CHECK(NtSuspendProcess(info.Process) == 0 && stand(counters));
    CHECK(NtResumeProcess(info.Process) == 0 && stand(counters));
    CHECK(NtResumeProcess(info.Process) == 0 && move(counters));
    CHECK(NtResumeProcess(info.Process) == 0 && move(counters));
    CHECK(NtSuspendProcess(info.Process) == 0 && stand(counters));
    /* What stands still can be ended. */
    CHECK(NtTerminateProcess(info.Process, 77) == 0 && wait_for_end(&info) == 77);
    return checked("suspend");
}
