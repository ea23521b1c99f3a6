//! Kernel, memory and clock.

use super::{Check, Facts};

/// RAM of a guest unless the command line says otherwise.
pub(super) const GUEST_MEMORY: u64 = 64 << 20;

pub(super) fn kernel(facts: &Facts) -> Check {
    const NAME: &str = "kernel";
    let system = &facts.system;
    let container = match &system.container {
        Some(container) => format!(", in a container ({container})"),
        None => String::new(),
    };
    let detail = format!("Linux {} on {}{container}", system.kernel, system.processor);
    if system.version() < (4, 11) {
        let mend = ["# use Linux 4.11 or newer".to_owned()];
        return Check::warn(NAME, format!("{detail}; smvm is made for 4.11 and newer"), &mend);
    }
    Check::pass(NAME, detail)
}

/// Name of the check of memory.
pub(super) const MEMORY: &str = "memory";

pub(super) fn memory(facts: &Facts) -> Check {
    const NAME: &str = MEMORY;
    let memory = &facts.memory;
    if let Some(errno) = memory.map_error {
        let error = std::io::Error::from_raw_os_error(errno);
        let detail = format!("the {} of a guest cannot be mapped: {error}", mib(GUEST_MEMORY));
        return Check::fail(NAME, detail, &map_mend(facts));
    }
    let spare = memory.cgroup.map(|(limit, used)| limit.saturating_sub(used));
    if let Some((limit, used)) = memory.cgroup
        && spare < Some(GUEST_MEMORY)
    {
        let detail = format!(
            "the control group has {} left of {}: a guest that uses its {} is killed",
            mib(limit.saturating_sub(used)),
            mib(limit),
            mib(GUEST_MEMORY)
        );
        let mend = match &facts.system.container {
            Some(_) => "docker run --memory 512m …   # or smvm boot --memory 32M",
            None => "smvm boot --memory 32M   # or raise memory.max of the control group",
        };
        return Check::warn(NAME, detail, &[mend.to_owned()]);
    }
    if memory.available.is_some_and(|available| available < GUEST_MEMORY) {
        let detail = format!("the host has {} to spare", memory.available.map_or_else(String::new, mib));
        return Check::warn(NAME, detail, &["smvm boot --memory 32M".to_owned()]);
    }
    let available = memory.available.map(|bytes| format!("{} to spare", mib(bytes)));
    let limits = [
        memory.address_space.map(|bytes| format!("address space limited to {}", mib(bytes))),
        memory.cgroup.map(|(bytes, _)| format!("control group limited to {}", mib(bytes))),
        memory.overcommit.as_deref().filter(|mode| *mode == "2").map(|_| "overcommit off".to_owned()),
    ];
    let mut parts: Vec<String> = available.into_iter().chain(limits.into_iter().flatten()).collect();
    if parts.len() < 2 {
        parts.push("no limits".into());
    }
    Check::pass(NAME, parts.join(", "))
}

fn map_mend(facts: &Facts) -> Vec<String> {
    if facts.memory.address_space.is_some() {
        return vec!["ulimit -v unlimited   # or smvm boot --memory 16M".to_owned()];
    }
    if facts.memory.overcommit.as_deref() == Some("2") {
        return vec!["sudo sysctl vm.overcommit_memory=0   # or smvm boot --memory 16M".to_owned()];
    }
    vec!["free -m   # end something, or smvm boot --memory 16M".to_owned()]
}

pub(super) fn clock(facts: &Facts) -> Check {
    const NAME: &str = "clock";
    let source = facts.clock_source.as_deref().unwrap_or("unknown");
    let timings = facts.kvm.as_ref().and_then(|kvm| kvm.probe.as_ref()).and_then(|probe| probe.as_ref().ok());
    let mut faults = Vec::new();
    if !facts.system.has("constant_tsc") {
        faults
            .push("the time stamp counter changes its speed with the processor (no constant_tsc)".to_owned());
    }
    if !facts.system.has("nonstop_tsc") {
        faults.push("it stops in deep sleep (no nonstop_tsc)".to_owned());
    }
    if !["tsc", "tsc-early", "kvm-clock", "hyperv_clocksource_tsc_page", "hyperv_clocksource_msr", "xen"]
        .contains(&source)
    {
        faults.push(format!("the kernel does not trust it (clock source {source})"));
    }
    if let Some(timings) = timings.filter(|timings| timings.tsc_offset != 0) {
        faults.push(format!("the guest's counter is {} ticks off the host's", timings.tsc_offset));
    }
    if !faults.is_empty() {
        let mend = match source {
            "tsc" => "# measure on another machine, or compare instruction counts instead of times",
            _ => {
                "cat /sys/devices/system/clocksource/clocksource0/available_clocksource   # if tsc is among them: sudo dmesg | grep -i tsc says why it is not used; measure on another machine"
            }
        };
        return Check::warn(NAME, format!("times may be wrong: {}", faults.join("; ")), &[mend.to_owned()]);
    }
    let speed = match timings {
        Some(timings) if timings.tsc_khz != 0 => format!("{:.2} GHz, ", f64::from(timings.tsc_khz) / 1e6),
        _ => String::new(),
    };
    Check::pass(NAME, format!("time stamp counter: {speed}constant, never stops; clock source {source}"))
}

fn mib(bytes: u64) -> String {
    match bytes >> 20 {
        mib @ 0..10_000 => format!("{mib} MiB"),
        mib => format!("{} GiB", mib >> 10),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Status, diagnose, samples};
    use super::*;

    #[test]
    fn an_old_kernel_is_warned_of() {
        let mut facts = samples::hardware();
        facts.system.kernel = "3.10.0-1160.el7.x86_64".into();
        assert_eq!(kernel(&facts).status, Status::Warn);
    }

    #[test]
    fn memory_that_cannot_be_mapped_fails_with_the_limit_that_is_to_blame() {
        let mut facts = samples::hardware();
        facts.memory.map_error = Some(libc::ENOMEM);
        let mend = |facts: &Facts| {
            let check = memory(facts);
            assert_eq!(check.status, Status::Fail);
            check.mend.expect("a mend")
        };
        assert!(mend(&facts).starts_with("free -m"));
        facts.memory.overcommit = Some("2".into());
        assert!(mend(&facts).contains("vm.overcommit_memory=0"));
        facts.memory.address_space = Some(32 << 20);
        assert!(mend(&facts).starts_with("ulimit -v unlimited"));
        let diagnosis = diagnose(&facts);
        assert!(!diagnosis.runnable && diagnosis.instead.is_none());
    }

    #[test]
    fn narrow_memory_is_warned_of() {
        let mut facts = samples::hardware();
        facts.memory.cgroup = Some((128 << 20, 100 << 20));
        let check = memory(&facts);
        assert_eq!(check.status, Status::Warn);
        assert!(check.detail.contains("28 MiB left of 128 MiB"), "{}", check.detail);
        facts.memory.cgroup = None;
        facts.memory.available = Some(30 << 20);
        assert_eq!(memory(&facts).status, Status::Warn);
    }

    #[test]
    fn each_fault_of_the_clock_is_warned_of() {
        let changes: [fn(&mut Facts); 4] = [
            |facts| facts.system.flags.retain(|flag| flag != "constant_tsc"),
            |facts| facts.system.flags.retain(|flag| flag != "nonstop_tsc"),
            |facts| facts.clock_source = Some("hpet".into()),
            |facts| {
                let kvm = facts.kvm.as_mut().expect("sample");
                kvm.probe.as_mut().expect("sample").as_mut().expect("sample").tsc_offset = -500;
            },
        ];
        for change in changes {
            let mut facts = samples::hardware();
            assert_eq!(clock(&facts).status, Status::Pass);
            change(&mut facts);
            assert_eq!(clock(&facts).status, Status::Warn);
        }
    }
}
