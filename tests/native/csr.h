/* A client of csrss: the message of \Windows\ApiPort and ntdll's functions for it. */
#ifndef CSR_H
#define CSR_H

#include "native.h"

typedef struct {
    USHORT DataLength, TotalLength, Type, DataInfoOffset;
    CLIENT_ID ClientId;
    ULONG MessageId;
    SIZE_T ClientViewSize;
    PVOID Capture;
    ULONG Api;
    NTSTATUS Status;
    ULONG Reserved[2];
    ULONG_PTR Data[39];
} MESSAGE;

/* The number of a call: its server DLL and which of that one's. */
#define API(server, number) ((server) << 16 | (number))

NTSYSAPI NTSTATUS NTAPI CsrClientConnectToServer(PCWSTR, ULONG, PVOID, ULONG, PBOOLEAN);
NTSYSAPI NTSTATUS NTAPI CsrClientCallServer(MESSAGE *, PVOID, ULONG, ULONG);
NTSYSAPI PVOID NTAPI CsrAllocateCaptureBuffer(ULONG, ULONG);
NTSYSAPI VOID NTAPI CsrFreeCaptureBuffer(PVOID);
NTSYSAPI NTSTATUS NTAPI RtlAdjustPrivilege(ULONG, BOOLEAN, BOOLEAN, PBOOLEAN);
NTSYSAPI NTSTATUS NTAPI NtShutdownSystem(ULONG);

#endif
