/* A task manager's view: the processes and threads of the system, and what one of them says of itself. */
#include "native.h"

NTSYSAPI NTSTATUS NTAPI NtOpenProcess(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES, CLIENT_ID *);

static char buffer[0x8000];

static void list(void)
{
    ULONG length = 0;
    SYSTEM_PROCESS_INFORMATION *process = (SYSTEM_PROCESS_INFORMATION *)buffer;
    expect("short buffer", NtQuerySystemInformation(SystemProcessInformation, buffer, 16, &length), (NTSTATUS)0xC0000004);
    ok("processes", NtQuerySystemInformation(SystemProcessInformation, buffer, sizeof buffer, &length));
    for (;;) {
        say("task %wZ pid %lu parent %lu threads %lu session %lu\n", &process->ImageName,
            (ULONG)(ULONG_PTR)process->UniqueProcessId, (ULONG)(ULONG_PTR)process->InheritedFromUniqueProcessId,
            process->NumberOfThreads, process->SessionId);
        if (!process->NextEntryOffset)
            break;
        process = (SYSTEM_PROCESS_INFORMATION *)((char *)process + process->NextEntryOffset);
    }
}

PROGRAM(peb)
{
    PROCESS_BASIC_INFORMATION basic;
    SYSTEM_BASIC_INFORMATION system;
    OBJECT_ATTRIBUTES attributes;
    CLIENT_ID id;
    HANDLE self;
    list();
    ok("basic", NtQuerySystemInformation(SystemBasicInformation, &system, sizeof system, NULL));
    say("processors %d\n", system.NumberOfProcessors);
    ok("self", NtQueryInformationProcess(NtCurrentProcess(), ProcessBasicInformation, &basic, sizeof basic, NULL));
    if (basic.PebBaseAddress != peb)
        put("FAIL another PEB\n");
    memset(&id, 0, sizeof id);
    id.UniqueProcess = (HANDLE)basic.UniqueProcessId;
    InitializeObjectAttributes(&attributes, NULL, 0, NULL, NULL);
    ok("open by id", NtOpenProcess(&self, PROCESS_QUERY_INFORMATION, &attributes, &id));
    NtClose(self);
    id.UniqueProcess = (HANDLE)0x7FFFFFF0;
    expect("no such id", NtOpenProcess(&self, PROCESS_QUERY_INFORMATION, &attributes, &id), (NTSTATUS)0xC000000B);
    put("tasks done\n");
    return STATUS_SUCCESS;
}
