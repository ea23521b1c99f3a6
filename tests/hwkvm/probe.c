/* A tiny user of /dev/kvm for the self-test of the box: `probe real` runs real-mode code, `probe long` enters long mode,
 * goes to ring 3 with sysret, comes back with syscall, takes #UD from ring 3 through the IDT, and halts. The guest's port
 * output is printed; the exit status is 0 when it is what it must be, 2 when /dev/kvm cannot be opened (with errno's text). */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define MEMORY 0x200000
#define CODE 0x10000

/* Position: linked anywhere, copied to CODE; addresses are taken relative to guest_long. */
__asm__(".section .rodata\n"
        "guest_real: .code16\n"
        "  mov $0x3f8, %dx\n  mov $'R', %al\n  out %al, %dx\n  hlt\n"
        "guest_real_end:\n"
        ".code64\n"
        "guest_long:\n"
        "  mov $0x3f8, %edx\n  mov $'K', %al\n  out %al, %dx\n"
        "  lgdt 0x5000\n  lidt 0x5010\n  mov $0x28, %ax\n  ltr %ax\n"
        "  mov $0xc0000080, %ecx\n  rdmsr\n  or $1, %eax\n  wrmsr\n" /* EFER.SCE */
        "  mov $0xc0000081, %ecx\n  xor %eax, %eax\n  mov $0x00100008, %edx\n  wrmsr\n" /* STAR: kernel 8, user 0x10+16 */
        "  mov $0xc0000082, %ecx\n  mov $0x10000 + on_syscall - guest_long, %eax\n  xor %edx, %edx\n  wrmsr\n"
        "  mov $0xc0000084, %ecx\n  xor %eax, %eax\n  wrmsr\n"
        "  mov $0x10000 + ring3 - guest_long, %ecx\n  mov $2, %r11d\n  mov $0x40000, %esp\n  sysretq\n"
        "ring3:\n"
        "  mov %cs, %eax\n  and $3, %eax\n  add $'0', %al\n  mov %eax, %ebx\n"
        "  push %rbx\n  syscall\n  pop %rbx\n"
        "  mov $'r', %ebx\n  syscall\n"
        "  ud2\n"
        "on_syscall:\n"
        "  mov %rcx, %rsi\n  mov $0x3f8, %edx\n"
        "  mov %cs, %eax\n  and $3, %eax\n  add $'a', %al\n  out %al, %dx\n" /* ring 0: 'a' */
        "  mov %ebx, %eax\n  out %al, %dx\n"
        "  mov %rsi, %rcx\n  sysretq\n"
        "on_ud:\n"
        "  mov $0x3f8, %edx\n  mov $'U', %al\n  out %al, %dx\n"
        "  mov 8(%rsp), %rax\n  and $3, %eax\n  add $'0', %al\n  out %al, %dx\n" /* the ring that it came from */
        "  mov $200000, %ecx\n1: dec %ecx\n  jnz 1b\n"
        "  mov $'.', %al\n  out %al, %dx\n  hlt\n"
        "guest_long_end:\n"
        ".text\n");
extern const char guest_real[], guest_real_end[], guest_long[], guest_long_end[], on_ud[];

static void check(int result, const char *what)
{
    if (result < 0) {
        fprintf(stderr, "probe: %s: %s\n", what, strerror(errno));
        exit(1);
    }
}

static void put(unsigned char *memory, uint64_t at, uint64_t value) { memcpy(memory + at, &value, 8); }

static void enter_long_mode(int vcpu, unsigned char *memory)
{
    struct kvm_sregs s;
    uint64_t handler = CODE + (uint64_t)(on_ud - guest_long);

    put(memory, 0x1000, 0x2007); /* PML4, PDPT, one 2 MiB page, all open to ring 3 */
    put(memory, 0x2000, 0x3007);
    put(memory, 0x3000, 0x87);
    put(memory, 0x4008, 0x00af9b000000ffff); /* GDT: 8 code, 0x10 data, 0x18 user data, 0x20 user code, 0x28 TSS at 0x6000 */
    put(memory, 0x4010, 0x00cf93000000ffff);
    put(memory, 0x4018, 0x00cff3000000ffff);
    put(memory, 0x4020, 0x00affb000000ffff);
    put(memory, 0x4028, 0x0000890060000067);
    put(memory, 0x6004, 0x50000); /* TSS: RSP0 */
    put(memory, 0x7000 + 6 * 16, (handler & 0xffff) | 8ull << 16 | 0x8e00ull << 32 | (handler >> 16) << 48);
    put(memory, 0x5000, 0x37 | 0x4000ull << 16); /* operands of lgdt, lidt */
    put(memory, 0x5010, 0xff | 0x7000ull << 16);

    check(ioctl(vcpu, KVM_GET_SREGS, &s), "KVM_GET_SREGS");
    s.cr3 = 0x1000;
    s.cr4 = 0x620; /* PAE, SSE */
    s.cr0 = 0x80010033;
    s.efer = 0x500; /* LME, LMA */
    s.cs = (struct kvm_segment){.limit = -1u, .selector = 8, .type = 11, .present = 1, .s = 1, .l = 1, .g = 1};
    s.ds = s.es = s.fs = s.gs = s.ss =
        (struct kvm_segment){.limit = -1u, .selector = 0x10, .type = 3, .present = 1, .s = 1, .db = 1, .g = 1};
    check(ioctl(vcpu, KVM_SET_SREGS, &s), "KVM_SET_SREGS");
}

int main(int argc, char **argv)
{
    int is_long = argc > 1 && !strcmp(argv[1], "long");
    const char *expected = is_long ? "Ka3arU3." : "R", *code = is_long ? guest_long : guest_real;
    size_t size = (size_t)(is_long ? guest_long_end - guest_long : guest_real_end - guest_real), length = 0;
    char output[64] = "";
    int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), vm, vcpu;
    if (kvm < 0) {
        fprintf(stderr, "probe: /dev/kvm: %s\n", strerror(errno));
        return 2;
    }
    check(vm = ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
    unsigned char *memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct kvm_userspace_memory_region region = {.memory_size = MEMORY, .userspace_addr = (uintptr_t)memory};
    check(memory == MAP_FAILED ? -1 : 0, "mmap");
    memcpy(memory + CODE, code, size);
    check(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region), "KVM_SET_USER_MEMORY_REGION");
    check(vcpu = ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
    struct {
        struct kvm_cpuid2 head;
        struct kvm_cpuid_entry2 entries[128];
    } cpuid = {.head.nent = 128};
    check(ioctl(kvm, KVM_GET_SUPPORTED_CPUID, &cpuid), "KVM_GET_SUPPORTED_CPUID");
    check(ioctl(vcpu, KVM_SET_CPUID2, &cpuid), "KVM_SET_CPUID2");
    struct kvm_run *run = mmap(NULL, (size_t)ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
    check(run == MAP_FAILED ? -1 : 0, "mmap of the vCPU");

    struct kvm_regs regs = {.rip = CODE, .rsp = 0x60000, .rflags = 2};
    if (is_long) {
        enter_long_mode(vcpu, memory);
    } else {
        struct kvm_sregs s;
        check(ioctl(vcpu, KVM_GET_SREGS, &s), "KVM_GET_SREGS");
        s.cs.base = CODE;
        s.cs.selector = CODE >> 4;
        check(ioctl(vcpu, KVM_SET_SREGS, &s), "KVM_SET_SREGS");
        regs.rip = 0;
    }
    check(ioctl(vcpu, KVM_SET_REGS, &regs), "KVM_SET_REGS");

    for (;;) {
        check(ioctl(vcpu, KVM_RUN, 0), "KVM_RUN");
        if (run->exit_reason == KVM_EXIT_IO && run->io.direction == KVM_EXIT_IO_OUT) {
            if (length < sizeof output - 1)
                output[length++] = ((char *)run)[run->io.data_offset];
        } else if (run->exit_reason == KVM_EXIT_HLT) {
            break;
        } else {
            ioctl(vcpu, KVM_GET_REGS, &regs);
            fprintf(stderr, "probe: exit reason %u at %#llx, output so far %s\n", run->exit_reason, regs.rip, output);
            return 1;
        }
    }
    puts(output);
    return strcmp(output, expected) != 0;
}
