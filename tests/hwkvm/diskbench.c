/* First process of a Linux: reads and writes the disk /dev/vda directly, in sequence by 1 MiB and at random by 4 KiB, and prints
   what came of it, a line for each way: name, requests, nanoseconds, how many failed. Then the machine is switched off.
   The kernel makes variables of the words that it does not know: bench_rounds, bench_large and bench_small say how often. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define LARGE (1u << 20)
#define SMALL 4096u
#define SIZE (32u << 20)

static void load(const char *name)
{
    char path[100];
    snprintf(path, sizeof path, "/modules/%s.ko", name);
    int file = open(path, O_RDONLY);
    if (file < 0 || syscall(SYS_finit_module, file, "", 0))
        printf("bench: %s cannot be loaded\n", name);
    close(file);
}

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static unsigned number(const char *name, unsigned otherwise)
{
    const char *text = getenv(name);
    return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

static void run(const char *name, int disk, int writes, unsigned block, unsigned count, int random)
{
    void *buffer;
    unsigned index, failed = 0;
    uint32_t seed = 12345;
    if (posix_memalign(&buffer, 4096, block))
        return;
    memset(buffer, 0x5A, block);
    int64_t begin = now();
    for (index = 0; index < count; index++) {
        seed = seed * 1664525u + 1013904223u;
        off_t at = random ? (off_t)(seed >> 8) % (SIZE / block) * block : (off_t)(index % (SIZE / block)) * block;
        ssize_t done = writes ? pwrite(disk, buffer, block, at) : pread(disk, buffer, block, at);
        failed += done != (ssize_t)block;
    }
    printf("bench: %s %u %lld %u\n", name, count, (long long)(now() - begin), failed);
    free(buffer);
}

int main(void)
{
    static const char *const modules[] = { "virtio_ring", "virtio", "virtio_mmio", "virtio_blk" };
    unsigned index, rounds = number("bench_rounds", 1), large = number("bench_large", 64), small = number("bench_small", 1000);
    mkdir("/dev", 0755);
    mount("dev", "/dev", "devtmpfs", 0, "");
    int console = open("/dev/ttyS0", O_RDWR);
    dup2(console, 0), dup2(console, 1), dup2(console, 2);
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (index = 0; index < sizeof modules / sizeof *modules; index++)
        load(modules[index]);
    /* Drivers may be probed behind our back. */
    int disk = -1;
    for (index = 0; disk < 0 && index < 500; index++) {
        disk = open("/dev/vda", O_RDWR | O_DIRECT);
        usleep(10000);
    }
    if (disk < 0)
        printf("bench: no disk\n");
    for (index = 0; disk >= 0 && index < rounds; index++) {
        run("sequential-read", disk, 0, LARGE, large, 0);
        run("sequential-write", disk, 1, LARGE, large, 0);
        run("random-read", disk, 0, SMALL, small, 1);
        run("random-write", disk, 1, SMALL, small, 1);
    }
    printf("bench: end\n");
    tcdrain(1);
    reboot(RB_AUTOBOOT);
}
