/* Ob and Ke: names, handles, waits, dispatcher objects, time, exceptions. */

static void objects(void)
{
    HANDLE directory, link, copy;
    ULONG context = 0;
    SECURITY_DESCRIPTOR descriptor = {1, 0, SE_DACL_PRESENT, NULL, NULL, NULL, NULL};
    UNICODE_STRING target = {0, sizeof buffer.bytes, (wchar_t *)buffer.bytes};
    BOOLEAN flags[2] = {FALSE, FALSE};
    CALL(NtCreateDirectoryObject, &directory, ALL_ACCESS, named(L"\\Measure"));
    CALL(NtOpenDirectoryObject, &copy, ALL_ACCESS, named(L"\\Measure"));
    CALL(NtClose, copy);
    CALL(NtCreateSymbolicLinkObject, &link, ALL_ACCESS, named(L"\\Measure\\Link"), string(L"\\Device"));
    CALL(NtOpenSymbolicLinkObject, &copy, ALL_ACCESS, named(L"\\Measure\\Link"));
    CALL(NtQuerySymbolicLinkObject, copy, &target, &length);
    CALL(NtClose, copy);
    CALL(NtQueryDirectoryObject, directory, &buffer, sizeof buffer, TRUE, TRUE, &context, &length);
    CALL(NtDuplicateObject, SELF, link, SELF, &copy, 0, 0, DUPLICATE_SAME_ACCESS);
    CALL(NtQueryObject, copy, ObjectBasicInformation, &buffer, 56, &length);
    CALL(NtSetInformationObject, copy, 4, flags, sizeof flags);
    CALL(NtMakePermanentObject, directory);
    CALL(NtMakeTemporaryObject, directory);
    CALL(NtQuerySecurityObject, directory, DACL_SECURITY_INFORMATION, &buffer, sizeof buffer, &length);
    CALL(NtSetSecurityObject, directory, DACL_SECURITY_INFORMATION, &descriptor);
    CALL(NtClose, copy);
    CALL(NtClose, link);
    CALL(NtClose, directory);
}

static void dispatcher(void)
{
    HANDLE semaphore, mutant, timer, again, directory;
    LARGE_INTEGER never = {.QuadPart = -3600LL * 10000000}, at_once = {.QuadPart = 0};
    LARGE_INTEGER counter, frequency;
    LONG previous;
    BOOLEAN state;
    CALL(NtCreateDirectoryObject, &directory, ALL_ACCESS, named(L"\\Measure"));

    CALL(NtCreateEvent, &event, ALL_ACCESS, named(L"\\Measure\\Event"), 0, FALSE);
    CALL(NtOpenEvent, &again, ALL_ACCESS, named(L"\\Measure\\Event"));
    CALL(NtPulseEvent, event, &previous);
    CALL(NtResetEvent, event, &previous);
    CALL(NtClearEvent, event);
    CALL(NtSetEvent, event, &previous);
    CALL(NtQueryEvent, event, 0, &buffer, 8, &length);
    CALL(NtWaitForSingleObject, event, FALSE, &at_once);
    CALL(NtWaitForMultipleObjects, 1, &event, 1, FALSE, &at_once);
    CALL(NtSignalAndWaitForSingleObject, event, event, FALSE, &at_once);
    NtClose(again);

    CALL(NtCreateSemaphore, &semaphore, ALL_ACCESS, named(L"\\Measure\\Semaphore"), 1, 100);
    CALL(NtOpenSemaphore, &again, ALL_ACCESS, named(L"\\Measure\\Semaphore"));
    CALL(NtReleaseSemaphore, semaphore, 1, &previous);
    CALL(NtQuerySemaphore, semaphore, 0, &buffer, 8, &length);
    NtClose(again);
    NtClose(semaphore);

    CALL(NtCreateMutant, &mutant, ALL_ACCESS, named(L"\\Measure\\Mutant"), TRUE);
    CALL(NtOpenMutant, &again, ALL_ACCESS, named(L"\\Measure\\Mutant"));
    CALL(NtQueryMutant, mutant, 0, &buffer, 8, &length);
    CALL(NtReleaseMutant, mutant, &previous);
    NtClose(again);
    NtClose(mutant);

    CALL(NtCreateTimer, &timer, ALL_ACCESS, named(L"\\Measure\\Timer"), 0);
    CALL(NtOpenTimer, &again, ALL_ACCESS, named(L"\\Measure\\Timer"));
    CALL(NtSetTimer, timer, &never, 0, 0, FALSE, 0, &state);
    CALL(NtQueryTimer, timer, 0, &buffer, 16, &length);
    CALL(NtCancelTimer, timer, &state);
    NtClose(again);
    NtClose(timer);

    CALL(NtQueryPerformanceCounter, &counter, &frequency);
    CALL(NtQuerySystemTime, &counter);
    CALL(NtSetSystemTime, &counter, &frequency);
    CALL(NtDelayExecution, FALSE, &at_once);
    CALL(NtYieldExecution);
    NtClose(directory);
}

static void NTAPI no_work(void *a, void *b, void *c)
{
}

/* Continues where the exception says, which is behind the capture below. */
static LONG NTAPI go_on(EXCEPTION_POINTERS *pointers)
{
    return EXCEPTION_CONTINUE_EXECUTION;
}

NTSYSAPI PVOID NTAPI RtlAddVectoredExceptionHandler(ULONG, PVECTORED_EXCEPTION_HANDLER);
NTSYSAPI ULONG NTAPI RtlRemoveVectoredExceptionHandler(PVOID);

static void exceptions(void)
{
    volatile int times = 0;
    CONTEXT context;
    EXCEPTION_RECORD record = {.ExceptionCode = 0xE0000001};
    void *handler = RtlAddVectoredExceptionHandler(TRUE, go_on);
    RtlCaptureContext(&context);
    if (times++ == 0)
        TRY(NtContinue, &context, FALSE);
    else if (times == 2) {
        record.ExceptionAddress = (void *)context.Rip;
        TRY(NtRaiseException, &record, &context, TRUE);
    }
    RtlRemoveVectoredExceptionHandler(handler);
    CALL(NtQueueApcThread, THIS_THREAD, no_work, 1, 2, 3);
    CALL(NtAlertThread, THIS_THREAD);
    TRY(NtTestAlert);
}
