/* Counts its runs in a value of the hive that its word names, SYSTEM without one, and writes a file; or says who has drive letters,
   with the word "read" also the text that their first sectors begin with. */
#include "check.h"

NTSYSAPI NTSTATUS NTAPI NtFlushKey(HANDLE);

typedef struct {
    ULONG TitleIndex, Type, DataLength;
    ULONG Data;
} NUMBER;

/* What a volume's first sector begins with; nothing when it cannot be read. */
static const char *beginning(OBJECT_ATTRIBUTES *volume)
{
    static char sector[512];
    LARGE_INTEGER start = {0};
    IO_STATUS_BLOCK io;
    HANDLE file;
    sector[0] = 0;
    if (NtOpenFile(&file, FILE_READ_DATA | SYNCHRONIZE, volume, &io, FILE_SHARE_READ | FILE_SHARE_WRITE, FILE_SYNCHRONOUS_IO_NONALERT) == 0) {
        if (NtReadFile(file, NULL, NULL, NULL, &io, sector, sizeof sector, &start, NULL) != 0)
            sector[0] = 0;
        NtClose(file);
    }
    sector[sizeof sector - 1] = 0;
    return sector;
}

/* Which volumes have letters. */
static void letters(int read)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name, target;
    wchar_t path[] = L"\\??\\C:", text[64];
    HANDLE link;
    for (path[4] = 'C'; path[4] <= 'Z'; path[4]++) {
        name_it(&attributes, &name, path);
        if (NtOpenSymbolicLinkObject(&link, 1, &attributes) != 0)
            continue;
        target = (UNICODE_STRING){0, sizeof text, text};
        if (NtQuerySymbolicLinkObject(link, &target, NULL) == 0)
            say("%c: %.*ls%s%s\n", path[4], target.Length / 2, text, read ? " " : "", read ? beginning(&attributes) : "");
        NtClose(link);
    }
}

PROGRAM(peb)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name, value;
    HANDLE key, file;
    NUMBER number = {0};
    ULONG length, disposition;
    IO_STATUS_BLOCK io;
    if (has_word(peb, L"letters")) {
        letters(has_word(peb, L"read"));
        return STATUS_SUCCESS;
    }
    int software = has_word(peb, L"software");
    name_it(&attributes, &name, software ? L"\\Registry\\Machine\\SOFTWARE\\Lasting" : L"\\Registry\\Machine\\SYSTEM\\Lasting");
    ok("create", NtCreateKey(&key, KEY_ALL_ACCESS, &attributes, 0, NULL, 0, &disposition));
    RtlInitUnicodeString(&value, L"Runs");
    if (NtQueryValueKey(key, &value, 2, &number, sizeof number, &length) != 0)
        number.Data = 0;
    number.Data++;
    ok("set", NtSetValueKey(key, &value, 0, REG_DWORD, &number.Data, sizeof number.Data));
    if (has_word(peb, L"flush"))
        ok("flush", NtFlushKey(key));
    say("%s runs: %lu\n", software ? "software" : "system", number.Data);
    /* C: and the system root are the disk. */
    name_it(&attributes, &name, L"\\??\\C:\\lasting.txt");
    ok("create file", NtCreateFile(&file, FILE_APPEND_DATA | SYNCHRONIZE, &attributes, &io, NULL, FILE_ATTRIBUTE_NORMAL, 0,
        FILE_OPEN_IF, FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0));
    ok("write", NtWriteFile(file, NULL, NULL, NULL, &io, "run ", 4, NULL, NULL));
    ok("close", NtClose(file));
    name_it(&attributes, &name, L"\\SystemRoot\\System32\\lasting.exe");
    ok("open itself", NtOpenFile(&file, FILE_READ_DATA | SYNCHRONIZE, &attributes, &io, FILE_SHARE_READ, FILE_SYNCHRONOUS_IO_NONALERT));
    ok("close", NtClose(file));
    return STATUS_SUCCESS;
}
