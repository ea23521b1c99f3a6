/* \SmApiPort and the SB ports, for the stand-ins of either side. Structures: as the published sizes have them, 0x148 and
   0x120. */
#ifndef SMPORT_H
#define SMPORT_H

#include "native.h"

typedef struct {
    USHORT DataLength, TotalLength, Type, DataInfoOffset;
    CLIENT_ID ClientId;
    ULONG MessageId;
    SIZE_T ClientViewSize;
} PORT_HEADER;

/* What a connection comes with, or a message. */
typedef struct {
    PORT_HEADER Header;
    union {
        struct { ULONG Type; WCHAR Name[120]; } Connect;
        struct {
            ULONG Api;
            NTSTATUS Status;
            union {
                UCHAR Bytes[0x118];
                struct { ULONG Session; NTSTATUS End; } Complete;
                struct { PROCESS_INFO Process; BOOLEAN Debug; } Exec;
                struct { ULONG Length; WCHAR Name[32]; } Load;
                struct { ULONG Session, Length; WCHAR Command[128]; HANDLE Subsystem, Initial; } Start;
            } u;
        };
    };
} SM_MESSAGE;

typedef struct {
    PORT_HEADER Header;
    ULONG Api;
    NTSTATUS Status;
    union {
        UCHAR Bytes[0xF0];
        struct { ULONG Session; PROCESS_INFO Process; PVOID Unused; ULONG MuSession; CLIENT_ID Debugger; } Create;
        struct { UNICODE_STRING *Image, *Directory, *Line, *DllPath; ULONG Flags, DebugFlags; } In;
        struct { HANDLE Process, Thread; ULONG Type; CLIENT_ID ClientId; } Out;
        ULONG Session;
    } u;
} SB_MESSAGE;

_Static_assert(sizeof(SM_MESSAGE) == 0x148 && sizeof(SB_MESSAGE) == 0x120, "published sizes");

enum { REQUEST = 1, CONNECTION_REQUEST = 10 };
enum { SESSION_COMPLETE = 1, EXEC_PGM = 3, LOAD_DEFERED = 4, START_CSR = 5, STOP_CSR = 6 };
enum { CREATE_SESSION, TERMINATE_SESSION, FOREIGN_SESSION_COMPLETE, CREATE_PROCESS };

NTSYSAPI NTSTATUS NTAPI NtCreatePort(PHANDLE, POBJECT_ATTRIBUTES, ULONG, ULONG, ULONG);
NTSYSAPI NTSTATUS NTAPI NtAcceptConnectPort(PHANDLE, PVOID, PVOID, BOOLEAN, PVOID, PVOID);
NTSYSAPI NTSTATUS NTAPI NtCompleteConnectPort(HANDLE);
NTSYSAPI NTSTATUS NTAPI NtReplyWaitReceivePort(HANDLE, PVOID *, PVOID, PVOID);
NTSYSAPI NTSTATUS NTAPI NtCreateEvent(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES, ULONG, BOOLEAN);
NTSYSAPI NTSTATUS NTAPI NtSetEvent(HANDLE, PLONG);
NTSYSAPI NTSTATUS NTAPI NtDelayExecution(BOOLEAN, PLARGE_INTEGER);
NTSYSAPI NTSTATUS NTAPI NtShutdownSystem(ULONG);
NTSYSAPI NTSTATUS NTAPI RtlAdjustPrivilege(ULONG, BOOLEAN, BOOLEAN, PBOOLEAN);
NTSYSAPI NTSTATUS NTAPI RtlCreateUserThread(HANDLE, PVOID, BOOLEAN, ULONG, SIZE_T, SIZE_T, PVOID, PVOID, PHANDLE, CLIENT_ID *);

#endif
