/* Needs inner.dll, and hands some of it on. */
#include "try.h"

TELLING_DLL("middle")

__declspec(dllimport) int inner_add(int, int);

__declspec(dllexport) int middle_twice(int a)
{
    return inner_add(a, a);
}
