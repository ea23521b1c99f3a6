//! Which kind of host it is: one that runs ring 0 on the processor, or one that interprets it.

use serde::Serialize;

use super::{Check, Facts, Modules, Vendor, time};

/// Ring 0 this many times slower than ring 3 is interpreted. On hardware they are equal; an interpreter is
/// a thousand times slower.
const INTERPRETED: f64 = 20.0;

/// The two kinds of KVM host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HostKind {
    /// The processor's own virtualisation, VT-x or SVM.
    Hardware,
    /// KVM without it: ring 0 of the guest is interpreted.
    Paravirtual,
}

/// What kind of host it is, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Host {
    /// The kind.
    pub kind: HostKind,
    /// `VT-x`, `SVM` or `PVM`, as far as it is known.
    pub technology: Option<&'static str>,
    /// This host is a virtual machine itself: the signature of its hypervisor.
    pub inside: Option<String>,
    /// What that rests on.
    pub evidence: Vec<String>,
    /// The evidence contradicts itself.
    pub doubtful: bool,
}

/// Decides by what was measured, or by the modules when nothing was. `None` when neither says anything.
pub(super) fn host(facts: &Facts) -> Option<Host> {
    let timings = facts.kvm.as_ref()?.probe.as_ref().and_then(|probe| probe.as_ref().ok());
    let module = by_module(&facts.modules);
    let mut evidence = Vec::new();
    let mut signs = Vec::new();
    if let Some(timings) = timings {
        let (ring0, ring3) = (timings.ring0_instruction_ns, timings.ring3_instruction_ns);
        let slow = ring0 > INTERPRETED * ring3;
        signs.push(kind(slow));
        evidence.push(format!(
            "ring 0 is {} ({} an instruction, {} in ring 3)",
            if slow { "interpreted" } else { "native" },
            time(ring0),
            time(ring3)
        ));
        let faults = timings.calls_by_fault > 0;
        signs.push(kind(faults));
        evidence.push(if faults {
            "syscall arrives as a page fault".into()
        } else {
            "syscall enters ring 0".into()
        });
    }
    signs.extend(module.map(|(kind, _)| kind));
    evidence.extend(loaded(&facts.modules));
    if let Some(outer) = &facts.system.hypervisor {
        evidence.push(match outer.as_str() {
            "" => "this host is a virtual machine".into(),
            outer => format!("this host is a virtual machine ({outer})"),
        });
    }
    let kind = *signs.first()?;
    let technology = match (kind, facts.system.vendor) {
        (HostKind::Paravirtual, _) => facts.modules.pvm.then_some("PVM"),
        (HostKind::Hardware, Vendor::Intel) => Some("VT-x"),
        (HostKind::Hardware, Vendor::Amd) => Some("SVM"),
        (HostKind::Hardware, Vendor::Other) => None,
    };
    let doubtful = signs.iter().any(|sign| *sign != kind);
    Some(Host { kind, technology, inside: facts.system.hypervisor.clone(), evidence, doubtful })
}

impl Host {
    /// The name of the kind.
    pub fn name(&self) -> &'static str {
        match self.kind {
            HostKind::Hardware => "hardware",
            HostKind::Paravirtual => "paravirtual",
        }
    }

    pub(super) fn check(&self) -> Check {
        const NAME: &str = "host";
        let technology = self.technology.map(|name| format!(" ({name})")).unwrap_or_default();
        let detail = format!("{}{technology}: {}", self.name(), self.evidence.join(", "));
        if self.doubtful {
            let mend =
                ["smvm doctor --json   # the signs contradict each other: please report this".to_owned()];
            Check::warn(NAME, detail, &mend)
        } else {
            Check::pass(NAME, detail)
        }
    }
}

fn kind(paravirtual: bool) -> HostKind {
    if paravirtual { HostKind::Paravirtual } else { HostKind::Hardware }
}

/// What the modules say, if they are of one kind only.
fn by_module(modules: &Modules) -> Option<(HostKind, &'static str)> {
    match (modules.pvm, modules.intel, modules.amd) {
        (true, false, false) => Some((HostKind::Paravirtual, "kvm_pvm")),
        (false, true, false) => Some((HostKind::Hardware, "kvm_intel")),
        (false, false, true) => Some((HostKind::Hardware, "kvm_amd")),
        _ => None,
    }
}

fn loaded(modules: &Modules) -> Option<String> {
    let names = [(modules.pvm, "kvm_pvm"), (modules.intel, "kvm_intel"), (modules.amd, "kvm_amd")];
    let names: Vec<_> = names.into_iter().filter(|(there, _)| *there).map(|(_, name)| name).collect();
    let nested = modules.nested.as_ref().map(|nested| format!(" (nested={nested})")).unwrap_or_default();
    (!names.is_empty()).then(|| format!("{} is loaded{nested}", names.join(" and ")))
}

#[cfg(test)]
mod tests {
    use super::super::{Status, samples};
    use super::*;

    #[test]
    fn both_kinds_are_told_apart() {
        let hardware = host(&samples::hardware()).expect("known");
        assert_eq!((hardware.kind, hardware.technology), (HostKind::Hardware, Some("SVM")));
        let paravirtual = host(&samples::paravirtual()).expect("known");
        assert_eq!((paravirtual.kind, paravirtual.technology), (HostKind::Paravirtual, Some("PVM")));
        assert!(paravirtual.evidence.iter().any(|line| line.contains("page fault")));
    }

    #[test]
    fn measurement_wins_over_modules_and_the_doubt_is_told() {
        let mut facts = samples::paravirtual();
        facts.modules = Modules { amd: true, ..Modules::default() };
        let host = host(&facts).expect("known");
        assert_eq!((host.kind, host.doubtful), (HostKind::Paravirtual, true));
        assert_eq!(host.check().status, Status::Warn);
    }

    #[test]
    fn two_modules_or_built_in_ones_say_nothing() {
        let mut facts = samples::paravirtual();
        facts.modules.amd = true;
        assert!(host(&facts).is_some_and(|host| !host.doubtful));
        facts.kvm.as_mut().expect("sample").probe = None;
        assert_eq!(host(&facts), None);
    }

    #[test]
    fn without_a_measurement_the_module_decides() {
        let mut facts = samples::hardware();
        facts.kvm.as_mut().expect("sample").probe = None;
        assert!(host(&facts).is_some_and(|host| host.kind == HostKind::Hardware));
    }
}
