/* Needs middle.dll, which needs inner.dll; looks at what the loader shows of them. */
#include "try.h"

__declspec(dllimport) int middle_twice(int);
__declspec(dllimport) int forwarded(int, int);
__declspec(dllimport) int numbered(void);
__declspec(dllimport) NTSTATUS close(HANDLE);

typedef struct {
    LIST_ENTRY Links[3];
    PVOID DllBase;
    PVOID EntryPoint;
    ULONG SizeOfImage;
    UNICODE_STRING FullDllName;
    UNICODE_STRING BaseDllName;
    ULONG Flags;
    USHORT LoadCount;
    USHORT TlsIndex;
} MODULE;

static void list(PEB *peb, int which)
{
    LIST_ENTRY *head = (LIST_ENTRY *)((char *)peb->Ldr + 0x10) + which;
    for (LIST_ENTRY *at = head->Flink; at != head; at = at->Flink) {
        MODULE *module = CONTAINING_RECORD(at, MODULE, Links[which]);
        same("links", (ULONG_PTR)at->Flink->Blink, (ULONG_PTR)at);
        same("pinned", module->LoadCount, 0xFFFF);
        same("signature", *(USHORT *)module->DllBase, 0x5A4D);
        same("name", module->BaseDllName.Buffer[module->BaseDllName.Length / 2], 0);
        put(which == 2 ? "init " : which ? "memory " : "load ");
        NtDisplayString(&module->BaseDllName);
        put(" ");
        NtDisplayString(&module->FullDllName);
        put("\n");
    }
}

PROGRAM
{
    for (int which = 0; which < 3; which++)
        list(peb, which);
    same("through middle", middle_twice(21), 42);
    same("forwarded", forwarded(1, 2), 3);
    same("forwarded by number", numbered(), 7);
    status("forwarded to ntdll", close((HANDLE)0x4444), 0xC0000008);
    put("chain: done\n");
    return 0x2A;
}
