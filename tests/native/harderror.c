/* Hard errors: a process that shows them, and one that raises them; who may set the port, and how often. */
#include "native.h"

#define NAME L"\\StrangersErrors"
#define STATUS_WARNING_OF_MINE ((NTSTATUS)0x80001234)
#define STATUS_ERROR_OF_MINE ((NTSTATUS)0xC0001234)
#define SE_TCB_PRIVILEGE 7

typedef struct {
    USHORT DataLength, TotalLength, Type, DataInfoOffset;
    CLIENT_ID ClientId;
    ULONG MessageId;
    SIZE_T ClientViewSize;
    NTSTATUS Status;
    LARGE_INTEGER ErrorTime;
    ULONG ValidResponseOptions, Response, NumberOfParameters, UnicodeStringParameterMask;
    ULONG_PTR Parameters[5];
} HARD_ERROR;

enum { ERROR_EVENT = 9, OPTION_OK = 1, RESPONSE_OK = 6 };

NTSYSAPI NTSTATUS NTAPI NtCreatePort(PHANDLE, POBJECT_ATTRIBUTES, ULONG, ULONG, ULONG);
NTSYSAPI NTSTATUS NTAPI NtReplyWaitReceivePort(HANDLE, PVOID *, HARD_ERROR *, HARD_ERROR *);
NTSYSAPI NTSTATUS NTAPI NtReplyPort(HANDLE, HARD_ERROR *);
NTSYSAPI NTSTATUS NTAPI NtSetDefaultHardErrorPort(HANDLE);
NTSYSAPI NTSTATUS NTAPI NtRaiseHardError(NTSTATUS, ULONG, ULONG, ULONG_PTR *, ULONG, PULONG);
NTSYSAPI NTSTATUS NTAPI RtlAdjustPrivilege(ULONG, BOOLEAN, BOOLEAN, PBOOLEAN);

static NTSTATUS raise(void)
{
    UNICODE_STRING text;
    ULONG_PTR parameters[2] = {0, 42};
    ULONG response = 77;
    RtlInitUnicodeString(&text, L"paper");
    parameters[0] = (ULONG_PTR)&text;
    ok("raise", NtRaiseHardError(STATUS_ERROR_OF_MINE, 2, 1, parameters, OPTION_OK, &response));
    say("response %lu\n", response);
    expect("too many parameters", NtRaiseHardError(STATUS_ERROR_OF_MINE, 5, 0, parameters, OPTION_OK, &response), (NTSTATUS)0xC00000F0);
    return STATUS_SUCCESS;
}

PROGRAM(peb)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name, *text;
    HANDLE port;
    HARD_ERROR message;
    PROCESS_INFO info;
    BOOLEAN before;
    if (has_word(peb, L"raise"))
        return raise();
    name_it(&attributes, &name, NAME);
    ok("create port", NtCreatePort(&port, &attributes, 8, sizeof message, 0));
    ok("privilege", RtlAdjustPrivilege(SE_TCB_PRIVILEGE, TRUE, FALSE, &before));
    ok("set port", NtSetDefaultHardErrorPort(port));
    expect("set port twice", NtSetDefaultHardErrorPort(port), STATUS_UNSUCCESSFUL);
    info = start_again(peb, L"harderror raise");
    ok("receive", NtReplyWaitReceivePort(port, NULL, NULL, &message));
    say("type %u status %08lx parameters %lu mask %lu option %lu second %lu\n", message.Type & 0x7FFF, message.Status,
        message.NumberOfParameters, message.UnicodeStringParameterMask, message.ValidResponseOptions,
        (ULONG)message.Parameters[1]);
    text = (UNICODE_STRING *)message.Parameters[0];
    if (!text)
        put("FAIL no text\n");
    message.Response = RESPONSE_OK;
    ok("reply", NtReplyPort(port, &message));
    expect("child", wait_for_end(&info), STATUS_SUCCESS);
    put("harderror done\n");
    return STATUS_SUCCESS;
}
