/* The smallest of all: one import, one line. */
#include "native.h"

void NtProcessStartup(PEB *peb)
{
    static wchar_t text[] = L"hello from a stranger\n";
    UNICODE_STRING string = {sizeof text - 2, sizeof text, text};
    NtDisplayString(&string);
    NtTerminateProcess(NtCurrentProcess(), STATUS_SUCCESS);
}
