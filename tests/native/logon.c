/* A stand-in for winlogon.exe, for the user's shell ("logon.exe shell WISH", which crashes the first time), and somebody
   who wants the system shut down three seconds after that can be asked for ("logon.exe later"). */
#include "native.h"

NTSYSAPI NTSTATUS NTAPI NtInitializeRegistry(USHORT);
NTSYSAPI NTSTATUS NTAPI NtShutdownSystem(ULONG);
NTSYSAPI NTSTATUS NTAPI NtCreateEvent(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES, ULONG, BOOLEAN);
NTSYSAPI NTSTATUS NTAPI NtOpenEvent(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES);
NTSYSAPI NTSTATUS NTAPI NtSetEvent(HANDLE, PLONG);
NTSYSAPI NTSTATUS NTAPI NtDelayExecution(BOOLEAN, PLARGE_INTEGER);
NTSYSAPI NTSTATUS NTAPI RtlAdjustPrivilege(ULONG, BOOLEAN, BOOLEAN, PBOOLEAN);
NTSYSAPI NTSTATUS NTAPI RtlQueryEnvironmentVariable_U(PWSTR, PUNICODE_STRING, PUNICODE_STRING);

#define SE_SHUTDOWN_PRIVILEGE 19
#define ANY_EVENT 0x1F0003

typedef struct {
    UNICODE_STRING Name;
    UNICODE_STRING TypeName;
} ENTRY;

/* NtUserOpenWindowStation. */
__attribute__((naked)) static HANDLE open_station(OBJECT_ATTRIBUTES *attributes, ULONG access)
{
    __asm__("mov %rcx, %r10; mov $0x1003, %eax; syscall; ret");
}

static void list(HANDLE directory, const char *what)
{
    static char buffer[0x1000];
    ULONG context = 0, length;
    ok(what, NtQueryDirectoryObject(directory, buffer, sizeof buffer, FALSE, TRUE, &context, &length));
    for (ENTRY *entry = (ENTRY *)buffer; entry->Name.Buffer; entry++)
        say("%s: %wZ (%wZ)\n", what, &entry->Name, &entry->TypeName);
}

static void list_directory(const wchar_t *path, const char *what)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    HANDLE directory;
    name_it(&attributes, &name, path);
    ok(what, NtOpenDirectoryObject(&directory, 1, &attributes));
    list(directory, what);
    NtClose(directory);
}

static void list_processes(void)
{
    static char buffer[0x8000];
    SYSTEM_PROCESS_INFORMATION *process = (SYSTEM_PROCESS_INFORMATION *)buffer;
    ok("processes", NtQuerySystemInformation(SystemProcessInformation, buffer, sizeof buffer, NULL));
    for (;; process = (SYSTEM_PROCESS_INFORMATION *)((char *)process + process->NextEntryOffset)) {
        say("process: %wZ\n", &process->ImageName);
        if (!process->NextEntryOffset)
            break;
    }
}

static void show_variable(const wchar_t *name)
{
    wchar_t text[64];
    UNICODE_STRING variable, value = {0, sizeof text, text};
    RtlInitUnicodeString(&variable, name);
    ok("variable", RtlQueryEnvironmentVariable_U(NULL, &variable, &value));
    say("shell: %ws=%wZ\n", name, &value);
}

/* Whether it is the shell's first run; an event that stays says that there was one. */
static int is_first(void)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    HANDLE event;
    RtlInitUnicodeString(&name, L"\\TheShellHasRun");
    InitializeObjectAttributes(&attributes, &name, CASELESS | OBJ_PERMANENT, NULL, NULL);
    return NT_SUCCESS(NtCreateEvent(&event, ANY_EVENT, &attributes, 0, FALSE));
}

static void wish(const wchar_t *path)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    HANDLE event;
    name_it(&attributes, &name, path);
    ok("wish", NtOpenEvent(&event, ANY_EVENT, &attributes));
    ok("set", NtSetEvent(event, NULL));
}

static void shell(PEB *peb)
{
    OBJECT_ATTRIBUTES attributes;
    LARGE_INTEGER minute = {.QuadPart = -600000000};
    UNICODE_STRING name;
    show_variable(L"OS");
    show_variable(L"NUMBER_OF_PROCESSORS");
    show_variable(L"TEMP");
    list_directory(L"\\Windows\\WindowStations", "stations");
    name_it(&attributes, &name, L"\\Windows\\WindowStations\\WinSta0");
    list(open_station(&attributes, 1), "desktops");
    list_processes();
    if (is_first()) {
        put("shell: the first time\n");
        *(volatile int *)0 = 0;
    }
    put("shell: once more\n");
    wish(has_word(peb, L"reboot") ? L"\\Windows\\WinlogonReboot" : L"\\Windows\\WinlogonPowerOff");
    NtDelayExecution(FALSE, &minute);
    put("FAIL nobody has ended the shell\n");
}

static void later(void)
{
    OBJECT_ATTRIBUTES attributes;
    LARGE_INTEGER often = {.QuadPart = -500000}, three_seconds = {.QuadPart = -30000000};
    UNICODE_STRING name;
    HANDLE event;
    name_it(&attributes, &name, L"\\Windows\\WinlogonPowerOff");
    while (!NT_SUCCESS(NtOpenEvent(&event, ANY_EVENT, &attributes)))
        NtDelayExecution(FALSE, &often);
    NtDelayExecution(FALSE, &three_seconds);
    ok("set", NtSetEvent(event, NULL));
}

PROGRAM(peb)
{
    BOOLEAN before;
    if (has_word(peb, L" later")) {
        later();
        return STATUS_SUCCESS;
    }
    if (has_word(peb, L" shell")) {
        shell(peb);
        return STATUS_SUCCESS;
    }
    if (has_word(peb, L" status")) {
        put("logon: ends\n");
        return 0x12345678;
    }
    list_directory(L"\\Windows", "windows");
    list_processes();
    say("accepted: %08lx\n", NtInitializeRegistry(3));
    say("accepted again: %08lx\n", NtInitializeRegistry(3));
    ok("privilege", RtlAdjustPrivilege(SE_SHUTDOWN_PRIVILEGE, TRUE, FALSE, &before));
    return NtShutdownSystem(2);
}
