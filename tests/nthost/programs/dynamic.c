/* Loads, looks up and unloads. */
#include "try.h"

static NTSTATUS load(const WCHAR *name, PVOID *base)
{
    UNICODE_STRING string = wide_string(name);
    *base = 0;
    return LdrLoadDll(NULL, NULL, &string, base);
}

static NTSTATUS handle(const WCHAR *name, PVOID *base)
{
    UNICODE_STRING string = wide_string(name);
    return LdrGetDllHandle(NULL, NULL, &string, base);
}

static NTSTATUS find(PVOID base, const char *name, PVOID *address)
{
    ANSI_STRING text = string(name);
    return LdrGetProcedureAddress(base, &text, 0, address);
}

PROGRAM
{
    PVOID middle, again, inner, ntdll, base, address;
    int (*add)(int, int);
    status("not there yet", handle(L"middle.dll", &base), 0xC0000135);
    same("load", load(L"middle", &middle), 0);
    same("once more, by another spelling", load(L"MIDDLE.DLL", &again), 0);
    same("same base", (ULONG_PTR)again, (ULONG_PTR)middle);
    same("it is there", handle(L"Middle", &base), 0);
    same("handle", (ULONG_PTR)base, (ULONG_PTR)middle);
    same("inner came along", handle(L"inner.dll", &inner), 0);
    same("ntdll", handle(L"ntdll.dll", &ntdll), 0);
    same("by path", handle(L"C:\\Windows\\System32\\middle.dll", &base), 0);

    same("by name", find(inner, "inner_add", (PVOID *)&add), 0);
    same("sum", add(2, 3), 5);
    same("by number", LdrGetProcedureAddress(inner, NULL, 7, &address), 0);
    same("seven", ((int (*)(void))address)(), 7);
    same("forwarded", find(middle, "forwarded", &address), 0);
    same("the same function", (ULONG_PTR)address, (ULONG_PTR)add);
    status("no such name", find(inner, "nothing", &address), 0xC0000139);
    status("case matters", find(inner, "INNER_ADD", &address), 0xC0000139);
    status("no such number", LdrGetProcedureAddress(inner, NULL, 99, &address), 0xC0000138);
    status("no number at all", LdrGetProcedureAddress(inner, NULL, 0x10007, &address), 0xC0000138);
    status("no such module", find((PVOID)0x12340000, "x", &address), 0xC0000135);
    status("round and round", find(middle, "round", &address), 0xC000007B);
    status("forwarded to nothing", find(middle, "nowhere", &address), 0xC0000139);
    status("forwarded to nobody", find(middle, "nobody", &address), 0xC0000135);
    put("late\n");
    same("forwarded to one that is not loaded", find(middle, "late", &address), 0);
    same("its storage", ((int (*)(void))address)(), 40);
    same("its storage", ((int (*)(void))address)(), 41);

    put("unload\n");
    same("first", LdrUnloadDll(middle), 0);
    same("still there", handle(L"inner", &base), 0);
    same("second", LdrUnloadDll(middle), 0);
    status("gone", handle(L"middle", &base), 0xC0000135);
    status("inner too", handle(L"inner", &base), 0xC0000135);
    status("storage too", handle(L"storage", &base), 0xC0000135);
    status("unload what is gone", LdrUnloadDll(middle), 0xC0000135);
    same("ntdll stays", LdrUnloadDll(ntdll), 0);
    same("ntdll is there", handle(L"ntdll", &base), 0);

    put("ring\n");
    same("ring", load(L"ring_a", &base), 0);
    same("ring_a", find(base, "ring_a", &address), 0);
    same("there and back", ((int (*)(int))address)(5), 5);

    put("failures\n");
    status("absent", load(L"absent", &base), 0xC0000135);
    status("needs what is absent", load(L"lacks_dll", &base), 0xC0000135);
    status("nothing is left of it", handle(L"inner", &base), 0xC0000135);
    status("refuses", load(L"refuses", &base), 0xC0000142);
    status("nothing is left of it", handle(L"refuses", &base), 0xC0000135);
    status("nothing is left of it", handle(L"inner", &base), 0xC0000135);
    status("no image", load(L"text.dll", &base), 0xC000007B);
    status("no name", load(L"", &base), 0xC0000135);
    status("no extension", load(L"inner.", &base), 0xC0000135);
    UNICODE_STRING name = wide_string(L"inner.dll");
    same("another path", LdrLoadDll(L"C:\\nowhere;C:\\Windows\\System32", NULL, &name, &base), 0);
    same("unload", LdrUnloadDll(base), 0);
    same("a program is data", load(L"chain.exe", &base), 0);
    same("unload it", LdrUnloadDll(base), 0);
    put("dynamic: done\n");
    return 0;
}
