/* Checks that say which of them failed, and go on. */
#ifndef CHECK_H
#define CHECK_H

#include "native.h"

#define STATUS_BUFFER_OVERFLOW_ ((NTSTATUS)0x80000005)
#define STATUS_INVALID_PARAMETER_ ((NTSTATUS)0xC000000D)
#define STATUS_BUFFER_TOO_SMALL_ ((NTSTATUS)0xC0000023)
#define STATUS_OBJECT_NAME_NOT_FOUND_ ((NTSTATUS)0xC0000034)

static unsigned checks, failures;

#define CHECK(condition)                                         \
    do {                                                         \
        checks++;                                                \
        if (!(condition)) {                                      \
            failures++;                                          \
            say("FAIL line %d: %s\n", __LINE__, #condition);     \
        }                                                        \
    } while (0)

/* The exit status: as many failures as there were. */
static inline NTSTATUS checked(const char *name)
{
    say("%s: %u checks, %u failed\n", name, checks, failures);
    return (NTSTATUS)failures;
}

static inline int same_text(const wchar_t *a, const wchar_t *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

static inline UNICODE_STRING text_of(wchar_t *text)
{
    UNICODE_STRING string;
    RtlInitUnicodeString(&string, text);
    return string;
}

/* Whether a counted string is that text. */
static inline int is_text(UNICODE_STRING *string, const wchar_t *text)
{
    size_t units = wcslen(text), index;
    if (string->Length != units * sizeof(wchar_t))
        return 0;
    for (index = 0; index < units; index++)
        if (string->Buffer[index] != text[index])
            return 0;
    return 1;
}

#endif
