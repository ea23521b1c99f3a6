/* A program that prints, and does not give up: it tells each new answer of the printer, waits, and goes on behind the last byte
   that was taken. Words: "LPT2" (else LPT1), "twice" for two jobs, "once" to give up at the first error, "busy" for a
   printer that is busy for ever, "idle" to stop for three seconds half-way, "short" for 100 bytes instead of 6000. */
#include "check.h"

#define SYNCHRONOUS FILE_SYNCHRONOUS_IO_NONALERT
#define LENGTH 6000
#define STATUS_PENDING_ ((NTSTATUS)0x103)
#define STATUS_CANCELLED_ ((NTSTATUS)0xC0000120)

NTSYSAPI NTSTATUS NTAPI NtDelayExecution(BOOLEAN, PLARGE_INTEGER);
NTSYSAPI NTSTATUS NTAPI NtCancelIoFile(HANDLE, PIO_STATUS_BLOCK);
NTSYSAPI NTSTATUS NTAPI NtQueryPerformanceCounter(PLARGE_INTEGER, PLARGE_INTEGER);

static char text[LENGTH];
static unsigned length = LENGTH;

static HANDLE open_printer(const wchar_t *path, ULONG options)
{
    OBJECT_ATTRIBUTES named;
    UNICODE_STRING string;
    IO_STATUS_BLOCK io;
    HANDLE printer;
    name_it(&named, &string, path);
    ok("open", NtCreateFile(&printer, GENERIC_WRITE | SYNCHRONIZE, &named, &io, NULL, 0, 0, FILE_OPEN, options, NULL, 0));
    return printer;
}

static unsigned long milliseconds(void)
{
    LARGE_INTEGER now, rate;
    NtQueryPerformanceCounter(&now, &rate);
    return (unsigned long)(now.QuadPart / (rate.QuadPart / 1000));
}

static void print(const wchar_t *path, int once)
{
    LARGE_INTEGER pause = { .QuadPart = -50000 };
    HANDLE printer = open_printer(path, SYNCHRONOUS);
    unsigned done = 0, tries = 0;
    unsigned long start = milliseconds();
    NTSTATUS last = 0;
    IO_STATUS_BLOCK io;
    while (done < length && tries++ < 2000) {
        NTSTATUS status = NtWriteFile(printer, NULL, NULL, NULL, &io, text + done, length - done, NULL, NULL);
        CHECK(status == io.Status);
        done += (unsigned)io.Information;
        if (status == 0)
            continue;
        if (status != last)
            say("printer: %08lx after %u\n", status, done);
        last = status;
        if (once)
            break;
        NtDelayExecution(FALSE, &pause);
    }
    say("printer: %u taken in %lu ms\n", done, milliseconds() - start);
    NtClose(printer);
}

/* A write that never ends is given up, or ends with the last handle. */
static void wait_for_ever(const wchar_t *path)
{
    HANDLE printer = open_printer(path, 0);
    IO_STATUS_BLOCK io, second, cancelled;
    LARGE_INTEGER zero = { .QuadPart = 0 };
    CHECK(NtWriteFile(printer, NULL, NULL, NULL, &io, text, LENGTH, &zero, NULL) == STATUS_PENDING_);
    CHECK(NtWriteFile(printer, NULL, NULL, NULL, &second, text, LENGTH, &zero, NULL) == STATUS_PENDING_);
    CHECK(NtCancelIoFile(printer, &cancelled) == 0);
    CHECK(io.Status == STATUS_CANCELLED_ && second.Status == STATUS_CANCELLED_);
    CHECK(NtWriteFile(printer, NULL, NULL, NULL, &io, text, LENGTH, &zero, NULL) == STATUS_PENDING_);
    CHECK(NtClose(printer) == 0);
    printer = open_printer(path, 0);
    CHECK(NtWriteFile(printer, NULL, NULL, NULL, &io, text, 1, &zero, NULL) == STATUS_PENDING_);
    NtClose(printer);
}

/* Two halves, with the printer open between them, and longer than the host waits for more. */
static void print_in_halves(const wchar_t *path)
{
    LARGE_INTEGER pause = { .QuadPart = -30000000 };
    HANDLE printer = open_printer(path, SYNCHRONOUS);
    IO_STATUS_BLOCK io;
    ok("first half", NtWriteFile(printer, NULL, NULL, NULL, &io, text, length / 2, NULL, NULL));
    NtDelayExecution(FALSE, &pause);
    ok("second half", NtWriteFile(printer, NULL, NULL, NULL, &io, text + length / 2, length / 2, NULL, NULL));
    NtClose(printer);
}

PROGRAM(peb)
{
    const wchar_t *path = has_word(peb, L"LPT2") ? L"\\??\\LPT2" : L"\\??\\LPT1";
    unsigned index;
    for (index = 0; index < LENGTH; index++)
        text[index] = index % 60 == 59 ? '\n' : (char)('a' + index / 60 % 26);
    if (has_word(peb, L"short"))
        length = 100;
    if (has_word(peb, L"busy"))
        wait_for_ever(path);
    else if (has_word(peb, L"idle"))
        print_in_halves(path);
    else
        print(path, has_word(peb, L"once"));
    if (has_word(peb, L"twice"))
        print(path, has_word(peb, L"once"));
    return checked("printer");
}
