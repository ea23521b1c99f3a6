/* What the native programs share. Structures and most prototypes are mingw-w64's own (winternl.h), so
   that they check ours; what it lacks is declared here as Microsoft documents it. */
#ifndef NATIVE_H
#define NATIVE_H

#define WIN32_NO_STATUS
#include <windows.h>
#include <winternl.h>
#include <stdarg.h>

#define STATUS_SUCCESS ((NTSTATUS)0)
#define STATUS_UNSUCCESSFUL ((NTSTATUS)0xC0000001)
#define STATUS_MORE_ENTRIES ((NTSTATUS)0x00000105)
#define STATUS_NO_MORE_ENTRIES ((NTSTATUS)0x8000001A)
#define NtCurrentProcess() ((HANDLE)(LONG_PTR)-1)
#define CASELESS OBJ_CASE_INSENSITIVE

typedef enum { ViewShare = 1, ViewUnmap = 2 } VIEW;

/* SECTION_IMAGE_INFORMATION, of which only the size matters here. */
typedef struct {
    ULONG Length;
    HANDLE Process;
    HANDLE Thread;
    CLIENT_ID ClientId;
    ULONG_PTR Image[8];
} PROCESS_INFO;

NTSYSAPI NTSTATUS NTAPI NtDisplayString(PUNICODE_STRING);
NTSYSAPI NTSTATUS NTAPI NtTerminateProcess(HANDLE, NTSTATUS);
NTSYSAPI NTSTATUS NTAPI NtResumeThread(HANDLE, PULONG);
NTSYSAPI NTSTATUS NTAPI NtOpenDirectoryObject(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES);
NTSYSAPI NTSTATUS NTAPI NtQueryDirectoryObject(HANDLE, PVOID, ULONG, BOOLEAN, BOOLEAN, PULONG, PULONG);
NTSYSAPI NTSTATUS NTAPI NtOpenSymbolicLinkObject(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES);
NTSYSAPI NTSTATUS NTAPI NtQuerySymbolicLinkObject(HANDLE, PUNICODE_STRING, PULONG);
NTSYSAPI NTSTATUS NTAPI NtCreateKey(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES, ULONG, PUNICODE_STRING, ULONG, PULONG);
NTSYSAPI NTSTATUS NTAPI NtOpenKey(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES);
NTSYSAPI NTSTATUS NTAPI NtDeleteKey(HANDLE);
NTSYSAPI NTSTATUS NTAPI NtSetValueKey(HANDLE, PUNICODE_STRING, ULONG, ULONG, PVOID, ULONG);
NTSYSAPI NTSTATUS NTAPI NtQueryValueKey(HANDLE, PUNICODE_STRING, ULONG, PVOID, ULONG, PULONG);
NTSYSAPI NTSTATUS NTAPI NtDeleteValueKey(HANDLE, PUNICODE_STRING);
NTSYSAPI NTSTATUS NTAPI NtEnumerateKey(HANDLE, ULONG, ULONG, PVOID, ULONG, PULONG);
NTSYSAPI NTSTATUS NTAPI NtCreateSection(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES, PLARGE_INTEGER, ULONG, ULONG, HANDLE);
NTSYSAPI NTSTATUS NTAPI NtOpenSection(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES);
NTSYSAPI NTSTATUS NTAPI NtMapViewOfSection(HANDLE, HANDLE, PVOID *, ULONG_PTR, SIZE_T, PLARGE_INTEGER, PSIZE_T, VIEW, ULONG, ULONG);
NTSYSAPI NTSTATUS NTAPI NtUnmapViewOfSection(HANDLE, PVOID);
NTSYSAPI NTSTATUS NTAPI NtReadFile(HANDLE, HANDLE, PVOID, PVOID, PIO_STATUS_BLOCK, PVOID, ULONG, PLARGE_INTEGER, PULONG);
NTSYSAPI NTSTATUS NTAPI NtWriteFile(HANDLE, HANDLE, PVOID, PVOID, PIO_STATUS_BLOCK, PVOID, ULONG, PLARGE_INTEGER, PULONG);
NTSYSAPI NTSTATUS NTAPI NtQueryDirectoryFile(HANDLE, HANDLE, PVOID, PVOID, PIO_STATUS_BLOCK, PVOID, ULONG, ULONG, BOOLEAN,
    PUNICODE_STRING, BOOLEAN);
NTSYSAPI NTSTATUS NTAPI NtFlushBuffersFile(HANDLE, PIO_STATUS_BLOCK);
NTSYSAPI NTSTATUS NTAPI RtlCreateProcessParameters(PRTL_USER_PROCESS_PARAMETERS *, PUNICODE_STRING, PUNICODE_STRING,
    PUNICODE_STRING, PUNICODE_STRING, PVOID, PUNICODE_STRING, PUNICODE_STRING, PUNICODE_STRING, PUNICODE_STRING);
NTSYSAPI NTSTATUS NTAPI RtlDestroyProcessParameters(PRTL_USER_PROCESS_PARAMETERS);
NTSYSAPI NTSTATUS NTAPI RtlCreateUserProcess(PUNICODE_STRING, ULONG, PRTL_USER_PROCESS_PARAMETERS, PVOID, PVOID, HANDLE,
    BOOLEAN, HANDLE, HANDLE, PROCESS_INFO *);
NTSYSAPI PRTL_USER_PROCESS_PARAMETERS NTAPI RtlNormalizeProcessParams(PRTL_USER_PROCESS_PARAMETERS);
int __cdecl _vsnprintf(char *, size_t, const char *, va_list);
size_t __cdecl wcslen(const wchar_t *);
wchar_t *__cdecl wcsstr(const wchar_t *, const wchar_t *);
void *__cdecl memset(void *, int, size_t);

static void put(const char *text)
{
    ANSI_STRING ansi;
    UNICODE_STRING wide;
    RtlInitAnsiString(&ansi, text);
    if (NT_SUCCESS(RtlAnsiStringToUnicodeString(&wide, &ansi, TRUE))) {
        NtDisplayString(&wide);
        RtlFreeUnicodeString(&wide);
    }
}

static void say(const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    _vsnprintf(text, sizeof text - 1, format, args);
    va_end(args);
    text[sizeof text - 1] = 0;
    put(text);
}

/* Ends the program unless the status is the expected one. */
static void expect(const char *what, NTSTATUS status, NTSTATUS expected)
{
    if (status != expected) {
        say("FAIL %s: %08lx instead of %08lx\n", what, status, expected);
        NtTerminateProcess(NtCurrentProcess(), STATUS_UNSUCCESSFUL);
    }
}

static void ok(const char *what, NTSTATUS status)
{
    if (!NT_SUCCESS(status)) {
        say("FAIL %s: %08lx\n", what, status);
        NtTerminateProcess(NtCurrentProcess(), STATUS_UNSUCCESSFUL);
    }
}

static void name_it(OBJECT_ATTRIBUTES *attributes, UNICODE_STRING *string, const wchar_t *name)
{
    RtlInitUnicodeString(string, name);
    InitializeObjectAttributes(attributes, string, CASELESS, NULL, NULL);
}

static RTL_USER_PROCESS_PARAMETERS *parameters_of(PEB *peb)
{
    return RtlNormalizeProcessParams(peb->ProcessParameters);
}

/* Starts the own program once more with other words on its command line. */
static inline PROCESS_INFO start_again(PEB *peb, const wchar_t *command)
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
    ok("resume", NtResumeThread(info.Thread, NULL));
    return info;
}

static inline NTSTATUS wait_for_end(PROCESS_INFO *info)
{
    PROCESS_BASIC_INFORMATION basic;
    ok("wait", NtWaitForSingleObject(info->Process, FALSE, NULL));
    ok("exit status", NtQueryInformationProcess(info->Process, ProcessBasicInformation, &basic, sizeof basic, NULL));
    NtClose(info->Thread);
    NtClose(info->Process);
    return basic.ExitStatus;
}

static inline int has_word(PEB *peb, const wchar_t *word)
{
    return wcsstr(parameters_of(peb)->CommandLine.Buffer, word) != NULL;
}

#define PROGRAM(peb)                                             \
    static NTSTATUS program(PEB *peb);                           \
    void NtProcessStartup(PEB *peb)                              \
    {                                                            \
        NtTerminateProcess(NtCurrentProcess(), program(peb));    \
    }                                                            \
    static NTSTATUS program(PEB *peb)

#endif
