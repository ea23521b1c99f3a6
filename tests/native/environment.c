/* Command line, image path and environment, as they are found in the process parameters. */
#include "native.h"

PROGRAM(peb)
{
    RTL_USER_PROCESS_PARAMETERS *parameters = parameters_of(peb);
    /* winternl.h does not name the environment; it is at 0x80 of the parameters. */
    wchar_t *variable = *(wchar_t **)((char *)parameters + 0x80);
    say("command line: %wZ\n", &parameters->CommandLine);
    say("image: %wZ\n", &parameters->ImagePathName);
    say("library path: %wZ\n", (UNICODE_STRING *)((char *)parameters + 0x50));
    for (; *variable; variable += wcslen(variable) + 1)
        say("variable: %ws\n", variable);
    return STATUS_SUCCESS;
}
