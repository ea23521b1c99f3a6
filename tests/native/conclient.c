/* A client of the console server, in the place of winlogon: says what it reads, a line and what fits of another one. */
#include "csr.h"

NTSYSAPI ULONG NTAPI CsrAllocateMessagePointer(PVOID, ULONG, PVOID *);

static void read_line(ULONG bytes)
{
    MESSAGE message = {0};
    wchar_t text[64] = {0}, *place;
    void *buffer = CsrAllocateCaptureBuffer(1, bytes);
    CsrAllocateMessagePointer(buffer, bytes, (PVOID *)&message.Data[0]);
    message.Data[1] = bytes;
    ok("read", CsrClientCallServer(&message, buffer, API(2, 1), 16));
    place = (wchar_t *)message.Data[0];
    for (ULONG at = 0; at < (ULONG)message.Data[1] / 2 && place[at] > ' '; at++)
        text[at] = place[at];
    say("read %lu bytes: %ls\n", (ULONG)message.Data[1], text);
    CsrFreeCaptureBuffer(buffer);
}

PROGRAM(peb)
{
    MESSAGE message = {0};
    BOOLEAN inside, before;
    ok("connect", CsrClientConnectToServer(L"\\Windows", 0, NULL, 0, &inside));
    put("reading\n");
    read_line(100);
    read_line(10);
    message.Data[0] = 16;
    message.Data[1] = 100;
    expect("nothing captured", CsrClientCallServer(&message, NULL, API(2, 1), 16), (NTSTATUS)0xC000000D);
    ok("privilege", RtlAdjustPrivilege(19, TRUE, FALSE, &before));
    return NtShutdownSystem(2);
}
