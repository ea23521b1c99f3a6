/* Needs a DLL that cannot begin. */
#include "try.h"

__declspec(dllimport) void refuses(void);

PROGRAM
{
    refuses();
    return 0;
}
