/* Needs a function that its DLL does not have. */
#include "try.h"

__declspec(dllimport) void missing_function(void);

PROGRAM
{
    missing_function();
    return 0;
}
