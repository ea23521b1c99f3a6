/* Checks image files, as the session manager does it with known DLLs. */
#include "try.h"

NTSYSAPI NTSTATUS NTAPI LdrVerifyImageMatchesChecksum(HANDLE, void(NTAPI *)(PVOID, PCHAR), PVOID, PUSHORT);

static void NTAPI imported(PVOID parameter, PCHAR module)
{
    put(parameter);
    put(module);
    put("\n");
}

static NTSTATUS verify(const WCHAR *path, USHORT *characteristics)
{
    UNICODE_STRING name = wide_string(path);
    OBJECT_ATTRIBUTES attributes;
    IO_STATUS_BLOCK io;
    HANDLE file;
    NTSTATUS result;
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    status("open", NtOpenFile(&file, SYNCHRONIZE | FILE_EXECUTE, &attributes, &io, FILE_SHARE_READ, 0x20), 0);
    result = LdrVerifyImageMatchesChecksum(file, imported, "imports ", characteristics);
    NtClose(file);
    return result;
}

PROGRAM
{
    USHORT characteristics = 0;
    status("sound", verify(L"\\??\\C:\\Windows\\System32\\middle.dll", &characteristics), 0);
    same("a DLL", characteristics & 0x2000, 0x2000);
    status("no DLL", verify(L"\\??\\C:\\Windows\\System32\\chain.exe", &characteristics), 0);
    same("no DLL", characteristics & 0x2000, 0);
    status("no characteristics", verify(L"\\??\\C:\\Windows\\System32\\ntdll.dll", NULL), 0);
    status("damaged", verify(L"\\??\\C:\\Windows\\System32\\damaged.dll", &characteristics), 0xC0000221);
    status("text", verify(L"\\??\\C:\\Windows\\System32\\text.dll", &characteristics), 0xC000007B);
    put("verify: done\n");
    return 0;
}
