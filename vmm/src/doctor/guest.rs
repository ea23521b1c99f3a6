//! Did the probe guest run, and how fast.

use super::probe::{ProbeFailure, Timings};
use super::{Check, Facts, KvmFacts, access, time};

const VM: &str = "vm";

/// The checks that running a guest decides: `vm`, `ring0` and `ring3`; none when it was not tried.
pub(super) fn checks(facts: &Facts, kvm: &KvmFacts) -> Vec<Check> {
    match &kvm.probe {
        None => Vec::new(),
        Some(Ok(timings)) => passed(timings).into(),
        Some(Err(failure)) => failed(facts, failure),
    }
}

fn passed(timings: &Timings) -> [Check; 3] {
    [
        Check::pass(
            VM,
            format!(
                "made in {} (KVM_CREATE_VM {}, vCPU {}), closed in {}",
                time(timings.set_up_ns),
                time(timings.create_vm_ns),
                time(timings.create_vcpu_ns),
                time(timings.teardown_ns)
            ),
        ),
        Check::pass(
            "ring0",
            format!(
                "long mode works; {} an instruction, {} an exit to smvm",
                time(timings.ring0_instruction_ns),
                time(timings.exit_ns)
            ),
        ),
        Check::pass(
            "ring3",
            format!(
                "ring 3 works; {} an instruction, {} a system call and back",
                time(timings.ring3_instruction_ns),
                time(timings.ring3_round_trip_ns)
            ),
        ),
    ]
}

fn failed(facts: &Facts, failure: &ProbeFailure) -> Vec<Check> {
    let made = || Check::pass(VM, "a VM with one vCPU can be made");
    let newer =
        ["# KVM's emulator lacks something here: use a newer kernel, and please report the line above"
            .to_owned()];
    let again = ["smvm doctor   # try again; if it stays so, please report the line above".to_owned()];
    match failure {
        ProbeFailure::Call { what, errno } => {
            let detail = match *errno {
                libc::EBUSY => format!("{what}: another hypervisor has the processor's VT-x or SVM"),
                _ => what.clone(),
            };
            vec![Check::fail(VM, detail, &call_mend(facts, *errno))]
        }
        ProbeFailure::Hang(doing @ "running the guest") => {
            vec![made(), Check::fail("ring0", format!("no end of {doing}"), &again)]
        }
        ProbeFailure::Hang(doing) => {
            vec![Check::fail(VM, format!("the kernel did not come back from {doing}"), &again)]
        }
        ProbeFailure::Exception { vector, rip, cr2 } => {
            let detail = format!("exception {vector} in the probe guest at {rip:#x}, CR2 {cr2:#x}");
            vec![made(), Check::fail("ring0", detail, &newer)]
        }
        ProbeFailure::Internal(suberror) => {
            vec![made(), Check::fail("ring0", format!("KVM internal error, suberror {suberror}"), &newer)]
        }
        ProbeFailure::Exit(what) => {
            vec![made(), Check::fail("ring0", format!("unexpected exit: {what}"), &newer)]
        }
        ProbeFailure::Results(what) => {
            vec![made(), Check::fail("ring3", format!("the guest's results are wrong: {what}"), &newer)]
        }
    }
}

fn call_mend(facts: &Facts, errno: i32) -> Vec<String> {
    match errno {
        libc::EBUSY => access::rivals(&facts.system),
        libc::EIO | libc::EOPNOTSUPP | libc::ENODEV => access::driver(&facts.system),
        libc::ENOMEM => vec!["free -m   # the host is short of memory: end something, then try again".into()],
        libc::EMFILE | libc::ENFILE => vec!["ulimit -n 1024   # and try again".into()],
        libc::EPERM | libc::EACCES => {
            vec!["sudo dmesg | tail   # a security module or seccomp filter forbids it: which?".into()]
        }
        _ => vec![format!("# use a newer kernel: this is {}", facts.system.kernel)],
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Status, samples};
    use super::*;

    fn fail(failure: ProbeFailure) -> Check {
        let facts = samples::hardware();
        let check = failed(&facts, &failure).pop().expect("a check");
        assert_eq!(check.status, Status::Fail);
        check
    }

    #[test]
    fn failed_calls_name_their_mend() {
        let call = |errno| fail(ProbeFailure::Call { what: "KVM_CREATE_VM failed".into(), errno });
        for (errno, word) in [
            (libc::EBUSY, "vboxdrv"),
            (libc::EOPNOTSUPP, "modprobe kvm_amd"),
            (libc::ENOMEM, "free -m"),
            (libc::EMFILE, "ulimit -n"),
            (libc::EPERM, "dmesg"),
            (libc::ENOTTY, "newer kernel"),
        ] {
            let check = call(errno);
            assert!(check.mend.as_deref().is_some_and(|mend| mend.contains(word)), "{errno}: {check:?}");
        }
        assert!(call(libc::EBUSY).detail.contains("another hypervisor"));
    }

    #[test]
    fn a_guest_that_goes_wrong_fails_where_it_does() {
        assert_eq!(fail(ProbeFailure::Exception { vector: 13, rip: 0x8000, cr2: 0 }).name, "ring0");
        assert_eq!(fail(ProbeFailure::Internal(1)).name, "ring0");
        assert_eq!(fail(ProbeFailure::Hang("running the guest")).name, "ring0");
        assert_eq!(fail(ProbeFailure::Hang("KVM_CREATE_VM")).name, "vm");
        assert_eq!(fail(ProbeFailure::Results("none".into())).name, "ring3");
        assert_eq!(fail(ProbeFailure::Exit("Shutdown".into())).name, "ring0");
    }
}
