/* What the session manager has made, as a program of BootExecute finds it: "session VERB ARGUMENT". */
#include "native.h"

NTSYSAPI NTSTATUS NTAPI NtOpenEvent(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES);
NTSYSAPI NTSTATUS NTAPI NtQueryEvent(HANDLE, ULONG, PVOID, ULONG, PULONG);
NTSYSAPI NTSTATUS NTAPI NtDelayExecution(BOOLEAN, PLARGE_INTEGER);
NTSYSAPI NTSTATUS NTAPI NtOpenProcess(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES, CLIENT_ID *);

typedef struct {
    UNICODE_STRING Name;
    UNICODE_STRING TypeName;
} ENTRY;

static void show(HANDLE directory, const wchar_t *path, ENTRY *entry)
{
    OBJECT_ATTRIBUTES attributes;
    wchar_t text[260];
    UNICODE_STRING target = {0, sizeof text, text};
    HANDLE link;
    InitializeObjectAttributes(&attributes, &entry->Name, CASELESS, directory, NULL);
    if (!NT_SUCCESS(NtOpenSymbolicLinkObject(&link, 1, &attributes))) {
        say("%ws: %wZ (%wZ)\n", path, &entry->Name, &entry->TypeName);
        return;
    }
    ok("query link", NtQuerySymbolicLinkObject(link, &target, NULL));
    say("%ws: %wZ -> %wZ\n", path, &entry->Name, &target);
    NtClose(link);
}

/* The objects of a directory. */
static void list(const wchar_t *path)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    HANDLE directory;
    ULONG context = 0, length;
    char buffer[600];
    BOOLEAN restart = TRUE;
    name_it(&attributes, &name, path);
    ok("open directory", NtOpenDirectoryObject(&directory, 1, &attributes));
    while (NT_SUCCESS(NtQueryDirectoryObject(directory, buffer, sizeof buffer, FALSE, restart, &context, &length))) {
        for (ENTRY *entry = (ENTRY *)buffer; entry->Name.Buffer; entry++)
            show(directory, path, entry);
        restart = FALSE;
    }
    NtClose(directory);
}

static void event(const wchar_t *path)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    HANDLE handle;
    struct { ULONG type; LONG state; } information;
    name_it(&attributes, &name, path);
    ok("open event", NtOpenEvent(&handle, 1, &attributes));
    ok("query event", NtQueryEvent(handle, 0, &information, sizeof information, NULL));
    say("event: type %lu state %ld\n", information.type, information.state);
    NtClose(handle);
}

static void file(const wchar_t *path)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    IO_STATUS_BLOCK io;
    HANDLE handle;
    NTSTATUS status;
    name_it(&attributes, &name, path);
    status = NtOpenFile(&handle, 0x100001, &attributes, &io, 7, 0x20);
    say("file %ws: %08lx\n", path, status);
    if (NT_SUCCESS(status))
        NtClose(handle);
}

/* Deletes the value Identifier of a key. */
static void forget(const wchar_t *path)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name, value;
    HANDLE key;
    name_it(&attributes, &name, path);
    ok("open key", NtOpenKey(&key, KEY_ALL_ACCESS, &attributes));
    RtlInitUnicodeString(&value, L"Identifier");
    ok("delete value", NtDeleteValueKey(key, &value));
    NtClose(key);
    say("forgotten\n");
}

/* Base priority of the process that started this one. */
static void parent(void)
{
    ULONG_PTR own[6], other[6];
    OBJECT_ATTRIBUTES attributes;
    CLIENT_ID id = {0, 0};
    HANDLE handle;
    ok("own", NtQueryInformationProcess(NtCurrentProcess(), 0, own, sizeof own, NULL));
    id.UniqueProcess = (HANDLE)own[5];
    InitializeObjectAttributes(&attributes, NULL, 0, NULL, NULL);
    ok("open parent", NtOpenProcess(&handle, 0x400, &attributes, &id));
    ok("parent", NtQueryInformationProcess(handle, 0, other, sizeof other, NULL));
    say("parent: base priority %lu\n", (ULONG)other[3]);
    NtClose(handle);
}

/* What the first thread was given, and what the process was told of debugging. */
static void entry(PEB *peb, RTL_USER_PROCESS_PARAMETERS *parameters)
{
    say("entry: %s\n", peb == NtCurrentTeb()->ProcessEnvironmentBlock ? "the PEB" : "something else");
    say("debug flags: %lx\n", ((ULONG *)parameters)[3]);
}

PROGRAM(peb)
{
    RTL_USER_PROCESS_PARAMETERS *parameters = parameters_of(peb);
    wchar_t line[400], *at = line;
    ULONG length = parameters->CommandLine.Length / 2;
    for (ULONG index = 0; index < length && index < 399; index++)
        line[index] = parameters->CommandLine.Buffer[index];
    line[length < 399 ? length : 399] = 0;
    while (*at && _wcsnicmp(at, L"session", 7))
        at++;
    while (*at > ' ')
        at++;
    while (*at == ' ')
        at++;
    if (!_wcsnicmp(at, L"list ", 5))
        list(at + 5);
    else if (!_wcsnicmp(at, L"event ", 6))
        event(at + 6);
    else if (!_wcsnicmp(at, L"file ", 5))
        file(at + 5);
    else if (!_wcsnicmp(at, L"forget ", 7))
        forget(at + 7);
    else if (!_wcsnicmp(at, L"parent", 6))
        parent();
    else if (!_wcsnicmp(at, L"entry", 5))
        entry(peb, parameters);
    else if (!_wcsnicmp(at, L"sleep ", 6)) {
        LARGE_INTEGER interval = {.QuadPart = -2000000};
        say("begin %ws\n", at + 6);
        NtDelayExecution(FALSE, &interval);
        say("end %ws\n", at + 6);
    } else if (!_wcsnicmp(at, L"for ever", 8)) {
        LARGE_INTEGER interval = {.QuadPart = -0x7fffffffffffffffll};
        say("for ever\n");
        for (;;)
            NtDelayExecution(FALSE, &interval);
    } else
        say("line: %wZ\n", &parameters->CommandLine);
    return STATUS_SUCCESS;
}
