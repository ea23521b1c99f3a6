/* Needs ntdll.dll only. */
#include "try.h"

PROGRAM
{
    put("hello\n");
    return 0;
}
