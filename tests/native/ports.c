/* LPC ping-pong between two processes: connect, a hundred requests and replies, close. */
#include "native.h"

#define NAME L"\\StrangersPort"
#define ROUNDS 100

typedef struct {
    USHORT DataLength, TotalLength, Type, DataInfoOffset;
    CLIENT_ID ClientId;
    ULONG MessageId;
    SIZE_T ClientViewSize;
    ULONG Number;
    ULONG Square;
} MESSAGE;

enum { REQUEST = 1, PORT_CLOSED = 5, CONNECTION_REQUEST = 10 };

NTSYSAPI NTSTATUS NTAPI NtCreatePort(PHANDLE, POBJECT_ATTRIBUTES, ULONG, ULONG, ULONG);
NTSYSAPI NTSTATUS NTAPI NtConnectPort(PHANDLE, PUNICODE_STRING, SECURITY_QUALITY_OF_SERVICE *, PVOID, PVOID, PULONG, PVOID, PULONG);
NTSYSAPI NTSTATUS NTAPI NtAcceptConnectPort(PHANDLE, PVOID, MESSAGE *, BOOLEAN, PVOID, PVOID);
NTSYSAPI NTSTATUS NTAPI NtCompleteConnectPort(HANDLE);
NTSYSAPI NTSTATUS NTAPI NtReplyWaitReceivePort(HANDLE, PVOID *, MESSAGE *, MESSAGE *);
NTSYSAPI NTSTATUS NTAPI NtRequestWaitReplyPort(HANDLE, MESSAGE *, MESSAGE *);

static NTSTATUS client(void)
{
    SECURITY_QUALITY_OF_SERVICE quality = {sizeof quality, SecurityImpersonation, SECURITY_DYNAMIC_TRACKING, TRUE};
    UNICODE_STRING name;
    HANDLE port;
    ULONG limit, length = 8;
    char information[8] = "ping!";
    MESSAGE message, reply;
    RtlInitUnicodeString(&name, NAME);
    ok("connect", NtConnectPort(&port, &name, &quality, NULL, NULL, &limit, information, &length));
    say("client: connected, told \"%s\", messages of %lu bytes\n", information, limit);
    for (ULONG round = 1; round <= ROUNDS; round++) {
        memset(&message, 0, sizeof message);
        message.DataLength = sizeof message - 40;
        message.TotalLength = sizeof message;
        message.Number = round;
        ok("request", NtRequestWaitReplyPort(port, &message, &reply));
        if (reply.Square != round * round)
            say("FAIL square of %lu is not %lu\n", round, reply.Square);
    }
    put("client: done\n");
    NtClose(port);
    return STATUS_SUCCESS;
}

PROGRAM(peb)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    HANDLE listener, channel = NULL;
    MESSAGE message, *reply = NULL;
    PROCESS_INFO info;
    ULONG answered = 0;
    if (has_word(peb, L"client"))
        return client();
    name_it(&attributes, &name, NAME);
    ok("create port", NtCreatePort(&listener, &attributes, 8, sizeof message, 0));
    info = start_again(peb, L"ports client");
    for (;;) {
        ok("receive", NtReplyWaitReceivePort(listener, NULL, reply, &message));
        reply = NULL;
        if (message.Type == CONNECTION_REQUEST) {
            memcpy(&message.Number, "pong!", 6);
            ok("accept", NtAcceptConnectPort(&channel, NULL, &message, TRUE, NULL, NULL));
            ok("complete", NtCompleteConnectPort(channel));
        } else if (message.Type == REQUEST) {
            message.Square = message.Number * message.Number;
            reply = &message;
            answered++;
        } else if (message.Type == PORT_CLOSED) {
            break;
        }
    }
    expect("client", wait_for_end(&info), STATUS_SUCCESS);
    say("server: answered %lu, then the client's port was closed\n", answered);
    return STATUS_SUCCESS;
}
