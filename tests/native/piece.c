/* link: -Wl,--section-alignment,512,--file-alignment,512,--dynamicbase,--image-base,0x7ffe0000 */
/* Sections are aligned to less than a page, as in drivers: the image is one piece, which nothing is protected in. */
#include "native.h"

static const char *volatile words[] = {"one", "piece"};
static int count = 41;
static const volatile int constant = 1;

PROGRAM(peb)
{
    *(volatile int *)&constant += 1;
    count += constant - 1;
    say("piece: %s, %s, %d %d\n", words[0], words[1], count, constant);
    return STATUS_SUCCESS;
}
