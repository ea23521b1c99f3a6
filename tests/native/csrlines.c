/* Starts csrss with command lines that it cannot go on with, and says what it ends with. That this does not stop the system shows that
   csrss is not critical before it has started. */
#include "native.h"

static const wchar_t *const lines[] = {
    L"csrss ObjectDirectory=\\Windows SharedSection=1024 ServerDll=basesrv",
    L"csrss ObjectDirectory=\\Windows SharedSection=1024 ServerDll=nosuch,1",
    L"csrss ObjectDirectory=\\Windows SharedSection=1024 ServerDll=winsrv,3",
    L"csrss ObjectDirectory=\\Windows SharedSection=1024 ServerDll=basesrv,99",
    L"csrss ObjectDirectory=\\Windows SharedSection=1024 ServerDll=basesrv,0",
    L"csrss ObjectDirectory=\\Windows ServerDll=basesrv,1 SharedSection=1024",
    L"csrss ObjectDirectory=\\Windows SharedSection=1024 Nonsense=1",
    L"csrss ObjectDirectory=\\No\\Such\\Folder",
};

PROGRAM(peb)
{
    RTL_USER_PROCESS_PARAMETERS *child;
    UNICODE_STRING image, line;
    PROCESS_INFO info;
    RtlInitUnicodeString(&image, L"\\SystemRoot\\System32\\csrss.exe");
    for (unsigned n = 0; n < sizeof lines / sizeof *lines; n++) {
        RtlInitUnicodeString(&line, lines[n]);
        memset(&info, 0, sizeof info);
        info.Length = sizeof info;
        ok("parameters", RtlCreateProcessParameters(&child, &image, NULL, NULL, &line, NULL, NULL, NULL, NULL, NULL));
        ok("process", RtlCreateUserProcess(&image, CASELESS, child, NULL, NULL, NULL, FALSE, NULL, NULL, &info));
        RtlDestroyProcessParameters(child);
        ok("resume", NtResumeThread(info.Thread, NULL));
        say("line %u: %08lx\n", n, (ULONG)wait_for_end(&info));
    }
    return STATUS_SUCCESS;
}
