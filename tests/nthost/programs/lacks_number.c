/* Needs a number that its DLL does not have. */
#include "try.h"

__declspec(dllimport) void missing_number(void);

PROGRAM
{
    missing_number();
    return 0;
}
