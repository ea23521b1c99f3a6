/* link: -Wl,--image-base,0x7ff600000000,--dynamicbase,--high-entropy-va */
/* Linked for an address that no process has: the loader moves it, and pointers in its data follow. */
#include "native.h"

static const char *volatile words[] = {"moved", "whole"};

PROGRAM(peb)
{
    void **image = (void **)((char *)peb + 0x10);
    int inside = (ULONG_PTR)*image < (ULONG_PTR)program && (ULONG_PTR)program - (ULONG_PTR)*image < 0x10000;
    say("relocated: %s, %s, entry in the image: %d\n", words[0], words[1], inside);
    return STATUS_SUCCESS;
}
