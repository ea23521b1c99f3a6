/* RtlQueryRegistryValues with every flag, and writing and deleting by path. */
#include "check.h"

#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define KEY L"Session Manager\\Stranger"
#define CONTROL 2
#define SUBKEY 1
#define TOPKEY 2
#define REQUIRED 4
#define NOVALUE 8
#define NOEXPAND 0x10
#define DIRECT 0x20
#define DELETE_ 0x40
#define TYPECHECK 0x100

typedef NTSTATUS(NTAPI *ROUTINE)(PWSTR, ULONG, PVOID, ULONG, PVOID, PVOID);
typedef struct {
    ROUTINE routine;
    ULONG flags;
    PWSTR name;
    PVOID context;
    ULONG default_type;
    PVOID default_data;
    ULONG default_length;
} ENTRY;

NTSYSAPI NTSTATUS NTAPI RtlQueryRegistryValues(ULONG, PCWSTR, ENTRY *, PVOID, PVOID);
NTSYSAPI NTSTATUS NTAPI RtlWriteRegistryValue(ULONG, PCWSTR, PCWSTR, ULONG, PVOID, ULONG);
NTSYSAPI NTSTATUS NTAPI RtlDeleteRegistryValue(ULONG, PCWSTR, PCWSTR);
NTSYSAPI NTSTATUS NTAPI RtlCheckRegistryKey(ULONG, PWSTR);
NTSYSAPI NTSTATUS NTAPI RtlCreateRegistryKey(ULONG, PWSTR);
NTSYSAPI NTSTATUS NTAPI RtlFormatCurrentUserKeyPath(PUNICODE_STRING);
int __cdecl sprintf(char *, const char *, ...);
int __cdecl strcmp(const char *, const char *);
size_t __cdecl strlen(const char *);
int __cdecl memcmp(const void *, const void *, size_t);

static char heard[600];

/* Writes down what it is told; fails if its context says so. */
static NTSTATUS NTAPI hear(PWSTR name, ULONG type, PVOID data, ULONG length, PVOID context, PVOID entry_context)
{
    char *end = heard + strlen(heard);
    if (strlen(heard) < 400) {
        end += sprintf(end, "[%S %lu %lu", name ? name : L"-", type, length);
        if (type == REG_SZ || type == REG_EXPAND_SZ)
            end += sprintf(end, " %.16S", (wchar_t *)data);
        if (type == REG_DWORD)
            end += sprintf(end, " %lu", *(ULONG *)data);
        sprintf(end, "%s]", context == (PVOID)7 ? "" : " context");
    }
    return entry_context == (PVOID)9 ? STATUS_UNSUCCESSFUL : STATUS_SUCCESS;
}

static void set(wchar_t *name, ULONG type, void *data, ULONG length)
{
    ok("write", RtlWriteRegistryValue(CONTROL, KEY, name, type, data, length));
}

static NTSTATUS run(ENTRY *table)
{
    heard[0] = 0;
    return RtlQueryRegistryValues(CONTROL, KEY, table, (PVOID)7, NULL);
}

#define QUERY(...) run((ENTRY[]){__VA_ARGS__, {0}})
#define HEARD(text) CHECK(!strcmp(heard, text) || (say("heard %s\n", heard), 0))

static void prepare(void)
{
    static wchar_t large[1500];
    ULONG number = 5, index;
    for (index = 0; index < 1499; index++)
        large[index] = L'B';
    ok("key", RtlCreateRegistryKey(CONTROL, KEY));
    set(L"Multi", REG_MULTI_SZ, L"one\0\0three\0", 24);
    set(L"Text", REG_SZ, L"plain", 12);
    set(L"Expand", REG_EXPAND_SZ, L"%SystemRoot%\\x", 30);
    set(L"Number", REG_DWORD, &number, 4);
    set(L"Once", REG_SZ, L"gone", 10);
    set(L"Binary", REG_BINARY, "0123456789", 10);
    ok("subkey", RtlCreateRegistryKey(CONTROL, KEY L"\\Sub"));
    ok("write", RtlWriteRegistryValue(CONTROL, KEY L"\\Sub", L"A", REG_SZ, L"1", 4));
    ok("write", RtlWriteRegistryValue(CONTROL, KEY L"\\Sub", L"Large", REG_SZ, large, sizeof large));
}

static void by_routine(void)
{
    CHECK(!QUERY({hear, 0, L"Multi"}));
    HEARD("[Multi 1 8 one][Multi 1 2 ][Multi 1 12 three]");
    CHECK(!QUERY({hear, NOEXPAND, L"Multi"}));
    HEARD("[Multi 7 24]");
    CHECK(!QUERY({hear, 0, L"Expand"}, {hear, NOEXPAND, L"Expand"}, {hear, 0, L"Number"}));
    HEARD("[Expand 1 26 C:\\Windows\\x][Expand 2 30 %SystemRoot%\\x][Number 4 4 5]");
    CHECK(!QUERY({hear, 0, L"None"}, {hear, 0, L"None", NULL, REG_SZ, L"default", 0}, {hear, 0, L"None", NULL, REG_MULTI_SZ, L"x\0y\0", 0}));
    HEARD("[None 1 16 default][None 1 4 x][None 1 4 y]");
    CHECK(QUERY({hear, REQUIRED, L"None"}, {hear, 0, L"Text"}) == STATUS_OBJECT_NAME_NOT_FOUND_);
    HEARD("");
    CHECK(QUERY({hear, 0, L"Text", (PVOID)9}, {hear, 0, L"Number"}) == STATUS_UNSUCCESSFUL);
    HEARD("[Text 1 12 plain]");
    CHECK(!QUERY({hear, DELETE_, L"Once"}, {hear, 0, L"Once"}));
    HEARD("[Once 1 10 gone]");
    CHECK(!QUERY({hear, SUBKEY, L"Sub"}, {hear, 0, L"A"}, {hear, TOPKEY, L"Text"}, {hear, 0, L"A"}));
    HEARD("[A 1 4 1][Large 1 3000 BBBBBBBBBBBBBBBB][A 1 4 1][Text 1 12 plain]");
    CHECK(!QUERY({hear, SUBKEY, L"NoSub"}, {hear, 0, L"Text", NULL, REG_SZ, L"d", 0}));
    HEARD("[Text 1 4 d]");
    CHECK(QUERY({hear, SUBKEY | REQUIRED, L"NoSub"}) == STATUS_OBJECT_NAME_NOT_FOUND_);
    CHECK(!QUERY({hear, NOVALUE, NULL}));
    HEARD("[- 0 0]");
}

static void direct(void)
{
    struct {
        LONG size;
        UCHAR bytes[28];
    } with_head = {32, {0}}, bare = {-20, {0}};
    wchar_t small[4];
    UNICODE_STRING text = {0, 0, NULL}, too_small = {0, sizeof small, small};
    ULONG number = 0;
    CHECK(!QUERY({NULL, DIRECT, L"Text", &text}, {NULL, DIRECT, L"Number", &number}, {NULL, DIRECT, L"Binary", &with_head},
        {NULL, DIRECT, L"Binary", &bare}, {NULL, DIRECT, L"None", &number}));
    CHECK(is_text(&text, L"plain") && text.MaximumLength == 12 && number == 5);
    CHECK(with_head.size == 10 && *(ULONG *)with_head.bytes == REG_BINARY && !memcmp(with_head.bytes + 4, "0123456789", 10));
    CHECK(!memcmp(&bare, "0123456789", 10));
    RtlFreeUnicodeString(&text);
    CHECK(QUERY({NULL, DIRECT, L"Text", &too_small}) == STATUS_BUFFER_TOO_SMALL_);
    CHECK(QUERY({NULL, DIRECT, NULL, &number}) == STATUS_INVALID_PARAMETER_);
    CHECK(QUERY({NULL, DIRECT | TYPECHECK, L"Number", &number, REG_SZ << 24}) == (NTSTATUS)0xC0000024);
    CHECK(!QUERY({NULL, DIRECT | TYPECHECK, L"Number", &number, REG_DWORD << 24}));
}

static void by_path(void)
{
    UNICODE_STRING user;
    CHECK(!RtlCheckRegistryKey(CONTROL, KEY) && !RtlCheckRegistryKey(0, L"\\Registry\\Machine\\System"));
    CHECK(RtlCheckRegistryKey(CONTROL, L"Nothing") == STATUS_OBJECT_NAME_NOT_FOUND_);
    CHECK(RtlCheckRegistryKey(9, KEY) == STATUS_INVALID_PARAMETER_);
    CHECK(!RtlDeleteRegistryValue(CONTROL, KEY, L"Text"));
    CHECK(RtlDeleteRegistryValue(CONTROL, KEY, L"Text") == STATUS_OBJECT_NAME_NOT_FOUND_);
    CHECK(!RtlFormatCurrentUserKeyPath(&user) && is_text(&user, L"\\Registry\\User\\.Default"));
    RtlFreeUnicodeString(&user);
}

PROGRAM(peb)
{
    prepare();
    by_routine();
    direct();
    by_path();
    return checked("rtlregistry");
}
