/* Files on D: and what becomes of them when the disk misbehaves. The first word says what to do:
     keep FIRST COUNT KIB   writes and flushes so many files of so many KiB, and says of each whether the system has promised to keep it
     look FIRST COUNT KIB   says of each file what it finds: "right", "wrong", "none", or a status
     drop FIRST COUNT       deletes so many files, and says how that went
     list                   lists the root twice, and says how each time went
   A file's name and contents are those of its number. */
#include "check.h"

#define STATUS_NO_MORE_FILES_ ((NTSTATUS)0x80000006)
#define BLOCK 4096

static IO_STATUS_BLOCK io;
static unsigned char buffer[BLOCK];
static unsigned numbers[3];

static void parse(const wchar_t *text)
{
    unsigned at = 0;
    for (; *text && at < 3; text++)
        if (*text >= '0' && *text <= '9' && text[-1] == ' ') {
            for (; *text >= '0' && *text <= '9'; text++)
                numbers[at] = numbers[at] * 10 + (*text - '0');
            at++;
            text--;
        }
}

static NTSTATUS open(HANDLE *file, unsigned number, ULONG access, ULONG disposition, ULONG options)
{
    wchar_t path[] = L"\\??\\D:\\Kept file 00.txt";
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    path[17] = '0' + number / 10 % 10;
    path[18] = '0' + number % 10;
    name_it(&attributes, &name, path);
    return NtCreateFile(file, access | SYNCHRONIZE, &attributes, &io, NULL, FILE_ATTRIBUTE_NORMAL, 0, disposition,
        FILE_SYNCHRONOUS_IO_NONALERT | options, NULL, 0);
}

static unsigned char byte_of(unsigned number, unsigned block, unsigned at)
{
    return (unsigned char)(number * 37 + block * 11 + at * 3 + at / 256 + 1);
}

static NTSTATUS keep(unsigned number, unsigned blocks)
{
    HANDLE file;
    NTSTATUS status = open(&file, number, GENERIC_WRITE, FILE_OVERWRITE_IF, 0), closed;
    if (!NT_SUCCESS(status))
        return status;
    for (unsigned block = 0; block < blocks && NT_SUCCESS(status); block++) {
        LARGE_INTEGER at = { .QuadPart = (long long)block * BLOCK };
        for (unsigned n = 0; n < BLOCK; n++)
            buffer[n] = byte_of(number, block, n);
        status = NtWriteFile(file, NULL, NULL, NULL, &io, buffer, BLOCK, &at, NULL);
    }
    if (NT_SUCCESS(status))
        status = NtFlushBuffersFile(file, &io);
    closed = NtClose(file);
    return NT_SUCCESS(status) ? closed : status;
}

/* 1: as it was written, 0: something else; or a status. */
static NTSTATUS look(unsigned number, unsigned blocks)
{
    HANDLE file;
    NTSTATUS status = open(&file, number, GENERIC_READ, FILE_OPEN, 0);
    int right = 1;
    if (!NT_SUCCESS(status))
        return status;
    for (unsigned block = 0; block < blocks && right; block++) {
        LARGE_INTEGER at = { .QuadPart = (long long)block * BLOCK };
        status = NtReadFile(file, NULL, NULL, NULL, &io, buffer, BLOCK, &at, NULL);
        right = NT_SUCCESS(status) && io.Information == BLOCK;
        for (unsigned n = 0; n < BLOCK && right; n++)
            right = buffer[n] == byte_of(number, block, n);
    }
    NtClose(file);
    return right ? 1 : NT_SUCCESS(status) ? 0 : status;
}

static NTSTATUS drop(unsigned number)
{
    HANDLE file;
    NTSTATUS status = open(&file, number, DELETE, FILE_OPEN, FILE_DELETE_ON_CLOSE);
    return NT_SUCCESS(status) ? NtClose(file) : status;
}

static NTSTATUS list(void)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name, all;
    HANDLE folder;
    BOOLEAN restart = TRUE;
    name_it(&attributes, &name, L"\\??\\D:\\");
    RtlInitUnicodeString(&all, L"*");
    NTSTATUS status = NtCreateFile(&folder, FILE_LIST_DIRECTORY | SYNCHRONIZE, &attributes, &io, NULL, 0, FILE_SHARE_READ, FILE_OPEN,
        FILE_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0);
    if (!NT_SUCCESS(status))
        return status;
    for (; NT_SUCCESS(status); restart = FALSE)
        status = NtQueryDirectoryFile(folder, NULL, NULL, NULL, &io, buffer, sizeof buffer, 1, FALSE, &all, restart);
    NtClose(folder);
    return status == STATUS_NO_MORE_FILES_ ? 0 : status;
}

PROGRAM(peb)
{
    if (has_word(peb, L"list")) {
        NTSTATUS first = list(), second = list();
        say("list: %08lX, then %08lX\n", (unsigned long)first, (unsigned long)second);
        return STATUS_SUCCESS;
    }
    parse(parameters_of(peb)->CommandLine.Buffer);
    for (unsigned number = numbers[0]; number < numbers[0] + numbers[1]; number++) {
        if (has_word(peb, L"keep")) {
            NTSTATUS status = keep(number, numbers[2] / 4);
            say("%s %u: %08lX\n", NT_SUCCESS(status) ? "kept" : "failed", number, (unsigned long)status);
        } else if (has_word(peb, L"drop")) {
            NTSTATUS status = drop(number);
            say("%s %u: %08lX\n", NT_SUCCESS(status) ? "dropped" : "failed", number, (unsigned long)status);
        } else {
            NTSTATUS status = look(number, numbers[2] / 4);
            if (status == 0 || status == 1)
                say("%s %u\n", status ? "right" : "wrong", number);
            else if (status == STATUS_OBJECT_NAME_NOT_FOUND_)
                say("none %u\n", number);
            else
                say("unread %u: %08lX\n", number, (unsigned long)status);
        }
    }
    return STATUS_SUCCESS;
}
