/* The C library that ntdll exports, called as a C compiler calls it: with its own prototypes and variadic calls. */
#include "check.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

int __cdecl sprintf(char *, const char *, ...);
int __cdecl _snprintf(char *, size_t, const char *, ...);
/* Without a size, as ntdll has it. */
int __cdecl print_wide(wchar_t *, const wchar_t *, ...) __asm__("swprintf");
int __cdecl sprintf_s(char *, size_t, const char *, ...);
int __cdecl _snprintf_s(char *, size_t, size_t, const char *, ...);
int __cdecl sscanf(const char *, const char *, ...);

static int __cdecl compare(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static void print(void)
{
    char text[200];
    wchar_t wide[64];
    UNICODE_STRING name = text_of(L"Name");
    sprintf(text, "%d %s %S %wZ %I64x %f %c|%5d", -3, "text", L"wide", &name, 0x123456789abcULL, 1.5, 'z', 42);
    CHECK(!strcmp(text, "-3 text wide Name 123456789abc 1.500000 z|   42"));
    sprintf(text, "%08lX %p %-4u| %#x %+d %.3s %5.1f%%", 0xC0000034UL, (void *)0x7FFDF000, 7U, 255, 5, "abcdef", 99.5);
    CHECK(!strcmp(text, "C0000034 000000007FFDF000 7   | 0xff +5 abc  99.5%"));
    CHECK(_snprintf(text, 5, "%d", 123456) == -1 && !memcmp(text, "12345", 5));
    CHECK(_snprintf(text, 6, "%d", 123456) == 6);
    CHECK(_snprintf(text, 7, "%d", 123456) == 6 && !text[6]);
    CHECK(print_wide(wide, L"%s-%S-%hs-%x", L"w", "n", "h", 255) == 8 && same_text(wide, L"w-n-h-ff"));
    CHECK(_snwprintf(wide, 3, L"%d", 1234) == -1);
    CHECK(_snprintf_s(text, 4, (size_t)-1, "%d %d", 12, 345) == -1 && !strcmp(text, "12 "));
    CHECK(_snprintf_s(text, 9, 8, "%d %d %s", 1, 2, "abcd") == 8 && !strcmp(text, "1 2 abcd"));
    CHECK(sprintf_s(text, 4, "%d", 123) == 3 && sprintf_s(text, 3, "%d", 123) == -1 && !text[0]);
}

static void scan(void)
{
    int x, y;
    short h;
    char word[20];
    long long large;
    CHECK(sscanf("12 0x1f word 99", "%d %i %s %hd", &x, &y, word, &h) == 4);
    CHECK(x == 12 && y == 31 && !strcmp(word, "word") && h == 99);
    CHECK(sscanf("key=8589934592", "%[^=]=%I64d", word, &large) == 2 && large == 8589934592LL);
    CHECK(sscanf("", "%d", &x) == -1 && sscanf("x", "%d", &x) == 0);
}

static void text(void)
{
    wchar_t wide[32];
    char narrow[32] = "ab";
    wcscpy(wide, L"ab");
    wcscat(wide, L"cd");
    CHECK(same_text(wide, L"abcd") && wcsstr(wide, L"cd") == wide + 2 && !wcsstr(wide, L"x"));
    CHECK(wcschr(wide, L'c') == wide + 2 && wcschr(wide, 0) == wide + 4 && !wcschr(wide, L'x') && wcsrchr(wide, L'a') == wide);
    CHECK(same_text(_wcsupr(wide), L"ABCD") && same_text(_wcslwr(wide), L"abcd"));
    CHECK(!_wcsicmp(L"AbC", L"aBc") && _wcsicmp(L"a", L"B") < 0 && !_wcsnicmp(L"ABx", L"aby", 2));
    CHECK(wcscmp(L"a", L"b") < 0 && !wcsncmp(L"abx", L"aby", 2) && wcsspn(L"aab", L"a") == 2 && wcscspn(L"abc", L"c") == 2);
    CHECK(!_stricmp("Foo", "fOO") && strlen("four") == 4 && *strstr("abc", "c") == 'c' && strrchr("aba", 'a')[1] == 0);
    CHECK(!strcmp(strncat(narrow, "cdef", 2), "abcd"));
    memset(wide, 0x77, sizeof wide);
    wcsncpy(wide, L"xy", 5);
    CHECK(wide[1] == L'y' && !wide[2] && !wide[4] && wide[5] == 0x7777);
    CHECK(wcscpy_s(wide, 3, L"ab") == 0 && wcscpy_s(wide, 2, L"ab") == 34 && !wide[0]);
    memcpy(narrow, "0123456789", 11);
    memmove(narrow + 2, narrow, 5);
    CHECK(!strcmp(narrow, "0101234789") && memchr(narrow, '7', 10) == narrow + 7 && !memchr(narrow, 'x', 10));
}

static void numbers(void)
{
    char narrow[80], *end;
    wchar_t wide[40], *wide_end;
    CHECK(wcstol(L" -0x10z", &wide_end, 0) == -16 && *wide_end == L'z');
    CHECK(strtoul("99x", &end, 10) == 99 && *end == 'x' && strtoul("4294967296", NULL, 10) == 0xFFFFFFFF);
    CHECK(_wtoi(L" 42a") == 42 && atoi("-7") == -7);
    CHECK(!strcmp(_itoa(-5, narrow, 10), "-5") && !strcmp(_itoa(-1, narrow, 16), "ffffffff"));
    CHECK(same_text(_ultow(4000000000UL, wide, 10), L"4000000000"));
    CHECK(!strcmp(_i64toa(-9223372036854775807LL - 1, narrow, 10), "-9223372036854775808"));
    CHECK(isdigit('5') && !isdigit('a') && isspace('\t') && toupper('a') == 'A' && towupper(0xE4) == 0xC4);
}

static void sorting(void)
{
    int numbers[100], key = 50, index, sorted = 1;
    for (index = 0; index < 100; index++)
        numbers[index] = index * 37 % 101;
    qsort(numbers, 100, sizeof(int), compare);
    for (index = 1; index < 100; index++)
        sorted &= numbers[index - 1] <= numbers[index];
    CHECK(sorted && *(int *)bsearch(&key, numbers, 100, sizeof(int), compare) == 50);
    key = 1000;
    CHECK(!bsearch(&key, numbers, 100, sizeof(int), compare));
}

PROGRAM(peb)
{
    print();
    scan();
    text();
    numbers();
    sorting();
    return checked("crt");
}
