//! The CPUID leaves of the guest.
//!
//! Asking KVM which leaves it can virtualise takes half a millisecond, so our own guest gets a short
//! list of features instead: those that every KVM virtualises and the guest can use. A feature is offered
//! when the host has it.
#![expect(unsafe_code, reason = "the cpuid instruction")]

use std::arch::x86_64::__cpuid_count;

use kvm_bindings::{CpuId, kvm_cpuid_entry2};

use super::{Error, Hypervisor};

/// Leaf 1 EDX: FPU VME DE PSE TSC MSR PAE MCE CX8 APIC SEP MTRR PGE MCA CMOV PAT PSE36 CLFSH MMX
/// FXSR SSE SSE2.
const LEAF1_EDX: u32 = 0x078B_FBFF;
/// Leaf 1 ECX: SSE3 PCLMULQDQ SSSE3 CX16 SSE4.1 SSE4.2 MOVBE POPCNT AES RDRAND.
const LEAF1_ECX: u32 =
    1 | 1 << 1 | 1 << 9 | 1 << 13 | 1 << 19 | 1 << 20 | 1 << 22 | 1 << 23 | 1 << 25 | 1 << 30;
/// Leaf 1 ECX, what KVM itself provides: x2APIC, TSC-deadline timer, hypervisor present.
const LEAF1_ECX_KVM: u32 = 1 << 21 | 1 << 24 | 1 << 31;
/// Leaf 7 EBX: FSGSBASE BMI1 SMEP BMI2 ERMS RDSEED ADX SMAP CLFLUSHOPT SHA.
const LEAF7_EBX: u32 =
    1 | 1 << 3 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 18 | 1 << 19 | 1 << 20 | 1 << 23 | 1 << 29;
/// Leaf 0x8000_0001 EDX: SYSCALL NX MMXEXT FXSR_OPT PDPE1GB LM, and AMD's copies of leaf 1.
const EXT1_EDX: u32 = 0x0183_F3FF | 1 << 11 | 1 << 20 | 1 << 22 | 1 << 25 | 1 << 26 | 1 << 29;
/// Leaf 0x8000_0001 ECX: LAHF LZCNT PREFETCHW.
const EXT1_ECX: u32 = 1 | 1 << 5 | 1 << 8;
/// Leaf 0x8000_0007 EDX: invariant TSC.
const EXT7_EDX: u32 = 1 << 8;

/// First leaf of the hypervisor, and KVM's signature.
const KVM_BASE: u32 = 0x4000_0000;
const KVM_SIGNATURE: [u32; 3] =
    [u32::from_le_bytes(*b"KVMK"), u32::from_le_bytes(*b"VMKV"), u32::from_le_bytes(*b"M\0\0\0")];
/// KVM's features: its clock, by which the guest learns the date. Every KVM has it.
const FEATURE_CLOCKSOURCE2: u32 = 1 << 3;
/// The timing leaf that VMware defined: TSC and APIC bus frequency in kHz.
const TIMING_LEAF: u32 = 0x4000_0010;
/// KVM's local APIC counts nanoseconds: its bus runs at 1 GHz.
const APIC_BUS_KHZ: u32 = 1_000_000;

/// Where the guest's leaves come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CpuidSource {
    /// The short list, for our own guest.
    Own,
    /// Everything that this host's KVM can virtualise, for a stranger's kernel.
    Host,
}

impl CpuidSource {
    /// Works the leaves out.
    ///
    /// # Errors
    /// [`Error::Ioctl`], for [`CpuidSource::Host`] only.
    pub fn leaves(self, hypervisor: &Hypervisor) -> Result<CpuidLeaves, Error> {
        Ok(CpuidLeaves(match self {
            CpuidSource::Own => own_leaves(),
            CpuidSource::Host => host_leaves(hypervisor)?,
        }))
    }
}

/// The leaves of a guest, without the hypervisor's own.
#[derive(Clone, Debug)]
pub struct CpuidLeaves(Vec<kvm_cpuid_entry2>);

impl CpuidLeaves {
    /// Adds the hypervisor's leaves, which tell the guest the frequencies of its clocks.
    pub(super) fn complete(mut self, tsc_khz: u32) -> Result<CpuId, Error> {
        self.0.extend(hypervisor_leaves(tsc_khz));
        CpuId::from_entries(&self.0).map_err(|_| Error::Missing("room for the CPUID leaves"))
    }
}

fn host_leaves(hypervisor: &Hypervisor) -> Result<Vec<kvm_cpuid_entry2>, Error> {
    let supported = hypervisor.supported_cpuid()?;
    let mut entries: Vec<_> = supported
        .as_slice()
        .iter()
        .filter(|entry| entry.function & 0xFFFF_FF00 != KVM_BASE)
        .copied()
        .collect();
    for entry in &mut entries {
        match entry.function {
            // Initial APIC ID 0, one logical processor.
            1 => {
                entry.ebx = entry.ebx & 0x0000_FFFF | 1 << 16;
                entry.ecx |= LEAF1_ECX_KVM;
            }
            0xB | 0x1F => entry.edx = 0,
            _ => {}
        }
    }
    Ok(entries)
}

fn own_leaves() -> Vec<kvm_cpuid_entry2> {
    let vendor = host(0);
    let one = host(1);
    let seven = if vendor.eax >= 7 { host(7) } else { kvm_cpuid_entry2::default() };
    let ext1 = host(0x8000_0001);
    let ext7 = host(0x8000_0007);
    let ext8 = host(0x8000_0008);
    let mut entries = Vec::with_capacity(12);
    entries.extend([
        kvm_cpuid_entry2 { eax: 7, ..vendor },
        kvm_cpuid_entry2 {
            // CLFLUSH line size, one logical processor, APIC ID 0.
            ebx: one.ebx & 0xFF00 | 1 << 16,
            ecx: one.ecx & LEAF1_ECX | LEAF1_ECX_KVM,
            edx: one.edx & LEAF1_EDX,
            ..one
        },
        kvm_cpuid_entry2 {
            flags: kvm_bindings::KVM_CPUID_FLAG_SIGNIFCANT_INDEX,
            eax: 0,
            ebx: seven.ebx & LEAF7_EBX,
            ecx: 0,
            edx: 0,
            function: 7,
            ..Default::default()
        },
        kvm_cpuid_entry2 { eax: 0x8000_0008, ..vendor },
        kvm_cpuid_entry2 { ebx: 0, ecx: ext1.ecx & EXT1_ECX, edx: ext1.edx & EXT1_EDX, ..ext1 },
        kvm_cpuid_entry2 { eax: 0, ebx: 0, ecx: 0, edx: ext7.edx & EXT7_EDX, ..ext7 },
        kvm_cpuid_entry2 { eax: ext8.eax & 0xFFFF, ebx: 0, ecx: 0, edx: 0, ..ext8 },
    ]);
    entries[3].function = 0x8000_0000;
    entries
}

fn hypervisor_leaves(tsc_khz: u32) -> [kvm_cpuid_entry2; 3] {
    let leaf = |function| kvm_cpuid_entry2 { function, ..Default::default() };
    let [ebx, ecx, edx] = KVM_SIGNATURE;
    [
        kvm_cpuid_entry2 { eax: TIMING_LEAF, ebx, ecx, edx, ..leaf(KVM_BASE) },
        kvm_cpuid_entry2 { eax: FEATURE_CLOCKSOURCE2, ..leaf(KVM_BASE + 1) },
        kvm_cpuid_entry2 { eax: tsc_khz, ebx: APIC_BUS_KHZ, ..leaf(TIMING_LEAF) },
    ]
}

/// Who virtualises this host: the signature of the hypervisor it runs under, if it runs under one.
pub fn outer_hypervisor() -> Option<String> {
    const HYPERVISOR_PRESENT: u32 = 1 << 31;
    if host(1).ecx & HYPERVISOR_PRESENT == 0 {
        return None;
    }
    let leaf = host(KVM_BASE);
    let bytes: Vec<u8> = [leaf.ebx, leaf.ecx, leaf.edx].into_iter().flat_map(u32::to_le_bytes).collect();
    let text = bytes.iter().filter(|byte| byte.is_ascii_graphic() || **byte == b' ');
    Some(text.map(|&byte| char::from(byte)).collect())
}

fn host(function: u32) -> kvm_cpuid_entry2 {
    #[expect(unused_unsafe, reason = "a safe function in newer toolchains")]
    // SAFETY: every x86-64 processor has the instruction.
    let leaf = unsafe { __cpuid_count(function, 0) };
    kvm_cpuid_entry2 {
        function,
        eax: leaf.eax,
        ebx: leaf.ebx,
        ecx: leaf.ecx,
        edx: leaf.edx,
        ..Default::default()
    }
}
