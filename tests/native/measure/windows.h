/* win32k's table, whose stubs no system file of ours exports. */

#define STUB(name, number) \
    __asm__(".globl " #name "\n" #name ": mov %rcx, %r10\n mov $" #number ", %eax\n syscall\n ret\n")

STUB(NtUserInitialize, 0x1000);
STUB(NtUserCallTwoParam, 0x1001);
STUB(NtUserCreateWindowStation, 0x1002);
STUB(NtUserOpenWindowStation, 0x1003);
STUB(NtUserCloseWindowStation, 0x1004);
STUB(NtUserSetProcessWindowStation, 0x1005);
STUB(NtUserGetProcessWindowStation, 0x1006);
STUB(NtUserCreateDesktop, 0x1007);
STUB(NtUserOpenDesktop, 0x1008);
STUB(NtUserOpenInputDesktop, 0x1009);
STUB(NtUserCloseDesktop, 0x100A);
STUB(NtUserSetThreadDesktop, 0x100B);
STUB(NtUserGetThreadDesktop, 0x100C);
STUB(NtUserSwitchDesktop, 0x100D);
STUB(NtGdiInit, 0x100E);
STUB(NtGdiFlush, 0x100F);

#define STATION L"\\Windows\\WindowStations\\WinSta0"

static void put_up_windows(void)
{
    HANDLE directory;
    ULONG session;
    CALL(NtCreateDirectoryObject, &directory, ALL_ACCESS, named(L"\\Windows"));
    CALL(NtCreateDirectoryObject, &directory, ALL_ACCESS, named(L"\\Windows\\WindowStations"));
    CALL(NtSetSystemInformation, 47, &session, sizeof session);
    CALL(NtSetSystemInformation, 38, string(L"\\SystemRoot\\System32\\win32k.sys"), sizeof(UNICODE_STRING));
    CALL(NtUserInitialize, 0x50000, NULL, NULL);
    WINDOW(NtUserCallTwoParam, own_id().UniqueProcess, TRUE, 0x54);
}

static void windows(void)
{
    ULONG_PTR station, other, desktop;
    ULONG thread = (ULONG)(ULONG_PTR)own_id().UniqueThread;
    station = WINDOW(NtUserCreateWindowStation, named(STATION), ALL_ACCESS);
    other = WINDOW(NtUserOpenWindowStation, named(STATION), ALL_ACCESS);
    WINDOW(NtUserSetProcessWindowStation, station);
    WINDOW(NtUserGetProcessWindowStation);
    desktop = WINDOW(NtUserCreateDesktop, named_in((HANDLE)station, L"Default"), NULL, 0, 0, ALL_ACCESS);
    WINDOW(NtUserSetThreadDesktop, desktop);
    WINDOW(NtUserGetThreadDesktop, thread, NULL);
    WINDOW(NtUserSwitchDesktop, desktop);
    WINDOW(NtUserOpenDesktop, named_in((HANDLE)station, L"Default"), 0, ALL_ACCESS);
    WINDOW(NtUserOpenInputDesktop, 0, FALSE, ALL_ACCESS);
    /* One that no thread uses. */
    desktop = WINDOW(NtUserCreateDesktop, named_in((HANDLE)station, L"Other"), NULL, 0, 0, ALL_ACCESS);
    WINDOW(NtUserCloseDesktop, desktop);
    WINDOW(NtUserCloseWindowStation, other);
    WINDOW(NtGdiInit);
    TRY(NtGdiFlush);
}
