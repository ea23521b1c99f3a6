/* What the programs share. They print through NtDisplayString, so that nothing else of ntdll has to work. */
#ifndef TRY_H
#define TRY_H

#define WIN32_NO_STATUS
#include <windows.h>
#include <winternl.h>
#include <stddef.h>

#define SELF ((HANDLE)(LONG_PTR)-1)

NTSYSAPI NTSTATUS NTAPI NtDisplayString(PUNICODE_STRING);
NTSYSAPI NTSTATUS NTAPI NtTerminateProcess(HANDLE, NTSTATUS);
NTSYSAPI NTSTATUS NTAPI LdrLoadDll(PCWSTR, PULONG, PUNICODE_STRING, PVOID *);
NTSYSAPI NTSTATUS NTAPI LdrUnloadDll(PVOID);
NTSYSAPI NTSTATUS NTAPI LdrGetDllHandle(PCWSTR, PULONG, PUNICODE_STRING, PVOID *);
NTSYSAPI NTSTATUS NTAPI LdrGetProcedureAddress(PVOID, PANSI_STRING, ULONG, PVOID *);

static inline void put(const char *text)
{
    WCHAR wide[256];
    UNICODE_STRING string;
    int length = 0;
    for (; text[length] && length < 256; length++)
        wide[length] = (unsigned char)text[length];
    string.Buffer = wide;
    string.Length = string.MaximumLength = length * 2;
    NtDisplayString(&string);
}

static inline void put_hex(const char *what, unsigned long long value)
{
    char digits[20];
    int at = 19;
    put(what);
    digits[at] = 0;
    digits[--at] = '\n';
    do
        digits[--at] = "0123456789abcdef"[value & 15];
    while (value >>= 4);
    put(digits + at);
}

/* Ends the program with a line unless two numbers are the same. */
static inline void same(const char *what, unsigned long long is, unsigned long long should)
{
    if (is != should) {
        put("FAIL ");
        put(what);
        put_hex(": ", is);
        put_hex("instead of ", should);
        NtTerminateProcess(SELF, 1);
    }
}

static inline void status(const char *what, NTSTATUS is, ULONG should)
{
    same(what, (ULONG)is, should);
}

static inline UNICODE_STRING wide_string(const WCHAR *text)
{
    UNICODE_STRING string = {0, 0, (PWSTR)text};
    while (text[string.Length / 2])
        string.Length += 2;
    string.MaximumLength = string.Length + 2;
    return string;
}

static inline ANSI_STRING string(const char *text)
{
    ANSI_STRING string = {0, 0, (PSTR)text};
    while (text[string.Length])
        string.Length++;
    string.MaximumLength = string.Length + 1;
    return string;
}

static inline PEB *own_peb(void)
{
    return NtCurrentTeb()->ProcessEnvironmentBlock;
}

#define PROGRAM                                        \
    static NTSTATUS program(PEB *peb);                 \
    void NtProcessStartup(PEB *peb)                    \
    {                                                  \
        NtTerminateProcess(SELF, program(peb));        \
    }                                                  \
    static NTSTATUS program(PEB *peb)

/* An entry point that says what it is told. */
#define TELLING_DLL(name)                                                                                 \
    BOOL WINAPI DllMain(HINSTANCE base, DWORD reason, LPVOID context)                                     \
    {                                                                                                     \
        static const char *const reasons[] = {name ": process ends\n", name ": process begins\n",         \
                                              name ": thread begins\n", name ": thread ends\n"};          \
        static const char *const static_reasons[] = {name ": process ends, at its end\n",                 \
                                                     name ": process begins, at its start\n"};            \
        put(context && reason < 2 ? static_reasons[reason] : reasons[reason]);                            \
        return TRUE;                                                                                      \
    }

#endif
