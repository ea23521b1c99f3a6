/* Calls of system services by name, with any arguments, each of them checked. The table of what they cost
   (tests/portable/services.toml) is made from this program's run. */
#ifndef CALL_H
#define CALL_H

#include "../native.h"

/* A pointer is as good an argument as a number: all are 64 bits wide. */
#pragma GCC diagnostic ignored "-Wint-conversion"

#define MOST_ARGUMENTS 16
#define ALL_ACCESS GENERIC_ALL
#define SELF ((ULONG_PTR)-1)
#define THIS_THREAD ((ULONG_PTR)-2)

typedef ULONG_PTR ARGUMENTS[MOST_ARGUMENTS];

static unsigned calls, failures;

static ULONG_PTR call(void *service, const ULONG_PTR *a)
{
    typedef ULONG_PTR(NTAPI * SERVICE)(ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR,
        ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR);
    calls++;
    return ((SERVICE)service)(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11], a[12]);
}

static NTSTATUS call_checked(const char *name, void *service, const ULONG_PTR *arguments)
{
    NTSTATUS status = (NTSTATUS)call(service, arguments);
    if (!NT_SUCCESS(status)) {
        failures++;
        say("FAIL %s: %08lx\n", name, status);
    }
    return status;
}

static NTSTATUS call_any(void *service, const ULONG_PTR *arguments)
{
    return (NTSTATUS)call(service, arguments);
}

/* A service of win32k's: a handle or a BOOL. */
static ULONG_PTR call_window(const char *name, void *service, const ULONG_PTR *arguments)
{
    ULONG_PTR value = (ULONG)call(service, arguments);
    if (!value) {
        failures++;
        say("FAIL %s\n", name);
    }
    return value;
}

/* Services are called by their exported names, whatever prototype a header may have for them. */
#define SERVICE(name) ({ extern char service_##name[] __asm__(#name); (void *)service_##name; })
/* A call that succeeds. */
#define CALL(name, ...) call_checked(#name, SERVICE(name), (ARGUMENTS){__VA_ARGS__})
/* A call that may fail, or comes back some other way. */
#define TRY(name, ...) call_any(SERVICE(name), (ARGUMENTS){__VA_ARGS__})
#define WINDOW(name, ...) call_window(#name, SERVICE(name), (ARGUMENTS){__VA_ARGS__})

/* Attributes with a name, which last until the third next ones. */
static OBJECT_ATTRIBUTES *named_in(HANDLE root, const wchar_t *name)
{
    static OBJECT_ATTRIBUTES attributes[3];
    static UNICODE_STRING strings[3];
    static unsigned next;
    next = (next + 1) % 3;
    RtlInitUnicodeString(&strings[next], name);
    InitializeObjectAttributes(&attributes[next], &strings[next], CASELESS | OBJ_OPENIF, root, NULL);
    return &attributes[next];
}

static OBJECT_ATTRIBUTES *named(const wchar_t *name)
{
    return named_in(NULL, name);
}

static UNICODE_STRING *string(const wchar_t *text)
{
    return named(text)->ObjectName;
}

/* The calling thread, as its TEB has it (spec/smss.md 7.4). */
static CLIENT_ID own_id(void)
{
    return *(CLIENT_ID *)((char *)NtCurrentTeb() + 0x40);
}

static union {
    char bytes[4096];
    ULONG_PTR words[512];
} buffer;
static ULONG length;
static HANDLE event;

#endif
