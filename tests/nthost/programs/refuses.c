/* Cannot begin. */
#include "try.h"

__declspec(dllimport) int inner_add(int, int);

BOOL WINAPI DllMain(HINSTANCE base, DWORD reason, LPVOID context)
{
    put(reason ? "refuses: no\n" : "refuses: process ends\n");
    return inner_add(1, 1) == 3;
}

__declspec(dllexport) void refuses(void)
{
}
