/* Reads what the hive has, writes a key with values, reads them back, deletes them. */
#include "native.h"

#define SESSION_MANAGER L"\\Registry\\Machine\\System\\CurrentControlSet\\Control\\Session Manager"

typedef struct {
    ULONG TitleIndex, Type, DataLength;
    UCHAR Data[1];
} PARTIAL;

static char buffer[2048];
static PARTIAL *const partial = (PARTIAL *)buffer;

static NTSTATUS query(HANDLE key, const wchar_t *value)
{
    UNICODE_STRING name;
    ULONG length;
    RtlInitUnicodeString(&name, value);
    return NtQueryValueKey(key, &name, 2, buffer, sizeof buffer, &length);
}

static void set(HANDLE key, const wchar_t *value, ULONG type, void *data, ULONG length)
{
    UNICODE_STRING name;
    RtlInitUnicodeString(&name, value);
    ok("set value", NtSetValueKey(key, &name, 0, type, data, length));
}

PROGRAM(peb)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    HANDLE manager, key;
    ULONG disposition, number = 42;
    NTSTATUS status;
    name_it(&attributes, &name, SESSION_MANAGER);
    ok("open", NtOpenKey(&manager, KEY_ALL_ACCESS, &attributes));
    ok("BootExecute", query(manager, L"bootexecute"));
    say("BootExecute: type %lu, %ws\n", partial->Type, (wchar_t *)partial->Data);
    expect("missing value", query(manager, L"no such value"), (NTSTATUS)0xC0000034);

    RtlInitUnicodeString(&name, L"Stranger");
    InitializeObjectAttributes(&attributes, &name, CASELESS, manager, NULL);
    ok("create", NtCreateKey(&key, KEY_ALL_ACCESS, &attributes, 0, NULL, 0, &disposition));
    say("disposition: %lu\n", disposition);
    set(key, L"text", REG_SZ, L"written by a stranger", sizeof L"written by a stranger");
    set(key, L"number", REG_DWORD, &number, sizeof number);
    ok("query text", query(key, L"TEXT"));
    say("text: type %lu, %ws\n", partial->Type, (wchar_t *)partial->Data);
    ok("query number", query(key, L"Number"));
    say("number: type %lu, %lu\n", partial->Type, *(ULONG *)partial->Data);
    RtlInitUnicodeString(&name, L"number");
    ok("delete value", NtDeleteValueKey(key, &name));
    expect("deleted value", query(key, L"number"), (NTSTATUS)0xC0000034);
    if (!has_word(peb, L"keep")) {
        ok("delete key", NtDeleteKey(key));
        status = query(key, L"text");
        expect("deleted key", status, (NTSTATUS)0xC000017C);
    }
    put("registry done\n");
    return STATUS_SUCCESS;
}
