/* Writes to each serial and printer port that the command line names a text of its own (60 000 bytes with "large"), reads COM3 to
   its end ("listen"), and reads and writes files on D: ("disk"). What came out is looked at from outside. */
#include "check.h"

#define STATUS_END_OF_FILE_ ((NTSTATUS)0xC0000011)
#define SYNCHRONOUS FILE_SYNCHRONOUS_IO_NONALERT
#define LARGE 60000
#define SMALL 3000

static IO_STATUS_BLOCK io;
static char block[LARGE];

static NTSTATUS make(HANDLE *file, const wchar_t *name, ULONG access, ULONG disposition)
{
    OBJECT_ATTRIBUTES named;
    UNICODE_STRING string;
    name_it(&named, &string, name);
    return NtCreateFile(file, access | SYNCHRONIZE, &named, &io, NULL, 0, 0, disposition, SYNCHRONOUS, NULL, 0);
}

/* Lines of 60 letters, which go through the alphabet from the port's own letter on. */
static void fill(unsigned first)
{
    unsigned index;
    for (index = 0; index < LARGE; index++)
        block[index] = index % 60 == 59 ? '\n' : (char)('a' + (first + index / 60) % 26);
}

static void print_on(const wchar_t *name, ULONG length)
{
    wchar_t path[] = L"\\??\\COM1";
    HANDLE port;
    unsigned index;
    for (index = 0; index < 4; index++)
        path[4 + index] = name[index];
    fill((unsigned)(name[0] + name[3]));
    CHECK(make(&port, path, GENERIC_WRITE, FILE_OPEN) == 0);
    CHECK(NtWriteFile(port, NULL, NULL, NULL, &io, block, length, NULL, NULL) == 0);
    CHECK(io.Information == length);
    NtClose(port);
}

/* A read without time-outs ends with all that was asked for, or with the line. */
static void hear(void)
{
    HANDLE port;
    NTSTATUS status;
    unsigned got = 0, sum = 0, index;
    CHECK(make(&port, L"\\??\\COM3", GENERIC_READ, FILE_OPEN) == 0);
    while ((status = NtReadFile(port, NULL, NULL, NULL, &io, block, 4000, NULL, NULL)) == 0) {
        for (index = 0; index < io.Information; index++)
            sum += (unsigned char)block[index];
        got += (unsigned)io.Information;
    }
    CHECK(status == STATUS_END_OF_FILE_);
    say("heard %u bytes, sum %u\n", got, sum);
    NtClose(port);
}

static void disk(void)
{
    static char back[LARGE];
    LARGE_INTEGER start = { .QuadPart = 0 };
    HANDLE file;
    unsigned index, same = 0;
    fill(0);
    CHECK(make(&file, L"\\??\\D:\\given by the host.txt", GENERIC_READ, FILE_OPEN) == 0);
    CHECK(NtReadFile(file, NULL, NULL, NULL, &io, back, LARGE, &start, NULL) == 0 && io.Information == LARGE);
    for (index = 0; index < LARGE; index++)
        same += back[index] == block[index];
    CHECK(same == LARGE);
    NtClose(file);
    fill(7);
    CHECK(make(&file, L"\\??\\D:\\made by the guest.txt", GENERIC_WRITE, FILE_CREATE) == 0);
    CHECK(NtWriteFile(file, NULL, NULL, NULL, &io, block, LARGE, &start, NULL) == 0 && io.Information == LARGE);
    NtClose(file);
}

PROGRAM(peb)
{
    static const wchar_t *const ports[] = { L"COM1", L"COM2", L"COM3", L"COM4", L"LPT1", L"LPT2", L"LPT3" };
    unsigned index;
    for (index = 0; index < sizeof ports / sizeof *ports; index++)
        if (has_word(peb, ports[index]))
            print_on(ports[index], has_word(peb, L"large") ? LARGE : SMALL);
    if (has_word(peb, L"listen"))
        hear();
    if (has_word(peb, L"disk"))
        disk();
    return checked("everyport");
}
