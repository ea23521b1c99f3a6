//! Facts about two healthy hosts, for tests to spoil.

use super::probe::Timings;
use super::*;

/// An AMD machine with `kvm_amd`.
pub(super) fn hardware() -> Facts {
    let flags = ["svm", "constant_tsc", "nonstop_tsc"].map(str::to_owned).to_vec();
    Facts {
        system: System {
            kernel: "6.8.0-45-generic".into(),
            vendor: Vendor::Amd,
            processor: "AMD EPYC 7763".into(),
            flags,
            ..System::default()
        },
        modules: Modules {
            kvm: true,
            amd: true,
            nested: Some("1".into()),
            nx_huge_pages: Some("N".into()),
            itlb_multihit: Some("Not affected".into()),
            ..Modules::default()
        },
        node: Node {
            path: KVM.into(),
            owner: Some(Owner { uid: 0, gid: 108, group: "kvm".into(), mode: 0o660 }),
            uid: 1000,
            ..Node::default()
        },
        kvm: Some(KvmFacts {
            api: 12,
            capabilities: CAPABILITIES.iter().map(|cap| (cap.number, 1)).collect(),
            probe: Some(Ok(Timings {
                runs: 7,
                ring0_instruction_ns: 0.3,
                ring3_instruction_ns: 0.3,
                ring3_round_trip_ns: 90.0,
                exit_ns: 1500.0,
                create_vm_ns: 2e5,
                create_vcpu_ns: 1e5,
                set_up_ns: 4e5,
                first_exit_ns: 5e4,
                teardown_ns: 2e5,
                calls_by_instruction: 33,
                calls_by_fault: 0,
                tsc_offset: 0,
                tsc_khz: 2_450_000,
            })),
        }),
        memory: MemoryFacts {
            available: Some(8 << 30),
            overcommit: Some("0".into()),
            ..MemoryFacts::default()
        },
        cgroup: CgroupFacts { mount: Some("/sys/fs/cgroup".into()), favordynmods: false },
        clock_source: Some("tsc".into()),
        instead: "smvm box boot".into(),
    }
}

/// A cloud guest with `kvm_pvm`.
pub(super) fn paravirtual() -> Facts {
    let mut facts = hardware();
    facts.system.flags.retain(|flag| flag != "svm");
    facts.system.hypervisor = Some("KVMKVMKVM".into());
    facts.modules = Modules { kvm: true, pvm: true, nx_huge_pages: Some("N".into()), ..Modules::default() };
    if let Some(Ok(timings)) = facts.kvm.as_mut().and_then(|kvm| kvm.probe.as_mut()) {
        timings.ring0_instruction_ns = 652.0;
        timings.ring3_round_trip_ns = 22_000.0;
        timings.exit_ns = 12_000.0;
        (timings.calls_by_instruction, timings.calls_by_fault) = (0, 33);
    }
    facts
}
