//! Collects the facts from this host.

use std::env;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::{
    CAPABILITIES, Facts, KvmFacts, MemoryFacts, Modules, Node, Owner, System, parse, probe, resources,
};
use crate::kvm::{self, Hypervisor, Memory, MemoryLayout};

/// Everything: opens `/dev/kvm`, asks it, and runs the probe guest.
pub fn all() -> Facts {
    let mut facts = host();
    match Hypervisor::open() {
        Ok(hypervisor) => {
            let capabilities =
                CAPABILITIES.iter().map(|cap| (cap.number, hypervisor.capability(cap.number))).collect();
            let probe = Some(probe::measure(hypervisor));
            let api = kvm_bindings::KVM_API_VERSION as i32;
            facts.kvm = Some(KvmFacts { api, capabilities, probe });
        }
        Err(kvm::Error::ApiVersion(api)) => facts.kvm = Some(KvmFacts { api, ..KvmFacts::default() }),
        Err(kvm::Error::Open(error)) => {
            facts.node.open_error = Some(error.raw_os_error().unwrap_or(libc::EIO))
        }
        Err(_) => facts.node.open_error = Some(libc::EIO),
    }
    facts
}

/// What the files of the host say; `/dev/kvm` is not opened.
pub fn host() -> Facts {
    Facts {
        system: system(),
        modules: modules(),
        node: node(),
        kvm: None,
        memory: memory(),
        cgroup: parse::cgroup2(&read("/proc/mounts")),
        clock_source: line("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
        instead: format!("{} box boot", env::args().next().unwrap_or_else(|| "smvm".into())),
    }
}

fn system() -> System {
    let (vendor, processor, flags) = parse::cpuinfo(&read("/proc/cpuinfo"));
    let rivals = ["vboxdrv", "vmmon"].into_iter().filter(|name| has_module(name)).map(str::to_owned);
    System {
        kernel: line("/proc/sys/kernel/osrelease").unwrap_or_default(),
        vendor,
        processor,
        flags,
        hypervisor: kvm::outer_hypervisor(),
        container: container(),
        github: env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true"),
        rivals: rivals.collect(),
    }
}

/// The container this process runs in, by the signs that each kind leaves.
fn container() -> Option<String> {
    if env::var_os("KUBERNETES_SERVICE_HOST").is_some() {
        return Some("kubernetes".into());
    }
    if Path::new("/run/.containerenv").exists() {
        return Some("podman".into());
    }
    if Path::new("/.dockerenv").exists() {
        return Some("docker".into());
    }
    line("/run/systemd/container")
        .or_else(|| env::var("container").ok())
        .filter(|name| !name.is_empty() && name != "wsl")
}

fn has_module(name: &str) -> bool {
    Path::new("/sys/module").join(name).exists()
}

fn modules() -> Modules {
    let nested = ["intel", "amd"];
    Modules {
        kvm: has_module("kvm"),
        intel: has_module("kvm_intel"),
        amd: has_module("kvm_amd"),
        pvm: has_module("kvm_pvm"),
        nested: nested.iter().find_map(|name| line(&format!("/sys/module/kvm_{name}/parameters/nested"))),
        nx_huge_pages: line("/sys/module/kvm/parameters/nx_huge_pages"),
        itlb_multihit: line("/sys/devices/system/cpu/vulnerabilities/itlb_multihit"),
    }
}

fn node() -> Node {
    let me = parse::identity(&read("/proc/self/status"));
    let path = Hypervisor::path();
    let shown = path.display().to_string();
    let Ok(metadata) = fs::metadata(&path) else {
        return Node { path: shown, uid: me.uid, ..Node::default() };
    };
    let (uid, gid) = (metadata.uid(), metadata.gid());
    let group = parse::named(&read("/etc/group"), gid);
    let user = parse::named(&read("/etc/passwd"), me.uid).map(|(name, _)| name);
    let (group, members) = group.unwrap_or_else(|| (gid.to_string(), Vec::new()));
    Node {
        path: shown,
        owner: Some(Owner { uid, gid, group, mode: metadata.mode() & 0o7777 }),
        open_error: None,
        uid: me.uid,
        in_group: me.groups.contains(&gid),
        listed_in_group: user.is_some_and(|user| members.contains(&user)),
    }
}

fn memory() -> MemoryFacts {
    let map_error = match Memory::new(MemoryLayout::new(resources::GUEST_MEMORY)) {
        Ok(_) => None,
        Err(kvm::Error::Map { errno, .. }) => Some(errno),
        Err(_) => Some(libc::ENOMEM),
    };
    let number = |path: &Path| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let limits = parse::memory_limits(&read("/proc/self/cgroup"), &read("/proc/mounts"));
    let narrowest = limits
        .iter()
        // Version 1 has a huge number for "no limit", version 2 a word.
        .filter_map(|(limit, used)| Some((number(limit)?, number(used).unwrap_or(0))))
        .filter(|(limit, _)| *limit < 1 << 60)
        .min_by_key(|(limit, used)| limit.saturating_sub(*used));
    MemoryFacts {
        map_error,
        address_space: parse::address_space(&read("/proc/self/limits")),
        cgroup: narrowest,
        available: parse::available(&read("/proc/meminfo")),
        overcommit: line("/proc/sys/vm/overcommit_memory"),
    }
}

/// A file's text; empty when it cannot be read.
fn read(path: &str) -> String {
    fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// A file's only line, if it is there and has one.
fn line(path: &str) -> Option<String> {
    Some(read(path).trim().to_owned()).filter(|text| !text.is_empty())
}
