//! `smvm doctor`: can this host run it, how fast, and what mends it if not.
//!
//! [`gather`] collects [`Facts`], running a guest of its own for the purpose ([`probe`]); [`diagnose`] turns them into
//! verdicts. Nothing in between looks at the host, so every fault can be tested.

mod access;
mod capabilities;
mod facts;
pub mod gather;
mod guest;
mod kind;
mod parse;
pub mod probe;
mod resources;
#[cfg(test)]
mod samples;
mod slow;

use serde::Serialize;

pub use capabilities::{CAPABILITIES, Capability, Need};
pub use facts::*;
pub use kind::{Host, HostKind};
use probe::Timings;

/// Version of the JSON object. It changes when a field changes its meaning or goes away.
const SCHEMA: u32 = 1;

/// The device.
const KVM: &str = "/dev/kvm";

/// What stands between a command and a remark about it.
const REMARK: &str = "   # ";

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// As it should be.
    Pass,
    /// Works, but worse than it could.
    Warn,
    /// Keeps smvm from running.
    Fail,
}

impl Status {
    /// Name in every output.
    pub fn name(self) -> &'static str {
        match self {
            Status::Pass => "PASS",
            Status::Warn => "WARN",
            Status::Fail => "FAIL",
        }
    }
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its name, which stays.
    pub name: &'static str,
    /// What it came to.
    pub status: Status,
    /// Why, in one line.
    pub detail: String,
    /// What mends it: lines for a shell.
    pub mend: Option<String>,
}

impl Check {
    fn pass(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, status: Status::Pass, detail: detail.into(), mend: None }
    }

    fn warn(name: &'static str, detail: impl Into<String>, mend: &[String]) -> Self {
        let mend = (!mend.is_empty()).then(|| mend.join("\n"));
        Self { name, status: Status::Warn, detail: detail.into(), mend }
    }

    fn fail(name: &'static str, detail: impl Into<String>, mend: &[String]) -> Self {
        Self { status: Status::Fail, ..Self::warn(name, detail, mend) }
    }
}

/// The verdict on a host, in the shape of the JSON.
#[derive(Clone, Debug, Serialize)]
pub struct Diagnosis {
    schema: u32,
    /// smvm can run here.
    pub runnable: bool,
    /// What kind of host it is, as far as that could be found out.
    pub host: Option<Host>,
    /// How fast it is.
    pub timings: Option<Timings>,
    /// Every check that could be made, in a fixed order.
    pub checks: Vec<Check>,
    /// When smvm cannot run on this host's KVM: the command that boots the same in an emulated host.
    pub instead: Option<String>,
}

/// Judges the facts.
pub fn diagnose(facts: &Facts) -> Diagnosis {
    let mut checks = vec![resources::kernel(facts), access::check(facts)];
    let host = kind::host(facts);
    if let Some(kvm) = &facts.kvm {
        checks.push(capabilities::api(kvm));
        checks.extend(capabilities::checks(facts, kvm));
        checks.extend(guest::checks(facts, kvm));
        checks.extend(host.as_ref().map(Host::check));
        checks.extend(slow::create_vm(facts, kvm));
    }
    checks.push(resources::memory(facts));
    checks.push(resources::clock(facts));
    // More memory is not what an emulated host offers.
    let boxed = checks.iter().any(|check| check.status == Status::Fail && check.name != resources::MEMORY);
    let runnable = checks.iter().all(|check| check.status != Status::Fail);
    let probe = facts.kvm.as_ref().and_then(|kvm| kvm.probe.as_ref());
    Diagnosis {
        schema: SCHEMA,
        runnable,
        host,
        timings: probe.and_then(|probe| probe.as_ref().ok()).cloned(),
        checks,
        instead: boxed.then(|| facts.instead.clone()),
    }
}

/// The mend for a `/dev/kvm` that cannot be opened, in one line.
pub fn mend_open(errno: i32) -> Option<String> {
    let mut facts = gather::host();
    facts.node.open_error = Some(errno);
    let check = access::check(&facts);
    check.mend.as_deref().map(one_line)
}

/// The first way that a mend names, in one line.
fn one_line(mend: &str) -> String {
    let mut commands = mend.lines().skip_while(|line| line.starts_with('#'));
    let Some(first) = commands.next() else { return mend.trim_start_matches("# ").replace('\n', " ") };
    if let Some((command, remark)) = first.split_once(REMARK) {
        return format!("{command} ({remark})");
    }
    let more = commands.take_while(|line| !line.starts_with('#') && !line.contains(REMARK));
    std::iter::once(first).chain(more).collect::<Vec<_>>().join(" && ")
}

/// A time in nanoseconds, with a fitting unit.
fn time(ns: f64) -> String {
    let (value, unit) = match ns {
        ..1e3 => (ns, "ns"),
        1e3..1e6 => (ns / 1e3, "µs"),
        1e6..1e9 => (ns / 1e6, "ms"),
        _ => (ns / 1e9, "s"),
    };
    let digits = match value {
        ..10.0 => 2,
        10.0..100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_or_less() {
        assert_eq!(time(0.254), "0.25 ns");
        assert_eq!(time(652.4), "652 ns");
        assert_eq!(time(22_340.0), "22.3 µs");
        assert_eq!(time(27e6), "27.0 ms");
    }

    #[test]
    fn mends_fit_one_line() {
        assert_eq!(one_line("# outside:\nsudo a   # once\nb"), "sudo a (once)");
        assert_eq!(one_line("a\nb\n# or:\nc"), "a && b");
        assert_eq!(one_line("a …\nb   # or this"), "a …");
        assert_eq!(one_line("# do it by hand"), "do it by hand");
    }

    #[test]
    fn healthy_hosts_pass_throughout() {
        for facts in [samples::hardware(), samples::paravirtual()] {
            let diagnosis = diagnose(&facts);
            assert!(diagnosis.runnable && diagnosis.instead.is_none());
            for check in diagnosis.checks {
                assert_eq!((check.status, &check.mend), (Status::Pass, &None), "{check:?}");
            }
        }
    }

    #[test]
    fn warnings_do_not_keep_it_from_running() {
        let mut facts = samples::hardware();
        facts.clock_source = Some("hpet".into());
        assert!(diagnose(&facts).runnable);
    }

    #[test]
    fn a_host_without_kvm_is_told_of_the_box() {
        let mut facts = samples::hardware();
        facts.node = Node { path: KVM.into(), open_error: Some(libc::ENOENT), ..Node::default() };
        facts.kvm = None;
        let diagnosis = diagnose(&facts);
        assert!(!diagnosis.runnable && diagnosis.host.is_none());
        assert!(diagnosis.instead.is_some_and(|command| command == "smvm box boot"));
        let json = serde_json::to_value(diagnose(&facts)).expect("JSON");
        assert_eq!((&json["schema"], &json["checks"][1]["status"]), (&1.into(), &"FAIL".into()));
    }
}
