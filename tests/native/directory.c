/* Lists \ and \?? with types; links with what they lead to. */
#include "native.h"

typedef struct {
    UNICODE_STRING Name;
    UNICODE_STRING TypeName;
} ENTRY;

static void show(HANDLE directory, const wchar_t *path, ENTRY *entry)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING target;
    wchar_t text[260];
    HANDLE link;
    InitializeObjectAttributes(&attributes, &entry->Name, CASELESS, directory, NULL);
    if (!NT_SUCCESS(NtOpenSymbolicLinkObject(&link, 1, &attributes))) {
        say("%ws %wZ (%wZ)\n", path, &entry->Name, &entry->TypeName);
        return;
    }
    target.Buffer = text;
    target.Length = 0;
    target.MaximumLength = sizeof text;
    ok("query link", NtQuerySymbolicLinkObject(link, &target, NULL));
    say("%ws %wZ (%wZ) -> %wZ\n", path, &entry->Name, &entry->TypeName, &target);
    NtClose(link);
}

static void list(const wchar_t *path)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    HANDLE directory;
    ULONG context = 0, length;
    char buffer[600];
    NTSTATUS status;
    BOOLEAN restart = TRUE;
    name_it(&attributes, &name, path);
    ok("open directory", NtOpenDirectoryObject(&directory, 1, &attributes));
    while (NT_SUCCESS(status = NtQueryDirectoryObject(directory, buffer, sizeof buffer, FALSE, restart, &context, &length))) {
        for (ENTRY *entry = (ENTRY *)buffer; entry->Name.Buffer; entry++)
            show(directory, path, entry);
        restart = FALSE;
    }
    expect("end of directory", status, STATUS_NO_MORE_ENTRIES);
    NtClose(directory);
}

PROGRAM(peb)
{
    list(L"\\");
    list(L"\\??");
    return STATUS_SUCCESS;
}
