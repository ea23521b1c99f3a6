/* An exception that nobody handles. */
#include "seh.h"

static LONG never(EXCEPTION_POINTERS *pointers, void *frame)
{
    put("not mine\n");
    return EXCEPTION_CONTINUE_SEARCH;
}

static ULONG64 fault(void *unused)
{
    return *(volatile int *)0x10;
}

PROGRAM
{
    return guarded(fault, NULL, never);
}
