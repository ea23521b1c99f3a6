/* Needs a DLL that is not there. */
#include "try.h"

TELLING_DLL("lacks_dll")

__declspec(dllimport) int inner_add(int, int);
__declspec(dllimport) void absent_function(void);

__declspec(dllexport) void lacks_dll(void)
{
    inner_add(1, 2);
    absent_function();
}
