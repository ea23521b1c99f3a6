/* Ps and Mm: processes, threads, memory, sections. */

typedef struct {
    void *previous[2];
    void *base, *limit, *allocation;
} INITIAL_STACK;

static HANDLE image_section(void)
{
    HANDLE file, section;
    IO_STATUS_BLOCK io;
    CALL(NtOpenFile, &file, FILE_EXECUTE | FILE_READ_DATA | SYNCHRONIZE, named(L"\\SystemRoot\\System32\\measure.exe"), &io,
        FILE_SHARE_READ, FILE_SYNCHRONOUS_IO_NONALERT);
    CALL(NtCreateSection, &section, ALL_ACCESS, NULL, NULL, PAGE_EXECUTE, SEC_IMAGE, file);
    NtClose(file);
    return section;
}

static void processes(void)
{
    HANDLE section = image_section(), process, thread, again;
    CLIENT_ID own = own_id(), id;
    SECURITY_QUALITY_OF_SERVICE quality = {sizeof quality, SecurityImpersonation, SECURITY_DYNAMIC_TRACKING, TRUE};
    CONTEXT context = {.ContextFlags = CONTEXT_FULL};
    SIZE_T size = 0x10000;
    char *stack = NULL;
    INITIAL_STACK initial = {0};
    ULONG previous, mode = 0;
    HANDLE nobody = NULL;

    CALL(NtCreateProcess, &process, ALL_ACCESS, NULL, SELF, FALSE, section, NULL, NULL);
    NtClose(section);
    CALL(NtOpenProcess, &again, ALL_ACCESS, named_in(NULL, NULL), &own);
    NtClose(again);
    CALL(NtQueryInformationProcess, process, ProcessBasicInformation, &buffer, sizeof(PROCESS_BASIC_INFORMATION), &length);
    CALL(NtSetInformationProcess, process, 12, &mode, sizeof mode);

    CALL(NtAllocateVirtualMemory, process, &stack, 0, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    initial.base = stack + size;
    initial.limit = initial.allocation = stack;
    context.Rip = (ULONG_PTR)no_work;
    context.Rsp = (ULONG_PTR)initial.base - 0x28;
    CALL(NtCreateThread, &thread, ALL_ACCESS, NULL, process, &id, &context, &initial, TRUE);
    CALL(NtOpenThread, &again, ALL_ACCESS, named_in(NULL, NULL), &id);
    NtClose(again);
    CALL(NtSuspendThread, thread, &previous);
    CALL(NtResumeThread, thread, &previous);
    CALL(NtSuspendThread, thread, &previous);
    CALL(NtAlertResumeThread, thread, &previous);
    CALL(NtSuspendProcess, process);
    CALL(NtResumeProcess, process);
    CALL(NtQueryInformationThread, thread, 0, &buffer, 48, &length);
    CALL(NtSetInformationThread, thread, 3, &mode, sizeof mode);
    CALL(NtGetContextThread, thread, &context);
    CALL(NtSetContextThread, thread, &context);
    CALL(NtTerminateThread, thread, 0);
    CALL(NtTerminateProcess, process, 0);
    NtClose(thread);
    NtClose(process);

    CALL(NtImpersonateThread, THIS_THREAD, THIS_THREAD, &quality);
    CALL(NtSetInformationThread, THIS_THREAD, 5, &nobody, sizeof nobody);
}

static void memory(void)
{
    HANDLE directory, section, again;
    SIZE_T size = 0x2000, moved;
    LARGE_INTEGER section_size = {.QuadPart = 0x20000}, offset = {.QuadPart = 0};
    char *base = NULL, *view = NULL;
    ULONG before;
    CALL(NtAllocateVirtualMemory, SELF, &base, 0, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    base[0] = 1;
    CALL(NtProtectVirtualMemory, SELF, &base, &size, PAGE_READWRITE, &before);
    CALL(NtQueryVirtualMemory, SELF, base, 0, &buffer, sizeof(MEMORY_BASIC_INFORMATION), &moved);
    CALL(NtReadVirtualMemory, SELF, base, &buffer, 8, &moved);
    CALL(NtWriteVirtualMemory, SELF, base, &buffer, 8, &moved);
    CALL(NtLockVirtualMemory, SELF, &base, &size, 1);
    CALL(NtUnlockVirtualMemory, SELF, &base, &size, 1);
    CALL(NtFlushInstructionCache, SELF, base, size);
    size = 0;
    CALL(NtFreeVirtualMemory, SELF, &base, &size, MEM_RELEASE);

    CALL(NtCreateDirectoryObject, &directory, ALL_ACCESS, named(L"\\Measure"));
    CALL(NtCreateSection, &section, ALL_ACCESS, named(L"\\Measure\\Section"), &section_size, PAGE_READWRITE, SEC_COMMIT, NULL);
    CALL(NtOpenSection, &again, ALL_ACCESS, named(L"\\Measure\\Section"));
    CALL(NtQuerySection, section, 0, &buffer, 24, &moved);
    size = 0;
    CALL(NtMapViewOfSection, section, SELF, &view, 0, 0, &offset, &size, ViewUnmap, 0, PAGE_READWRITE);
    view[0] = 1;
    CALL(NtUnmapViewOfSection, SELF, view);
    NtClose(again);
    NtClose(section);
    NtClose(directory);
}
