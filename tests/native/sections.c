/* Two processes share a section by name: the child writes, the parent reads. */
#include "native.h"

#define NAME L"\\StrangersSection"

static volatile LONG *map(HANDLE section)
{
    PVOID base = NULL;
    SIZE_T size = 0;
    ok("map", NtMapViewOfSection(section, NtCurrentProcess(), &base, 0, 0, NULL, &size, ViewUnmap, 0, PAGE_READWRITE));
    return base;
}

PROGRAM(peb)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    LARGE_INTEGER size = {.QuadPart = 0x10000};
    HANDLE section;
    volatile LONG *view;
    PROCESS_INFO info;
    name_it(&attributes, &name, NAME);
    if (has_word(peb, L"second")) {
        ok("open section", NtOpenSection(&section, SECTION_ALL_ACCESS, &attributes));
        view = map(section);
        say("second process reads %ld\n", view[0]);
        view[0x3000] = 4711;
        return 7;
    }
    ok("create section", NtCreateSection(&section, SECTION_ALL_ACCESS, &attributes, &size, PAGE_READWRITE, SEC_COMMIT, NULL));
    view = map(section);
    view[0] = 1234;
    info = start_again(peb, L"sections second");
    expect("second process", wait_for_end(&info), 7);
    say("first process reads %ld\n", view[0x3000]);
    ok("unmap", NtUnmapViewOfSection(NtCurrentProcess(), (PVOID)view));
    return STATUS_SUCCESS;
}
