/* An access violation ends its process and nothing else: the parent reads the status. */
#include "native.h"

PROGRAM(peb)
{
    PROCESS_INFO info;
    if (has_word(peb, L"now"))
        *(volatile int *)0x10 = 1;
    info = start_again(peb, L"crash now");
    say("the child ended with %08lx\n", wait_for_end(&info));
    return STATUS_SUCCESS;
}
