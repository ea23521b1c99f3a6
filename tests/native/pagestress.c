/* Takes more memory than the machine has and checks every page of it, on its own, in several processes, and in a section that
   they share. The first word says what to do:
     run PROCESSES MIB SHARED   so many processes with so many MiB each, and a section of so many MiB
     child NUMBER MIB SHARED    one of them
     full PROCESSES MIB SHARED  the same on a disk that takes no more: each is right, or ends with STATUS_NO_MEMORY
     limit                      commits until there is no more, which must be STATUS_COMMITMENT_LIMIT
     limit beside MIB           the same beside a file of so many MiB
     files DRIVE                makes 16 paging files, and a 17th that must be refused
     error MIB                  says what a page that cannot be read back is: STATUS_IN_PAGE_ERROR
     keep MIB                   one process with so many MiB, which it checks again and again while others come and go
     rates WARM OUT IN          fills WARM MiB, and says how fast the first IN of them are there, how fast OUT go out for as many
                                new ones, and how fast IN come back
   With the word `rest` it waits for a while before it ends. */
#include "check.h"

NTSYSAPI NTSTATUS NTAPI NtAllocateVirtualMemory(HANDLE, PVOID *, ULONG_PTR, PSIZE_T, ULONG, ULONG);
NTSYSAPI NTSTATUS NTAPI NtFreeVirtualMemory(HANDLE, PVOID *, PSIZE_T, ULONG);
NTSYSAPI NTSTATUS NTAPI NtDelayExecution(BOOLEAN, PLARGE_INTEGER);
NTSYSAPI NTSTATUS NTAPI NtQueryPerformanceCounter(PLARGE_INTEGER, PLARGE_INTEGER);
NTSYSAPI NTSTATUS NTAPI NtCreatePagingFile(PUNICODE_STRING, PLARGE_INTEGER, PLARGE_INTEGER, ULONG);
NTSYSAPI NTSTATUS NTAPI NtReadVirtualMemory(HANDLE, PVOID, PVOID, SIZE_T, PSIZE_T);
NTSYSAPI NTSTATUS NTAPI RtlAdjustPrivilege(ULONG, BOOLEAN, BOOLEAN, PBOOLEAN);

#define PAGE 4096
#define WORDS (PAGE / 8)
#define SECTION L"\\PageStress"
#define COMMITMENT_LIMIT ((NTSTATUS)0xC000012D)
#define IN_PAGE_ERROR ((NTSTATUS)0xC0000006)
#define NO_MEMORY ((NTSTATUS)0xC0000017)
#define TOO_MANY_PAGING_FILES ((NTSTATUS)0xC0000097)
#define CREATE_PAGEFILE 15

typedef unsigned long long word;

static word pattern(word page, word seed)
{
    return (page + 1) * 0x9E3779B97F4A7C15ull ^ seed << 56;
}

/* The numbers of the command line. */
static unsigned numbers[4];

static void parse(const wchar_t *text)
{
    unsigned at = 0;
    for (; *text && at < 4; text++) {
        if (*text < '0' || *text > '9' || text[-1] != ' ')
            continue;
        for (; *text >= '0' && *text <= '9'; text++)
            numbers[at] = numbers[at] * 10 + (*text - '0');
        at++;
        text--;
    }
}

static char *commit(unsigned mib)
{
    PVOID base = NULL;
    SIZE_T size = (SIZE_T)mib << 20;
    ok("commit", NtAllocateVirtualMemory(NtCurrentProcess(), &base, 0, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
    return base;
}

/* Three words of every page: a pattern, what else there is, and nothing. */
static void fill_from(char *base, word first, word pages, word seed)
{
    for (word page = first; page < first + pages; page++) {
        volatile word *words = (void *)(base + page * PAGE);
        words[page % WORDS] = pattern(page, seed);
        words[(page + 7) % WORDS] = ~pattern(page, seed);
    }
}

static void fill(char *base, word pages, word seed)
{
    fill_from(base, 0, pages, seed);
}

/* The numbers of pages that are wrong; in order, or in steps that have no divisor in common with their number. */
static unsigned compare(char *base, word pages, word seed, word step)
{
    unsigned bad = 0;
    for (word n = 0; n < pages; n++) {
        word page = n * step % pages;
        volatile word *words = (void *)(base + page * PAGE);
        bad += words[page % WORDS] != pattern(page, seed) || words[(page + 7) % WORDS] != ~pattern(page, seed)
            || words[(page + 3) % WORDS] != 0;
    }
    return bad;
}

static char *map(HANDLE section)
{
    PVOID base = NULL;
    SIZE_T size = 0;
    ok("map", NtMapViewOfSection(section, NtCurrentProcess(), &base, 0, 0, NULL, &size, ViewUnmap, 0, PAGE_READWRITE));
    return base;
}

/* Each process has a word of its own in every shared page. */
static volatile word *own_word(char *shared, word page, unsigned number)
{
    return (volatile word *)(shared + page * PAGE) + (page + 11 + number) % WORDS;
}

static NTSTATUS child(void)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    HANDLE section;
    unsigned number = numbers[0];
    word pages = (word)numbers[1] << 8, shared_pages = (word)numbers[2] << 8;
    name_it(&attributes, &name, SECTION);
    ok("open section", NtOpenSection(&section, SECTION_MAP_READ | SECTION_MAP_WRITE, &attributes));
    char *shared = map(section), *base = commit(numbers[1]);
    fill(base, pages, number);
    for (word page = 0; page < shared_pages; page++)
        *own_word(shared, page, number) = pattern(page, number);
    CHECK(compare(base, pages, number, 1) == 0);
    CHECK(compare(shared, shared_pages, 0, 1) == 0);
    return checked("pagestress child");
}

/* Starts one of the processes: `child`, or `keepr`, as the first word says. */
static HANDLE start(unsigned number, const wchar_t *word)
{
    PRTL_USER_PROCESS_PARAMETERS parameters;
    UNICODE_STRING path, line;
    PROCESS_INFO process = {.Length = sizeof process};
    wchar_t text[] = L"pagestress child 0 00 00";
    for (unsigned n = 0; n < 5; n++)
        text[11 + n] = word[n];
    text[17] += number;
    text[19] += numbers[1] / 10, text[20] += numbers[1] % 10;
    text[22] += numbers[2] / 10, text[23] += numbers[2] % 10;
    RtlInitUnicodeString(&path, L"\\SystemRoot\\System32\\pagestress.exe");
    RtlInitUnicodeString(&line, text);
    ok("parameters", RtlCreateProcessParameters(&parameters, &path, NULL, NULL, &line, NULL, NULL, NULL, NULL, NULL));
    ok("process", RtlCreateUserProcess(&path, CASELESS, parameters, NULL, NULL, NULL, FALSE, NULL, NULL, &process));
    ok("resume", NtResumeThread(process.Thread, NULL));
    NtClose(process.Thread);
    return process.Process;
}

static void run(int is_full)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    HANDLE section, children[9];
    unsigned count = numbers[0], bad = 0, ended = 0;
    LARGE_INTEGER size = {.QuadPart = (long long)numbers[2] << 20};
    word pages = (word)numbers[2] << 8;
    name_it(&attributes, &name, SECTION);
    ok("section", NtCreateSection(&section, SECTION_ALL_ACCESS, &attributes, &size, PAGE_READWRITE, SEC_COMMIT, NULL));
    char *shared = map(section);
    fill(shared, pages, 0);
    for (unsigned number = 1; number <= count; number++)
        children[number - 1] = start(number, L"child");
    for (unsigned number = 0; number < count; number++) {
        PROCESS_BASIC_INFORMATION basic = {0};
        ok("wait", NtWaitForSingleObject(children[number], FALSE, NULL));
        ok("status", NtQueryInformationProcess(children[number], ProcessBasicInformation, &basic, sizeof basic, NULL));
        CHECK(basic.ExitStatus == 0 || (is_full && (basic.ExitStatus == NO_MEMORY || basic.ExitStatus == COMMITMENT_LIMIT)));
        ended += basic.ExitStatus != 0;
        NtClose(children[number]);
    }
    if (is_full) {
        say("full: %u of %u ended\n", ended, count);
        CHECK(ended > 0);
        return;
    }
    CHECK(compare(shared, pages, 0, 7) == 0);
    for (word page = 0; page < pages; page++)
        for (unsigned number = 1; number <= count; number++)
            bad += *own_word(shared, page, number) != pattern(page, number);
    CHECK(bad == 0);
}

static void limit(void)
{
    SIZE_T total = 0, size;
    NTSTATUS status;
    if (numbers[0]) {
        LARGE_INTEGER end = {.QuadPart = (long long)numbers[0] << 20};
        OBJECT_ATTRIBUTES attributes;
        UNICODE_STRING name;
        IO_STATUS_BLOCK io;
        HANDLE file;
        name_it(&attributes, &name, L"\\??\\D:\\beside.bin");
        ok("file", NtCreateFile(&file, FILE_WRITE_DATA | SYNCHRONIZE, &attributes, &io, NULL, 0, 0, FILE_CREATE,
            FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0));
        ok("its size", NtSetInformationFile(file, &io, &end, sizeof end, 20));
    }
    for (size = 64 << 20; size >= PAGE; size /= 4)
        for (;;) {
            PVOID base = NULL;
            SIZE_T part = size;
            status = NtAllocateVirtualMemory(NtCurrentProcess(), &base, 0, &part, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
            if (status != 0)
                break;
            /* What was promised can be had. */
            *(volatile char *)base = 1;
            total += part;
        }
    CHECK(status == COMMITMENT_LIMIT);
    say("limit: %lu KiB\n", (unsigned long)(total >> 10));
}

static void files(void)
{
    wchar_t path[] = L"\\??\\D:\\page00.sys";
    LARGE_INTEGER size = {.QuadPart = 1 << 20}, larger = {.QuadPart = 2 << 20};
    UNICODE_STRING name;
    BOOLEAN old;
    ok("privilege", RtlAdjustPrivilege(CREATE_PAGEFILE, TRUE, FALSE, &old));
    for (unsigned n = 0; n < 17; n++) {
        path[11] = '0' + n / 10, path[12] = '0' + n % 10;
        RtlInitUnicodeString(&name, path);
        CHECK(NtCreatePagingFile(&name, &size, &larger, 0) == (n < 16 ? 0 : TOO_MANY_PAGING_FILES));
    }
    CHECK(NtCreatePagingFile(&name, &larger, &size, 0) != 0);
}

/* Pages that cannot be read are an error for who wants them, and only for him. */
static void error(void)
{
    word pages = (word)numbers[0] << 8, failed = 0, other = 0;
    char *base = commit(numbers[0]), copy[8];
    fill(base, pages, 5);
    for (word page = 0; page < pages; page++) {
        SIZE_T done = 0;
        NTSTATUS status = NtReadVirtualMemory(NtCurrentProcess(), base + page * PAGE, copy, sizeof copy, &done);
        failed += status != 0;
        other += status == 0 && done != sizeof copy;
    }
    say("error: %lu of %lu pages\n", (unsigned long)failed, (unsigned long)pages);
    CHECK(failed > 0 && failed < pages && other == 0);
    /* The machine goes on, and what can be read is right. */
    put("error: touching one\n");
    for (word page = 0; page < pages; page++)
        *(volatile char *)(base + page * PAGE);
}

/* What somebody still has while others end and their slots are given up: he checks it all the time. */
static NTSTATUS keeper(void)
{
    word pages = (word)numbers[1] << 8;
    char *base = commit(numbers[1]);
    fill(base, pages, 9);
    for (unsigned round = 0; round < numbers[2]; round++)
        CHECK(compare(base, pages, 9, round % 2 ? 7 : 1) == 0);
    return checked("pagestress keeper");
}

/* Processes come and go beside one that stays. */
static void keep(void)
{
    unsigned size = numbers[0];
    numbers[1] = size, numbers[2] = 12;
    HANDLE stays = start(1, L"keepr");
    for (unsigned round = 0; round < 4; round++) {
        PVOID base = commit(size);
        SIZE_T none = 0;
        fill(base, (word)size << 8, round);
        CHECK(compare(base, (word)size << 8, round, 1) == 0);
        ok("free", NtFreeVirtualMemory(NtCurrentProcess(), &base, &none, MEM_RELEASE));
    }
    PROCESS_BASIC_INFORMATION basic = {0};
    ok("wait", NtWaitForSingleObject(stays, FALSE, NULL));
    ok("status", NtQueryInformationProcess(stays, ProcessBasicInformation, &basic, sizeof basic, NULL));
    CHECK(basic.ExitStatus == 0);
}

static word now(void)
{
    LARGE_INTEGER counter, frequency;
    ok("clock", NtQueryPerformanceCounter(&counter, &frequency));
    return (word)counter.QuadPart / ((word)frequency.QuadPart / 1000000);
}

static void rate(const char *what, word pages, word microseconds)
{
    word each = microseconds ? pages * 1000000 / microseconds : 0;
    say("%s: %lu pages in %lu us, %lu pages/s, %lu MiB/s\n", what, (unsigned long)pages, (unsigned long)microseconds,
        (unsigned long)each, (unsigned long)(each >> 8));
}

static void rates(void)
{
    word warm = (word)numbers[0] << 8, out = (word)numbers[1] << 8, in = (word)numbers[2] << 8;
    char *base = commit(numbers[0] + numbers[1]);
    /* A new page costs a fault without anything going out, too. */
    word before = now();
    fill_from(base, 0, in, 3);
    rate("page-new", in, now() - before);
    fill_from(base, in, warm - in, 3);
    before = now();
    fill_from(base, warm, out, 3);
    rate("page-out", out, now() - before);
    /* What came last is in memory: without it there is room for what went first. */
    PVOID last = base + (warm + out - in) * PAGE;
    SIZE_T size = in * PAGE;
    ok("decommit", NtFreeVirtualMemory(NtCurrentProcess(), &last, &size, MEM_DECOMMIT));
    before = now();
    unsigned bad = compare(base, in, 3, 1);
    rate("page-in", in, now() - before);
    CHECK(bad == 0);
}

PROGRAM(peb)
{
    parse(parameters_of(peb)->CommandLine.Buffer);
    if (has_word(peb, L"child"))
        return child();
    if (has_word(peb, L"keepr"))
        return keeper();
    if (has_word(peb, L"files"))
        files();
    else if (has_word(peb, L"limit"))
        limit();
    else if (has_word(peb, L"error"))
        error();
    else if (has_word(peb, L"keep"))
        keep();
    else if (has_word(peb, L"rates"))
        rates();
    else
        run(has_word(peb, L"full"));
    if (has_word(peb, L"rest")) {
        LARGE_INTEGER second = {.QuadPart = -10000000};
        NtDelayExecution(FALSE, &second);
    }
    return checked("pagestress");
}
