/* Needs nobody. */
#include "try.h"

TELLING_DLL("inner")

static int calls;
static int *const counter = &calls;

/* Through a pointer that has to be relocated. */
__declspec(dllexport) int inner_add(int a, int b)
{
    ++*(int *volatile)counter;
    return a + b;
}

__declspec(dllexport) int inner_calls(void)
{
    return calls;
}

int inner_seven(void)
{
    return 7;
}
