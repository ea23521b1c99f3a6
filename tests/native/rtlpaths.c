/* Environments, DOS paths, the current directory, and looking for files. */
#include "check.h"

NTSYSAPI NTSTATUS NTAPI RtlCreateEnvironment(BOOLEAN, PWSTR *);
NTSYSAPI NTSTATUS NTAPI RtlDestroyEnvironment(PWSTR);
NTSYSAPI NTSTATUS NTAPI RtlSetEnvironmentVariable(PWSTR *, PUNICODE_STRING, PUNICODE_STRING);
NTSYSAPI NTSTATUS NTAPI RtlQueryEnvironmentVariable_U(PWSTR, PUNICODE_STRING, PUNICODE_STRING);
NTSYSAPI NTSTATUS NTAPI RtlExpandEnvironmentStrings_U(PWSTR, PUNICODE_STRING, PUNICODE_STRING, PULONG);
NTSYSAPI NTSTATUS NTAPI RtlSetCurrentEnvironment(PWSTR, PWSTR *);
NTSYSAPI ULONG NTAPI RtlGetFullPathName_U(PCWSTR, ULONG, PWSTR, PWSTR *);
NTSYSAPI ULONG NTAPI RtlDetermineDosPathNameType_U(PCWSTR);
NTSYSAPI ULONG NTAPI RtlIsDosDeviceName_U(PCWSTR);
NTSYSAPI ULONG NTAPI RtlDosSearchPath_U(PCWSTR, PCWSTR, PCWSTR, ULONG, PWSTR, PWSTR *);
NTSYSAPI ULONG NTAPI RtlGetCurrentDirectory_U(ULONG, PWSTR);
NTSYSAPI NTSTATUS NTAPI RtlSetCurrentDirectory_U(PUNICODE_STRING);
NTSYSAPI BOOLEAN NTAPI RtlDoesFileExists_U(PCWSTR);
int __cdecl _snwprintf(wchar_t *, size_t, const wchar_t *, ...);

#define STATUS_VARIABLE_NOT_FOUND_ ((NTSTATUS)0xC0000100)

static wchar_t buffer[260];

static NTSTATUS query(PWSTR environment, wchar_t *name)
{
    UNICODE_STRING string = text_of(name), value = {0, sizeof buffer, buffer};
    return RtlQueryEnvironmentVariable_U(environment, &string, &value);
}

static NTSTATUS set(PWSTR *environment, wchar_t *name, wchar_t *text)
{
    UNICODE_STRING string = text_of(name), value = text_of(text);
    return RtlSetEnvironmentVariable(environment, &string, text ? &value : NULL);
}

static void environments(void)
{
    PWSTR own, before;
    UNICODE_STRING source = text_of(L"%SystemDrive%\\x%none%"), target = {0, sizeof buffer, buffer};
    ULONG needed;
    wchar_t name[8], value[40];
    int index;
    CHECK(!query(NULL, L"systemroot") && same_text(buffer, L"C:\\Windows"));
    CHECK(!RtlCreateEnvironment(TRUE, &own) && !query(own, L"SYSTEMDRIVE") && same_text(buffer, L"C:"));
    for (index = 0; index < 100; index++) {
        _snwprintf(name, 8, L"V%d", index);
        _snwprintf(value, 40, L"value %d of many", index);
        CHECK(!set(&own, name, value));
    }
    CHECK(!query(own, L"v77") && same_text(buffer, L"value 77 of many"));
    CHECK(!set(&own, L"V77", NULL) && query(own, L"v77") == STATUS_VARIABLE_NOT_FOUND_);
    CHECK(set(&own, L"a=b", L"x") == STATUS_INVALID_PARAMETER_ && !set(&own, L"=D:", L"D:\\dir"));
    CHECK(!RtlExpandEnvironmentStrings_U(own, &source, &target, &needed) && needed == 22);
    CHECK(is_text(&target, L"C:\\x%none%"));
    target.MaximumLength = 10;
    CHECK(RtlExpandEnvironmentStrings_U(NULL, &source, &target, &needed) == STATUS_BUFFER_TOO_SMALL_ && needed == 22);
    CHECK(!set(NULL, L"Mine", L"yes") && !query(NULL, L"mine") && same_text(buffer, L"yes"));
    CHECK(!RtlSetCurrentEnvironment(own, &before) && !query(NULL, L"V5") && query(NULL, L"mine") == STATUS_VARIABLE_NOT_FOUND_);
    CHECK(!RtlDestroyEnvironment(before));
}

static int full(wchar_t *name, wchar_t *expected)
{
    PWSTR part;
    return RtlGetFullPathName_U(name, sizeof buffer, buffer, &part) == wcslen(expected) * 2 && same_text(buffer, expected);
}

static int native(wchar_t *name, wchar_t *expected)
{
    UNICODE_STRING path;
    int good = RtlDosPathNameToNtPathName_U(name, &path, NULL, NULL);
    if (good) {
        good = same_text(path.Buffer, expected);
        RtlFreeUnicodeString(&path);
    }
    return good;
}

static void paths(void)
{
    UNICODE_STRING directory = text_of(L"C:/Windows/System32"), missing = text_of(L"C:\\none");
    wchar_t *part;
    CHECK(!RtlSetCurrentDirectory_U(&directory) && RtlGetCurrentDirectory_U(sizeof buffer, buffer) == 38);
    CHECK(same_text(buffer, L"C:\\Windows\\System32"));
    CHECK(!NT_SUCCESS(RtlSetCurrentDirectory_U(&missing)));
    CHECK(full(L"..\\x.txt. ", L"C:\\Windows\\x.txt") && full(L"\\a/./b\\..\\", L"C:\\a\\") && full(L"nul.x", L"\\\\.\\nul"));
    CHECK(full(L"D:x", L"D:\\dir\\x") && full(L"\\\\server\\share\\..", L"\\\\server\\share"));
    CHECK(native(L"ntdll.dll", L"\\??\\C:\\Windows\\System32\\ntdll.dll") && native(L"\\\\?\\x/y", L"\\??\\x/y"));
    CHECK(native(L"\\\\s\\t\\u", L"\\??\\UNC\\s\\t\\u") && !native(L"", L""));
    CHECK(RtlDetermineDosPathNameType_U(L"C:x") == 3 && RtlIsDosDeviceName_U(L"C:\\com1.txt") == 0x60008);
    CHECK(RtlDoesFileExists_U(L"C:\\Windows\\System32\\ntdll.dll") && RtlDoesFileExists_U(L"ntdll.dll") && !RtlDoesFileExists_U(L"none.dll"));
    CHECK(RtlDosSearchPath_U(L"C:\\;C:\\Windows\\System32", L"smss", L".exe", sizeof buffer, buffer, &part) == 56);
    CHECK(same_text(buffer, L"C:\\Windows\\System32\\smss.exe") && same_text(part, L"smss.exe"));
    CHECK(!RtlDosSearchPath_U(L"C:\\", L"smss", L".exe", sizeof buffer, buffer, &part));
    CHECK(RtlDosSearchPath_U(L"", L"C:\\Windows\\System32\\smss.exe", NULL, 4, buffer, &part) == 58);
}

PROGRAM(peb)
{
    environments();
    paths();
    return checked("rtlpaths");
}
