/* A serial port as a program of 1996 sees it: settings, time-outs, waits, and bytes both ways. Its other end sends
   "hello", then hangs up. Words on the command line: which port. */
#include "check.h"
typedef LARGE_INTEGER PHYSICAL_ADDRESS;
#include <ntddser.h>

#define MAXULONG 0xFFFFFFFFul

#define STATUS_TIMEOUT_ ((NTSTATUS)0x102)
#define STATUS_PENDING_ ((NTSTATUS)0x103)
#define STATUS_ACCESS_DENIED_ ((NTSTATUS)0xC0000022)
#define STATUS_CANCELLED_ ((NTSTATUS)0xC0000120)
#define STATUS_END_OF_FILE_ ((NTSTATUS)0xC0000011)

NTSYSAPI NTSTATUS NTAPI NtCancelIoFile(HANDLE, PIO_STATUS_BLOCK);
NTSYSAPI NTSTATUS NTAPI NtCreateEvent(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES, ULONG, BOOLEAN);

static HANDLE port;

static NTSTATUS open_port(HANDLE *handle, const wchar_t *name, ULONG options)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING string;
    IO_STATUS_BLOCK status;
    name_it(&attributes, &string, name);
    return NtCreateFile(handle, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, &attributes, &status, NULL, 0, 0, FILE_OPEN,
        options, NULL, 0);
}

static NTSTATUS control(ULONG code, void *in, ULONG in_length, void *out, ULONG out_length)
{
    IO_STATUS_BLOCK status;
    return NtDeviceIoControlFile(port, NULL, NULL, NULL, &status, code, in, in_length, out, out_length);
}

static NTSTATUS read_port(char *buffer, ULONG length, ULONG *got)
{
    IO_STATUS_BLOCK status;
    NTSTATUS result = NtReadFile(port, NULL, NULL, NULL, &status, buffer, length, NULL, NULL);
    *got = NT_SUCCESS(result) ? (ULONG)status.Information : 0;
    return result;
}

static NTSTATUS set_timeouts(ULONG interval, ULONG multiplier, ULONG constant)
{
    SERIAL_TIMEOUTS timeouts = { interval, multiplier, constant, 0, 0 };
    return control(IOCTL_SERIAL_SET_TIMEOUTS, &timeouts, sizeof timeouts, NULL, 0);
}

static void settings(void)
{
    SERIAL_BAUD_RATE baud = { 115200 };
    SERIAL_LINE_CONTROL line = { STOP_BITS_2, EVEN_PARITY, 7 }, told;
    SERIAL_TIMEOUTS timeouts;
    SERIAL_COMMPROP properties;
    ULONG number;
    CHECK(control(IOCTL_SERIAL_SET_BAUD_RATE, &baud, sizeof baud, NULL, 0) == 0);
    baud.BaudRate = 0;
    CHECK(control(IOCTL_SERIAL_GET_BAUD_RATE, NULL, 0, &baud, sizeof baud) == 0 && baud.BaudRate == 115200);
    baud.BaudRate = 0;
    CHECK(control(IOCTL_SERIAL_SET_BAUD_RATE, &baud, sizeof baud, NULL, 0) == STATUS_INVALID_PARAMETER_);
    CHECK(control(IOCTL_SERIAL_SET_BAUD_RATE, &baud, 3, NULL, 0) == STATUS_BUFFER_TOO_SMALL_);
    CHECK(control(IOCTL_SERIAL_SET_LINE_CONTROL, &line, sizeof line, NULL, 0) == 0);
    CHECK(control(IOCTL_SERIAL_GET_LINE_CONTROL, NULL, 0, &told, sizeof told) == 0);
    CHECK(told.WordLength == 7 && told.Parity == EVEN_PARITY && told.StopBits == STOP_BITS_2);
    line.WordLength = 9;
    CHECK(control(IOCTL_SERIAL_SET_LINE_CONTROL, &line, sizeof line, NULL, 0) == STATUS_INVALID_PARAMETER_);
    line.StopBits = STOP_BIT_1, line.Parity = NO_PARITY, line.WordLength = 8;
    CHECK(control(IOCTL_SERIAL_SET_LINE_CONTROL, &line, sizeof line, NULL, 0) == 0);
    CHECK(set_timeouts(MAXULONG, MAXULONG, MAXULONG) == STATUS_INVALID_PARAMETER_);
    CHECK(set_timeouts(1, 2, 3) == 0);
    CHECK(control(IOCTL_SERIAL_GET_TIMEOUTS, NULL, 0, &timeouts, sizeof timeouts) == 0);
    CHECK(timeouts.ReadIntervalTimeout == 1 && timeouts.ReadTotalTimeoutConstant == 3);
    CHECK(control(IOCTL_SERIAL_GET_TIMEOUTS, NULL, 0, &timeouts, 19) == STATUS_BUFFER_TOO_SMALL_);
    CHECK(control(IOCTL_SERIAL_GET_PROPERTIES, NULL, 0, &properties, sizeof properties) == 0);
    CHECK(properties.PacketLength == sizeof properties && properties.ProvSubType == SERIAL_SP_RS232);
    CHECK(control(IOCTL_SERIAL_GET_MODEMSTATUS, NULL, 0, &number, sizeof number) == 0);
    CHECK(number & SERIAL_DSR_STATE);
    CHECK(control(IOCTL_SERIAL_GET_DTRRTS, NULL, 0, &number, sizeof number) == 0);
    CHECK(number == (SERIAL_DTR_STATE | SERIAL_RTS_STATE));
    CHECK(control(CTL_CODE(FILE_DEVICE_SERIAL_PORT, 999, 0, 0), NULL, 0, NULL, 0) == (NTSTATUS)0xC0000010);
}

static void input(void)
{
    char buffer[16];
    ULONG got;
    SERIAL_STATUS state;
    /* All that is asked for, or the time is up. */
    CHECK(set_timeouts(0, 0, 0) == 0);
    CHECK(read_port(buffer, 4, &got) == 0 && got == 4 && buffer[0] == 'h' && buffer[3] == 'l');
    CHECK(set_timeouts(MAXULONG, MAXULONG, 10000) == 0);
    CHECK(read_port(buffer, sizeof buffer, &got) == 0 && got == 1 && buffer[0] == 'o');
    CHECK(control(IOCTL_SERIAL_GET_COMMSTATUS, NULL, 0, &state, sizeof state) == 0);
    CHECK(state.Errors == 0 && state.AmountInInQueue == 0 && state.AmountInOutQueue == 0);
    CHECK(set_timeouts(MAXULONG, 0, 0) == 0);
    CHECK(read_port(buffer, sizeof buffer, &got) == 0 && got == 0);
    /* The other end is gone. */
    CHECK(set_timeouts(0, 0, 0) == 0);
    CHECK(read_port(buffer, sizeof buffer, &got) == STATUS_END_OF_FILE_);
}

/* Time-outs and cancelled reads, on a port whose other end sends nothing. */
static void silence(const wchar_t *name)
{
    char buffer[4];
    ULONG got;
    IO_STATUS_BLOCK status, cancelled;
    LARGE_INTEGER zero = { .QuadPart = 0 };
    HANDLE event;
    if (open_port(&port, name, FILE_SYNCHRONOUS_IO_NONALERT) != 0)
        return;
    CHECK(set_timeouts(0, 0, 20) == 0);
    CHECK(read_port(buffer, sizeof buffer, &got) == STATUS_TIMEOUT_ && got == 0);
    CHECK(set_timeouts(MAXULONG, MAXULONG, 5) == 0);
    CHECK(read_port(buffer, sizeof buffer, &got) == STATUS_TIMEOUT_);
    NtClose(port);
    CHECK(open_port(&port, name, 0) == 0);
    CHECK(NtCreateEvent(&event, EVENT_ALL_ACCESS, NULL, 0, FALSE) == 0);
    CHECK(NtReadFile(port, event, NULL, NULL, &status, buffer, sizeof buffer, &zero, NULL) == STATUS_PENDING_);
    CHECK(NtCancelIoFile(port, &cancelled) == 0 && status.Status == STATUS_CANCELLED_);
    CHECK(NtReadFile(port, event, NULL, NULL, &status, buffer, sizeof buffer, &zero, NULL) == STATUS_PENDING_);
    got = SERIAL_PURGE_RXABORT;
    CHECK(NtDeviceIoControlFile(port, NULL, NULL, NULL, &cancelled, IOCTL_SERIAL_PURGE, &got, sizeof got, NULL, 0) == 0);
    CHECK(status.Status == STATUS_CANCELLED_);
    NtClose(port);
}

static void output(void)
{
    static char block[6000];
    IO_STATUS_BLOCK status;
    unsigned index;
    ULONG mask = SERIAL_EV_TXEMPTY, events = 0;
    CHECK(control(IOCTL_SERIAL_WAIT_ON_MASK, NULL, 0, &events, sizeof events) == STATUS_INVALID_PARAMETER_);
    CHECK(control(IOCTL_SERIAL_SET_WAIT_MASK, &mask, sizeof mask, NULL, 0) == 0);
    for (index = 0; index < sizeof block; index++)
        block[index] = index % 60 == 59 ? '\n' : (char)('a' + index / 60 % 26);
    CHECK(NtWriteFile(port, NULL, NULL, NULL, &status, block, sizeof block, NULL, NULL) == 0);
    CHECK(status.Information == sizeof block);
    CHECK(control(IOCTL_SERIAL_WAIT_ON_MASK, NULL, 0, &events, sizeof events) == 0 && events == SERIAL_EV_TXEMPTY);
}

PROGRAM(peb)
{
    HANDLE second;
    const wchar_t *name = has_word(peb, L"COM2") ? L"\\??\\COM2" : L"\\??\\COM1";
    ok("open", open_port(&port, name, FILE_SYNCHRONOUS_IO_NONALERT));
    CHECK(open_port(&second, name, FILE_SYNCHRONOUS_IO_NONALERT) == STATUS_ACCESS_DENIED_);
    CHECK(open_port(&second, L"\\??\\COM1\\x", FILE_SYNCHRONOUS_IO_NONALERT) == STATUS_OBJECT_NAME_NOT_FOUND_);
    CHECK(open_port(&second, L"\\??\\COM3", FILE_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT) == (NTSTATUS)0xC0000103);
    settings();
    input();
    output();
    NtClose(port);
    silence(L"\\??\\COM3");
    return checked("serial");
}
