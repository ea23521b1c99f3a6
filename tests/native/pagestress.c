/* Commits more memory than the machine has, writes a pattern to every page, and checks every byte of a word in each, in another
   order. Words on the command line: how many MiB. */
#include "check.h"

NTSYSAPI NTSTATUS NTAPI NtAllocateVirtualMemory(HANDLE, PVOID *, ULONG_PTR, PSIZE_T, ULONG, ULONG);
NTSYSAPI NTSTATUS NTAPI NtFreeVirtualMemory(HANDLE, PVOID *, PSIZE_T, ULONG);

#define PAGE 4096

static unsigned long long pattern(unsigned long long page, unsigned round)
{
    return (page + 1) * 0x9E3779B97F4A7C15ull ^ round;
}

PROGRAM(peb)
{
    const wchar_t *text = parameters_of(peb)->CommandLine.Buffer;
    unsigned mib = 0, bad = 0;
    for (; *text; text++)
        if (*text >= '0' && *text <= '9')
            mib = mib * 10 + (*text - '0');
    PVOID base = NULL;
    SIZE_T size = (SIZE_T)mib << 20;
    ok("commit", NtAllocateVirtualMemory(NtCurrentProcess(), &base, 0, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
    unsigned long long pages = size / PAGE;
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned long long page = 0; page < pages; page++) {
            volatile unsigned long long *words = (void *)((char *)base + page * PAGE);
            words[page % 512] = pattern(page, round);
        }
        /* 7 and the number of pages have no common divisor, or every page comes as often as any other. */
        for (unsigned long long n = 0; n < pages; n++) {
            unsigned long long page = n * 7 % pages;
            volatile unsigned long long *words = (void *)((char *)base + page * PAGE);
            if (words[page % 512] != pattern(page, round) || words[(page + 1) % 512] != 0)
                bad++;
        }
    }
    CHECK(bad == 0);
    size = 0;
    CHECK(NtFreeVirtualMemory(NtCurrentProcess(), &base, &size, MEM_RELEASE) == 0);
    say("pagestress: %u MiB, %u bad pages\n", mib, bad);
    return checked("pagestress");
}
