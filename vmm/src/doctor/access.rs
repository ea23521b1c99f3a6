//! Can `/dev/kvm` be opened, and if not, what opens it.

use super::{Check, Facts, KVM, Modules, Node, Owner, System, Vendor};

/// The rule that opens `/dev/kvm` to everybody for good, as on CI runners.
const UDEV_RULE: [&str; 3] = [
    r#"echo 'KERNEL=="kvm", GROUP="kvm", MODE="0666", OPTIONS+="static_node=kvm"' | sudo tee /etc/udev/rules.d/99-kvm4all.rules"#,
    "sudo udevadm control --reload-rules",
    "sudo udevadm trigger --name-match=kvm",
];

pub(super) fn check(facts: &Facts) -> Check {
    const NAME: &str = "device";
    let Facts { system, modules, node, .. } = facts;
    let (path, owner) = (&node.path, node.owner.as_ref());
    let Some(errno) = node.open_error else {
        return Check::pass(NAME, format!("{path} opens for reading and writing"));
    };
    let (detail, mut mend) = match (errno, owner) {
        (libc::ENOENT, _) => (format!("there is no {path}"), no_node(system, modules)),
        (libc::ENODEV | libc::ENXIO, _) => (
            format!("{path} is there, but no driver behind it"),
            no_node(&System { container: None, ..system.clone() }, modules),
        ),
        (libc::EACCES, Some(owner)) => (
            format!(
                "no permission: {path} belongs to user {} and group {}, mode {:04o}; this is user {}",
                owner.uid,
                owner.group,
                owner.mode & 0o7777,
                node.uid
            ),
            no_permission(system, node, owner),
        ),
        (libc::EPERM | libc::EACCES, _) => (
            "the device rules of a container, a control group or a security module forbid /dev/kvm"
                .to_owned(),
            forbidden(system),
        ),
        (libc::EBUSY, _) => (format!("{path} is busy"), rivals(system)),
        (libc::EMFILE | libc::ENFILE, _) => {
            ("too many open files".to_owned(), lines(&["ulimit -n 1024   # and try again"]))
        }
        _ => (
            format!("cannot open {path}: {}", std::io::Error::from_raw_os_error(errno)),
            no_node(system, modules),
        ),
    };
    if path != KVM {
        mend.push(format!("unset SMVM_KVM   # it says {path}; {KVM} is what is opened without it"));
    }
    Check::fail(NAME, detail, &mend)
}

/// What to do about another hypervisor that has the processor.
pub(super) fn rivals(system: &System) -> Vec<String> {
    let find = "lsmod | grep -E 'vboxdrv|vmmon'   # which other hypervisor is it? end its VMs";
    match system.rivals.first() {
        Some(module) => vec![format!("sudo modprobe -r {module}   # first end the VMs of that hypervisor")],
        None => lines(&[find]),
    }
}

/// What brings the module to life.
pub(super) fn driver(system: &System) -> Vec<String> {
    let module = match system.vendor {
        Vendor::Intel => "kvm_intel",
        Vendor::Amd => "kvm_amd",
        Vendor::Other => "kvm",
    };
    if system.can_virtualise() {
        return vec![
            format!("sudo modprobe {module}   # what it says if it fails: sudo dmesg | grep -i kvm"),
            "# \"disabled by BIOS\": turn on VT-x or SVM in the firmware's set-up".into(),
        ];
    }
    match system.hypervisor.as_deref() {
        None => {
            vec![format!("sudo modprobe {module}   # after turning on VT-x or SVM in the firmware's set-up")]
        }
        Some(outer) => nested(outer, &system.kernel),
    }
}

/// How the virtual machine that this host is gets nested virtualisation.
fn nested(outer: &str, kernel: &str) -> Vec<String> {
    let text = match outer {
        "Microsoft Hv" if kernel.to_ascii_lowercase().contains("microsoft") => {
            "# in %UserProfile%\\.wslconfig on Windows: [wsl2] nestedVirtualization=true; then: wsl --shutdown"
        }
        "Microsoft Hv" => {
            "Set-VMProcessor -VMName NAME -ExposeVirtualizationExtensions $true   # on the Hyper-V host, with this VM off; on Azure, take a size with nested virtualisation"
        }
        "VMwareVMware" => {
            r#"echo 'vhv.enable = "TRUE"' >> NAME.vmx   # on the VMware host, with this VM off"#
        }
        "VBoxVBoxVBox" => {
            "VBoxManage modifyvm NAME --nested-hw-virt on   # on the VirtualBox host, with this VM off"
        }
        "KVMKVMKVM" => {
            "qemu-system-x86_64 -cpu host …   # on the machine outside, with kvm_intel.nested=1 or kvm_amd.nested=1; in a cloud, take an instance type with nested virtualisation, or bare metal"
        }
        "TCGTCGTCGTCG" => {
            "qemu-system-x86_64 -cpu EPYC,+svm,+npt …   # this machine is QEMU's emulation, which can emulate SVM"
        }
        _ => {
            "# this is a virtual machine: turn on nested virtualisation for it outside, or take an instance type that has it"
        }
    };
    lines(&[text])
}

fn no_node(system: &System, modules: &Modules) -> Vec<String> {
    match &system.container {
        Some(container) if modules.any_driver() => in_container(container),
        // A container shows the modules of the kernel outside.
        Some(container) => {
            let outside = ["# outside the container:".to_owned()].into_iter().chain(driver(system));
            outside.chain(in_container(container)).collect()
        }
        None if modules.any_driver() => {
            lines(&["sudo udevadm trigger --name-match=kvm || sudo mknod -m 0660 /dev/kvm c 10 232"])
        }
        None => driver(system),
    }
}

fn in_container(container: &str) -> Vec<String> {
    match container {
        "kubernetes" => lines(&[
            "# ask for the device: resources.limits of a KVM device plugin (devices.kubevirt.io/kvm: 1), or a privileged pod with /dev/kvm as hostPath",
        ]),
        "podman" => lines(&["podman run --device /dev/kvm --group-add keep-groups …"]),
        "lxc" => lines(&["lxc config device add NAME kvm unix-char source=/dev/kvm mode=0666"]),
        "systemd-nspawn" => lines(&["systemd-nspawn --bind=/dev/kvm --property='DeviceAllow=/dev/kvm rw' …"]),
        _ => lines(&["docker run --device /dev/kvm …   # the node must be there outside the container too"]),
    }
}

fn no_permission(system: &System, node: &Node, owner: &Owner) -> Vec<String> {
    let group_may = owner.mode & 0o060 == 0o060 && owner.gid != 0;
    let mut mend = Vec::new();
    match &system.container {
        Some(container) if group_may && container == "podman" => {
            mend.push("podman run --device /dev/kvm --group-add keep-groups …".to_owned());
        }
        Some(_) if group_may => {
            mend.push(format!("docker run --device /dev/kvm --group-add {} …", owner.gid));
        }
        _ if system.github => {}
        _ if group_may && node.listed_in_group && !node.in_group => mend.push(format!(
            "newgrp {}   # the user is in the group already; a new login does the same for good",
            owner.group
        )),
        _ if group_may => {
            mend.push(format!(r#"sudo usermod -aG {} "$USER"   # then log in again"#, owner.group));
        }
        _ => mend.push(format!("sudo chmod 666 {}   # until the next start", node.path)),
    }
    if system.container.is_some() {
        if group_may {
            mend.push("chmod 666 /dev/kvm   # or this, as root in the container".to_owned());
        }
    } else {
        if !mend.is_empty() {
            mend.push("# or, for everybody and for good, as on CI runners:".to_owned());
        }
        mend.extend(UDEV_RULE.map(str::to_owned));
    }
    mend
}

fn forbidden(system: &System) -> Vec<String> {
    match &system.container {
        Some(container) => in_container(container),
        None => lines(&[
            "systemd-run --pty --property='DeviceAllow=/dev/kvm rw' smvm doctor   # a service needs that DeviceAllow line",
        ]),
    }
}

fn lines(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|&line| line.to_owned()).collect()
}

#[cfg(test)]
#[path = "access_tests.rs"]
mod tests;
