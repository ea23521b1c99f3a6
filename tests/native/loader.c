/* Loads the driver through SystemExtendServiceTableInformation and calls the services it adds. */
#include "native.h"

NTSYSAPI NTSTATUS NTAPI NtSetSystemInformation(ULONG, PVOID, ULONG);
NTSYSAPI NTSTATUS NTAPI RtlAdjustPrivilege(ULONG, BOOLEAN, BOOLEAN, PBOOLEAN);

#define SE_LOAD_DRIVER_PRIVILEGE 10

/* What win32k's stubs look like; numbers from 0x1000 on are the second table's. */
__attribute__((naked)) static NTSTATUS digits(ULONG64 a, ULONG64 b, ULONG64 c, ULONG64 d, ULONG64 e, ULONG64 f)
{
    __asm__("mov %rcx, %r10; mov $0x1000, %eax; syscall; ret");
}

__attribute__((naked)) static NTSTATUS greet(void)
{
    __asm__("mov $0x1001, %eax; syscall; ret");
}

__attribute__((naked)) static NTSTATUS beyond(void)
{
    __asm__("mov $0x1004, %eax; syscall; ret");
}

PROGRAM(peb)
{
    UNICODE_STRING path;
    BOOLEAN before;
    ULONG session, other;
    RtlInitUnicodeString(&path, L"\\SystemRoot\\System32\\driver.sys");
    expect("before the table", greet(), (NTSTATUS)0xC000001C);
    expect("without the privilege", NtSetSystemInformation(38, &path, sizeof path), (NTSTATUS)0xC0000061);
    ok("privilege", RtlAdjustPrivilege(SE_LOAD_DRIVER_PRIVILEGE, TRUE, FALSE, &before));
    expect("without a session", NtSetSystemInformation(38, &path, sizeof path), (NTSTATUS)0xC000000D);
    ok("session", NtSetSystemInformation(47, &session, sizeof session));
    expect("another session", NtSetSystemInformation(47, &session, sizeof session), (NTSTATUS)0xC0000021);
    ok("load", NtSetSystemInformation(38, &path, sizeof path));
    expect("six arguments", digits(1, 2, 3, 4, 5, 6), 654321);
    expect("no arguments", greet(), 0x12345);
    expect("behind the table", beyond(), (NTSTATUS)0xC000001C);
    expect("load again", NtSetSystemInformation(38, &path, sizeof path), (NTSTATUS)0xC000010E);
    RtlInitUnicodeString(&path, L"\\SystemRoot\\System32\\nothing.sys");
    expect("load nothing", NtSetSystemInformation(38, &path, sizeof path), (NTSTATUS)0xC0000034);
    other = session + 1;
    expect("detach from another", NtSetSystemInformation(48, &other, sizeof other), (NTSTATUS)0xC000000D);
    expect("detach in use", NtSetSystemInformation(48, &session, sizeof session), (NTSTATUS)0xC000001A);
    put("driver tested\n");
    return STATUS_SUCCESS;
}
