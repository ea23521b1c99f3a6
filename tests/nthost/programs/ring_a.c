/* Needs ring_b.dll, which needs this one. */
#include "try.h"

TELLING_DLL("ring_a")

__declspec(dllimport) int ring_b(int);

__declspec(dllexport) int ring_a(int depth)
{
    return depth ? ring_b(depth - 1) + 1 : 0;
}
