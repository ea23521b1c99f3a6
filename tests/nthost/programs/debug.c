/* Text for the kernel debugger. */
#include "try.h"

NTSYSAPI ULONG __cdecl DbgPrint(PCSTR, ...);
NTSYSAPI ULONG __cdecl DbgPrintEx(ULONG, ULONG, PCSTR, ...);

PROGRAM
{
    char text[600];
    UNICODE_STRING wide = wide_string(L"wide");
    same("print", DbgPrint("%s %d %wZ %x\n", "text", -5, &wide, 0xABC), 0);
    same("print of a component", DbgPrintEx(77, 0, "%d %d %d %d\n", 1, 2, 3, 4), 0);
    for (int i = 0; i < 599; i++)
        text[i] = 'x';
    text[599] = 0;
    same("long text", DbgPrint("%s", text), 0);
    put("\ndebug: done\n");
    return 0;
}
