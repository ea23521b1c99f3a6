/* The session manager from the other side: stands in for csrss, winlogon, psxss or any client of \SmApiPort. Does what
   the words of its command line say, one after another. */
#include "smport.h"

NTSYSAPI NTSTATUS NTAPI NtReadVirtualMemory(HANDLE, PVOID, PVOID, SIZE_T, PSIZE_T);
NTSYSAPI NTSTATUS NTAPI NtOpenProcess(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES, CLIENT_ID *);
NTSYSAPI NTSTATUS NTAPI NtOpenEvent(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES);
NTSYSAPI NTSTATUS NTAPI NtQueryEvent(HANDLE, ULONG, PVOID, ULONG, PULONG);
NTSYSAPI NTSTATUS NTAPI NtRaiseHardError(NTSTATUS, ULONG, ULONG, ULONG_PTR *, ULONG, PULONG);
NTSYSAPI NTSTATUS NTAPI RtlSetProcessIsCritical(BOOLEAN, PBOOLEAN, BOOLEAN);
NTSYSAPI BOOLEAN NTAPI RtlEqualUnicodeString(PUNICODE_STRING, PUNICODE_STRING, BOOLEAN);
NTSYSAPI NTSTATUS NTAPI NtOpenProcessToken(HANDLE, ACCESS_MASK, PHANDLE);
NTSYSAPI NTSTATUS NTAPI NtAdjustPrivilegesToken(HANDLE, BOOLEAN, PTOKEN_PRIVILEGES, ULONG, PTOKEN_PRIVILEGES, PULONG);
NTSYSAPI NTSTATUS NTAPI CsrClientConnectToServer(PCWSTR, ULONG, PVOID, ULONG, PBOOLEAN);
NTSYSAPI NTSTATUS NTAPI LdrGetDllHandle(PWSTR, PULONG, PUNICODE_STRING, PHANDLE);
NTSYSAPI NTSTATUS NTAPI LdrGetProcedureAddress(HANDLE, PANSI_STRING, ULONG, PVOID *);
wchar_t *__cdecl wcschr(const wchar_t *, wchar_t);
int __cdecl wcsncmp(const wchar_t *, const wchar_t *, size_t);
unsigned long __cdecl wcstoul(const wchar_t *, wchar_t **, int);
wchar_t *__cdecl wcscpy(wchar_t *, const wchar_t *);
wchar_t *__cdecl wcscat(wchar_t *, const wchar_t *);
void *__cdecl memcpy(void *, const void *, size_t);

static NTSTATUS (NTAPI *connect_to_sm)(PUNICODE_STRING, HANDLE, ULONG, PHANDLE);
static NTSTATUS (NTAPI *send_to_sm)(HANDLE, SM_MESSAGE *);
static const wchar_t *who;
static wchar_t who_text[64], sb_name[200];
static HANDLE sm_port, sb_port;
/* The event before which the own port lets nobody in. */
static const wchar_t *admit;
static int refuse;
/* How long a session that has been made keeps whoever has asked waiting, in ms. */
static ULONG linger;

/* Functions that the cross compiler's import library does not know. */
static PVOID function(const char *name)
{
    UNICODE_STRING dll;
    ANSI_STRING ansi;
    HANDLE module;
    PVOID address = NULL;
    RtlInitUnicodeString(&dll, L"ntdll.dll");
    RtlInitAnsiString(&ansi, name);
    ok("ntdll", LdrGetDllHandle(NULL, NULL, &dll, &module));
    ok(name, LdrGetProcedureAddress(module, &ansi, 0, &address));
    return address;
}

static void make_process(const wchar_t *image, const wchar_t *line, PROCESS_INFO *info, NTSTATUS *status)
{
    RTL_USER_PROCESS_PARAMETERS *parameters;
    UNICODE_STRING image_text, line_text;
    RtlInitUnicodeString(&image_text, image);
    RtlInitUnicodeString(&line_text, line);
    memset(info, 0, sizeof *info);
    info->Length = sizeof *info;
    ok("parameters", RtlCreateProcessParameters(&parameters, &image_text, NULL, NULL, &line_text, NULL, NULL, NULL, NULL, NULL));
    *status = RtlCreateUserProcess(&image_text, CASELESS, parameters, NULL, NULL, NULL, FALSE, NULL, NULL, info);
    RtlDestroyProcessParameters(parameters);
}

/* A string of another process, with a NUL. */
static NTSTATUS read_string(HANDLE process, UNICODE_STRING *where, wchar_t *text, size_t room)
{
    UNICODE_STRING string;
    NTSTATUS status = NtReadVirtualMemory(process, where, &string, sizeof string, NULL);
    if (!NT_SUCCESS(status) || string.Length > (room - 1) * 2)
        return STATUS_UNSUCCESSFUL;
    text[string.Length / 2] = 0;
    return NtReadVirtualMemory(process, string.Buffer, text, string.Length, NULL);
}

static NTSTATUS sb_create_process(SB_MESSAGE *message)
{
    static wchar_t image[300], line[600];
    OBJECT_ATTRIBUTES attributes;
    CLIENT_ID asker = {message->Header.ClientId.UniqueProcess, NULL};
    HANDLE process;
    PROCESS_INFO info;
    NTSTATUS status;
    InitializeObjectAttributes(&attributes, NULL, 0, NULL, NULL);
    ok("open the session manager", NtOpenProcess(&process, PROCESS_VM_READ, &attributes, &asker));
    ok("image", read_string(process, message->u.In.Image, image, 300));
    ok("line", read_string(process, message->u.In.Line, line, 600));
    say("%ls: sb create process flags %lx %ls\n", who, message->u.In.Flags, line);
    NtClose(process);
    make_process(image, line, &info, &status);
    message->u.Out.Process = info.Process;
    message->u.Out.Thread = info.Thread;
    message->u.Out.Type = 1;
    message->u.Out.ClientId = info.ClientId;
    return status;
}

/* An event that all stand-ins find by its name: one signals it, another waits until then. */
static HANDLE meeting(const wchar_t *name)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING string;
    HANDLE event;
    RtlInitUnicodeString(&string, name);
    InitializeObjectAttributes(&attributes, &string, CASELESS | OBJ_OPENIF, NULL, NULL);
    ok("meeting", NtCreateEvent(&event, EVENT_ALL_ACCESS, &attributes, 0, FALSE));
    return event;
}

static NTSTATUS resume(HANDLE thread)
{
    LARGE_INTEGER time = { .QuadPart = -10000 * (LONGLONG)linger };
    NTSTATUS status = NtResumeThread(thread, NULL);
    if (linger)
        NtDelayExecution(FALSE, &time);
    return status;
}

static NTSTATUS sb_request(SB_MESSAGE *message)
{
    switch (message->Api) {
    case CREATE_SESSION:
        say("%ls: sb create session %lu mu %lu type %lu debugger %lu\n", who, message->u.Create.Session,
            message->u.Create.MuSession, (ULONG)message->u.Create.Process.Image[4],
            message->u.Create.Debugger.UniqueProcess != NULL);
        if (refuse)
            return (NTSTATUS)0xC0000022;
        return resume(message->u.Create.Process.Thread);
    case TERMINATE_SESSION:
        say("%ls: sb terminate session %lu\n", who, message->u.Session);
        return (NTSTATUS)0xC0000002;
    case FOREIGN_SESSION_COMPLETE:
        say("%ls: sb foreign session complete %lu\n", who, message->u.Session);
        NtSetEvent(meeting(L"\\ForeignComplete"), NULL);
        return (NTSTATUS)0xC0000002;
    case CREATE_PROCESS:
        return sb_create_process(message);
    default:
        return (NTSTATUS)0xC0000002;
    }
}

static void NTAPI sb_thread(PVOID unused)
{
    static SB_MESSAGE message;
    HANDLE connection;
    SB_MESSAGE *reply = NULL;
    for (;;) {
        if (!NT_SUCCESS(NtReplyWaitReceivePort(sb_port, NULL, reply, &message))) {
            reply = NULL;
            continue;
        }
        reply = NULL;
        if (message.Header.Type == CONNECTION_REQUEST) {
            if (admit)
                ok("admit", NtWaitForSingleObject(meeting(admit), FALSE, NULL));
            ok("accept", NtAcceptConnectPort(&connection, NULL, &message, TRUE, NULL, NULL));
            ok("complete", NtCompleteConnectPort(connection));
        } else if (message.Header.Type == REQUEST) {
            message.Status = sb_request(&message);
            reply = &message;
        }
    }
}

static const wchar_t *session_digit(void)
{
    static wchar_t digit[2];
    ULONG number = 0;
    ok("session", NtQueryInformationProcess(NtCurrentProcess(), (PROCESSINFOCLASS)24, &number, sizeof number, NULL));
    digit[0] = (wchar_t)('0' + number);
    return digit;
}

static void make_sb(const wchar_t *name)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING string;
    HANDLE thread;
    wcscpy(sb_name, name);
    /* One for each session. */
    wcscat(sb_name, session_digit());
    name_it(&attributes, &string, sb_name);
    ok("sb port", NtCreatePort(&sb_port, &attributes, 0, sizeof(SB_MESSAGE), 0));
    ok("sb thread", RtlCreateUserThread(NtCurrentProcess(), NULL, FALSE, 0, 0x10000, 0x2000, sb_thread, NULL, &thread, NULL));
}

static void ask(ULONG api, SM_MESSAGE *message)
{
    message->Api = api;
    say("%ls: message %lu: %08lx\n", who, api, send_to_sm(sm_port, message));
}

static void exec(const wchar_t *line)
{
    static wchar_t image[300];
    SM_MESSAGE message;
    NTSTATUS status;
    size_t at = 0;
    wcscpy(image, L"\\SystemRoot\\System32\\");
    while (line[at] && line[at] != ' ')
        at++;
    memcpy(image + wcslen(image), line, (at + 1) * 2);
    image[21 + at] = 0;
    memset(&message, 0, sizeof message);
    make_process(image, line, &message.u.Exec.Process, &status);
    ok("make", status);
    ask(EXEC_PGM, &message);
    NtClose(message.u.Exec.Process.Thread);
    NtClose(message.u.Exec.Process.Process);
}

static void start_csr(const wchar_t *command)
{
    SM_MESSAGE message;
    memset(&message, 0, sizeof message);
    message.u.Start.Length = wcslen(command) * 2;
    memcpy(message.u.Start.Command, command, message.u.Start.Length);
    ask(START_CSR, &message);
    say("%ls: session %lu has its subsystem %d and its command %d\n", who, message.u.Start.Session,
        message.u.Start.Subsystem != NULL, message.u.Start.Initial != NULL);
}

static void event_state(const wchar_t *name)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING string;
    HANDLE event;
    ULONG basic[2] = {9, 9};
    NTSTATUS status;
    name_it(&attributes, &string, name);
    status = NtOpenEvent(&event, 1, &attributes);
    if (NT_SUCCESS(status))
        ok("event", NtQueryEvent(event, 0, basic, sizeof basic, NULL));
    say("%ls: event %ls: %08lx type %lu state %lu\n", who, name, status, basic[0], basic[1]);
}

static void list(const wchar_t *name)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING string;
    HANDLE directory;
    ULONG context = 0;
    static union { UNICODE_STRING names[2]; UCHAR bytes[1024]; } entry;
    name_it(&attributes, &string, name);
    ok("directory", NtOpenDirectoryObject(&directory, 1, &attributes));
    while (NT_SUCCESS(NtQueryDirectoryObject(directory, &entry, sizeof entry, TRUE, FALSE, &context, NULL)))
        say("%ls: %ls has %wZ (%wZ)\n", who, name, &entry.names[0], &entry.names[1]);
    NtClose(directory);
}

static void session(void)
{
    say("%ls: in session %ls\n", who, session_digit());
}

static void hard_error(NTSTATUS status, ULONG option)
{
    ULONG answer;
    say("%ls: hard error: %08lx\n", who, NtRaiseHardError(status, 0, 0, NULL, option, &answer));
}

static void sleep(ULONG milliseconds)
{
    LARGE_INTEGER time;
    time.QuadPart = -(LONGLONG)milliseconds * 10000;
    NtDelayExecution(FALSE, &time);
}

/* The session manager, which made this process. */
static HANDLE open_parent(void)
{
    OBJECT_ATTRIBUTES attributes;
    ULONG_PTR basic[6];
    CLIENT_ID parent = {NULL, NULL};
    HANDLE process;
    ok("basic", NtQueryInformationProcess(NtCurrentProcess(), ProcessBasicInformation, basic, sizeof basic, NULL));
    parent.UniqueProcess = (HANDLE)basic[5];
    InitializeObjectAttributes(&attributes, NULL, 0, NULL, NULL);
    ok("open the parent", NtOpenProcess(&process, PROCESS_ALL_ACCESS, &attributes, &parent));
    return process;
}

/* Takes a privilege from it for good. */
static void strip_parent(ULONG privilege)
{
    TOKEN_PRIVILEGES removed = {1, {{{privilege, 0}, 4}}};
    HANDLE token, process = open_parent();
    ok("token", NtOpenProcessToken(process, TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY, &token));
    ok("remove", NtAdjustPrivilegesToken(token, FALSE, &removed, 0, NULL, NULL));
    NtClose(token);
    NtClose(process);
}

static SYSTEM_PROCESS_INFORMATION *find_process(UNICODE_STRING *image)
{
    static UCHAR buffer[0x8000];
    SYSTEM_PROCESS_INFORMATION *task = (SYSTEM_PROCESS_INFORMATION *)buffer;
    ok("processes", NtQuerySystemInformation(SystemProcessInformation, buffer, sizeof buffer, NULL));
    while (!RtlEqualUnicodeString(&task->ImageName, image, TRUE)) {
        if (!task->NextEntryOffset)
            return NULL;
        task = (SYSTEM_PROCESS_INFORMATION *)((UCHAR *)task + task->NextEntryOffset);
    }
    return task;
}

/* Ends the process of that image, once there is one. */
static void kill(const wchar_t *image)
{
    SYSTEM_PROCESS_INFORMATION *task;
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    CLIENT_ID id = {NULL, NULL};
    HANDLE process;
    RtlInitUnicodeString(&name, image);
    while (!(task = find_process(&name)))
        sleep(100);
    id.UniqueProcess = task->UniqueProcessId;
    InitializeObjectAttributes(&attributes, NULL, 0, NULL, NULL);
    ok("open", NtOpenProcess(&process, PROCESS_TERMINATE, &attributes, &id));
    ok("kill", NtTerminateProcess(process, (NTSTATUS)0x12345678));
}

/* As what a client of that csrss is taken. */
static void be_client(const wchar_t *directory)
{
    BOOLEAN inside = 77;
    NTSTATUS status = CsrClientConnectToServer(directory, 0, NULL, 0, &inside);
    say("%ls: client at %ls: %08lx inside %u\n", who, directory, status, inside);
}

/* A thread in the session manager that begins where nothing is. */
static void crash_parent(void)
{
    HANDLE thread, process = open_parent();
    ok("thread", RtlCreateUserThread(process, NULL, FALSE, 0, 0x10000, 0x2000, (PVOID)16, NULL, &thread, NULL));
}

/* One word: its name, and its value with blanks for plus signs. */
static void word(const wchar_t *name, wchar_t *value)
{
    SM_MESSAGE message;
    UNICODE_STRING string;
    BOOLEAN before;
    ULONG number = wcstoul(value, NULL, 0);
    size_t at;
    for (at = 0; value[at]; at++)
        if (value[at] == '+')
            value[at] = ' ';
    memset(&message, 0, sizeof message);
#define IS(text) (wcslen(name) == sizeof text - 1 && wcsncmp(name, L##text, sizeof text - 1) == 0)
    if (IS("name")) {
        wcscpy(who_text, value);
        who = who_text;
    } else if (IS("admit"))
        admit = value;
    else if (IS("linger"))
        linger = number;
    else if (IS("sb"))
        make_sb(value);
    else if (IS("named"))
        wcscpy(sb_name, value);
    else if (IS("register")) {
        RtlInitUnicodeString(&string, sb_name);
        say("%ls: register %lu: %08lx\n", who, number, connect_to_sm(&string, (HANDLE)1, number, &sm_port));
    } else if (IS("connect"))
        say("%ls: connect: %08lx\n", who, connect_to_sm(NULL, NULL, 0, &sm_port));
    else if (IS("mix")) {
        RtlInitUnicodeString(&string, value);
        say("%ls: mix: %08lx %08lx\n", who, connect_to_sm(&string, NULL, 2, &sm_port), connect_to_sm(&string, (HANDLE)1, 0, &sm_port));
        memset(sb_name, 0, sizeof sb_name);
        for (at = 0; at < 120; at++)
            sb_name[at] = 'x';
        RtlInitUnicodeString(&string, sb_name);
        say("%ls: long: %08lx\n", who, connect_to_sm(&string, (HANDLE)1, 2, &sm_port));
    } else if (IS("raw"))
        ask(number, &message);
    else if (IS("complete")) {
        message.u.Complete.Session = number;
        ask(SESSION_COMPLETE, &message);
    } else if (IS("load")) {
        message.u.Load.Length = wcslen(value) * 2;
        memcpy(message.u.Load.Name, value, message.u.Load.Length);
        ask(LOAD_DEFERED, &message);
    } else if (IS("start"))
        start_csr(value);
    else if (IS("stop")) {
        message.u.Complete.Session = number;
        ask(STOP_CSR, &message);
    } else if (IS("exec"))
        exec(value);
    else if (IS("event"))
        event_state(value);
    else if (IS("signal"))
        ok("signal", NtSetEvent(meeting(value), NULL));
    else if (IS("until"))
        ok("until", NtWaitForSingleObject(meeting(value), FALSE, NULL));
    else if (IS("list"))
        list(value);
    else if (IS("session"))
        session();
    else if (IS("say"))
        say("%ls: %ls\n", who, value);
    else if (IS("sleep"))
        sleep(number);
    else if (IS("refuse"))
        refuse = 1;
    else if (IS("privilege"))
        ok("privilege", RtlAdjustPrivilege(number, TRUE, FALSE, &before));
    else if (IS("unprivileged"))
        ok("privilege", RtlAdjustPrivilege(number, FALSE, FALSE, &before));
    else if (IS("critical"))
        ok("critical", RtlSetProcessIsCritical(TRUE, NULL, FALSE));
    else if (IS("hard"))
        hard_error((NTSTATUS)0xC0001234, number);
    else if (IS("strip"))
        strip_parent(number);
    else if (IS("kill"))
        kill(value);
    else if (IS("client"))
        be_client(value);
    else if (IS("crash"))
        crash_parent();
    else if (IS("fault"))
        *(volatile int *)(ULONG_PTR)16 = 1;
    else if (IS("exit"))
        NtTerminateProcess(NtCurrentProcess(), (NTSTATUS)number);
    else if (IS("off"))
        say("%ls: off: %08lx\n", who, NtShutdownSystem(2));
    else if (IS("stay"))
        for (;;)
            sleep(60000);
    else
        say("FAIL unknown word %ls\n", name);
}

PROGRAM(peb)
{
    static wchar_t line[1024], empty[1];
    UNICODE_STRING *command = &parameters_of(peb)->CommandLine;
    wchar_t *rest = line;
    memcpy(line, command->Buffer, command->Length < 2046 ? command->Length : 2046);
    connect_to_sm = function("RtlConnectToSm");
    send_to_sm = function("RtlSendMsgToSm");
    who = L"sm";
    /* The program's own name comes first. */
    rest = wcschr(rest, ' ');
    while (rest && *rest) {
        wchar_t *name, *value, *end;
        while (*rest == ' ')
            rest++;
        if (!*rest)
            break;
        name = rest;
        end = wcschr(rest, ' ');
        /* What a debugger is given: the program in whose place it is started. */
        if (wcsncmp(name, L"-- ", 3) == 0)
            break;
        if (end)
            *end = 0;
        rest = end ? end + 1 : NULL;
        value = wcschr(name, '=');
        if (value)
            *value++ = 0;
        word(name, value ? value : empty);
    }
    return STATUS_SUCCESS;
}
