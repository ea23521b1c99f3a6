/* Io: files of a volume, a driver, control codes. */

#define FSCTL_OF_THE_MOUNTED 0x00090028 /* FSCTL_IS_VOLUME_MOUNTED */
#define LENGTH_OF_THE_DISK 0x0007405C   /* IOCTL_DISK_GET_LENGTH_INFO */

static void files(void)
{
    HANDLE file, folder, volume, section;
    IO_STATUS_BLOCK io;
    PVOID view = NULL;
    SIZE_T length = 0;
    LARGE_INTEGER offset = {.QuadPart = 0}, part = {.QuadPart = 50}, size = {.QuadPart = 100};
    file = file_for(L"\\??\\D:\\file", FILE_OVERWRITE_IF);
    CALL(NtWriteFile, file, NULL, NULL, NULL, &io, &buffer, 100, &offset, NULL);
    CALL(NtReadFile, file, NULL, NULL, NULL, &io, &buffer, 100, &offset, NULL);
    CALL(NtQueryInformationFile, file, &io, &buffer, 24, 5);
    CALL(NtSetInformationFile, file, &io, &offset, 8, 14);
    CALL(NtQueryVolumeInformationFile, file, &io, &buffer, 24, 3);
    CALL(NtFlushBuffersFile, file, &io);
    CALL(NtCreateSection, &section, SECTION_QUERY | SECTION_EXTEND_SIZE | SECTION_MAP_READ, NULL, &part, PAGE_READONLY, SEC_COMMIT, file);
    CALL(NtExtendSection, section, &size);
    ok("view", NtMapViewOfSection(section, SELF, &view, 0, 0, NULL, &length, ViewUnmap, 0, PAGE_READONLY));
    length = 0;
    CALL(NtFlushVirtualMemory, SELF, &view, &length, &io);
    ok("unmap", NtUnmapViewOfSection(SELF, view));
    NtClose(section);
    CALL(NtCancelIoFile, file, &io);
    CALL(NtQueryAttributesFile, named(L"\\??\\D:\\file"), &buffer);
    CALL(NtQueryFullAttributesFile, named(L"\\??\\D:\\file"), &buffer);
    NtClose(file);
    CALL(NtOpenFile, &folder, FILE_LIST_DIRECTORY | SYNCHRONIZE, named(L"\\??\\D:\\"), &io, 7,
        FILE_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT);
    CALL(NtQueryDirectoryFile, folder, NULL, NULL, NULL, &io, &buffer, sizeof buffer, 1, TRUE, NULL, TRUE);
    NtClose(folder);
    CALL(NtDeleteFile, named(L"\\??\\D:\\file"));
    CALL(NtOpenFile, &volume, GENERIC_READ | SYNCHRONIZE, named(L"\\??\\D:"), &io, 7, FILE_SYNCHRONOUS_IO_NONALERT);
    CALL(NtDeviceIoControlFile, volume, NULL, NULL, NULL, &io, LENGTH_OF_THE_DISK, NULL, 0, &buffer, 8);
    CALL(NtFsControlFile, volume, NULL, NULL, NULL, &io, FSCTL_OF_THE_MOUNTED, NULL, 0, NULL, 0);
    NtClose(volume);
}
