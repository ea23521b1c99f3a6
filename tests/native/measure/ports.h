/* Lpc: a client, which is a thread of its own, and its server. */

#define PORT_NAME L"\\MeasuredPort"

typedef struct {
    USHORT data_length, total_length, type, data_info;
    CLIENT_ID client;
    ULONG id;
    SIZE_T view_size;
    /* PORT_DATA_INFORMATION: how many, then where and how long. */
    ULONG count;
    char *offered;
    SIZE_T offered_length;
} MESSAGE;

static const SECURITY_QUALITY_OF_SERVICE full_quality = {
    sizeof full_quality, SecurityImpersonation, SECURITY_DYNAMIC_TRACKING, TRUE};
static char offered[16];

static MESSAGE message_with_data(void)
{
    MESSAGE message = {.data_length = sizeof message - 40, .total_length = sizeof message, .data_info = 40};
    message.count = 1;
    message.offered = offered;
    message.offered_length = sizeof offered;
    return message;
}

static NTSTATUS NTAPI client(void *secure)
{
    HANDLE port;
    ULONG most;
    MESSAGE message = message_with_data(), reply;
    if (secure)
        CALL(NtSecureConnectPort, &port, string(PORT_NAME), &full_quality, NULL, NULL, NULL, &most, NULL, NULL);
    else
        CALL(NtConnectPort, &port, string(PORT_NAME), &full_quality, NULL, NULL, &most, NULL, NULL);
    CALL(NtRegisterThreadTerminatePort, port);
    CALL(NtQueryInformationPort, port, 0, NULL, 0, &length);
    CALL(NtRequestWaitReplyPort, port, &message, &reply);
    /* The answer is a request in turn. */
    reply.data_info = 0;
    CALL(NtReplyPort, port, &reply);
    message.data_info = 0;
    CALL(NtRequestPort, port, &message);
    NtClose(port);
    TRY(NtTerminateThread, THIS_THREAD, 0);
    return 0;
}

NTSYSAPI NTSTATUS NTAPI RtlCreateUserThread(
    HANDLE, PVOID, BOOLEAN, ULONG, SIZE_T, SIZE_T, PVOID, PVOID, PHANDLE, CLIENT_ID *);

static void serve(HANDLE listener, int secure)
{
    HANDLE thread, port, nobody = NULL;
    MESSAGE message;
    SIZE_T moved;
    LARGE_INTEGER at_once = {.QuadPart = 0};
    void *context;
    ok("thread", RtlCreateUserThread(NtCurrentProcess(), NULL, FALSE, 0, 0, 0, client, (void *)(ULONG_PTR)secure, &thread, NULL));
    CALL(NtListenPort, listener, &message);
    CALL(NtAcceptConnectPort, &port, NULL, &message, TRUE, NULL, NULL);
    CALL(NtCompleteConnectPort, port);
    CALL(NtReplyWaitReceivePort, listener, &context, NULL, &message);
    CALL(NtReadRequestData, listener, &message, 0, &buffer, sizeof offered, &moved);
    CALL(NtWriteRequestData, listener, &message, 0, &buffer, sizeof offered, &moved);
    CALL(NtImpersonateClientOfPort, listener, &message);
    CALL(NtSetInformationThread, THIS_THREAD, 5, &nobody, sizeof nobody);
    message.data_info = 0;
    CALL(NtReplyWaitReplyPort, listener, &message);
    ok("end of the client", NtWaitForSingleObject(thread, FALSE, NULL));
    while (TRY(NtReplyWaitReceivePortEx, listener, &context, NULL, &message, &at_once) == 0)
        ;
    NtClose(port);
    NtClose(thread);
}

static void ports(void)
{
    HANDLE listener, waitable;
    CALL(NtCreatePort, &listener, named(PORT_NAME), 8, sizeof(MESSAGE), 0);
    CALL(NtCreateWaitablePort, &waitable, named_in(NULL, NULL), 8, sizeof(MESSAGE), 0);
    serve(listener, FALSE);
    serve(listener, TRUE);
    NtClose(waitable);
    NtClose(listener);
}
