/* Needs a DLL that is not there. */
#include "try.h"

__declspec(dllimport) void absent_function(void);

PROGRAM
{
    absent_function();
    return 0;
}
