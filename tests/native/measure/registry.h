/* Cm. D: is a volume that can be written to. */

#define KEY_PATH L"\\Registry\\Machine\\SOFTWARE\\Measure"

static HANDLE file_for(const wchar_t *path, ULONG disposition)
{
    HANDLE file = NULL;
    IO_STATUS_BLOCK io;
    CALL(NtCreateFile, &file, GENERIC_READ | GENERIC_WRITE | DELETE | SYNCHRONIZE, named(path), &io, NULL, 0, 7, disposition,
        FILE_SYNCHRONOUS_IO_NONALERT | FILE_NON_DIRECTORY_FILE, NULL, 0);
    return file;
}

static void registry(void)
{
    HANDLE key, again, file;
    ULONG disposition, number = 42, room = sizeof buffer;
    LARGE_INTEGER time = {.QuadPart = 132000000000000000LL};
    IO_STATUS_BLOCK io;
    struct {
        UNICODE_STRING *name;
        ULONG length, offset, type;
    } entry = {NULL, 0, 0, 0};
    CALL(NtCreateKey, &key, ALL_ACCESS, named(KEY_PATH), 0, NULL, 0, &disposition);
    CALL(NtOpenKey, &again, ALL_ACCESS, named(KEY_PATH));
    CALL(NtNotifyChangeKey, again, event, NULL, NULL, &io, 4, FALSE, NULL, 0, TRUE);
    CALL(NtSetValueKey, key, string(L"Value"), 0, REG_DWORD, &number, sizeof number);
    CALL(NtQueryValueKey, key, string(L"Value"), 2, &buffer, sizeof buffer, &length);
    CALL(NtEnumerateValueKey, key, 0, 1, &buffer, sizeof buffer, &length);
    entry.name = string(L"Value");
    CALL(NtQueryMultipleValueKey, key, &entry, 1, &buffer, &room, &length);
    CALL(NtQueryKey, key, 0, &buffer, sizeof buffer, &length);
    CALL(NtSetInformationKey, key, 0, &time, sizeof time);
    NtClose(again);
    CALL(NtOpenKey, &again, ALL_ACCESS, named(L"\\Registry\\Machine\\SOFTWARE"));
    CALL(NtEnumerateKey, again, 0, 0, &buffer, sizeof buffer, &length);
    NtClose(again);
    file = file_for(L"\\??\\D:\\saved", FILE_OVERWRITE_IF);
    CALL(NtSaveKey, key, file);
    NtClose(file);
    CALL(NtLoadKey, named(L"\\Registry\\Machine\\Loaded"), named(L"\\??\\D:\\saved"));
    CALL(NtUnloadKey, named(L"\\Registry\\Machine\\Loaded"));
    CALL(NtRenameKey, key, string(L"Measured"));
    CALL(NtFlushKey, key);
    CALL(NtDeleteValueKey, key, string(L"Value"));
    CALL(NtDeleteKey, key);
    NtClose(key);
}
