//! Registers of the vCPU: the start state, and a copy of all that a report shows.

use kvm_bindings::{kvm_regs, kvm_segment};
use kvm_ioctls::VcpuFd;

use super::Error;

/// CR0: protection enabled, and the bit that always reads as one (extension type).
const CR0_PE_ET: u64 = 1 | 1 << 4;
/// RFLAGS bit 1 is always set.
const RFLAGS_FIXED: u64 = 1 << 1;

/// A segment register with its hidden part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Segment {
    /// Selector.
    pub selector: u16,
    /// Linear base address.
    pub base: u64,
    /// Limit in bytes.
    pub limit: u32,
    /// 64-bit code segment.
    pub long: bool,
    /// 32-bit default operand size.
    pub db: bool,
}

/// The registers of the vCPU at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Registers {
    /// RAX RCX RDX RBX RSP RBP RSI RDI R8–R15.
    pub gpr: [u64; 16],
    /// Instruction pointer.
    pub rip: u64,
    /// Flags.
    pub rflags: u64,
    /// CR0.
    pub cr0: u64,
    /// Page-fault linear address.
    pub cr2: u64,
    /// Page-table root.
    pub cr3: u64,
    /// CR4.
    pub cr4: u64,
    /// Extended feature enable register.
    pub efer: u64,
    /// Code segment.
    pub cs: Segment,
    /// Stack segment.
    pub ss: Segment,
    /// FS base.
    pub fs_base: u64,
    /// GS base.
    pub gs_base: u64,
    /// Interrupt descriptor table: base and limit.
    pub idt: (u64, u16),
    /// Global descriptor table: base and limit.
    pub gdt: (u64, u16),
}

impl Registers {
    /// Names of [`Registers::gpr`], in its order.
    pub const NAMES: [&'static str; 16] = [
        "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13",
        "r14", "r15",
    ];

    /// Width of an instruction's addresses at the current code segment: 16, 32 or 64.
    pub fn bitness(&self) -> u32 {
        match self.cs {
            Segment { long: true, .. } => 64,
            Segment { db: true, .. } => 32,
            _ => 16,
        }
    }

    /// Current privilege level.
    pub fn ring(&self) -> u16 {
        self.cs.selector & 3
    }
}

/// What a kernel is entered with, in 32-bit protected mode without paging, all segments flat: the state of the PVH boot
/// protocol (Xen, `docs/misc/pvh.pandoc`) and of Linux's 32-bit one (`Documentation/arch/x86/boot.rst`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// Instruction pointer.
    pub entry: u32,
    /// PVH: where the start info is.
    pub ebx: u32,
    /// Linux: where `boot_params` is.
    pub esi: u32,
    /// Address and limit of the descriptors, which Linux asks for.
    pub gdt: Option<(u64, u16)>,
}

pub(super) fn set_start(fd: &VcpuFd, start: &Start) -> Result<(), Error> {
    let regs = kvm_regs {
        rip: start.entry.into(),
        rbx: start.ebx.into(),
        rsi: start.esi.into(),
        rflags: RFLAGS_FIXED,
        ..Default::default()
    };
    fd.set_regs(&regs).map_err(Error::ioctl("KVM_SET_REGS"))?;

    let mut sregs = fd.get_sregs().map_err(Error::ioctl("KVM_GET_SREGS"))?;
    let flat = kvm_segment { limit: 0xFFFF_FFFF, present: 1, s: 1, g: 1, ..Default::default() };
    // The selectors are Linux's __BOOT_CS and __BOOT_DS; PVH leaves them open. Type 11: execute/read, accessed. Type 3: read/write, accessed.
    let code = kvm_segment { selector: 0x10, type_: 11, db: 1, ..flat };
    let data = kvm_segment { selector: 0x18, type_: 3, db: 1, ..flat };
    sregs.cs = code;
    for segment in [&mut sregs.ds, &mut sregs.es, &mut sregs.fs, &mut sregs.gs, &mut sregs.ss] {
        *segment = data;
    }
    // A busy 32-bit TSS at 0 with the smallest limit, as the protocol has it.
    sregs.tr = kvm_segment { selector: 0x20, limit: 0x67, present: 1, type_: 11, ..Default::default() };
    sregs.cr0 = CR0_PE_ET;
    sregs.cr4 = 0;
    sregs.efer = 0;
    // No interrupt can be taken before the guest has tables of its own.
    sregs.idt.limit = 0;
    (sregs.gdt.base, sregs.gdt.limit) = start.gdt.unwrap_or((0, 0));
    fd.set_sregs(&sregs).map_err(Error::ioctl("KVM_SET_SREGS"))
}

pub(super) fn read(fd: &VcpuFd) -> Result<Registers, Error> {
    let regs = fd.get_regs().map_err(Error::ioctl("KVM_GET_REGS"))?;
    let sregs = fd.get_sregs().map_err(Error::ioctl("KVM_GET_SREGS"))?;
    let segment = |s: &kvm_segment| Segment {
        selector: s.selector,
        base: s.base,
        limit: s.limit,
        long: s.l != 0,
        db: s.db != 0,
    };
    Ok(Registers {
        gpr: [
            regs.rax, regs.rcx, regs.rdx, regs.rbx, regs.rsp, regs.rbp, regs.rsi, regs.rdi, regs.r8, regs.r9,
            regs.r10, regs.r11, regs.r12, regs.r13, regs.r14, regs.r15,
        ],
        rip: regs.rip,
        rflags: regs.rflags,
        cr0: sregs.cr0,
        cr2: sregs.cr2,
        cr3: sregs.cr3,
        cr4: sregs.cr4,
        efer: sregs.efer,
        cs: segment(&sregs.cs),
        ss: segment(&sregs.ss),
        fs_base: sregs.fs.base,
        gs_base: sregs.gs.base,
        idt: (sregs.idt.base, sregs.idt.limit),
        gdt: (sregs.gdt.base, sregs.gdt.limit),
    })
}
