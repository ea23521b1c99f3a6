/* Files on D:, a FAT volume, that are mapped to be written to. Words on the command line:
     share        two processes and their handles see one file
     extend       sections make their files larger
     statuses     what goes wrong, and how
     image        what may be done with a program while it is mapped
     protected    the same on a volume that cannot be written to
     big MIB      a file that is larger than memory, page by page, with or without a paging file
     fails        the disk refuses some writes: NtFlushVirtualMemory says so, and nothing is lost
     lost         the disk cannot read a page of a view */
#include "check.h"

#define STATUS_NOT_MAPPED_VIEW_ ((NTSTATUS)0xC0000019)
#define STATUS_INVALID_FILE_FOR_SECTION_ ((NTSTATUS)0xC0000020)
#define STATUS_ACCESS_DENIED_ ((NTSTATUS)0xC0000022)
#define STATUS_SECTION_TOO_BIG_ ((NTSTATUS)0xC0000040)
#define STATUS_SHARING_VIOLATION_ ((NTSTATUS)0xC0000043)
#define STATUS_DISK_FULL_ ((NTSTATUS)0xC000007F)
#define STATUS_MEDIA_WRITE_PROTECTED_ ((NTSTATUS)0xC00000A2)
#define STATUS_MAPPED_FILE_SIZE_ZERO_ ((NTSTATUS)0xC000011E)
#define STATUS_CANNOT_DELETE_ ((NTSTATUS)0xC0000121)
#define STATUS_USER_MAPPED_FILE_ ((NTSTATUS)0xC0000243)
#define STATUS_NOT_MAPPED_DATA_ ((NTSTATUS)0xC0000088)
#define STATUS_IO_DEVICE_ERROR_ ((NTSTATUS)0xC0000185)
#define SELF NtCurrentProcess()
#define PAGE 4096
#define READS (FILE_READ_DATA | SYNCHRONIZE)
#define WRITES (FILE_READ_DATA | FILE_WRITE_DATA | SYNCHRONIZE)
#define END_OF_FILE_CLASS 20

NTSYSAPI NTSTATUS NTAPI NtExtendSection(HANDLE, PLARGE_INTEGER);
NTSYSAPI NTSTATUS NTAPI NtFlushVirtualMemory(HANDLE, PVOID *, PSIZE_T, PIO_STATUS_BLOCK);
NTSYSAPI NTSTATUS NTAPI NtReadVirtualMemory(HANDLE, PVOID, PVOID, SIZE_T, PSIZE_T);

static IO_STATUS_BLOCK io;

static NTSTATUS open(HANDLE *file, const wchar_t *name, ULONG access, ULONG disposition, ULONG options)
{
    OBJECT_ATTRIBUTES named;
    UNICODE_STRING string;
    name_it(&named, &string, name);
    return NtCreateFile(file, access | SYNCHRONIZE, &named, &io, NULL, 0, 7, disposition, options | FILE_SYNCHRONOUS_IO_NONALERT,
        NULL, 0);
}

static NTSTATUS section_of(HANDLE *section, HANDLE file, long long size, ULONG protect)
{
    LARGE_INTEGER maximum = {.QuadPart = size};
    return NtCreateSection(section, SECTION_ALL_ACCESS, NULL, &maximum, protect, SEC_COMMIT, file);
}

static char *view_of(HANDLE section, ULONG protect)
{
    PVOID base = NULL;
    SIZE_T size = 0;
    ok("map", NtMapViewOfSection(section, SELF, &base, 0, 0, NULL, &size, ViewUnmap, 0, protect));
    return base;
}

/* A view of all of a file; nothing else of it stays open. */
static char *map_file(const wchar_t *name, long long size, ULONG disposition)
{
    HANDLE file, section;
    ok("open", open(&file, name, WRITES, disposition, 0));
    ok("section", section_of(&section, file, size, PAGE_READWRITE));
    NtClose(file);
    char *view = view_of(section, PAGE_READWRITE);
    NtClose(section);
    return view;
}

static char read_at(HANDLE file, long long offset)
{
    LARGE_INTEGER at = {.QuadPart = offset};
    char byte = 0;
    CHECK(NtReadFile(file, NULL, NULL, NULL, &io, &byte, 1, &at, NULL) == 0);
    return byte;
}

static void write_at(HANDLE file, long long offset, char byte)
{
    LARGE_INTEGER at = {.QuadPart = offset};
    CHECK(NtWriteFile(file, NULL, NULL, NULL, &io, &byte, 1, &at, NULL) == 0);
}

static NTSTATUS flush(char *view, SIZE_T size)
{
    PVOID base = view;
    return NtFlushVirtualMemory(SELF, &base, &size, &io);
}

static NTSTATUS set_end(HANDLE file, long long size)
{
    LARGE_INTEGER end = {.QuadPart = size};
    return NtSetInformationFile(file, &io, &end, sizeof end, END_OF_FILE_CLASS);
}

static NTSTATUS second(void)
{
    volatile char *view = map_file(L"\\??\\D:\\shared.bin", 0, FILE_OPEN);
    CHECK(view[0] == 'a' && view[5] == 'v' && view[0x1005] == 'h');
    view[0x2003] = '2';
    return checked("mapped second");
}

static void share(PEB *peb)
{
    HANDLE file, section;
    ok("file", open(&file, L"\\??\\D:\\shared.bin", WRITES, FILE_OVERWRITE_IF, 0));
    write_at(file, 0, 'a');
    write_at(file, 0x3064, 'z');
    ok("section", section_of(&section, file, 0, PAGE_READWRITE));
    volatile char *view = view_of(section, PAGE_READWRITE);
    /* What is in the file, zeros behind it, and each way sees the other. */
    CHECK(view[0] == 'a' && view[0x3064] == 'z' && view[0x3065] == 0 && view[0x1000] == 0);
    view[5] = 'v';
    CHECK(read_at(file, 5) == 'v');
    write_at(file, 0x1005, 'h');
    CHECK(view[0x1005] == 'h');
    /* After the page was written it can be changed again, and that is seen again. */
    view[5] = 'w';
    CHECK(read_at(file, 5) == 'w');
    view[5] = 'v';
    PROCESS_INFO info = start_again(peb, L"mapped second");
    CHECK(wait_for_end(&info) == 0);
    CHECK(view[0x2003] == '2' && read_at(file, 0x2003) == '2');
    /* Views that copy keep what they write to themselves. */
    volatile char *copy = view_of(section, PAGE_WRITECOPY);
    copy[6] = 'c';
    CHECK(view[6] == 0 && read_at(file, 6) == 0);
    NtClose(section);
    NtClose(file);
    view[0x3000] = 'k';
    CHECK(flush((char *)view + 0x3000, 1) == 0 && io.Information == PAGE);
    ok("unmap", NtUnmapViewOfSection(SELF, (PVOID)view));
    ok("unmap", NtUnmapViewOfSection(SELF, (PVOID)copy));
    /* Nobody flushes this one. */
    view = map_file(L"\\??\\D:\\shared.bin", 0, FILE_OPEN);
    CHECK(view[0x3000] == 'k' && view[5] == 'v');
    view[0x3001] = 'u';
}

static void extend(void)
{
    HANDLE file, section;
    LARGE_INTEGER size = {.QuadPart = 300000};
    volatile char *view = map_file(L"\\??\\D:\\larger.bin", 200000, FILE_OVERWRITE_IF);
    view[199999] = 'e';
    CHECK(view[100000] == 0);
    ok("file", open(&file, L"\\??\\D:\\larger.bin", WRITES, FILE_OPEN, 0));
    CHECK(read_at(file, 199999) == 'e');
    ok("section", section_of(&section, file, 0, PAGE_READWRITE));
    CHECK(NtExtendSection(section, &size) == 0 && size.QuadPart == 300000);
    volatile char *more = view_of(section, PAGE_READWRITE);
    more[299999] = 'f';
    CHECK(more[199999] == 'e' && read_at(file, 299999) == 'f');
    /* A file that grows by its handle. */
    write_at(file, 300010, 'g');
    CHECK(more[300010] == 'g');
    NtClose(section);
    NtClose(file);
}

static void statuses(void)
{
    HANDLE file, reader, section, folder;
    SIZE_T none = 0;
    PVOID nowhere = (PVOID)0x10000000, code = (PVOID)NtCreateSection;
    ok("file", open(&file, L"\\??\\D:\\some.bin", WRITES, FILE_OVERWRITE_IF, 0));
    CHECK(section_of(&section, file, 0, PAGE_READWRITE) == STATUS_MAPPED_FILE_SIZE_ZERO_);
    write_at(file, 9999, 's');
    ok("reader", open(&reader, L"\\??\\D:\\some.bin", READS, FILE_OPEN, 0));
    CHECK(section_of(&section, reader, 0, PAGE_READWRITE) == STATUS_ACCESS_DENIED_);
    CHECK(section_of(&section, reader, 20000, PAGE_READONLY) == STATUS_SECTION_TOO_BIG_);
    CHECK(section_of(&section, file, 1ll << 33, PAGE_READWRITE) == STATUS_DISK_FULL_);
    ok("folder", open(&folder, L"\\??\\D:\\", FILE_LIST_DIRECTORY, FILE_OPEN, FILE_DIRECTORY_FILE));
    CHECK(section_of(&section, folder, 0, PAGE_READONLY) == STATUS_INVALID_FILE_FOR_SECTION_);
    NtClose(folder);
    ok("section", section_of(&section, reader, 0, PAGE_READONLY));
    char *view = view_of(section, PAGE_READONLY);
    NtClose(section);
    CHECK(view[9999] == 's');
    /* While it is mapped it cannot be cut, but it can grow. */
    CHECK(set_end(file, 5) == STATUS_USER_MAPPED_FILE_);
    CHECK(set_end(file, 20000) == 0);
    HANDLE emptied;
    CHECK(open(&emptied, L"\\??\\D:\\some.bin", WRITES, FILE_OVERWRITE, 0) == STATUS_USER_MAPPED_FILE_);
    CHECK(flush(view, 20001) == (NTSTATUS)0xC00000F0);
    CHECK(NtFlushVirtualMemory(SELF, &nowhere, &none, &io) == STATUS_NOT_MAPPED_VIEW_);
    CHECK(NtFlushVirtualMemory(SELF, &code, &none, &io) == STATUS_NOT_MAPPED_DATA_);
    ok("unmap", NtUnmapViewOfSection(SELF, view));
    CHECK(set_end(file, 5) == 0);
    /* Whoever deletes a file may do so while it is mapped; it goes with the view. */
    ok("section", section_of(&section, file, 0, PAGE_READWRITE));
    view = view_of(section, PAGE_READWRITE);
    BOOLEAN doomed = TRUE;
    HANDLE deleter;
    ok("deleter", open(&deleter, L"\\??\\D:\\some.bin", DELETE, FILE_OPEN, 0));
    CHECK(NtSetInformationFile(deleter, &io, &doomed, 1, 13) == 0);
    NtClose(deleter), NtClose(section), NtClose(file), NtClose(reader);
    view[0] = 'x';
    CHECK(open(&file, L"\\??\\D:\\some.bin", READS, FILE_OPEN, 0) == (NTSTATUS)0xC0000056);
    ok("unmap", NtUnmapViewOfSection(SELF, view));
    CHECK(open(&file, L"\\??\\D:\\some.bin", READS, FILE_OPEN, 0) == (NTSTATUS)0xC0000034);
}

static NTSTATUS rename_to(HANDLE file, const wchar_t *name)
{
    struct { BOOLEAN replace; HANDLE root; ULONG length; WCHAR name[40]; } rename = {TRUE, NULL, wcslen(name) * sizeof(WCHAR), {0}};
    for (size_t n = 0; name[n]; n++)
        rename.name[n] = name[n];
    return NtSetInformationFile(file, &io, &rename, sizeof rename, 10);
}

static NTSTATUS doom(HANDLE file)
{
    BOOLEAN yes = TRUE;
    return NtSetInformationFile(file, &io, &yes, 1, 13);
}

static void copy_file(const wchar_t *from, const wchar_t *to)
{
    static char bytes[1 << 16];
    HANDLE source, target;
    ok("source", open(&source, from, READS, FILE_OPEN, 0));
    ok("target", open(&target, to, WRITES, FILE_OVERWRITE_IF, 0));
    while (NtReadFile(source, NULL, NULL, NULL, &io, bytes, sizeof bytes, NULL, NULL) == 0)
        ok("write", NtWriteFile(target, NULL, NULL, NULL, &io, bytes, (ULONG)io.Information, NULL, NULL));
    NtClose(source), NtClose(target);
}

#define PROGRAM_FILE L"\\??\\D:\\program.exe"
#define MOVED_FILE L"\\??\\D:\\moved.exe"

/* Nobody changes or deletes it, whatever else he may do with it. */
static void check_image(HANDLE writer, HANDLE deleter)
{
    HANDLE file, other;
    CHECK(open(&file, PROGRAM_FILE, WRITES, FILE_OPEN, 0) == STATUS_SHARING_VIOLATION_);
    CHECK(open(&file, PROGRAM_FILE, WRITES, FILE_OVERWRITE_IF, 0) == STATUS_SHARING_VIOLATION_);
    CHECK(open(&file, PROGRAM_FILE, READS, FILE_OVERWRITE, 0) == STATUS_USER_MAPPED_FILE_);
    CHECK(open(&file, PROGRAM_FILE, DELETE, FILE_OPEN, FILE_DELETE_ON_CLOSE) == STATUS_CANNOT_DELETE_);
    CHECK(doom(deleter) == STATUS_CANNOT_DELETE_);
    CHECK(set_end(writer, 5) == STATUS_USER_MAPPED_FILE_);
    ok("other", open(&other, L"\\??\\D:\\other.bin", DELETE, FILE_OPEN_IF, 0));
    CHECK(rename_to(other, PROGRAM_FILE) == STATUS_ACCESS_DENIED_);
    NtClose(other);
    ok("reader", open(&file, PROGRAM_FILE, READS | FILE_EXECUTE, FILE_OPEN, 0));
    CHECK(read_at(file, 0) == 'M');
    NtClose(file);
}

static void image(void)
{
    HANDLE file, writer, deleter, section;
    LARGE_INTEGER none = {.QuadPart = 0};
    PVOID base = NULL;
    SIZE_T size = 0;
    copy_file(L"\\SystemRoot\\System32\\mapped.exe", PROGRAM_FILE);
    /* What was changed in a view of its data is in the image. */
    volatile char *data = map_file(PROGRAM_FILE, 0, FILE_OPEN);
    data[0x40] = 'd';
    ok("file", open(&file, PROGRAM_FILE, READS | FILE_EXECUTE, FILE_OPEN, 0));
    ok("writer", open(&writer, PROGRAM_FILE, WRITES, FILE_OPEN, 0));
    ok("deleter", open(&deleter, PROGRAM_FILE, DELETE, FILE_OPEN, 0));
    ok("section", NtCreateSection(&section, SECTION_ALL_ACCESS, NULL, &none, PAGE_EXECUTE, SEC_IMAGE, file));
    NtClose(file);
    ok("unmap", NtUnmapViewOfSection(SELF, (PVOID)data));
    check_image(writer, deleter);
    NTSTATUS status = NtMapViewOfSection(section, SELF, &base, 0, 0, NULL, &size, ViewUnmap, 0, PAGE_EXECUTE_READ);
    CHECK(status >= 0 && ((char *)base)[0] == 'M' && ((char *)base)[0x40] == 'd');
    NtClose(section);
    check_image(writer, deleter);
    /* It can be called something else, which is how it is replaced. */
    CHECK(rename_to(deleter, MOVED_FILE) == 0 && rename_to(deleter, PROGRAM_FILE) == 0);
    ok("unmap", NtUnmapViewOfSection(SELF, base));
    CHECK(set_end(writer, 5) == 0 && doom(deleter) == 0);
    NtClose(writer), NtClose(deleter);
    CHECK(open(&file, PROGRAM_FILE, READS, FILE_OPEN, 0) == (NTSTATUS)0xC0000034);
}

static void protected(void)
{
    HANDLE file, section;
    CHECK(open(&file, L"\\??\\D:\\shared.bin", WRITES, FILE_OPEN, 0) == STATUS_MEDIA_WRITE_PROTECTED_);
    ok("file", open(&file, L"\\??\\D:\\shared.bin", READS, FILE_OPEN, 0));
    CHECK(section_of(&section, file, 0, PAGE_READWRITE) == STATUS_ACCESS_DENIED_);
    ok("section", section_of(&section, file, 0, PAGE_WRITECOPY));
    char *view = view_of(section, PAGE_WRITECOPY);
    CHECK(view[0] == 'a' && view[0x3000] == 'k' && view[0x3001] == 'u');
    view[0] = 'b';
    CHECK(read_at(file, 0) == 'a');
}

static unsigned number_in(PEB *peb)
{
    unsigned number = 0;
    for (const wchar_t *text = parameters_of(peb)->CommandLine.Buffer; *text; text++)
        if (*text >= '0' && *text <= '9')
            number = number * 10 + (*text - '0');
    return number;
}

static unsigned long long pattern(unsigned long long page)
{
    return (page + 1) * 0x9E3779B97F4A7C15ull;
}

static void big(unsigned mib)
{
    unsigned long long pages = (unsigned long long)mib << 8, bad = 0;
    char *view = map_file(L"\\??\\D:\\big.bin", (long long)mib << 20, FILE_OVERWRITE_IF);
    for (unsigned long long page = 0; page < pages; page++)
        *(unsigned long long *)(view + page * PAGE + page % 500 * 8) = pattern(page);
    for (unsigned long long n = 0; n < pages; n++) {
        unsigned long long page = n * 7 % pages;
        bad += *(unsigned long long *)(view + page * PAGE + page % 500 * 8) != pattern(page);
    }
    CHECK(bad == 0);
}

static void fails(void)
{
    char *view = map_file(L"\\??\\D:\\fails.bin", 40 * PAGE, FILE_OVERWRITE_IF);
    NTSTATUS status = 0;
    unsigned tries = 0, failed = 0;
    for (unsigned page = 0; page < 40; page++)
        view[page * PAGE] = (char)('0' + page);
    do {
        status = flush(view, 0);
        failed += status != 0;
        CHECK(status == 0 || status == STATUS_IO_DEVICE_ERROR_);
    } while (status != 0 && ++tries < 20);
    CHECK(status == 0 && failed > 0);
    say("flushed after %u failures\n", failed);
}

static void lost(void)
{
    HANDLE file, section;
    char byte;
    SIZE_T done;
    ok("file", open(&file, L"\\??\\D:\\big.bin", READS, FILE_OPEN, 0));
    ok("section", section_of(&section, file, 0, PAGE_READONLY));
    char *view = view_of(section, PAGE_READONLY);
    unsigned bad = 0, good = 0;
    for (unsigned page = 0; page < 512; page++) {
        NTSTATUS status = NtReadVirtualMemory(SELF, view + page * PAGE, &byte, 1, &done);
        bad += status != 0, good += status == 0;
    }
    CHECK(bad > 0 && good > 0);
}

PROGRAM(peb)
{
    if (has_word(peb, L"second"))
        return second();
    if (has_word(peb, L"share"))
        share(peb);
    if (has_word(peb, L"extend"))
        extend();
    if (has_word(peb, L"statuses"))
        statuses();
    if (has_word(peb, L"image"))
        image();
    if (has_word(peb, L"protected"))
        protected();
    if (has_word(peb, L"big"))
        big(number_in(peb));
    if (has_word(peb, L"fails"))
        fails();
    if (has_word(peb, L"lost"))
        lost();
    return checked("mapped");
}
