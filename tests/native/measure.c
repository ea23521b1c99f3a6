/* Calls every system service once or more, each of them as it is meant to be called. Started in place of the session
   manager; powers the system off. */
#include "measure/call.h"
#include "measure/objects.h"
#include "measure/processes.h"
#include "measure/registry.h"
#include "measure/files.h"
#include "measure/ports.h"
#include "measure/security.h"
#include "measure/windows.h"

NTSYSAPI NTSTATUS NTAPI RtlAdjustPrivilege(ULONG, BOOLEAN, BOOLEAN, PBOOLEAN);

#define DRIVER_KEY L"\\Registry\\Machine\\SYSTEM\\CurrentControlSet\\Services\\Loopback"

/* What can be done once only. */
static void once(void)
{
    HANDLE port;
    BOOLEAN before;
    LARGE_INTEGER size = {.QuadPart = 16 << 20};
    for (ULONG privilege = 2; privilege <= 29; privilege++)
        RtlAdjustPrivilege(privilege, TRUE, FALSE, &before);
    CALL(NtInitializeRegistry, 0);
    CALL(NtCreatePagingFile, string(L"\\??\\D:\\pagefile.sys"), &size, &size, 0);
    CALL(NtCreatePort, &port, named_in(NULL, NULL), 0x20, 0x100, 0);
    CALL(NtSetDefaultHardErrorPort, port);
    put_up_windows();
}

/* A driver that is a part of the kernel, as they all are. */
static void driver(void)
{
    HANDLE key;
    CALL(NtCreateKey, &key, ALL_ACCESS, named(DRIVER_KEY), 0, NULL, REG_OPTION_VOLATILE, NULL);
    CALL(NtLoadDriver, string(DRIVER_KEY));
    CALL(NtUnloadDriver, string(DRIVER_KEY));
    NtClose(key);
}

static void whole_system(void)
{
    ULONG locale, response = 0, flags;
    struct {
        USHORT event;
        UCHAR phase, text_length;
        ULONG reserved;
        ULONG64 arguments[2];
        char text[64];
    } fields = {.event = 0x300, .phase = 'I'};
    CALL(NtQuerySystemInformation, 0, &buffer, 64, &length);
    CALL(NtQuerySystemInformation, 9, &flags, sizeof flags, &length);
    CALL(NtSetSystemInformation, 9, &flags, sizeof flags);
    CALL(NtQueryDefaultLocale, FALSE, &locale);
    CALL(NtSetDefaultLocale, TRUE, locale);
    CALL(NtDisplayString, string(L"."));
    CALL(NtTraceEvent, NULL, 0, sizeof fields, &fields);
    CALL(NtRaiseHardError, 0x40000015, 0, 0, NULL, 0, &response);
}

PROGRAM(peb)
{
    once();
    for (int round = 0; round < 3; round++) {
        objects();
        dispatcher();
        exceptions();
        processes();
        memory();
        registry();
        files();
        ports();
        security();
        windows();
        driver();
        whole_system();
        NtClose(event);
    }
    say("measure: %u calls, %u failed\n", calls, failures);
    TRY(NtShutdownSystem, 2);
    return STATUS_UNSUCCESSFUL;
}
