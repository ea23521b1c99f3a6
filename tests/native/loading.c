/* The loader on a real kernel: DLLs that are sections of \KnownDlls, and Image File Execution Options. */
#include "check.h"

/* Where the options are, key by key: programs of BootExecute come before SOFTWARE is there. */
static const wchar_t *const options_path[] = {L"\\Registry\\Machine\\Software", L"Microsoft", L"Windows NT", L"CurrentVersion",
    L"Image File Execution Options", L"stranger.exe"};

NTSYSAPI NTSTATUS NTAPI NtCreateDirectoryObject(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES);
NTSYSAPI NTSTATUS NTAPI NtInitializeRegistry(USHORT);
NTSYSAPI NTSTATUS NTAPI LdrLoadDll(PCWSTR, PULONG, PUNICODE_STRING, PVOID *);
NTSYSAPI NTSTATUS NTAPI LdrUnloadDll(PVOID);
NTSYSAPI NTSTATUS NTAPI LdrGetDllHandle(PCWSTR, PULONG, PUNICODE_STRING, PVOID *);
NTSYSAPI NTSTATUS NTAPI LdrGetProcedureAddress(PVOID, PANSI_STRING, ULONG, PVOID *);
NTSYSAPI NTSTATUS NTAPI LdrQueryImageFileExecutionOptions(PUNICODE_STRING, PCWSTR, ULONG, PVOID, ULONG, PULONG);

/* Makes a section of a file, under a name that no file has. */
static HANDLE known(const wchar_t *path, const wchar_t *object)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    IO_STATUS_BLOCK io;
    HANDLE file, section;
    name_it(&attributes, &name, path);
    ok("open", NtOpenFile(&file, FILE_EXECUTE | SYNCHRONIZE, &attributes, &io, FILE_SHARE_READ, FILE_SYNCHRONOUS_IO_NONALERT));
    name_it(&attributes, &name, object);
    ok("section", NtCreateSection(&section, SECTION_ALL_ACCESS, &attributes, NULL, PAGE_EXECUTE, SEC_IMAGE, file));
    NtClose(file);
    return section;
}

static NTSTATUS load(wchar_t *name, PVOID *base)
{
    UNICODE_STRING string = text_of(name);
    return LdrLoadDll(NULL, NULL, &string, base);
}

static NTSTATUS find(PVOID base, const char *name, PVOID *address)
{
    ANSI_STRING text;
    RtlInitAnsiString(&text, name);
    return LdrGetProcedureAddress(base, &text, 0, address);
}

static void known_dlls(void)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name = text_of(L"secret.dll");
    HANDLE directory, section;
    PVOID base, again, address;
    CHECK(load(L"secret.dll", &base) == (NTSTATUS)0xC0000135);
    name_it(&attributes, &name, L"\\KnownDlls");
    attributes.Attributes |= OBJ_OPENIF;
    ok("directory", NtCreateDirectoryObject(&directory, 3, &attributes));
    section = known(L"\\SystemRoot\\System32\\csrsrv.dll", L"\\KnownDlls\\secret.dll");
    CHECK(load(L"secret.dll", &base) == 0 && load(L"SECRET", &again) == 0 && again == base);
    CHECK(find(base, "CsrServerInitialization", &address) == 0 && address > base);
    name = text_of(L"secret.dll");
    CHECK(LdrGetDllHandle(NULL, NULL, &name, &again) == 0 && again == base);
    /* The module lives on without the section's name. */
    NtClose(section);
    CHECK(find(base, "CsrServerInitialization", &again) == 0 && again == address);
    CHECK(LdrUnloadDll(base) == 0 && LdrUnloadDll(base) == 0);
    CHECK(load(L"secret.dll", &base) == (NTSTATUS)0xC0000135);
    NtClose(directory);
}

static HANDLE key_of(HANDLE root, const wchar_t *path)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    HANDLE key;
    RtlInitUnicodeString(&name, path);
    InitializeObjectAttributes(&attributes, &name, CASELESS, root, NULL);
    ok("key", NtCreateKey(&key, KEY_ALL_ACCESS, &attributes, 0, NULL, REG_OPTION_VOLATILE, NULL));
    return key;
}

static void set(HANDLE key, const wchar_t *value, ULONG type, const void *data, ULONG length)
{
    UNICODE_STRING name;
    RtlInitUnicodeString(&name, value);
    ok("set", NtSetValueKey(key, &name, 0, type, (PVOID)data, length));
}

static void options(void)
{
    UNICODE_STRING path = text_of(L"\\??\\C:\\folder\\Stranger.EXE"), bare = text_of(L"stranger.exe"), other = text_of(L"other.exe");
    HANDLE key = NULL;
    ULONG flags = 0x10, number = 0, length = 0;
    wchar_t text[20];
    ok("registry", NtInitializeRegistry(0));
    for (unsigned n = 0; n < sizeof options_path / sizeof *options_path; n++)
        key = key_of(key, options_path[n]);
    set(key, L"GlobalFlag", REG_DWORD, &flags, sizeof flags);
    set(key, L"Spelled", REG_SZ, L"0x2A", 10);
    CHECK(LdrQueryImageFileExecutionOptions(&path, L"GlobalFlag", REG_DWORD, &number, sizeof number, &length) == 0);
    CHECK(number == 0x10 && length == 4);
    CHECK(LdrQueryImageFileExecutionOptions(&bare, L"Spelled", REG_DWORD, &number, sizeof number, &length) == 0 && number == 42);
    CHECK(LdrQueryImageFileExecutionOptions(&bare, L"Spelled", REG_SZ, text, sizeof text, &length) == 0);
    CHECK(same_text(text, L"0x2A") && length == 10);
    CHECK(LdrQueryImageFileExecutionOptions(&bare, L"Spelled", REG_SZ, text, 4, &length) == STATUS_BUFFER_OVERFLOW_ && length == 10);
    CHECK(LdrQueryImageFileExecutionOptions(&bare, L"GlobalFlag", REG_SZ, text, sizeof text, &length) == (NTSTATUS)0xC0000024);
    CHECK(LdrQueryImageFileExecutionOptions(&bare, L"None", REG_SZ, text, sizeof text, &length) == STATUS_OBJECT_NAME_NOT_FOUND_);
    CHECK(LdrQueryImageFileExecutionOptions(&other, L"Spelled", REG_SZ, text, sizeof text, &length) == STATUS_OBJECT_NAME_NOT_FOUND_);
    NtClose(key);
}

PROGRAM(peb)
{
    known_dlls();
    options();
    return checked("loading");
}
