/* Counted strings, numbers, code page, GUIDs; times, bit maps, versions. */
#include "check.h"

typedef struct {
    ULONG size;
    ULONG *buffer;
} BITS;
typedef struct {
    SHORT year, month, day, hour, minute, second, milliseconds, weekday;
} FIELDS;

NTSYSAPI BOOLEAN NTAPI RtlCreateUnicodeString(PUNICODE_STRING, PCWSTR);
NTSYSAPI BOOLEAN NTAPI RtlCreateUnicodeStringFromAsciiz(PUNICODE_STRING, PCSTR);
NTSYSAPI NTSTATUS NTAPI RtlAppendUnicodeToString(PUNICODE_STRING, PCWSTR);
NTSYSAPI NTSTATUS NTAPI RtlAppendUnicodeStringToString(PUNICODE_STRING, PCUNICODE_STRING);
NTSYSAPI LONG NTAPI RtlCompareUnicodeString(PCUNICODE_STRING, PCUNICODE_STRING, BOOLEAN);
NTSYSAPI BOOLEAN NTAPI RtlEqualUnicodeString(PCUNICODE_STRING, PCUNICODE_STRING, BOOLEAN);
NTSYSAPI BOOLEAN NTAPI RtlPrefixUnicodeString(PCUNICODE_STRING, PCUNICODE_STRING, BOOLEAN);
NTSYSAPI NTSTATUS NTAPI RtlUpcaseUnicodeString(PUNICODE_STRING, PCUNICODE_STRING, BOOLEAN);
NTSYSAPI WCHAR NTAPI RtlUpcaseUnicodeChar(WCHAR);
NTSYSAPI NTSTATUS NTAPI RtlHashUnicodeString(PCUNICODE_STRING, BOOLEAN, ULONG, PULONG);
NTSYSAPI NTSTATUS NTAPI RtlDuplicateUnicodeString(ULONG, PCUNICODE_STRING, PUNICODE_STRING);
NTSYSAPI NTSTATUS NTAPI RtlUnicodeStringToInteger(PCUNICODE_STRING, ULONG, PULONG);
NTSYSAPI NTSTATUS NTAPI RtlIntegerToUnicodeString(ULONG, ULONG, PUNICODE_STRING);
NTSYSAPI NTSTATUS NTAPI RtlGUIDFromString(PCUNICODE_STRING, GUID *);
NTSYSAPI NTSTATUS NTAPI RtlStringFromGUID(const GUID *, PUNICODE_STRING);
NTSYSAPI NTSTATUS NTAPI RtlUnicodeToUTF8N(PCHAR, ULONG, PULONG, PCWSTR, ULONG);
NTSYSAPI NTSTATUS NTAPI RtlOemToUnicodeN(PWSTR, ULONG, PULONG, PCCH, ULONG);
NTSYSAPI NTSTATUS NTAPI RtlUpcaseUnicodeStringToOemString(POEM_STRING, PCUNICODE_STRING, BOOLEAN);
NTSYSAPI void NTAPI RtlFreeOemString(POEM_STRING);
NTSYSAPI void NTAPI RtlInitializeBitMap(BITS *, ULONG *, ULONG);
NTSYSAPI void NTAPI RtlSetBits(BITS *, ULONG, ULONG);
NTSYSAPI ULONG NTAPI RtlFindClearBitsAndSet(BITS *, ULONG, ULONG);
NTSYSAPI ULONG NTAPI RtlNumberOfSetBits(BITS *);
NTSYSAPI void NTAPI RtlTimeToTimeFields(LARGE_INTEGER *, FIELDS *);
NTSYSAPI BOOLEAN NTAPI RtlTimeFieldsToTime(FIELDS *, LARGE_INTEGER *);
NTSYSAPI NTSTATUS NTAPI RtlGetVersion(OSVERSIONINFOW *);
NTSYSAPI ULONG NTAPI RtlUniform(PULONG);
NTSYSAPI ULONG NTAPI RtlComputeCrc32(ULONG, const void *, ULONG);

static void strings(void)
{
    wchar_t buffer[8];
    UNICODE_STRING hello = text_of(L"Hello"), other = text_of(L"hELLO w"), made, target = {0, 14, buffer};
    ULONG a, b;
    CHECK(hello.Length == 10 && hello.MaximumLength == 12);
    CHECK(RtlCreateUnicodeString(&made, L"xyz") && made.Length == 6 && same_text(made.Buffer, L"xyz"));
    RtlFreeUnicodeString(&made);
    CHECK(!made.Buffer && RtlCreateUnicodeStringFromAsciiz(&made, "a\x80") && made.Buffer[1] == 0x20AC);
    RtlFreeUnicodeString(&made);
    CHECK(!RtlAppendUnicodeToString(&target, L"ab") && !RtlAppendUnicodeStringToString(&target, &hello));
    CHECK(is_text(&target, L"abHello") && RtlAppendUnicodeToString(&target, L"x") == STATUS_BUFFER_TOO_SMALL_);
    CHECK(!RtlEqualUnicodeString(&hello, &other, TRUE) && RtlPrefixUnicodeString(&hello, &other, TRUE));
    CHECK(!RtlPrefixUnicodeString(&hello, &other, FALSE) && RtlCompareUnicodeString(&hello, &other, TRUE) < 0);
    CHECK(!RtlUpcaseUnicodeString(&made, &hello, TRUE) && is_text(&made, L"HELLO"));
    CHECK(!RtlHashUnicodeString(&hello, TRUE, 0, &a) && !RtlHashUnicodeString(&made, FALSE, 1, &b) && a == b);
    RtlFreeUnicodeString(&made);
    CHECK(!RtlDuplicateUnicodeString(1, &hello, &made) && is_text(&made, L"Hello") && !made.Buffer[5]);
    RtlFreeUnicodeString(&made);
    CHECK(RtlUpcaseUnicodeChar(0xFF) == 0x178 && RtlUpcaseUnicodeChar(0x3C9) == 0x3A9);
}

static void numbers(void)
{
    wchar_t buffer[12];
    UNICODE_STRING hex = text_of(L" 0x1f"), target = {0, 8, buffer}, made;
    UNICODE_STRING braces = text_of(L"{00112233-4455-6677-8899-AABBCCDDEEFF}");
    ULONG value;
    GUID guid;
    CHECK(!RtlUnicodeStringToInteger(&hex, 0, &value) && value == 31);
    CHECK(RtlUnicodeStringToInteger(&hex, 7, &value) == STATUS_INVALID_PARAMETER_);
    CHECK(!RtlIntegerToUnicodeString(0xABC, 16, &target) && is_text(&target, L"ABC"));
    CHECK(RtlIntegerToUnicodeString(0xABCDE, 16, &target) == STATUS_BUFFER_OVERFLOW_);
    CHECK(!RtlGUIDFromString(&braces, &guid) && guid.Data1 == 0x00112233 && guid.Data4[7] == 0xFF);
    CHECK(!RtlStringFromGUID(&guid, &made) && same_text(made.Buffer, braces.Buffer));
    RtlFreeUnicodeString(&made);
}

static void code_pages(void)
{
    char small[4], utf8[8];
    ANSI_STRING ansi, made, cut = {0, 3, small};
    UNICODE_STRING wide, hello = text_of(L"Hello");
    wchar_t block;
    ULONG length;
    CHECK(!RtlOemToUnicodeN(&block, 2, &length, "\xDB", 1) && length == 2 && block == 0x2588);
    wide = text_of(L"\x00E4x");
    CHECK(!RtlUpcaseUnicodeStringToOemString(&made, &wide, TRUE) && (UCHAR)made.Buffer[0] == 0x8E && made.Buffer[1] == 'X');
    RtlFreeOemString(&made);
    RtlInitAnsiString(&ansi, "ansi\xE4");
    CHECK(!RtlAnsiStringToUnicodeString(&wide, &ansi, TRUE) && is_text(&wide, L"ansi\x00E4"));
    CHECK(!RtlUnicodeStringToAnsiString(&made, &wide, TRUE) && made.Length == 5 && (UCHAR)made.Buffer[4] == 0xE4);
    RtlFreeUnicodeString(&wide);
    RtlFreeAnsiString(&made);
    CHECK(RtlUnicodeStringToAnsiString(&cut, &hello, FALSE) == STATUS_BUFFER_OVERFLOW_ && cut.Length == 2 && small[1] == 'e');
    CHECK(!RtlUnicodeToUTF8N(utf8, sizeof utf8, &length, L"\x20AC", 2) && length == 3 && (UCHAR)utf8[0] == 0xE2);
}

static void others(void)
{
    ULONG words[2] = {0, 0}, seed = 1;
    BITS bits;
    LARGE_INTEGER time, back;
    FIELDS fields;
    OSVERSIONINFOW version;
    RtlInitializeBitMap(&bits, words, 40);
    RtlSetBits(&bits, 2, 3);
    CHECK(RtlFindClearBitsAndSet(&bits, 4, 0) == 5 && RtlNumberOfSetBits(&bits) == 7 && words[0] == 0x1FC);
    CHECK(RtlFindClearBitsAndSet(&bits, 40, 0) == 0xFFFFFFFF);
    time.QuadPart = 125911584000000000LL;
    RtlTimeToTimeFields(&time, &fields);
    CHECK(fields.year == 2000 && fields.month == 1 && fields.day == 1 && fields.weekday == 6);
    CHECK(RtlTimeFieldsToTime(&fields, &back) && back.QuadPart == time.QuadPart);
    version.dwOSVersionInfoSize = sizeof version;
    CHECK(!RtlGetVersion(&version) && version.dwMajorVersion >= 3 && version.dwPlatformId <= 2);
    CHECK(RtlUniform(&seed) == 0x7FFFFFB1 && RtlComputeCrc32(0, "123456789", 9) == 0xCBF43926);
    CHECK(RtlNtStatusToDosError(STATUS_OBJECT_NAME_NOT_FOUND_) == 2);
}

PROGRAM(peb)
{
    strings();
    numbers();
    code_pages();
    others();
    return checked("rtltext");
}
