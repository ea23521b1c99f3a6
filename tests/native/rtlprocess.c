/* Processes and threads by the Rtl functions: what a child gets, how threads end, who is critical; boot status, and text
   for the debugger. */
#include "check.h"

typedef struct {
    ULONG maximum_length, length, flags, debug_flags;
    HANDLE console;
    ULONG console_flags;
    HANDLE standard[3];
    UNICODE_STRING directory;
    HANDLE directory_handle;
    UNICODE_STRING dll_path, image, command_line;
    PWSTR environment;
    ULONG window[9];
    UNICODE_STRING title, desktop, shell, runtime;
} PARAMETERS;

typedef NTSTATUS(NTAPI *THREAD_START)(PVOID);

NTSYSAPI NTSTATUS NTAPI RtlCreateUserThread(HANDLE, PVOID, BOOLEAN, ULONG, SIZE_T, SIZE_T, THREAD_START, PVOID, PHANDLE, CLIENT_ID *);
NTSYSAPI NTSTATUS NTAPI RtlSetProcessIsCritical(BOOLEAN, PBOOLEAN, BOOLEAN);
NTSYSAPI NTSTATUS NTAPI RtlSetThreadIsCritical(BOOLEAN, PBOOLEAN, BOOLEAN);
NTSYSAPI NTSTATUS NTAPI RtlCreateEnvironment(BOOLEAN, PWSTR *);
NTSYSAPI NTSTATUS NTAPI RtlSetEnvironmentVariable(PWSTR *, PUNICODE_STRING, PUNICODE_STRING);
NTSYSAPI NTSTATUS NTAPI RtlQueryEnvironmentVariable_U(PWSTR, PUNICODE_STRING, PUNICODE_STRING);
NTSYSAPI NTSTATUS NTAPI RtlAdjustPrivilege(ULONG, BOOLEAN, BOOLEAN, PBOOLEAN);
NTSYSAPI NTSTATUS NTAPI RtlLockBootStatusData(PHANDLE);
NTSYSAPI NTSTATUS NTAPI RtlGetSetBootStatusData(HANDLE, BOOLEAN, ULONG, PVOID, ULONG, PULONG);
NTSYSAPI NTSTATUS NTAPI RtlUnlockBootStatusData(HANDLE);
ULONG __cdecl DbgPrint(const char *, ...);

#define STATUS_MEDIA_WRITE_PROTECTED_ ((NTSTATUS)0xC00000A2)
/* SeDebugPrivilege. */
#define DEBUG_PRIVILEGE 20

static volatile LONG told;

static NTSTATUS NTAPI routine(PVOID argument)
{
    volatile char large[0x6000];
    int index;
    /* The stack grows page by page, over its guard page. */
    for (index = 0x5FFF; index > 0; index -= 0x800)
        large[index] = 1;
    told = (LONG)(LONG_PTR)argument + large[0x7FF] - 1;
    return (NTSTATUS)0x1234;
}

static void threads(void)
{
    HANDLE thread;
    CLIENT_ID id;
    struct {
        NTSTATUS status;
        PVOID teb;
        CLIENT_ID id;
        ULONG_PTR rest[2];
    } basic;
    CHECK(!RtlCreateUserThread(NtCurrentProcess(), NULL, TRUE, 0, 0x40000, 0x2000, routine, (PVOID)77, &thread, &id));
    CHECK(!told && !NtResumeThread(thread, NULL) && !NtWaitForSingleObject(thread, FALSE, NULL) && told == 77);
    CHECK(!NtQueryInformationThread(thread, 0, &basic, sizeof basic, NULL) && basic.status == 0x1234);
    CHECK(basic.id.UniqueThread == id.UniqueThread && basic.id.UniqueProcess == id.UniqueProcess);
    NtClose(thread);
    CHECK(!RtlCreateUserThread(NtCurrentProcess(), NULL, FALSE, 0, 0, 0, routine, (PVOID)78, &thread, NULL));
    CHECK(!NtWaitForSingleObject(thread, FALSE, NULL) && told == 78);
    NtClose(thread);
}

static void critical(void)
{
    BOOLEAN old = 2;
    ok("privilege", RtlAdjustPrivilege(DEBUG_PRIVILEGE, TRUE, FALSE, &old));
    CHECK(RtlSetProcessIsCritical(TRUE, &old, TRUE) == STATUS_UNSUCCESSFUL && old == FALSE);
    CHECK(!RtlSetProcessIsCritical(TRUE, &old, FALSE) && old == FALSE);
    CHECK(!RtlSetProcessIsCritical(FALSE, &old, FALSE) && old == TRUE);
    CHECK(!RtlSetThreadIsCritical(TRUE, NULL, FALSE) && !RtlSetThreadIsCritical(FALSE, &old, FALSE) && old == TRUE);
}

static NTSTATUS child(PARAMETERS *own)
{
    wchar_t buffer[40];
    UNICODE_STRING name = text_of(L"told"), value = {0, sizeof buffer, buffer};
    CHECK(is_text(&own->title, L"a title") && is_text(&own->desktop, L"") && own->desktop.MaximumLength == 2);
    CHECK(own->runtime.Length == 6 && own->runtime.Buffer[2] == L'z' && own->shell.MaximumLength == 2);
    CHECK(is_text(&own->directory, L"C:\\Windows\\System32\\") && own->directory.MaximumLength == 520);
    CHECK(!RtlQueryEnvironmentVariable_U(NULL, &name, &value) && is_text(&value, L"by my parent"));
    CHECK(own->flags & 1);
    return failures ? STATUS_UNSUCCESSFUL : (NTSTATUS)0x4711;
}

static void processes(PARAMETERS *own)
{
    PARAMETERS *parameters;
    PWSTR environment;
    PROCESS_INFO info;
    UNICODE_STRING line = text_of(L"rtlprocess child"), directory = text_of(L"C:\\Windows\\System32\\"), title = text_of(L"a title");
    UNICODE_STRING name = text_of(L"Told"), value = text_of(L"by my parent"), runtime = text_of(L"xyz");
    UNICODE_STRING missing = text_of(L"\\SystemRoot\\none.exe");
    ok("environment", RtlCreateEnvironment(TRUE, &environment));
    ok("variable", RtlSetEnvironmentVariable(&environment, &name, &value));
    ok("parameters", RtlCreateProcessParameters((PRTL_USER_PROCESS_PARAMETERS *)&parameters, &own->image, NULL, &directory,
        &line, environment, &title, NULL, NULL, &runtime));
    CHECK(parameters->flags == 0 && (ULONG_PTR)parameters->image.Buffer < parameters->length);
    info.Length = sizeof info;
    CHECK(RtlCreateUserProcess(&missing, CASELESS, (PVOID)parameters, NULL, NULL, NULL, FALSE, NULL, NULL, &info) == STATUS_OBJECT_NAME_NOT_FOUND_);
    ok("process", RtlCreateUserProcess(&own->image, CASELESS, (PVOID)parameters, NULL, NULL, NULL, FALSE, NULL, NULL, &info));
    CHECK(info.Length == 0x68 && (ULONG)info.Image[4] == 1 && info.Image[0]);
    RtlDestroyProcessParameters((PVOID)parameters);
    ok("resume", NtResumeThread(info.Thread, NULL));
    CHECK(wait_for_end(&info) == 0x4711);
}

static void boot_status(void)
{
    HANDLE file;
    UCHAR good = 9;
    ULONG version, size;
    NTSTATUS status = RtlLockBootStatusData(&file);
    if (status == STATUS_OBJECT_NAME_NOT_FOUND_ || status == STATUS_MEDIA_WRITE_PROTECTED_) {
        say("boot status: %08lx\n", status);
        return;
    }
    ok("boot status", status);
    CHECK(!RtlGetSetBootStatusData(file, TRUE, 0, &version, sizeof version, &size) && size == 4 && version == 0x31415926);
    CHECK(!RtlGetSetBootStatusData(file, TRUE, 4, &good, sizeof good, &size) && size == 1 && good == 1);
    CHECK(RtlGetSetBootStatusData(file, TRUE, 0, &version, 2, &size) == STATUS_BUFFER_TOO_SMALL_ && size == 4);
    CHECK(RtlGetSetBootStatusData(file, TRUE, 99, &version, 4, &size) == STATUS_INVALID_PARAMETER_);
    good = 0;
    CHECK(!RtlGetSetBootStatusData(file, FALSE, 4, &good, sizeof good, &size));
    good = 9;
    CHECK(!RtlGetSetBootStatusData(file, TRUE, 4, &good, sizeof good, &size) && good == 0);
    RtlUnlockBootStatusData(file);
    put("boot status read and written\n");
}

PROGRAM(peb)
{
    PARAMETERS *own = (PARAMETERS *)peb->ProcessParameters;
    UNICODE_STRING name = text_of(L"a name");
    if (wcsstr(own->command_line.Buffer, L"child"))
        return child(own);
    threads();
    critical();
    processes(own);
    boot_status();
    CHECK(!DbgPrint("printed %d %wZ\n", 42, &name));
    return checked("rtlprocess");
}
