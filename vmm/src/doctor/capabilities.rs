//! What KVM says it can do, and what breaks without each of it.

use super::{Check, Facts, KvmFacts};

/// How much a capability is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing runs without it.
    Required,
    /// Something is worse without it.
    Wanted,
    /// Not used today.
    Spare,
}

/// One capability of KVM.
#[derive(Clone, Copy, Debug)]
pub struct Capability {
    /// The check's name.
    pub name: &'static str,
    /// KVM's number.
    pub number: u32,
    /// How much it is needed.
    pub need: Need,
    /// What breaks without it.
    pub without: &'static str,
}

const fn cap(name: &'static str, number: u32, need: Need, without: &'static str) -> Capability {
    Capability { name, number, need, without }
}

/// Every capability that is asked for.
pub const CAPABILITIES: [Capability; 13] = [
    cap("cap.user_memory", kvm_bindings::KVM_CAP_USER_MEMORY, Need::Required, "the guest has no RAM"),
    cap(
        "cap.set_tss_addr",
        kvm_bindings::KVM_CAP_SET_TSS_ADDR,
        Need::Required,
        "older Intel processors cannot enter the guest",
    ),
    cap(
        "cap.ext_cpuid",
        kvm_bindings::KVM_CAP_EXT_CPUID,
        Need::Required,
        "the guest's processor has no features",
    ),
    cap(
        "cap.split_irqchip",
        kvm_bindings::KVM_CAP_SPLIT_IRQCHIP,
        Need::Required,
        "the guest has no local APIC and no timer",
    ),
    cap(
        "cap.signal_msi",
        kvm_bindings::KVM_CAP_SIGNAL_MSI,
        Need::Required,
        "no device can interrupt the guest",
    ),
    cap(
        "cap.irq_routing",
        kvm_bindings::KVM_CAP_IRQ_ROUTING,
        Need::Required,
        "level-triggered interrupts do not end",
    ),
    cap(
        "cap.immediate_exit",
        kvm_bindings::KVM_CAP_IMMEDIATE_EXIT,
        Need::Required,
        "a deadline or Ctrl-C can miss the guest",
    ),
    cap(
        "cap.tsc_offset",
        kvm_bindings::KVM_CAP_VCPU_ATTRIBUTES,
        Need::Wanted,
        "the guest's stamps are off by some microseconds (Linux 5.16 has it)",
    ),
    cap(
        "cap.get_tsc_khz",
        kvm_bindings::KVM_CAP_GET_TSC_KHZ,
        Need::Wanted,
        "the guest measures the frequency of its counter at each boot",
    ),
    cap(
        "cap.tsc_deadline_timer",
        kvm_bindings::KVM_CAP_TSC_DEADLINE_TIMER,
        Need::Wanted,
        "stock kernels use a timer that costs more exits",
    ),
    cap(
        "cap.sync_regs",
        kvm_bindings::KVM_CAP_SYNC_REGS,
        Need::Wanted,
        "reports do not say where the guest's last exits were",
    ),
    cap(
        "cap.mp_state",
        kvm_bindings::KVM_CAP_MP_STATE,
        Need::Wanted,
        "reports do not say whether the guest sleeps",
    ),
    cap(
        "cap.coalesced_pio",
        kvm_bindings::KVM_CAP_COALESCED_PIO,
        Need::Spare,
        "nothing: it is not used today",
    ),
];

/// The API version.
pub(super) fn api(kvm: &KvmFacts) -> Check {
    const NAME: &str = "api";
    match kvm.api {
        12 => Check::pass(NAME, "KVM speaks API version 12"),
        other => Check::fail(
            NAME,
            format!("KVM speaks API version {other}, not 12"),
            &["# /dev/kvm is not KVM as Linux has had it since 2.6.22: use a kernel of the distribution"
                .to_owned()],
        ),
    }
}

/// One check a capability.
pub(super) fn checks<'a>(facts: &'a Facts, kvm: &'a KvmFacts) -> impl Iterator<Item = Check> + 'a {
    let asked = CAPABILITIES
        .iter()
        .filter_map(|cap| Some((cap, kvm.capabilities.iter().find(|(number, _)| *number == cap.number)?.1)));
    asked.map(|(cap, answer)| match (answer > 0, cap.need) {
        (true, _) => Check::pass(cap.name, "there"),
        (false, Need::Spare) => Check::pass(cap.name, format!("missing; without it: {}", cap.without)),
        (false, need) => {
            let detail = format!("missing; without it: {}", cap.without);
            let mend = [format!("# use a newer kernel: Linux 4.11 has all that is required, 5.16 all that is used; this is {}", facts.system.kernel)];
            if need == Need::Required { Check::fail(cap.name, detail, &mend) } else { Check::warn(cap.name, detail, &mend) }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Status, samples};
    use super::*;

    #[test]
    fn each_missing_capability_gets_the_status_of_its_need() {
        for (index, cap) in CAPABILITIES.iter().enumerate() {
            let facts = samples::hardware();
            let mut kvm = facts.kvm.clone().expect("sample");
            kvm.capabilities[index].1 = 0;
            let check = checks(&facts, &kvm).nth(index).expect("a check");
            let expected = match cap.need {
                Need::Required => Status::Fail,
                Need::Wanted => Status::Warn,
                Need::Spare => Status::Pass,
            };
            assert_eq!((check.name, check.status), (cap.name, expected));
            assert!(check.detail.contains(cap.without));
            assert_eq!(check.mend.is_some(), expected != Status::Pass);
        }
    }

    #[test]
    fn another_api_version_fails() {
        assert_eq!(api(&KvmFacts { api: 11, ..KvmFacts::default() }).status, Status::Fail);
    }
}
