//! Is making a VM slow, and what makes it faster.
//!
//! With the `nx_huge_pages` mitigation each VM starts a kernel thread and moves it into the process's control groups
//! (in newer kernels on the first entry). That waits for a lock which favours forks since Linux 6.0: 8 to 40 ms.

use super::{Check, Facts, KvmFacts, time};

/// Longer than this is slow.
const SLOW_NS: f64 = 5e6;

/// The check `create_vm`; none when no VM was made.
pub(super) fn create_vm(facts: &Facts, kvm: &KvmFacts) -> Option<Check> {
    const NAME: &str = "create_vm";
    let timings = kvm.probe.as_ref()?.as_ref().ok()?;
    let detail = format!(
        "KVM_CREATE_VM takes {}, the first entry {} (nx_huge_pages={}, itlb_multihit: {}, cgroup favordynmods: {})",
        time(timings.create_vm_ns),
        time(timings.first_exit_ns),
        facts.modules.nx_huge_pages.as_deref().unwrap_or("unknown"),
        facts.modules.itlb_multihit.as_deref().unwrap_or("unknown"),
        match &facts.cgroup.mount {
            None => "no cgroup2",
            Some(_) if facts.cgroup.favordynmods => "on",
            Some(_) => "off",
        },
    );
    Some(if timings.create_vm_ns + timings.first_exit_ns > SLOW_NS {
        Check::warn(NAME, detail, &mend(facts))
    } else {
        Check::pass(NAME, detail)
    })
}

fn mend(facts: &Facts) -> Vec<String> {
    let mut mend = Vec::new();
    let modules = &facts.modules;
    let safe = modules.itlb_multihit.as_deref().is_some_and(|text| text.starts_with("Not affected"));
    if safe && modules.nx_huge_pages.as_deref().is_some_and(|value| value != "never") {
        mend.push(
            "echo never | sudo tee /sys/module/kvm/parameters/nx_huge_pages   # while no VM runs; this processor does not need it (Linux 6.1 and newer)"
                .to_owned(),
        );
        mend.push(
            "echo 'options kvm nx_huge_pages=never' | sudo tee /etc/modprobe.d/kvm-nx-huge-pages.conf   # for good"
                .to_owned(),
        );
    }
    if let Some(mount) = facts.cgroup.mount.as_ref().filter(|_| !facts.cgroup.favordynmods)
        && facts.system.version() >= (6, 0)
    {
        mend.push(format!("sudo mount -o remount,favordynmods {mount}   # makes forks a little slower"));
    }
    if mend.is_empty() {
        mend.push("smvm doctor   # try again when the host is less busy".to_owned());
    }
    mend
}

#[cfg(test)]
mod tests {
    use super::super::{Status, samples};
    use super::*;

    fn slow(change: impl FnOnce(&mut Facts)) -> Check {
        let mut facts = samples::hardware();
        let kvm = facts.kvm.as_mut().expect("sample");
        kvm.probe.as_mut().expect("sample").as_mut().expect("sample").create_vm_ns = 27e6;
        change(&mut facts);
        let kvm = facts.kvm.clone().expect("sample");
        let check = create_vm(&facts, &kvm).expect("a check");
        assert_eq!(check.status, Status::Warn);
        check
    }

    #[test]
    fn a_slow_creation_is_warned_of_with_both_mends() {
        let mend = slow(|_| ()).mend.expect("a mend");
        assert!(
            mend.contains("nx_huge_pages") && mend.contains("remount,favordynmods /sys/fs/cgroup"),
            "{mend}"
        );
    }

    #[test]
    fn a_processor_with_the_fault_keeps_the_mitigation() {
        let check =
            slow(|facts| facts.modules.itlb_multihit = Some("KVM: Mitigation: Split huge pages".into()));
        assert!(check.mend.is_some_and(|mend| !mend.contains("nx_huge_pages")));
    }

    #[test]
    fn what_is_mended_already_is_not_offered() {
        let check = slow(|facts| {
            facts.modules.nx_huge_pages = Some("never".into());
            facts.cgroup.favordynmods = true;
        });
        assert_eq!(check.mend.as_deref(), Some("smvm doctor   # try again when the host is less busy"));
        let old = slow(|facts| facts.system.kernel = "5.15.0-100-generic".into());
        assert!(old.mend.is_some_and(|mend| !mend.contains("favordynmods")));
    }

    #[test]
    fn a_slow_first_entry_counts_too() {
        let check = slow(|facts| {
            let kvm = facts.kvm.as_mut().expect("sample");
            let timings = kvm.probe.as_mut().expect("sample").as_mut().expect("sample");
            (timings.create_vm_ns, timings.first_exit_ns) = (2e5, 20e6);
        });
        assert!(check.detail.contains("the first entry 20.0 ms"));
    }
}
