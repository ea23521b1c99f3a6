/* Stands in for winlogon, as a graphical program: what the session manager's and csrss's hands have made of it, and what a client
   of csrss can do. Started again with a word it is a child of that client. */
#include "csr.h"

#define STATUS_ILLEGAL_FUNCTION ((NTSTATUS)0xC00000AF)
#define STATUS_PORT_CONNECTION_REFUSED ((NTSTATUS)0xC0000041)
#define STATUS_OBJECT_NAME_NOT_FOUND ((NTSTATUS)0xC0000034)
#define STATUS_MY_WARNING ((NTSTATUS)0x80001234)
#define STATUS_DLL_NOT_FOUND ((NTSTATUS)0xC0000135)
#define STATUS_INVALID_PARAMETER_ ((NTSTATUS)0xC000000D)

enum { BASE_CREATE_PROCESS = 0, BASE_CREATE_THREAD = 1, BASE_TEMP = 2, BASE_SET_LEVEL = 4, BASE_GET_LEVEL = 5, BASE_DOS_DEVICE = 6 };
enum { CONSOLE_WRITE = 0, EXIT_WINDOWS = 0 };

NTSYSAPI VOID NTAPI CsrCaptureMessageBuffer(PVOID, PVOID, ULONG, PVOID *);
NTSYSAPI HANDLE NTAPI CsrGetProcessId(void);
NTSYSAPI NTSTATUS NTAPI CsrIdentifyAlertableThread(void);
NTSYSAPI NTSTATUS NTAPI CsrSetPriorityClass(HANDLE, PULONG);
NTSYSAPI NTSTATUS NTAPI NtRaiseHardError(NTSTATUS, ULONG, ULONG, ULONG_PTR *, ULONG, PULONG);
NTSYSAPI NTSTATUS NTAPI NtSetDefaultHardErrorPort(HANDLE);
NTSYSAPI NTSTATUS NTAPI NtTerminateThread(HANDLE, NTSTATUS);
NTSYSAPI NTSTATUS NTAPI NtDelayExecution(BOOLEAN, PLARGE_INTEGER);
NTSYSAPI NTSTATUS NTAPI RtlCreateUserThread(HANDLE, PVOID, BOOLEAN, ULONG, SIZE_T, SIZE_T, PVOID, PVOID, PHANDLE, CLIENT_ID *);
NTSYSAPI NTSTATUS NTAPI NtOpenProcess(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES, CLIENT_ID *);

/* What a process does as a client of another one's. */
static NTSTATUS join(void)
{
    BOOLEAN inside = 77;
    NTSTATUS status = CsrClientConnectToServer(L"\\Windows", 0, NULL, 0, &inside);
    if (inside)
        put("FAIL taken for a part of csrss\n");
    return status;
}

static NTSTATUS call(ULONG api, MESSAGE *message, ULONG words)
{
    return CsrClientCallServer(message, NULL, api, words * sizeof(ULONG_PTR));
}

static PROCESS_INFO start_suspended(PEB *peb, const wchar_t *command)
{
    PROCESS_INFO info;
    RTL_USER_PROCESS_PARAMETERS *child, *own = parameters_of(peb);
    UNICODE_STRING line;
    RtlInitUnicodeString(&line, command);
    memset(&info, 0, sizeof info);
    info.Length = sizeof info;
    ok("parameters", RtlCreateProcessParameters(&child, &own->ImagePathName, NULL, NULL, &line, NULL, NULL, NULL, NULL, NULL));
    ok("process", RtlCreateUserProcess(&own->ImagePathName, CASELESS, child, NULL, NULL, NULL, FALSE, NULL, NULL, &info));
    RtlDestroyProcessParameters(child);
    return info;
}

static void make_known(PROCESS_INFO *info)
{
    MESSAGE message = {0};
    message.Data[0] = (ULONG_PTR)info->Process;
    message.Data[1] = (ULONG_PTR)info->Thread;
    message.Data[2] = (ULONG_PTR)info->ClientId.UniqueProcess;
    message.Data[3] = (ULONG_PTR)info->ClientId.UniqueThread;
    ok("create process", call(API(1, BASE_CREATE_PROCESS), &message, 5));
}

/* A number lies in the last word. */
static NTSTATUS child_of(PEB *peb, const wchar_t *word)
{
    PROCESS_INFO info = start_suspended(peb, word);
    make_known(&info);
    ok("resume", NtResumeThread(info.Thread, NULL));
    return wait_for_end(&info);
}

static void list(const wchar_t *path)
{
    struct { UNICODE_STRING name, type; WCHAR text[64]; } entry;
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    HANDLE directory;
    ULONG context = 0;
    name_it(&attributes, &name, path);
    ok("open directory", NtOpenDirectoryObject(&directory, 1, &attributes));
    while (NT_SUCCESS(NtQueryDirectoryObject(directory, &entry, sizeof entry, TRUE, FALSE, &context, NULL)))
        say("%ls: %wZ (%wZ)\n", path, &entry.name, &entry.type);
    NtClose(directory);
}

/* The targets of a link, the newest first. */
static void follow(const wchar_t *path)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name, target;
    HANDLE link;
    ULONG length = 0;
    WCHAR text[256] = {0};
    NTSTATUS status;
    name_it(&attributes, &name, path);
    status = NtOpenSymbolicLinkObject(&link, 1, &attributes);
    if (!NT_SUCCESS(status)) {
        say("%ls is not there: %08lx\n", path, status);
        return;
    }
    target.Length = 0, target.MaximumLength = sizeof text - 4, target.Buffer = text;
    ok("query link", NtQuerySymbolicLinkObject(link, &target, &length));
    say("%ls ->", path);
    for (ULONG at = 0; at < length / 2 && text[at]; at += wcslen(text + at) + 1)
        say(" %ls", text + at);
    put("\n");
    NtClose(link);
}

static NTSTATUS dos_device(ULONG flags, const wchar_t *name, const wchar_t *target)
{
    MESSAGE message = {0};
    ULONG name_length = wcslen(name) * 2, target_length = target ? wcslen(target) * 2 : 0;
    void *buffer = CsrAllocateCaptureBuffer(2, name_length + target_length);
    NTSTATUS status;
    if (!buffer)
        put("FAIL no capture buffer\n");
    message.Data[0] = flags | (ULONG_PTR)name_length << 32;
    message.Data[2] = target_length;
    CsrCaptureMessageBuffer(buffer, (PVOID)name, name_length, (PVOID *)&message.Data[1]);
    CsrCaptureMessageBuffer(buffer, (PVOID)target, target_length, (PVOID *)&message.Data[3]);
    status = CsrClientCallServer(&message, buffer, API(1, BASE_DOS_DEVICE), 32);
    CsrFreeCaptureBuffer(buffer);
    return status;
}

static void devices(void)
{
    ok("define", dos_device(1, L"T1", L"\\Device\\First"));
    ok("define", dos_device(1, L"T1", L"\\Device\\Second"));
    follow(L"\\??\\T1");
    follow(L"\\GLOBAL??\\T1");
    ok("define", dos_device(1, L"T1", L"\\Device\\Third"));
    expect("exact", dos_device(7, L"T1", L"\\Device\\Sec"), STATUS_OBJECT_NAME_NOT_FOUND);
    ok("remove", dos_device(3, L"T1", L"\\device\\sec"));
    follow(L"\\??\\T1");
    ok("remove", dos_device(2, L"T1", NULL));
    follow(L"\\??\\T1");
    ok("remove", dos_device(2, L"T1", NULL));
    follow(L"\\??\\T1");
    expect("remove", dos_device(2, L"T1", NULL), STATUS_OBJECT_NAME_NOT_FOUND);
    expect("no target", dos_device(1, L"T1", NULL), STATUS_INVALID_PARAMETER_);
    expect("a path", dos_device(1, L"a\\b", L"\\x"), STATUS_INVALID_PARAMETER_);
}

static void hard_errors(void)
{
    static const ULONG options[] = {0, 1, 2, 3, 4, 5};
    ULONG responses[6];
    UNICODE_STRING first, second;
    ULONG_PTR parameters[2] = {(ULONG_PTR)&first, (ULONG_PTR)&second};
    ULONG response = 77;
    RtlInitUnicodeString(&first, L"paper.dll");
    RtlInitUnicodeString(&second, L"the tray");
    ok("raise", NtRaiseHardError(STATUS_DLL_NOT_FOUND, 2, 3, parameters, 1, &response));
    say("response %lu\n", response);
    for (unsigned n = 0; n < 6; n++)
        ok("raise", NtRaiseHardError(STATUS_MY_WARNING, 0, 0, NULL, options[n], &responses[n]));
    say("responses %lu %lu %lu %lu %lu %lu\n", responses[0], responses[1], responses[2], responses[3], responses[4], responses[5]);
}

static ULONG thread_result = 77;

static ULONG NTAPI unknown_thread(PVOID unused)
{
    MESSAGE message = {0};
    thread_result = call(API(1, BASE_TEMP), &message, 1);
    return 0;
}

static void threads(void)
{
    MESSAGE message = {0};
    HANDLE thread;
    CLIENT_ID id;
    ok("thread", RtlCreateUserThread(NtCurrentProcess(), NULL, FALSE, 0, 0, 0, unknown_thread, NULL, &thread, NULL));
    ok("wait", NtWaitForSingleObject(thread, FALSE, NULL));
    expect("a call by a thread that nobody told of", thread_result, STATUS_ILLEGAL_FUNCTION);
    NtClose(thread);
    ok("thread", RtlCreateUserThread(NtCurrentProcess(), NULL, TRUE, 0, 0, 0, unknown_thread, NULL, &thread, &id));
    message.Data[0] = (ULONG_PTR)thread;
    message.Data[1] = (ULONG_PTR)id.UniqueProcess;
    message.Data[2] = (ULONG_PTR)id.UniqueThread;
    ok("create thread", call(API(1, BASE_CREATE_THREAD), &message, 3));
    ok("resume", NtResumeThread(thread, NULL));
    ok("wait", NtWaitForSingleObject(thread, FALSE, NULL));
    expect("a call by a known thread", thread_result, STATUS_SUCCESS);
    NtClose(thread);
}

/* What must not bring csrss down: pointers that lead anywhere, numbers that mean nothing. */
static void hostile(void)
{
    MESSAGE message = {0};
    ULONG numbers[] = {API(0, 77), API(4, 0), API(77, 0), API(1, 0xFFFF), 0xFFFFFFFF};
    void *buffer;
    for (unsigned n = 0; n < sizeof numbers / sizeof *numbers; n++)
        expect("a number", call(numbers[n], &message, 1), STATUS_ILLEGAL_FUNCTION);
    message.Data[0] = (ULONG_PTR)2 << 32;
    message.Data[1] = 0x1000;
    expect("nothing captured", call(API(1, BASE_DOS_DEVICE), &message, 4), STATUS_INVALID_PARAMETER_);
    buffer = CsrAllocateCaptureBuffer(1, 16);
    CsrCaptureMessageBuffer(buffer, L"T9", 4, (PVOID *)&message.Data[1]);
    message.Data[0] = 1 | (ULONG_PTR)4000 << 32;
    expect("a length", CsrClientCallServer(&message, buffer, API(1, BASE_DOS_DEVICE), 32), STATUS_INVALID_PARAMETER_);
    message.Data[1] += 0x100000;
    expect("a pointer", CsrClientCallServer(&message, buffer, API(1, BASE_DOS_DEVICE), 32), STATUS_INVALID_PARAMETER_);
    message.Data[1] -= 0x100000;
    *(ULONG *)buffer = 0x7FFFFFF8;
    expect("a size", CsrClientCallServer(&message, buffer, API(1, BASE_DOS_DEVICE), 32), STATUS_INVALID_PARAMETER_);
}

static void facts(PEB *peb)
{
    struct { UNICODE_STRING windows, system, objects; USHORT major, minor, build; } *data;
    PROCESS_BASIC_INFORMATION basic;
    OBJECT_ATTRIBUTES attributes;
    CLIENT_ID id = {CsrGetProcessId(), 0};
    HANDLE process;
    ULONG_PTR *table = *(ULONG_PTR **)((char *)peb + 0x98);
    BOOLEAN before;
    InitializeObjectAttributes(&attributes, NULL, 0, NULL, NULL);
    data = (void *)table[1];
    say("static data: %wZ, %wZ, %wZ, %u.%u.%u\n", &data->windows, &data->system, &data->objects, data->major, data->minor, data->build);
    ok("privilege", RtlAdjustPrivilege(20, TRUE, FALSE, &before));
    ok("open csrss", NtOpenProcess(&process, PROCESS_QUERY_INFORMATION, &attributes, &id));
    ok("csrss", NtQueryInformationProcess(process, ProcessBasicInformation, &basic, sizeof basic, NULL));
    say("csrss: base priority %ld\n", (long)basic.BasePriority);
    NtClose(process);
}

static NTSTATUS children(PEB *peb)
{
    PROCESS_INFO info = start_suspended(peb, L"csrclient connect");
    ok("resume", NtResumeThread(info.Thread, NULL));
    expect("an unknown process", wait_for_end(&info), STATUS_PORT_CONNECTION_REFUSED);
    expect("a known one", child_of(peb, L"csrclient connect"), STATUS_SUCCESS);
    expect("one that crashes", child_of(peb, L"csrclient crash"), (NTSTATUS)0xC0000005);
    return STATUS_SUCCESS;
}

static void levels(PEB *peb)
{
    MESSAGE message = {0};
    PROCESS_INFO late, early;
    PROCESS_BASIC_INFORMATION basic;
    message.Data[0] = 0x500;
    expect("a level", call(API(1, BASE_SET_LEVEL), &message, 1), STATUS_INVALID_PARAMETER_);
    late = start_suspended(peb, L"csrclient level 100");
    make_known(&late);
    ok("resume", NtResumeThread(late.Thread, NULL));
    early = start_suspended(peb, L"csrclient level 400");
    make_known(&early);
    ok("resume", NtResumeThread(early.Thread, NULL));
    NtDelayExecution(FALSE, &(LARGE_INTEGER){.QuadPart = -1000000});
    message.Data[0] = 0x1000;
    ok("end the user's processes", call(API(3, EXIT_WINDOWS), &message, 1));
    ok("basic", NtQueryInformationProcess(early.Process, ProcessBasicInformation, &basic, sizeof basic, NULL));
    say("ended with %08lx", (ULONG)basic.ExitStatus);
    ok("basic", NtQueryInformationProcess(late.Process, ProcessBasicInformation, &basic, sizeof basic, NULL));
    say(" and %08lx\n", (ULONG)basic.ExitStatus);
}

static NTSTATUS as_child(PEB *peb)
{
    MESSAGE message = {0};
    if (has_word(peb, L"crash"))
        *(volatile int *)16 = 1;
    ok("connect", join());
    if (has_word(peb, L"connect"))
        return STATUS_SUCCESS;
    message.Data[0] = has_word(peb, L"400") ? 0x400 : 0x100;
    ok("level", call(API(1, BASE_SET_LEVEL), &message, 1));
    message.Data[0] = 0x1000;
    expect("as winlogon", call(API(3, EXIT_WINDOWS), &message, 1), (NTSTATUS)0xC0000022);
    for (;;)
        NtDelayExecution(FALSE, &(LARGE_INTEGER){.QuadPart = -10000000});
}

PROGRAM(peb)
{
    MESSAGE message = {0};
    ULONG class = 2;
    void *buffer;
    BOOLEAN before;
    UNICODE_STRING *line = &parameters_of(peb)->CommandLine;
    if (line->Length > 2 && line->Buffer[0] == 'c' && wcsstr(line->Buffer, L"csrclient ")) {
        NTSTATUS refused;
        if (has_word(peb, L"connect") && (refused = join()) != STATUS_SUCCESS)
            return refused;
        return as_child(peb);
    }
    ok("connect", join());
    ok("connect twice", join());
    ok("alertable", CsrIdentifyAlertableThread());
    ok("priority class", CsrSetPriorityClass(NtCurrentProcess(), &class));
    buffer = CsrAllocateCaptureBuffer(1, 64);
    CsrCaptureMessageBuffer(buffer, L"written by the console server\n", 60, (PVOID *)&message.Data[0]);
    message.Data[1] = 60;
    ok("console", CsrClientCallServer(&message, buffer, API(2, CONSOLE_WRITE), 16));
    CsrFreeCaptureBuffer(buffer);
    facts(peb);
    list(L"\\Windows");
    list(L"\\Sessions\\0");
    list(L"\\BaseNamedObjects");
    follow(L"\\Sessions\\BNOLINKS\\0");
    devices();
    threads();
    hostile();
    hard_errors();
    children(peb);
    levels(peb);
    put("client done\n");
    ok("privilege", RtlAdjustPrivilege(19, TRUE, FALSE, &before));
    return NtShutdownSystem(2);
}
