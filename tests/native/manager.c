/* Stands in for smss, with the real csrss: what csrss tells the session manager, and how it answers SB messages. Started again
   with a word it is a process that csrss is to look after. */
#include "smport.h"

NTSYSAPI NTSTATUS NTAPI NtCreateDirectoryObject(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES);
NTSYSAPI NTSTATUS NTAPI NtConnectPort(PHANDLE, PUNICODE_STRING, PSECURITY_QUALITY_OF_SERVICE, PVOID, PVOID, PULONG, PVOID, PULONG);
NTSYSAPI NTSTATUS NTAPI NtRequestWaitReplyPort(HANDLE, PVOID, PVOID);
NTSYSAPI NTSTATUS NTAPI NtDuplicateObject(HANDLE, HANDLE, HANDLE, PHANDLE, ACCESS_MASK, ULONG, ULONG);

static const wchar_t CSRSS[] = L"\\SystemRoot\\System32\\csrss.exe";
static const wchar_t LINE[] = L"C:\\Windows\\system32\\csrss.exe ObjectDirectory=\\Windows SharedSection=1024,3072,512 Windows=On "
    L"SubSystemType=Windows ServerDll=basesrv,1 ServerDll=winsrv:UserServerDllInitialization,3 "
    L"ServerDll=winsrv:ConServerDllInitialization,2 ProfileControl=Off MaxRequestThreads=16";

static HANDLE sm_port, sb_port, connected, complete;
static wchar_t sb_name[121];

/* Answers csrss as the session manager does: a connection, and each SessionComplete. */
static void NTAPI sm_thread(PVOID unused)
{
    static SM_MESSAGE message;
    SM_MESSAGE *reply = NULL;
    HANDLE connection;
    for (;;) {
        if (!NT_SUCCESS(NtReplyWaitReceivePort(sm_port, NULL, reply, &message))) {
            reply = NULL;
            continue;
        }
        reply = NULL;
        if (message.Header.Type == CONNECTION_REQUEST) {
            say("told: type %lu name %ls\n", message.Connect.Type, message.Connect.Name);
            for (int at = 0; at < 120; at++)
                sb_name[at] = message.Connect.Name[at];
            ok("accept", NtAcceptConnectPort(&connection, NULL, &message, TRUE, NULL, NULL));
            ok("complete", NtCompleteConnectPort(connection));
            NtSetEvent(connected, NULL);
        } else if (message.Header.Type == REQUEST) {
            say("told: message %lu session %lu ended with %08lx\n", message.Api, message.u.Complete.Session,
                message.u.Complete.End);
            message.Status = STATUS_SUCCESS;
            reply = &message;
            NtSetEvent(complete, NULL);
        }
    }
}

static void make_directory(const wchar_t *path)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    HANDLE directory;
    RtlInitUnicodeString(&name, path);
    InitializeObjectAttributes(&attributes, &name, CASELESS | OBJ_PERMANENT | OBJ_OPENIF, NULL, NULL);
    ok("directory", NtCreateDirectoryObject(&directory, 0xF000F, &attributes));
}

static PROCESS_INFO make(const wchar_t *image, const wchar_t *line)
{
    RTL_USER_PROCESS_PARAMETERS *parameters;
    UNICODE_STRING image_text, line_text;
    PROCESS_INFO info;
    RtlInitUnicodeString(&image_text, image);
    RtlInitUnicodeString(&line_text, line);
    memset(&info, 0, sizeof info);
    info.Length = sizeof info;
    ok("parameters", RtlCreateProcessParameters(&parameters, &image_text, NULL, NULL, &line_text, NULL, NULL, NULL, NULL, NULL));
    ok("process", RtlCreateUserProcess(&image_text, CASELESS, parameters, NULL, NULL, NULL, FALSE, NULL, NULL, &info));
    RtlDestroyProcessParameters(parameters);
    return info;
}

static NTSTATUS ask(ULONG api, ULONG bytes, SB_MESSAGE *message)
{
    NTSTATUS status;
    message->Header.DataLength = 8 + bytes;
    message->Header.TotalLength = sizeof(PORT_HEADER) + 8 + bytes;
    message->Api = api;
    status = NtRequestWaitReplyPort(sb_port, message, message);
    return NT_SUCCESS(status) ? message->Status : status;
}

static NTSTATUS of_session(ULONG api, ULONG session)
{
    SB_MESSAGE message = {0};
    message.u.Session = session;
    return ask(api, 8, &message);
}

/* Hands a process of this very image over as a session. */
static HANDLE hand_over(HANDLE csrss, ULONG session, const wchar_t *line)
{
    SB_MESSAGE message = {0};
    PROCESS_INFO info = make(L"\\SystemRoot\\System32\\smss.exe", line);
    message.u.Create.Session = session;
    message.u.Create.Process = info;
    ok("process", NtDuplicateObject(NtCurrentProcess(), info.Process, csrss, &message.u.Create.Process.Process, 0, 0, 2));
    ok("thread", NtDuplicateObject(NtCurrentProcess(), info.Thread, csrss, &message.u.Create.Process.Thread, 0, 0, 2));
    say("create session: %08lx\n", ask(CREATE_SESSION, 0x90, &message));
    return info.Process;
}

static void create_process(HANDLE csrss)
{
    SB_MESSAGE message = {0};
    UNICODE_STRING image, nothing, line;
    PROCESS_BASIC_INFORMATION basic;
    HANDLE process;
    RtlInitUnicodeString(&image, L"\\SystemRoot\\System32\\smss.exe");
    RtlInitUnicodeString(&nothing, L"");
    RtlInitUnicodeString(&line, L"manager of csrss");
    message.u.In.Image = &image, message.u.In.Line = &line, message.u.In.Directory = &nothing, message.u.In.DllPath = &nothing;
    message.u.In.Flags = 8;
    say("create process: %08lx\n", ask(CREATE_PROCESS, 0x28, &message));
    say("create process: type %lu\n", message.u.Out.Type);
    ok("take the process", NtDuplicateObject(csrss, message.u.Out.Process, NtCurrentProcess(), &process, 0, 0, 2));
    ok("basic", NtQueryInformationProcess(process, ProcessBasicInformation, &basic, sizeof basic, NULL));
    say("create process: same id %d\n", basic.UniqueProcessId == (ULONG_PTR)message.u.Out.ClientId.UniqueProcess);
    ok("resume", NtDuplicateObject(csrss, message.u.Out.Thread, NtCurrentProcess(), &message.u.Out.Thread, 0, 0, 2));
    ok("resume", NtResumeThread(message.u.Out.Thread, NULL));
    ok("wait", NtWaitForSingleObject(process, FALSE, NULL));
    ok("basic", NtQueryInformationProcess(process, ProcessBasicInformation, &basic, sizeof basic, NULL));
    say("create process: ended with %08lx\n", basic.ExitStatus);
    RtlInitUnicodeString(&image, L"\\SystemRoot\\System32\\none.exe");
    memset(&message, 0, sizeof message);
    message.u.In.Image = &image, message.u.In.Line = &line, message.u.In.Directory = &nothing, message.u.In.DllPath = &nothing;
    say("create nothing: %08lx\n", ask(CREATE_PROCESS, 0x28, &message));
    message.u.In.Image = (UNICODE_STRING *)16;
    say("create from nowhere: %08lx\n", ask(CREATE_PROCESS, 0x28, &message));
}

PROGRAM(peb)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    PROCESS_INFO csrss;
    HANDLE thread, child;
    BOOLEAN before;
    if (has_word(peb, L"manager of csrss"))
        return 0x77;
    if (has_word(peb, L"for ever"))
        for (;;)
            NtDelayExecution(FALSE, &(LARGE_INTEGER){.QuadPart = -600000000});
    make_directory(L"\\Sessions");
    make_directory(L"\\Windows");
    ok("event", NtCreateEvent(&connected, EVENT_ALL_ACCESS, NULL, 1, FALSE));
    ok("event", NtCreateEvent(&complete, EVENT_ALL_ACCESS, NULL, 1, FALSE));
    name_it(&attributes, &name, L"\\SmApiPort");
    ok("port", NtCreatePort(&sm_port, &attributes, 0xF4, sizeof(SM_MESSAGE), 0));
    ok("thread", RtlCreateUserThread(NtCurrentProcess(), NULL, FALSE, 0, 0x10000, 0x2000, sm_thread, NULL, &thread, NULL));
    csrss = make(CSRSS, LINE);
    ok("resume", NtResumeThread(csrss.Thread, NULL));
    ok("wait", NtWaitForSingleObject(connected, FALSE, NULL));
    RtlInitUnicodeString(&name, sb_name);
    say("connect back: %08lx\n", NtConnectPort(&sb_port, &name, &(SECURITY_QUALITY_OF_SERVICE){12, SecurityIdentification, 1, 1},
        NULL, NULL, NULL, NULL, NULL));
    say("number 77: %08lx\n", of_session(77, 0));
    say("foreign: %08lx\n", of_session(FOREIGN_SESSION_COMPLETE, 5));
    say("terminate nothing: %08lx\n", of_session(TERMINATE_SESSION, 5));
    create_process(csrss.Process);
    child = hand_over(csrss.Process, 7, L"manager of csrss");
    ok("wait", NtWaitForSingleObject(child, FALSE, NULL));
    /* It has never connected: csrss looks when the next one comes. */
    child = hand_over(csrss.Process, 8, L"for ever");
    ok("wait", NtWaitForSingleObject(complete, FALSE, NULL));
    say("terminate session: %08lx\n", of_session(TERMINATE_SESSION, 8));
    ok("wait", NtWaitForSingleObject(child, FALSE, NULL));
    ok("privilege", RtlAdjustPrivilege(19, TRUE, FALSE, &before));
    say("terminate again: %08lx\n", of_session(TERMINATE_SESSION, 8));
    say("terminate nothing: %08lx\n", of_session(TERMINATE_SESSION, 8));
    return NtShutdownSystem(2);
}
