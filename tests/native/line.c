/* Serial lines as programs meet them. The first word says what is tried on COM2, or on the two ports that it names; the other
   end is the test's. */
#include "check.h"
typedef LARGE_INTEGER PHYSICAL_ADDRESS;
#include <ntddser.h>

#define SYNCHRONOUS FILE_SYNCHRONOUS_IO_NONALERT
#define MAXULONG 0xFFFFFFFFul
#define ALL_LINES (SERIAL_DCD_STATE | SERIAL_DSR_STATE | SERIAL_CTS_STATE)
#define STATUS_TIMEOUT_ ((NTSTATUS)0x102)
#define STATUS_PENDING_ ((NTSTATUS)0x103)
#define STATUS_END_OF_FILE_ ((NTSTATUS)0xC0000011)
#define STATUS_CANCELLED_ ((NTSTATUS)0xC0000120)
#define BLOCK 3000
#define LARGE 8000

NTSYSAPI NTSTATUS NTAPI NtCancelIoFile(HANDLE, PIO_STATUS_BLOCK);
NTSYSAPI NTSTATUS NTAPI NtCreateEvent(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES, ULONG, BOOLEAN);
NTSYSAPI NTSTATUS NTAPI NtDelayExecution(BOOLEAN, PLARGE_INTEGER);
NTSYSAPI NTSTATUS NTAPI NtQueryPerformanceCounter(PLARGE_INTEGER, PLARGE_INTEGER);

static HANDLE port;
static IO_STATUS_BLOCK io;
static LARGE_INTEGER zero;
static char block[LARGE];

static HANDLE open_port(const wchar_t *path, ULONG options)
{
    OBJECT_ATTRIBUTES named;
    UNICODE_STRING string;
    HANDLE handle;
    name_it(&named, &string, path);
    ok("open", NtCreateFile(&handle, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, &named, &io, NULL, 0, 0, FILE_OPEN, options,
        NULL, 0));
    return handle;
}

static NTSTATUS control(ULONG code, void *in, ULONG in_length, void *out, ULONG out_length)
{
    return NtDeviceIoControlFile(port, NULL, NULL, NULL, &io, code, in, in_length, out, out_length);
}

static NTSTATUS set(ULONG code, ULONG value)
{
    return control(code, &value, sizeof value, NULL, 0);
}

static ULONG get(ULONG code)
{
    ULONG value = 0xBAD;
    CHECK(control(code, NULL, 0, &value, sizeof value) == 0);
    return value;
}

static NTSTATUS receive(char *buffer, ULONG length)
{
    io.Information = 0;
    return NtReadFile(port, NULL, NULL, NULL, &io, buffer, length, NULL, NULL);
}

static NTSTATUS transmit(const char *text, ULONG length)
{
    return NtWriteFile(port, NULL, NULL, NULL, &io, (void *)text, length, NULL, NULL);
}

static NTSTATUS set_timeouts(ULONG interval, ULONG multiplier, ULONG constant)
{
    SERIAL_TIMEOUTS timeouts = { interval, multiplier, constant, 0, 0 };
    return control(IOCTL_SERIAL_SET_TIMEOUTS, &timeouts, sizeof timeouts, NULL, 0);
}

static unsigned long milliseconds(void)
{
    LARGE_INTEGER now, rate;
    NtQueryPerformanceCounter(&now, &rate);
    return (unsigned long)(now.QuadPart / (rate.QuadPart / 1000));
}

static int is(const char *got, const char *expected, unsigned length)
{
    while (length && *got == *expected)
        got++, expected++, length--;
    return length == 0;
}

/* The other end sends, once it has been sent a byte, five and goes. */
static void hang_up(void)
{
    char buffer[16];
    ULONG events;
    CHECK(set(IOCTL_SERIAL_SET_WAIT_MASK, SERIAL_EV_RLSD | SERIAL_EV_DSR) == 0);
    CHECK(transmit("x", 1) == 0);
    CHECK(receive(buffer, sizeof buffer) == 0 && io.Information == 5 && is(buffer, "01234", 5));
    CHECK(control(IOCTL_SERIAL_WAIT_ON_MASK, NULL, 0, &events, sizeof events) == 0);
    CHECK(events == (SERIAL_EV_RLSD | SERIAL_EV_DSR));
    CHECK((get(IOCTL_SERIAL_GET_MODEMSTATUS) & ALL_LINES) == 0);
    CHECK(receive(buffer, sizeof buffer) == STATUS_END_OF_FILE_);
    CHECK(transmit("nobody hears it", 15) == 0 && io.Information == 15);
    /* Nor does it come back because the port is opened again. */
    NtClose(port);
    port = open_port(L"\\??\\COM2", SYNCHRONOUS);
    CHECK(receive(buffer, sizeof buffer) == STATUS_END_OF_FILE_);
}

/* The other end goes when it has got 1000 bytes. */
static void hang_up_on_output(void)
{
    char buffer[4];
    CHECK((get(IOCTL_SERIAL_GET_MODEMSTATUS) & ALL_LINES) == ALL_LINES);
    CHECK(transmit(block, BLOCK) == 0 && io.Information == BLOCK);
    CHECK((get(IOCTL_SERIAL_GET_MODEMSTATUS) & ALL_LINES) == 0);
    CHECK(receive(buffer, sizeof buffer) == STATUS_END_OF_FILE_);
    CHECK(transmit(block, BLOCK) == 0 && io.Information == BLOCK);
}

/* A break between "abc" and "def", which the other end sends once it has been sent a byte. */
static void breaks(void)
{
    char buffer[7];
    ULONG events = 0;
    SERIAL_STATUS state;
    SERIALPERF_STATS stats;
    CHECK(set(IOCTL_SERIAL_SET_WAIT_MASK, SERIAL_EV_BREAK) == 0);
    CHECK(transmit("x", 1) == 0);
    CHECK(control(IOCTL_SERIAL_WAIT_ON_MASK, NULL, 0, &events, sizeof events) == 0 && events == SERIAL_EV_BREAK);
    CHECK(receive(buffer, sizeof buffer) == 0 && io.Information == 7 && is(buffer, "abc\0def", 7));
    CHECK(control(IOCTL_SERIAL_GET_COMMSTATUS, NULL, 0, &state, sizeof state) == 0);
    CHECK(state.Errors == (SERIAL_ERROR_BREAK | SERIAL_ERROR_FRAMING));
    CHECK(control(IOCTL_SERIAL_GET_COMMSTATUS, NULL, 0, &state, sizeof state) == 0 && state.Errors == 0);
    CHECK(control(IOCTL_SERIAL_GET_STATS, NULL, 0, &stats, sizeof stats) == 0);
    CHECK(stats.ReceivedCount == 7 && stats.FrameErrorCount == 1 && stats.SerialOverrunErrorCount == 0);
    CHECK(control(IOCTL_SERIAL_CLEAR_STATS, NULL, 0, NULL, 0) == 0);
    CHECK(control(IOCTL_SERIAL_GET_STATS, NULL, 0, &stats, sizeof stats) == 0 && stats.ReceivedCount == 0);
    CHECK(control(IOCTL_SERIAL_SET_BREAK_ON, NULL, 0, NULL, 0) == 0);
    CHECK(control(IOCTL_SERIAL_SET_BREAK_OFF, NULL, 0, NULL, 0) == 0);
    CHECK(transmit("after the break", 15) == 0);
}

/* The other end sends "ab", and two letters more for each byte that it gets. */
static void timeouts(void)
{
    char buffer[16];
    unsigned long start;
    ULONG events;
    SERIAL_STATUS state;
    /* Without a first byte there is no pause between bytes: the total ends it. */
    CHECK(set_timeouts(100, 0, 0) == 0);
    CHECK(receive(buffer, 16) == STATUS_TIMEOUT_ && io.Information == 2 && is(buffer, "ab", 2));
    CHECK(set_timeouts(100, 0, 30) == 0);
    CHECK(receive(buffer, 16) == STATUS_TIMEOUT_ && io.Information == 0);
    CHECK(set_timeouts(0, 5, 10) == 0);
    start = milliseconds();
    CHECK(receive(buffer, 10) == STATUS_TIMEOUT_ && io.Information == 0);
    CHECK(milliseconds() - start >= 60);
    CHECK(set_timeouts(0, 0, 1000) == 0);
    CHECK(transmit("x", 1) == 0);
    start = milliseconds();
    CHECK(receive(buffer, 4) == STATUS_TIMEOUT_ && io.Information == 2 && is(buffer, "ab", 2));
    CHECK(milliseconds() - start >= 1000);
    /* Enough comes before the time is up. */
    CHECK(set_timeouts(0, 10000, 10000) == 0);
    CHECK(transmit("x", 1) == 0 && receive(buffer, 2) == 0 && io.Information == 2);
    /* Whatever there is; something, however little. */
    CHECK(set_timeouts(MAXULONG, 0, 0) == 0);
    CHECK(receive(buffer, 4) == 0 && io.Information == 0);
    CHECK(set_timeouts(MAXULONG, MAXULONG, 10000) == 0);
    CHECK(transmit("x", 1) == 0 && receive(buffer, 16) == 0 && io.Information >= 1);
    if (io.Information == 1)
        CHECK(receive(buffer, 1) == 0);
    CHECK(receive(buffer, 0) == 0 && io.Information == 0);
    /* What has come is told, and can be forgotten. */
    CHECK(set(IOCTL_SERIAL_SET_WAIT_MASK, SERIAL_EV_RXCHAR) == 0);
    CHECK(transmit("x", 1) == 0);
    CHECK(control(IOCTL_SERIAL_WAIT_ON_MASK, NULL, 0, &events, sizeof events) == 0 && events == SERIAL_EV_RXCHAR);
    CHECK(control(IOCTL_SERIAL_GET_COMMSTATUS, NULL, 0, &state, sizeof state) == 0 && state.AmountInInQueue >= 1);
    CHECK(set_timeouts(MAXULONG, MAXULONG, 1000) == 0);
    CHECK(receive(buffer, 1) == 0);
    CHECK(set(IOCTL_SERIAL_PURGE, SERIAL_PURGE_RXCLEAR) == 0);
    CHECK(control(IOCTL_SERIAL_GET_COMMSTATUS, NULL, 0, &state, sizeof state) == 0 && state.AmountInInQueue <= 1);
}

/* Values that no UART has, and buffers too short for them. */
static void settings(void)
{
    static const ULONG rates[] = { 50, 75, 110, 300, 1200, 2400, 9600, 19200, 38400, 57600, 115200 };
    static const ULONG no_rates[] = { 0, 1, 100000, 128000, 921600, MAXULONG };
    static const struct { UCHAR stop, parity, length; int good; } lines[] = {
        { STOP_BIT_1, NO_PARITY, 5, 1 }, { STOP_BITS_1_5, MARK_PARITY, 5, 1 }, { STOP_BITS_2, SPACE_PARITY, 8, 1 },
        { STOP_BITS_2, ODD_PARITY, 6, 1 }, { STOP_BITS_2, NO_PARITY, 5, 0 }, { STOP_BITS_1_5, NO_PARITY, 8, 0 },
        { 3, NO_PARITY, 8, 0 }, { STOP_BIT_1, 5, 8, 0 }, { STOP_BIT_1, NO_PARITY, 4, 0 }, { STOP_BIT_1, NO_PARITY, 9, 0 },
    };
    static const ULONG short_in[] = { IOCTL_SERIAL_SET_BAUD_RATE, IOCTL_SERIAL_SET_LINE_CONTROL, IOCTL_SERIAL_SET_TIMEOUTS,
        IOCTL_SERIAL_SET_QUEUE_SIZE, IOCTL_SERIAL_SET_CHARS, IOCTL_SERIAL_SET_HANDFLOW, IOCTL_SERIAL_SET_WAIT_MASK,
        IOCTL_SERIAL_PURGE };
    static const ULONG short_out[] = { IOCTL_SERIAL_GET_BAUD_RATE, IOCTL_SERIAL_GET_LINE_CONTROL, IOCTL_SERIAL_GET_TIMEOUTS,
        IOCTL_SERIAL_GET_CHARS, IOCTL_SERIAL_GET_HANDFLOW, IOCTL_SERIAL_GET_WAIT_MASK, IOCTL_SERIAL_GET_MODEMSTATUS,
        IOCTL_SERIAL_GET_COMMSTATUS, IOCTL_SERIAL_GET_PROPERTIES, IOCTL_SERIAL_GET_DTRRTS, IOCTL_SERIAL_GET_STATS };
    SERIAL_HANDFLOW flow = { 0 };
    ULONG sizes[2] = { 20000, 20000 };
    unsigned index;
    for (index = 0; index < sizeof rates / sizeof *rates; index++) {
        CHECK(set(IOCTL_SERIAL_SET_BAUD_RATE, rates[index]) == 0);
        CHECK(get(IOCTL_SERIAL_GET_BAUD_RATE) == rates[index]);
    }
    for (index = 0; index < sizeof no_rates / sizeof *no_rates; index++)
        CHECK(set(IOCTL_SERIAL_SET_BAUD_RATE, no_rates[index]) == STATUS_INVALID_PARAMETER_);
    CHECK(get(IOCTL_SERIAL_GET_BAUD_RATE) == 115200);
    for (index = 0; index < sizeof lines / sizeof *lines; index++) {
        SERIAL_LINE_CONTROL line = { lines[index].stop, lines[index].parity, lines[index].length }, told;
        NTSTATUS expected = lines[index].good ? 0 : STATUS_INVALID_PARAMETER_;
        CHECK(control(IOCTL_SERIAL_SET_LINE_CONTROL, &line, sizeof line, NULL, 0) == expected);
        CHECK(control(IOCTL_SERIAL_GET_LINE_CONTROL, NULL, 0, &told, sizeof told) == 0);
        CHECK(!lines[index].good || told.WordLength == line.WordLength);
    }
    for (index = 0; index < sizeof short_in / sizeof *short_in; index++)
        CHECK(control(short_in[index], sizes, 2, NULL, 0) == STATUS_BUFFER_TOO_SMALL_);
    for (index = 0; index < sizeof short_out / sizeof *short_out; index++)
        CHECK(control(short_out[index], NULL, 0, sizes, 2) == STATUS_BUFFER_TOO_SMALL_);
    CHECK(set(IOCTL_SERIAL_PURGE, 0) == STATUS_INVALID_PARAMETER_ && set(IOCTL_SERIAL_PURGE, 16) == STATUS_INVALID_PARAMETER_);
    CHECK(set(IOCTL_SERIAL_SET_WAIT_MASK, 0x80000000) == STATUS_INVALID_PARAMETER_);
    CHECK(set_timeouts(MAXULONG, MAXULONG, MAXULONG) == STATUS_INVALID_PARAMETER_);
    sizes[0] = 20000;
    CHECK(control(IOCTL_SERIAL_SET_QUEUE_SIZE, sizes, sizeof sizes, NULL, 0) == 0);
    flow.ControlHandShake = SERIAL_DSR_SENSITIVITY;
    CHECK(control(IOCTL_SERIAL_SET_HANDFLOW, &flow, sizeof flow, NULL, 0) == STATUS_INVALID_PARAMETER_);
    CHECK(control(IOCTL_SERIAL_CLR_DTR, NULL, 0, NULL, 0) == 0 && get(IOCTL_SERIAL_GET_DTRRTS) == SERIAL_RTS_STATE);
    CHECK(control(IOCTL_SERIAL_CLR_RTS, NULL, 0, NULL, 0) == 0 && get(IOCTL_SERIAL_GET_DTRRTS) == 0);
    CHECK(control(IOCTL_SERIAL_SET_DTR, NULL, 0, NULL, 0) == 0 && get(IOCTL_SERIAL_GET_DTRRTS) == SERIAL_DTR_STATE);
    flow.ControlHandShake = SERIAL_DTR_CONTROL, flow.FlowReplace = SERIAL_RTS_HANDSHAKE;
    CHECK(control(IOCTL_SERIAL_SET_HANDFLOW, &flow, sizeof flow, NULL, 0) == 0);
    CHECK(get(IOCTL_SERIAL_GET_DTRRTS) == (SERIAL_DTR_STATE | SERIAL_RTS_STATE));
    CHECK(control(IOCTL_SERIAL_CLR_RTS, NULL, 0, NULL, 0) == STATUS_INVALID_PARAMETER_);
    CHECK(control(IOCTL_SERIAL_RESET_DEVICE, NULL, 0, NULL, 0) == 0);
}

/* Requests that pend on a silent line, and every way in which they end. */
static void waits(void)
{
    IO_STATUS_BLOCK wait, read, write, second;
    char buffer[4];
    ULONG events = 99;
    CHECK(set(IOCTL_SERIAL_SET_WAIT_MASK, SERIAL_EV_RXCHAR) == 0);
    CHECK(NtDeviceIoControlFile(port, NULL, NULL, NULL, &wait, IOCTL_SERIAL_WAIT_ON_MASK, NULL, 0, &events, 4) ==
        STATUS_PENDING_);
    CHECK(NtDeviceIoControlFile(port, NULL, NULL, NULL, &second, IOCTL_SERIAL_WAIT_ON_MASK, NULL, 0, &events, 4) ==
        STATUS_INVALID_PARAMETER_);
    CHECK(set(IOCTL_SERIAL_SET_WAIT_MASK, SERIAL_EV_RXCHAR | SERIAL_EV_ERR) == 0);
    CHECK(wait.Status == 0 && wait.Information == 4 && events == 0);
    CHECK(NtDeviceIoControlFile(port, NULL, NULL, NULL, &wait, IOCTL_SERIAL_WAIT_ON_MASK, NULL, 0, &events, 4) ==
        STATUS_PENDING_);
    CHECK(NtReadFile(port, NULL, NULL, NULL, &read, buffer, sizeof buffer, &zero, NULL) == STATUS_PENDING_);
    CHECK(NtCancelIoFile(port, &io) == 0);
    CHECK(wait.Status == STATUS_CANCELLED_ && read.Status == STATUS_CANCELLED_);
    /* Reads and writes end apart. */
    CHECK(NtReadFile(port, NULL, NULL, NULL, &read, buffer, sizeof buffer, &zero, NULL) == STATUS_PENDING_);
    read.Status = write.Status = STATUS_PENDING_;
    NtWriteFile(port, NULL, NULL, NULL, &write, block, LARGE, &zero, NULL);
    CHECK(set(IOCTL_SERIAL_PURGE, SERIAL_PURGE_TXABORT) == 0);
    CHECK(read.Status != STATUS_CANCELLED_);
    CHECK(write.Status == STATUS_CANCELLED_ || (write.Status == 0 && write.Information == LARGE));
    CHECK(set(IOCTL_SERIAL_PURGE, SERIAL_PURGE_RXABORT | SERIAL_PURGE_TXCLEAR) == 0 && read.Status == STATUS_CANCELLED_);
    /* The last handle ends them all. */
    CHECK(set(IOCTL_SERIAL_SET_WAIT_MASK, SERIAL_EV_RING) == 0);
    CHECK(NtDeviceIoControlFile(port, NULL, NULL, NULL, &wait, IOCTL_SERIAL_WAIT_ON_MASK, NULL, 0, &events, 4) ==
        STATUS_PENDING_);
    NtReadFile(port, NULL, NULL, NULL, &read, buffer, sizeof buffer, &zero, NULL);
    NtWriteFile(port, NULL, NULL, NULL, &write, block, LARGE, &zero, NULL);
    CHECK(NtClose(port) == 0);
    port = open_port(L"\\??\\COM2", SYNCHRONOUS);
    CHECK(set_timeouts(0, 0, 5) == 0 && receive(buffer, 1) == STATUS_TIMEOUT_);
}

static ULONG waiting(void)
{
    SERIAL_STATUS state = { 0 };
    CHECK(control(IOCTL_SERIAL_GET_COMMSTATUS, NULL, 0, &state, sizeof state) == 0 && state.Errors == 0);
    return state.AmountInInQueue;
}

/* The other end sends 20000 bytes as fast as they are taken. RTS goes when the buffer is full, and comes again; nothing is lost. */
static void flow(void)
{
    static char heard[20000];
    static const ULONG unknown[][2] = { { SERIAL_DTR_CONTROL | SERIAL_CTS_HANDSHAKE, SERIAL_RTS_CONTROL },
        { SERIAL_DTR_HANDSHAKE, SERIAL_RTS_CONTROL }, { SERIAL_DTR_CONTROL, SERIAL_RTS_CONTROL | SERIAL_AUTO_TRANSMIT },
        { SERIAL_DTR_CONTROL, SERIAL_RTS_CONTROL | SERIAL_AUTO_RECEIVE }, { SERIAL_DTR_CONTROL, SERIAL_TRANSMIT_TOGGLE } };
    SERIAL_HANDFLOW wanted = { SERIAL_DTR_CONTROL, SERIAL_RTS_HANDSHAKE, 0, 0 };
    SERIAL_CHARS chars = { 0, 0, 0, '\n', 17, 19 };
    SERIALPERF_STATS stats;
    unsigned index, same = 0;
    ULONG events = 0;
    UCHAR byte = 'i';
    for (index = 0; index < sizeof unknown / sizeof *unknown; index++) {
        SERIAL_HANDFLOW other = { unknown[index][0], unknown[index][1], 0, 0 };
        CHECK(control(IOCTL_SERIAL_SET_HANDFLOW, &other, sizeof other, NULL, 0) == STATUS_INVALID_PARAMETER_);
    }
    CHECK(control(IOCTL_SERIAL_SET_HANDFLOW, &wanted, sizeof wanted, NULL, 0) == 0);
    for (index = 0; index < 1000 && waiting() < 4096; index++)
        NtDelayExecution(FALSE, &(LARGE_INTEGER){ .QuadPart = -100000 });
    CHECK(waiting() == 4096);
    CHECK(get(IOCTL_SERIAL_GET_DTRRTS) == SERIAL_DTR_STATE);
    /* Asked for again it is as it was. */
    CHECK(control(IOCTL_SERIAL_SET_HANDFLOW, &wanted, sizeof wanted, NULL, 0) == 0);
    CHECK(get(IOCTL_SERIAL_GET_DTRRTS) == SERIAL_DTR_STATE);
    CHECK(control(IOCTL_SERIAL_SET_CHARS, &chars, sizeof chars, NULL, 0) == 0);
    CHECK(set(IOCTL_SERIAL_SET_WAIT_MASK, SERIAL_EV_RXFLAG) == 0);
    CHECK(receive(heard, 100) == 0 && io.Information == 100);
    CHECK(control(IOCTL_SERIAL_WAIT_ON_MASK, NULL, 0, &events, sizeof events) == 0 && events == SERIAL_EV_RXFLAG);
    CHECK(receive(heard + 100, 19900) == 0 && io.Information == 19900);
    for (index = 0; index < sizeof heard; index++)
        same += heard[index] == (index % 60 == 59 ? '\n' : (char)('a' + index / 60 % 26));
    CHECK(same == sizeof heard);
    CHECK(get(IOCTL_SERIAL_GET_DTRRTS) == (SERIAL_DTR_STATE | SERIAL_RTS_STATE));
    CHECK(control(IOCTL_SERIAL_GET_STATS, NULL, 0, &stats, sizeof stats) == 0);
    CHECK(stats.ReceivedCount == 20000 && stats.SerialOverrunErrorCount == 0 && stats.BufferOverrunErrorCount == 0);
    CHECK(control(IOCTL_SERIAL_IMMEDIATE_CHAR, &byte, 1, NULL, 0) == 0);
}

/* Two ports that share a line, at once and both ways. */
static void both(const wchar_t *first, const wchar_t *second)
{
    static char heard[2][BLOCK];
    static IO_STATUS_BLOCK state[4];
    HANDLE ports[2] = { open_port(first, 0), open_port(second, 0) }, events[4];
    unsigned index, at, same;
    for (index = 0; index < 4; index++)
        CHECK(NtCreateEvent(&events[index], EVENT_ALL_ACCESS, NULL, 0, FALSE) == 0);
    for (index = 0; index < 2; index++) {
        NTSTATUS status = NtReadFile(ports[index], events[index], NULL, NULL, &state[index], heard[index], BLOCK, &zero, NULL);
        CHECK(status == STATUS_PENDING_ || status == 0);
    }
    for (index = 0; index < 2; index++) {
        NTSTATUS status = NtWriteFile(ports[index], events[2 + index], NULL, NULL, &state[2 + index], block, BLOCK, &zero, NULL);
        CHECK(status == STATUS_PENDING_ || status == 0);
    }
    for (index = 0; index < 4; index++) {
        CHECK(NtWaitForSingleObject(events[index], FALSE, NULL) == 0);
        CHECK(state[index].Status == 0 && state[index].Information == BLOCK);
    }
    for (index = 0; index < 2; index++) {
        for (at = 0, same = 0; at < BLOCK; at++)
            same += heard[index][at] == block[at];
        CHECK(same == BLOCK);
        NtClose(ports[index]);
    }
}

PROGRAM(peb)
{
    unsigned index;
    for (index = 0; index < LARGE; index++)
        block[index] = index % 60 == 59 ? '\n' : (char)('a' + index / 60 % 26);
    if (has_word(peb, L"COM1")) {
        both(L"\\??\\COM1", L"\\??\\COM3");
        return checked("line");
    }
    if (has_word(peb, L"COM4")) {
        both(L"\\??\\COM2", L"\\??\\COM4");
        return checked("line");
    }
    port = open_port(L"\\??\\COM2", has_word(peb, L"waits") ? 0 : SYNCHRONOUS);
    if (has_word(peb, L"hangup"))
        hang_up();
    else if (has_word(peb, L"output"))
        hang_up_on_output();
    else if (has_word(peb, L"break"))
        breaks();
    else if (has_word(peb, L"timeouts"))
        timeouts();
    else if (has_word(peb, L"settings"))
        settings();
    else if (has_word(peb, L"flow"))
        flow();
    else if (has_word(peb, L"waits"))
        waits();
    NtClose(port);
    return checked("line");
}
