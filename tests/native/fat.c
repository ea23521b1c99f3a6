/* Files on D:, a FAT volume, as a program of 1996 sees them. Words on the command line: "write" and "names" make what the
   host looks at afterwards; "read" looks at what the host has made; "full", "protected" and "damaged" meet such volumes. */
#include "check.h"

#define STATUS_END_OF_FILE_ ((NTSTATUS)0xC0000011)
#define STATUS_ACCESS_DENIED_ ((NTSTATUS)0xC0000022)
#define STATUS_OBJECT_NAME_INVALID_ ((NTSTATUS)0xC0000033)
#define STATUS_OBJECT_NAME_COLLISION_ ((NTSTATUS)0xC0000035)
#define STATUS_OBJECT_PATH_NOT_FOUND_ ((NTSTATUS)0xC000003A)
#define STATUS_SHARING_VIOLATION_ ((NTSTATUS)0xC0000043)
#define STATUS_DELETE_PENDING_ ((NTSTATUS)0xC0000056)
#define STATUS_DISK_FULL_ ((NTSTATUS)0xC000007F)
#define STATUS_MEDIA_WRITE_PROTECTED_ ((NTSTATUS)0xC00000A2)
#define STATUS_FILE_IS_A_DIRECTORY_ ((NTSTATUS)0xC00000BA)
#define STATUS_DIRECTORY_NOT_EMPTY_ ((NTSTATUS)0xC0000101)
#define STATUS_FILE_CORRUPT_ERROR_ ((NTSTATUS)0xC0000102)
#define STATUS_NOT_A_DIRECTORY_ ((NTSTATUS)0xC0000103)
#define STATUS_CANNOT_DELETE_ ((NTSTATUS)0xC0000121)
#define STATUS_NO_MORE_FILES_ ((NTSTATUS)0x80000006)
#define SYNCHRONOUS FILE_SYNCHRONOUS_IO_NONALERT
#define ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

typedef struct { BOOLEAN Replace; HANDLE Root; ULONG Length; WCHAR Name[64]; } RENAME;
typedef struct { LARGE_INTEGER Creation, Access, Write, Change; ULONG Attributes; } BASIC;
typedef struct { LARGE_INTEGER Allocation, EndOfFile; ULONG Links; BOOLEAN Doomed, Directory; } STANDARD;
typedef struct { LARGE_INTEGER Total, Free; ULONG Sectors, Bytes; } SIZES;
typedef struct { ULONG Next, Index; LARGE_INTEGER Times[4], EndOfFile, Allocation; ULONG Attributes, Length; WCHAR Name[1]; } ENTRY;

static IO_STATUS_BLOCK io;
static unsigned char buffer[20000];

static NTSTATUS make(HANDLE *file, const wchar_t *name, ULONG access, ULONG attributes, ULONG share, ULONG disposition, ULONG options)
{
    OBJECT_ATTRIBUTES named;
    UNICODE_STRING string;
    name_it(&named, &string, name);
    return NtCreateFile(file, access | SYNCHRONIZE, &named, &io, NULL, attributes, share, disposition, options | SYNCHRONOUS, NULL, 0);
}

static NTSTATUS status_of(const wchar_t *name, ULONG access, ULONG disposition, ULONG options)
{
    HANDLE file;
    NTSTATUS status = make(&file, name, access, 0, ALL, disposition, options);
    if (NT_SUCCESS(status))
        NtClose(file);
    return status;
}

static NTSTATUS write_at(HANDLE file, long long offset, const void *data, ULONG length)
{
    LARGE_INTEGER at = { .QuadPart = offset };
    return NtWriteFile(file, NULL, NULL, NULL, &io, (void *)data, length, &at, NULL);
}

static NTSTATUS read_at(HANDLE file, long long offset, void *data, ULONG length)
{
    LARGE_INTEGER at = { .QuadPart = offset };
    return NtReadFile(file, NULL, NULL, NULL, &io, data, length, &at, NULL);
}

static NTSTATUS set_size(HANDLE file, long long size, ULONG class)
{
    return NtSetInformationFile(file, &io, &size, sizeof size, class);
}

static NTSTATUS doom(HANDLE file, BOOLEAN yes)
{
    return NtSetInformationFile(file, &io, &yes, sizeof yes, 13);
}

static NTSTATUS rename_to(HANDLE file, const wchar_t *name, BOOLEAN replace)
{
    RENAME rename = { replace, NULL, wcslen(name) * sizeof(wchar_t), { 0 } };
    for (size_t n = 0; name[n]; n++)
        rename.Name[n] = name[n];
    return NtSetInformationFile(file, &io, &rename, sizeof rename, 10);
}

static void fill(unsigned salt)
{
    for (unsigned n = 0; n < sizeof buffer; n++)
        buffer[n] = n * 7 + n / 251 + salt;
}

static int is_filled(unsigned salt, unsigned length)
{
    for (unsigned n = 0; n < length; n++)
        if (buffer[n] != (unsigned char)(n * 7 + n / 251 + salt))
            return 0;
    return 1;
}

static unsigned count_entries(HANDLE folder, const wchar_t *pattern)
{
    UNICODE_STRING string;
    unsigned count = 0;
    BOOLEAN restart = TRUE;
    RtlInitUnicodeString(&string, pattern);
    while (NtQueryDirectoryFile(folder, NULL, NULL, NULL, &io, buffer, 600, 1, FALSE, &string, restart) == 0) {
        ENTRY *entry = (ENTRY *)buffer;
        for (;; entry = (ENTRY *)((char *)entry + entry->Next)) {
            count++;
            if (!entry->Next)
                break;
        }
        restart = FALSE;
    }
    return count;
}

static void dispositions(void)
{
    HANDLE file;
    CHECK(status_of(L"\\??\\D:\\no", GENERIC_READ, FILE_OPEN, 0) == STATUS_OBJECT_NAME_NOT_FOUND_);
    CHECK(status_of(L"\\??\\D:\\no", GENERIC_READ, FILE_OVERWRITE, 0) == STATUS_OBJECT_NAME_NOT_FOUND_);
    CHECK(status_of(L"\\??\\D:\\no\\x", GENERIC_READ, FILE_OPEN_IF, 0) == STATUS_OBJECT_PATH_NOT_FOUND_);
    CHECK(status_of(L"\\??\\D:\\a*b", GENERIC_READ, FILE_OPEN_IF, 0) == STATUS_OBJECT_NAME_INVALID_);
    CHECK(status_of(L"\\??\\D:\\d1", GENERIC_WRITE, FILE_CREATE, 0) == 0 && io.Information == FILE_CREATED);
    CHECK(status_of(L"\\??\\D:\\D1", GENERIC_WRITE, FILE_CREATE, 0) == STATUS_OBJECT_NAME_COLLISION_);
    CHECK(status_of(L"\\??\\D:\\D1", GENERIC_WRITE, FILE_OPEN_IF, 0) == 0 && io.Information == FILE_OPENED);
    CHECK(status_of(L"\\??\\D:\\d1", GENERIC_WRITE, FILE_OVERWRITE, 0) == 0 && io.Information == FILE_OVERWRITTEN);
    CHECK(status_of(L"\\??\\D:\\d1", GENERIC_WRITE, FILE_SUPERSEDE, 0) == 0 && io.Information == FILE_SUPERSEDED);
    CHECK(status_of(L"\\??\\D:\\d2", GENERIC_WRITE, FILE_OVERWRITE_IF, 0) == 0 && io.Information == FILE_CREATED);
    CHECK(status_of(L"\\??\\D:\\d1", GENERIC_READ, FILE_OPEN, FILE_DIRECTORY_FILE) == STATUS_NOT_A_DIRECTORY_);
    CHECK(status_of(L"\\??\\D:\\", GENERIC_READ, FILE_OPEN, FILE_NON_DIRECTORY_FILE) == STATUS_FILE_IS_A_DIRECTORY_);
    CHECK(status_of(L"\\??\\D:\\d1\\", GENERIC_READ, FILE_OPEN, 0) == STATUS_OBJECT_NAME_INVALID_);
    CHECK(status_of(L"\\??\\D:\\d1", DELETE, FILE_OPEN, FILE_DELETE_ON_CLOSE) == 0);
    CHECK(status_of(L"\\??\\D:\\d1", GENERIC_READ, FILE_OPEN, 0) == STATUS_OBJECT_NAME_NOT_FOUND_);
    CHECK(make(&file, L"\\??\\D:\\d2", GENERIC_READ, 0, FILE_SHARE_READ, FILE_OPEN, 0) == 0);
    CHECK(status_of(L"\\??\\D:\\d2", GENERIC_WRITE, FILE_OPEN, 0) == STATUS_SHARING_VIOLATION_);
    CHECK(status_of(L"\\??\\D:\\d2", GENERIC_READ, FILE_OVERWRITE, 0) == STATUS_SHARING_VIOLATION_);
    NtClose(file);
    CHECK(status_of(L"\\??\\D:\\d2", DELETE, FILE_OPEN, FILE_DELETE_ON_CLOSE) == 0);
}

static void contents(void)
{
    HANDLE file;
    STANDARD standard;
    SIZES before, after;
    ok("root", make(&file, L"\\??\\D:\\", GENERIC_READ, 0, ALL, FILE_OPEN, FILE_DIRECTORY_FILE));
    CHECK(NtQueryVolumeInformationFile(file, &io, &before, sizeof before, 3) == 0 && before.Free.QuadPart > 0);
    CHECK(before.Bytes == 512 && before.Free.QuadPart <= before.Total.QuadPart);
    CHECK(NtQueryVolumeInformationFile(file, &io, buffer, sizeof buffer, 5) == 0 && *(ULONG *)buffer == 6);
    CHECK(*(ULONG *)(buffer + 8) == 6 && buffer[12] == 'F' && buffer[14] == 'A' && buffer[16] == 'T');
    CHECK(NtQueryVolumeInformationFile(file, &io, buffer, sizeof buffer, 4) == 0 && *(ULONG *)buffer == 7);
    NtClose(file);
    fill(1);
    ok("big", make(&file, L"\\??\\D:\\Written by a guest.data", GENERIC_READ | GENERIC_WRITE | DELETE, 0, 0, FILE_CREATE, 0));
    CHECK(write_at(file, 0, buffer, 20000) == 0 && io.Information == 20000);
    memset(buffer, 0, sizeof buffer);
    CHECK(read_at(file, 0, buffer, 20000) == 0 && io.Information == 20000 && is_filled(1, 20000));
    CHECK(read_at(file, 20000, buffer, 10) == STATUS_END_OF_FILE_);
    CHECK(read_at(file, 19990, buffer, 100) == 0 && io.Information == 10);
    /* A hole reads as zeros; a cut takes away. */
    CHECK(write_at(file, 30000, "end", 3) == 0);
    CHECK(read_at(file, 20000, buffer, 10003) == 0 && io.Information == 10003 && buffer[0] == 0 && buffer[9999] == 0);
    CHECK(buffer[10000] == 'e' && buffer[10002] == 'd');
    CHECK(set_size(file, 12345, 20) == 0);
    CHECK(set_size(file, 12400, 20) == 0);
    CHECK(read_at(file, 12345, buffer, 100) == 0 && io.Information == 55 && buffer[0] == 0 && buffer[54] == 0);
    CHECK(set_size(file, 12345, 20) == 0);
    CHECK(set_size(file, 100000, 19) == 0);
    CHECK(NtQueryInformationFile(file, &io, &standard, sizeof standard, 5) == 0);
    CHECK(standard.EndOfFile.QuadPart == 12345 && standard.Allocation.QuadPart >= 100000 && !standard.Directory);
    CHECK(NtFlushBuffersFile(file, &io) == 0);
    NtClose(file);
    ok("root", make(&file, L"\\??\\D:\\", GENERIC_READ, 0, ALL, FILE_OPEN, FILE_DIRECTORY_FILE));
    CHECK(NtQueryVolumeInformationFile(file, &io, &after, sizeof after, 3) == 0);
    CHECK((before.Free.QuadPart - after.Free.QuadPart) * after.Sectors * after.Bytes == (12345 + 2047) / 2048 * 2048);
    NtClose(file);
}

static void names(void)
{
    HANDLE file, other;
    wchar_t name[] = L"\\??\\D:\\folder\\file 00";
    BASIC basic;
    CHECK(status_of(L"\\??\\D:\\folder", GENERIC_READ, FILE_CREATE, FILE_DIRECTORY_FILE) == 0);
    CHECK(status_of(L"\\??\\D:\\folder\\deeper", GENERIC_READ, FILE_CREATE, FILE_DIRECTORY_FILE) == 0);
    for (int n = 0; n < 30; n++) {
        name[19] = '0' + n / 10, name[20] = '0' + n % 10;
        CHECK(status_of(name, GENERIC_WRITE, FILE_CREATE, 0) == 0);
    }
    ok("folder", make(&file, L"\\??\\D:\\folder", GENERIC_READ | DELETE, 0, ALL, FILE_OPEN, FILE_DIRECTORY_FILE));
    CHECK(count_entries(file, L"*") == 33);
    CHECK(doom(file, TRUE) == STATUS_DIRECTORY_NOT_EMPTY_);
    NtClose(file);
    ok("folder", make(&file, L"\\??\\D:\\folder", GENERIC_READ | DELETE, 0, ALL, FILE_OPEN, FILE_DIRECTORY_FILE));
    CHECK(count_entries(file, L"FILE 1?") == 10);
    NtClose(file);
    ok("file", make(&file, L"\\??\\D:\\folder\\file 07", GENERIC_WRITE | DELETE, 0, ALL, FILE_OPEN, 0));
    CHECK(rename_to(file, L"file 08", FALSE) == STATUS_OBJECT_NAME_COLLISION_);
    CHECK(rename_to(file, L"file 08", TRUE) == 0);
    CHECK(rename_to(file, L"\\??\\D:\\Moved to the root.txt", FALSE) == 0);
    CHECK(rename_to(file, L"\\??\\C:\\x", FALSE) == (NTSTATUS)0xC00000D4);
    CHECK(write_at(file, 0, "moved", 5) == 0);
    NtClose(file);
    CHECK(status_of(L"\\??\\D:\\folder\\file 07", GENERIC_READ, FILE_OPEN, 0) == STATUS_OBJECT_NAME_NOT_FOUND_);
    ok("file", make(&file, L"\\??\\D:\\folder\\file 09", GENERIC_READ | DELETE, 0, ALL, FILE_OPEN, 0));
    ok("again", make(&other, L"\\??\\D:\\folder\\file 09", GENERIC_READ, 0, ALL, FILE_OPEN, 0));
    CHECK(doom(file, TRUE) == 0);
    CHECK(status_of(L"\\??\\D:\\folder\\file 09", GENERIC_READ, FILE_OPEN, 0) == STATUS_DELETE_PENDING_);
    NtClose(file);
    CHECK(status_of(L"\\??\\D:\\folder\\file 09", GENERIC_READ, FILE_OPEN, 0) == STATUS_DELETE_PENDING_);
    NtClose(other);
    CHECK(status_of(L"\\??\\D:\\folder\\file 09", GENERIC_READ, FILE_OPEN, 0) == STATUS_OBJECT_NAME_NOT_FOUND_);
    ok("file", make(&file, L"\\??\\D:\\folder\\file 10", FILE_WRITE_ATTRIBUTES | FILE_READ_ATTRIBUTES | DELETE, 0, ALL, FILE_OPEN, 0));
    memset(&basic, 0, sizeof basic);
    basic.Attributes = FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN;
    basic.Write.QuadPart = 125911584000000000ll; /* 2000-01-01 */
    CHECK(NtSetInformationFile(file, &io, &basic, sizeof basic, 4) == 0);
    memset(&basic, 0, sizeof basic);
    CHECK(NtQueryInformationFile(file, &io, &basic, sizeof basic, 4) == 0);
    CHECK(basic.Attributes == (FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN) && basic.Write.QuadPart == 125911584000000000ll);
    CHECK(doom(file, TRUE) == STATUS_CANNOT_DELETE_);
    NtClose(file);
    CHECK(status_of(L"\\??\\D:\\folder\\file 10", GENERIC_WRITE, FILE_OPEN, 0) == STATUS_ACCESS_DENIED_);
}

/* A file of the host's, mapped; and a program that starts from there. */
static void read_all(PEB *peb)
{
    HANDLE file, section;
    PVOID base = NULL;
    SIZE_T size = 0;
    LARGE_INTEGER zero = { .QuadPart = 0 };
    ok("host's", make(&file, L"\\??\\D:\\HOST\\With a long name.bin", GENERIC_READ, 0, ALL, FILE_OPEN, 0));
    CHECK(read_at(file, 0, buffer, sizeof buffer) == 0 && io.Information == 20000 && is_filled(5, 20000));
    ok("section", NtCreateSection(&section, SECTION_MAP_READ | SECTION_QUERY, NULL, &zero, PAGE_READONLY, SEC_COMMIT, file));
    ok("view", NtMapViewOfSection(section, NtCurrentProcess(), &base, 0, 0, NULL, &size, ViewUnmap, 0, PAGE_READONLY));
    CHECK(size == 20480);
    for (unsigned n = 0; n < 20000; n++)
        buffer[n] = ((unsigned char *)base)[n];
    CHECK(is_filled(5, 20000) && ((unsigned char *)base)[20000] == 0);
    CHECK(NtUnmapViewOfSection(NtCurrentProcess(), base) == 0);
    NtClose(section);
    NtClose(file);

    PROCESS_INFO info;
    RTL_USER_PROCESS_PARAMETERS *child;
    UNICODE_STRING path, line;
    RtlInitUnicodeString(&path, L"\\??\\D:\\HOST\\hello.exe");
    RtlInitUnicodeString(&line, L"hello");
    memset(&info, 0, sizeof info);
    info.Length = sizeof info;
    ok("parameters", RtlCreateProcessParameters(&child, &path, NULL, NULL, &line, NULL, NULL, NULL, NULL, NULL));
    ok("process", RtlCreateUserProcess(&path, CASELESS, child, NULL, NULL, NULL, FALSE, NULL, NULL, &info));
    RtlDestroyProcessParameters(child);
    ok("resume", NtResumeThread(info.Thread, NULL));
    CHECK(wait_for_end(&info) == 0);
}

static void full(void)
{
    HANDLE file;
    long long at = 0;
    NTSTATUS status;
    ok("file", make(&file, L"\\??\\D:\\fills it", GENERIC_READ | GENERIC_WRITE | DELETE, 0, 0, FILE_CREATE, 0));
    while ((status = write_at(file, at, buffer, sizeof buffer)) == 0)
        at += sizeof buffer;
    CHECK(status == STATUS_DISK_FULL_ && at > 0);
    CHECK(set_size(file, 0x100000000ll, 20) == STATUS_DISK_FULL_);
    CHECK(read_at(file, at - 10, buffer, 100) == 0 && io.Information == 10);
    NtClose(file);
}

PROGRAM(peb)
{
    if (has_word(peb, L"write")) {
        dispositions();
        contents();
        names();
    } else if (has_word(peb, L"names")) {
        names();
    } else if (has_word(peb, L"read")) {
        read_all(peb);
    } else if (has_word(peb, L"full")) {
        full();
    } else if (has_word(peb, L"protected")) {
        CHECK(status_of(L"\\??\\D:\\HOST\\hello.exe", GENERIC_READ, FILE_OPEN, 0) == 0);
        CHECK(status_of(L"\\??\\D:\\HOST\\hello.exe", GENERIC_WRITE, FILE_OPEN, 0) == STATUS_MEDIA_WRITE_PROTECTED_);
        CHECK(status_of(L"\\??\\D:\\new", GENERIC_READ, FILE_OPEN_IF, 0) == STATUS_MEDIA_WRITE_PROTECTED_);
    } else {
        CHECK(status_of(L"\\??\\D:\\LOOP\\x", GENERIC_READ, FILE_OPEN, 0) == STATUS_FILE_CORRUPT_ERROR_);
        CHECK(status_of(L"\\??\\D:\\HOST\\hello.exe", GENERIC_READ, FILE_OPEN, 0) == 0);
    }
    return checked("fat");
}
