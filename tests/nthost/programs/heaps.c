/* Heaps: in memory of the system and of the program. */
#include "try.h"

#define GROWABLE 2
#define RAISE 4
#define ZERO 8
#define IN_PLACE 0x10

NTSYSAPI NTSTATUS NTAPI NtAllocateVirtualMemory(HANDLE, PVOID *, ULONG_PTR, PSIZE_T, ULONG, ULONG);
NTSYSAPI PVOID NTAPI RtlReAllocateHeap(PVOID, ULONG, PVOID, SIZE_T);
NTSYSAPI SIZE_T NTAPI RtlSizeHeap(PVOID, ULONG, PVOID);
NTSYSAPI BOOLEAN NTAPI RtlValidateHeap(PVOID, ULONG, PVOID);
NTSYSAPI ULONG NTAPI RtlCreateTagHeap(PVOID, ULONG, PCWSTR, PCWSTR);
NTSYSAPI ULONG NTAPI RtlGetProcessHeaps(ULONG, PVOID *);
NTSYSAPI NTSTATUS NTAPI RtlGetLastNtStatus(void);

static void fill(PVOID heap, SIZE_T limit)
{
    SIZE_T total = 0;
    char *block, *last = NULL;
    while ((block = RtlAllocateHeap(heap, 0, 1000)) != NULL) {
        same("alignment", (ULONG_PTR)block & 15, 0);
        block[0] = block[999] = 1;
        total += 1000;
        last = block;
        if (total > limit)
            break;
    }
    same("why", total > limit ? 0xC0000017 : (ULONG)RtlGetLastNtStatus(), 0xC0000017);
    same("most of it", total > limit - limit / 8, 1);
    same("sound", RtlValidateHeap(heap, 0, NULL), 1);
    same("free", RtlFreeHeap(heap, 0, last), 1);
    same("free twice", RtlFreeHeap(heap, 0, last), 0);
    same("why", (ULONG)RtlGetLastNtStatus(), 0xC000000D);
}

PROGRAM
{
    PVOID own = *(PVOID *)((char *)peb + 0x30), heap, heaps[4], base = NULL;
    SIZE_T size = 0x80000;
    ULONG *block = RtlAllocateHeap(own, ZERO, 100);
    same("zero", block[0] | block[24], 0);
    block[24] = 5;
    same("size", RtlSizeHeap(own, 0, block), 100);
    block = RtlReAllocateHeap(own, ZERO, block, 0x200000);
    same("moved", block[24], 5);
    same("zero behind it", block[25] | block[0x7FFFF], 0);
    same("size", RtlSizeHeap(own, 0, block), 0x200000);
    same("in place", (ULONG_PTR)RtlReAllocateHeap(own, IN_PLACE, block, 0x400000), 0);
    same("free", RtlFreeHeap(own, 0, block), 1);
    same("free nothing", RtlFreeHeap(own, 0, NULL), 1);
    same("no block", RtlSizeHeap(own, 0, peb), (SIZE_T)-1);
    same("no heap", (ULONG_PTR)RtlAllocateHeap(peb, 0, 1), 0);
    same("first tag", RtlCreateTagHeap(own, 0, L"TRY!", L"ONE\0TWO\0"), 1 << 18);
    same("third tag", RtlCreateTagHeap(own, 0, L"TRY!", L"THREE\0"), 3 << 18);
    same("tagged", RtlAllocateHeap(own, 1 << 18, 5) != NULL, 1);

    heap = RtlCreateHeap(0, NULL, 0x40000, 0, NULL, NULL);
    fill(heap, 0x40000);
    same("two heaps", RtlGetProcessHeaps(4, heaps), 2);
    same("the newer first", (ULONG_PTR)heaps[0], (ULONG_PTR)heap);
    same("the process heap", (ULONG_PTR)heaps[1], (ULONG_PTR)own);
    same("destroy", (ULONG_PTR)RtlDestroyHeap(heap), 0);
    same("not the process heap", (ULONG_PTR)RtlDestroyHeap(own), (ULONG_PTR)own);
    same("one heap", RtlGetProcessHeaps(4, heaps), 1);

    /* As csrss does it: in addresses that are reserved only. */
    same("reserve", NtAllocateVirtualMemory(SELF, &base, 0, &size, 0x2000, 4), 0);
    heap = RtlCreateHeap(ZERO, base, size, 0x1000, NULL, NULL);
    same("there", (ULONG_PTR)heap, (ULONG_PTR)base);
    fill(heap, size);
    same("destroy", (ULONG_PTR)RtlDestroyHeap(heap), 0);
    /* It is still the program's, and not zero. */
    heap = RtlCreateHeap(ZERO, base, size, 0x1000, NULL, NULL);
    block = RtlAllocateHeap(heap, 0, 3000);
    for (int i = 0; i < 750; i++)
        same("zero", block[i], 0);

    heap = RtlCreateHeap(GROWABLE, NULL, 0, 0, NULL, NULL);
    fill(heap, 0x300000);
    same("destroy", (ULONG_PTR)RtlDestroyHeap(heap), 0);
    put("heaps: done\n");
    return 0;
}
