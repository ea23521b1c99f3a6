/* Needs ring_a.dll, which needs this one. */
#include "try.h"

TELLING_DLL("ring_b")

__declspec(dllimport) int ring_a(int);

__declspec(dllexport) int ring_b(int depth)
{
    return depth ? ring_a(depth - 1) + 1 : 0;
}
