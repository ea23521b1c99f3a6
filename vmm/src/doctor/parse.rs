//! Readers of the kernel's text files.

use std::path::{Path, PathBuf};

use super::{CgroupFacts, Vendor};

/// The first processor of `/proc/cpuinfo`: maker, name, flags.
pub(super) fn cpuinfo(text: &str) -> (Vendor, String, Vec<String>) {
    let value = |key: &str| {
        let line = text.lines().find(|line| line.split(':').next().is_some_and(|name| name.trim() == key))?;
        Some(line.split_once(':')?.1.trim())
    };
    let vendor = match value("vendor_id") {
        Some("GenuineIntel") => Vendor::Intel,
        Some("AuthenticAMD" | "HygonGenuine") => Vendor::Amd,
        _ => Vendor::Other,
    };
    let flags = value("flags").unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    (vendor, value("model name").unwrap_or("an unknown processor").to_owned(), flags)
}

/// Who a process is, from `/proc/self/status`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Identity {
    /// Effective user.
    pub(super) uid: u32,
    /// Effective group and supplementary groups.
    pub(super) groups: Vec<u32>,
}

pub(super) fn identity(status: &str) -> Identity {
    let numbers = |key: &str| -> Vec<u32> {
        let rest = status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
        rest.split_whitespace().filter_map(|number| number.parse().ok()).collect()
    };
    // Real, effective, saved, file system.
    let effective = |key| numbers(key).get(1).copied();
    let mut groups = numbers("Groups:");
    groups.extend(effective("Gid:"));
    Identity { uid: effective("Uid:").unwrap_or(0), groups }
}

/// The name of a number in `/etc/passwd` or `/etc/group`, and the fourth field: a group's members.
pub(super) fn named(table: &str, id: u32) -> Option<(String, Vec<String>)> {
    table.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(id)).then(|| {
            let members = fields.next().unwrap_or_default().split(',');
            (name.to_owned(), members.map(str::to_owned).filter(|name| !name.is_empty()).collect())
        })
    })
}

/// Where cgroup2 is mounted, from `/proc/mounts`.
pub(super) fn cgroup2(mounts: &str) -> CgroupFacts {
    let found = mounts.lines().find_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let (mount, kind, options) = (fields.next()?, fields.next()?, fields.next()?);
        (kind == "cgroup2").then(|| CgroupFacts {
            mount: Some(mount.to_owned()),
            favordynmods: options.split(',').any(|option| option == "favordynmods"),
        })
    });
    found.unwrap_or_default()
}

/// Files that limit this process's memory, each with the one that says how much is used: from the
/// process's own control group (`/proc/self/cgroup`) up to the top, in both versions.
pub(super) fn memory_limits(cgroup: &str, mounts: &str) -> Vec<(PathBuf, PathBuf)> {
    let mut files = Vec::new();
    for line in cgroup.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else { continue };
        let (kind, limit, used) = match controllers {
            "" => ("cgroup2", "memory.max", "memory.current"),
            list if list.split(',').any(|one| one == "memory") => {
                ("cgroup", "memory.limit_in_bytes", "memory.usage_in_bytes")
            }
            _ => continue,
        };
        let mount = mounts.lines().find_map(|line| {
            let mut fields = line.split(' ').skip(1);
            let (mount, this, options) = (fields.next()?, fields.next()?, fields.next()?);
            (this == kind && (kind == "cgroup2" || options.split(',').any(|option| option == "memory")))
                .then_some(mount)
        });
        let Some(mount) = mount else { continue };
        let own = Path::new(path.trim_start_matches('/'));
        files.extend(own.ancestors().map(|path| {
            let folder = Path::new(mount).join(path);
            (folder.join(limit), folder.join(used))
        }));
    }
    files
}

/// The soft limit on the address space, from `/proc/self/limits`.
pub(super) fn address_space(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max address space"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// `MemAvailable` of `/proc/meminfo`, in bytes.
pub(super) fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processors() {
        let text = "processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel name\t: AMD EPYC\nflags\t\t: fpu svm\n\nvendor_id\t: x\n";
        let (vendor, name, flags) = cpuinfo(text);
        assert_eq!((vendor, name.as_str(), flags.len()), (Vendor::Amd, "AMD EPYC", 2));
        assert_eq!(cpuinfo("").0, Vendor::Other);
    }

    #[test]
    fn identities_and_names() {
        let status = "Name:\tx\nUid:\t1000\t1001\t1000\t1000\nGid:\t5\t6\t5\t5\nGroups:\t4 108 \n";
        assert_eq!(identity(status), Identity { uid: 1001, groups: vec![4, 108, 6] });
        let table = "root:x:0:\nkvm:x:108:ann,bob\n";
        assert_eq!(named(table, 108), Some(("kvm".into(), vec!["ann".into(), "bob".into()])));
        assert_eq!(named(table, 7), None);
    }

    #[test]
    fn control_groups() {
        let mounts = "cgroup2 /sys/fs/cgroup cgroup2 rw,nsdelegate,favordynmods 0 0\n";
        assert_eq!(cgroup2(mounts).mount.as_deref(), Some("/sys/fs/cgroup"));
        assert!(cgroup2(mounts).favordynmods);
        assert_eq!(cgroup2("proc /proc proc rw 0 0\n").mount, None);
        let files = memory_limits("0::/a/b\n", mounts);
        let limits: Vec<_> = files.iter().map(|(limit, _)| limit.to_str().expect("text")).collect();
        assert_eq!(
            limits,
            ["/sys/fs/cgroup/a/b/memory.max", "/sys/fs/cgroup/a/memory.max", "/sys/fs/cgroup/memory.max"]
        );
        let old = memory_limits(
            "4:memory:/x\n1:cpu:/\n",
            "cgroup /c/cpu cgroup rw,cpu 0 0\ncgroup /c/memory cgroup rw,memory 0 0\n",
        );
        assert_eq!(old[0].1, Path::new("/c/memory/x/memory.usage_in_bytes"));
    }

    #[test]
    fn limits() {
        let text = "Limit  Soft Limit  Hard Limit  Units\nMax address space         1048576    unlimited    bytes     \n";
        assert_eq!(address_space(text), Some(1 << 20));
        assert_eq!(address_space("Max address space         unlimited    unlimited    bytes\n"), None);
        assert_eq!(available("MemTotal: 9 kB\nMemAvailable:   2048 kB\n"), Some(2 << 20));
    }
}
