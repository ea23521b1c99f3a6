/* A kernel-mode image by a stranger: bound to the kernel's exports, it adds the second service table. */
typedef unsigned long long ULONG64;
typedef unsigned ULONG;
typedef int NTSTATUS;

__declspec(dllimport) void HalDisplayString(const char *);
__declspec(dllimport) unsigned char KeAddSystemServiceTable(ULONG64 *, ULONG *, ULONG, unsigned char *, ULONG);
__declspec(dllimport) void *ExAllocatePoolWithTag(ULONG, ULONG64, ULONG);
__declspec(dllimport) void ExFreePoolWithTag(void *, ULONG);

/* 0x1000: six arguments, two of them on the stack. */
static NTSTATUS digits(ULONG64 a, ULONG64 b, ULONG64 c, ULONG64 d, ULONG64 e, ULONG64 f)
{
    return (NTSTATUS)(a + 10 * b + 100 * c + 1000 * d + 10000 * e + 100000 * f);
}

/* 0x1001: none. */
static NTSTATUS greet(void)
{
    HalDisplayString("driver: a service was called\r\n");
    return 0x12345;
}

/* Data that need not stay in memory, as its section's name says: 64 pages. */
#define PAGED 64
__attribute__((section("PAGEDATA"))) static volatile ULONG64 paged[PAGED][512] = {{1}};

/* 0x1002: writes to all of it. */
static NTSTATUS store(void)
{
    for (ULONG page = 0; page < PAGED; page++)
        paged[page][page] = ~(ULONG64)page;
    return 0;
}

/* 0x1003: how many pages are not as they were written. */
static NTSTATUS compare(void)
{
    ULONG wrong = 0;
    for (ULONG page = 0; page < PAGED; page++)
        wrong += paged[page][page] != ~(ULONG64)page || paged[page][page + 1] != 0;
    return (NTSTATUS)wrong;
}

static ULONG64 table[4];
static unsigned char arguments[4] = {48, 0, 0, 0};
/* A pointer in data: it has to be relocated. */
static const char *const greeting = "driver: entry\r\n";
static const char *const *volatile where = &greeting;

NTSTATUS DriverEntry(void *driver, void *path)
{
    char *block = ExAllocatePoolWithTag(0, 32, 0x74736574);
    HalDisplayString(*where);
    if (!block)
        return (NTSTATUS)0xC000009A;
    for (int i = 0; i < 15; i++)
        block[i] = "driver: pool\r\n"[i];
    HalDisplayString(block);
    ExFreePoolWithTag(block, 0x74736574);
    table[0] = (ULONG64)digits;
    table[1] = (ULONG64)greet;
    table[2] = (ULONG64)store;
    table[3] = (ULONG64)compare;
    return KeAddSystemServiceTable(table, 0, 4, arguments, 1) ? 0 : (NTSTATUS)0xC0000001;
}
