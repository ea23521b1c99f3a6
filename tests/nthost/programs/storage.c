/* Has static thread-local storage: a template, zeros behind it, and a callback. */
#include "try.h"

TELLING_DLL("storage")

ULONG _tls_index = 77;
static const int template[2] = {40, 0x1234};

static void NTAPI callback(PVOID base, DWORD reason, PVOID context)
{
    put(reason == 1 ? "storage: callback at process start\n" : "storage: callback\n");
}

static const PIMAGE_TLS_CALLBACK callbacks[] = {callback, 0};

/* The linker puts the directory into the headers because of its name. */
const IMAGE_TLS_DIRECTORY64 _tls_used = {
    .StartAddressOfRawData = (ULONGLONG)template,
    .EndAddressOfRawData = (ULONGLONG)(template + 2),
    .AddressOfIndex = (ULONGLONG)&_tls_index,
    .AddressOfCallBacks = (ULONGLONG)callbacks,
    .SizeOfZeroFill = 64,
};

/* Counts from 40, for each thread; -1 when its storage is not as it should be. */
__declspec(dllexport) int storage_next(void)
{
    int **blocks = *(int ***)((char *)NtCurrentTeb() + 0x58);
    int *mine = blocks[_tls_index];
    for (int i = 2; i < 18; i++)
        if (mine[i])
            return -1;
    return mine[1] == 0x1234 ? mine[0]++ : -1;
}
