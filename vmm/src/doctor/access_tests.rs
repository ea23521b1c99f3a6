use super::super::{Status, samples};
use super::*;

fn failing(errno: i32) -> Facts {
    let mut facts = samples::hardware();
    facts.node.open_error = Some(errno);
    if errno == libc::ENOENT {
        facts.node.owner = None;
        facts.modules = Modules::default();
    }
    facts
}

/// The mend for the facts, which must fail the check.
fn mend(facts: &Facts) -> String {
    let check = check(facts);
    assert_eq!(check.status, Status::Fail);
    check.mend.expect("a mend")
}

#[test]
fn a_missing_node_wants_the_module_of_the_processor() {
    let mut facts = failing(libc::ENOENT);
    assert!(mend(&facts).starts_with("sudo modprobe kvm_amd"));
    facts.system.vendor = Vendor::Intel;
    facts.system.flags = vec!["vmx".into()];
    assert!(mend(&facts).starts_with("sudo modprobe kvm_intel"));
    facts.modules.intel = true;
    assert!(mend(&facts).contains("mknod"));
}

#[test]
fn a_processor_that_cannot_virtualise_wants_firmware_or_nesting() {
    let mut facts = failing(libc::ENOENT);
    facts.system.flags.clear();
    assert!(mend(&facts).contains("firmware"));
    for (outer, word) in [
        ("KVMKVMKVM", "nested"),
        ("Microsoft Hv", "Set-VMProcessor"),
        ("VMwareVMware", "vhv.enable"),
        ("VBoxVBoxVBox", "VBoxManage"),
        ("TCGTCGTCGTCG", "+svm"),
        ("", "nested virtualisation"),
    ] {
        facts.system.hypervisor = Some(outer.into());
        assert!(mend(&facts).contains(word), "{outer}");
    }
    facts.system.hypervisor = Some("Microsoft Hv".into());
    facts.system.kernel = "5.15.153.1-microsoft-standard-WSL2".into();
    assert!(mend(&facts).contains(".wslconfig"));
}

#[test]
fn a_container_wants_the_device() {
    for (container, word) in [
        ("docker", "docker run --device /dev/kvm"),
        ("podman", "podman run --device /dev/kvm"),
        ("kubernetes", "device plugin"),
        ("lxc", "lxc config device add"),
        ("systemd-nspawn", "--bind=/dev/kvm"),
    ] {
        for errno in [libc::ENOENT, libc::EPERM] {
            let mut facts = failing(errno);
            facts.system.container = Some(container.into());
            assert!(mend(&facts).contains(word), "{container}");
        }
    }
    let mut facts = failing(libc::ENOENT);
    facts.system.container = Some("docker".into());
    assert!(mend(&facts).starts_with("# outside the container:\nsudo modprobe kvm_amd"));
    facts.modules.amd = true;
    assert!(mend(&facts).starts_with("docker run"));
}

#[test]
fn a_node_without_driver_wants_the_module_even_in_a_container() {
    let mut facts = failing(libc::ENODEV);
    facts.modules = Modules::default();
    facts.system.container = Some("docker".into());
    assert!(mend(&facts).starts_with("sudo modprobe kvm_amd"));
}

#[test]
fn permission_comes_by_the_group_that_owns_the_node() {
    let mut facts = failing(libc::EACCES);
    let text = mend(&facts);
    assert!(text.starts_with(r#"sudo usermod -aG kvm "$USER""#), "{text}");
    for line in UDEV_RULE {
        assert!(text.contains(line));
    }
    assert!(check(&facts).detail.contains("group kvm, mode 0660"));
    facts.node.listed_in_group = true;
    assert!(mend(&facts).starts_with("newgrp kvm"));
}

#[test]
fn a_group_that_may_not_either_is_no_help() {
    let mut facts = failing(libc::EACCES);
    for (mode, gid) in [(0o600, 108), (0o660, 0)] {
        facts.node.owner = Some(Owner { uid: 0, gid, group: "kvm".into(), mode });
        let text = mend(&facts);
        assert!(!text.contains("usermod") && text.starts_with("sudo chmod 666 /dev/kvm"), "{text}");
    }
}

#[test]
fn github_runners_get_the_rule_first_and_containers_none() {
    let mut facts = failing(libc::EACCES);
    facts.system.github = true;
    assert!(mend(&facts).starts_with(UDEV_RULE[0]));
    facts.system.github = false;
    facts.system.container = Some("docker".into());
    let text = mend(&facts);
    assert!(
        text.starts_with("docker run --device /dev/kvm --group-add 108 …") && !text.contains("udev"),
        "{text}"
    );
}

#[test]
fn other_errors_have_mends_too() {
    assert!(mend(&failing(libc::EPERM)).contains("DeviceAllow=/dev/kvm rw"));
    assert!(mend(&failing(libc::EMFILE)).contains("ulimit -n"));
    let mut facts = failing(libc::EBUSY);
    assert!(mend(&facts).contains("vboxdrv"));
    facts.system.rivals = vec!["vmmon".into()];
    assert!(mend(&facts).starts_with("sudo modprobe -r vmmon"));
}

#[test]
fn another_device_is_told_by_its_path() {
    let mut facts = failing(libc::ENOENT);
    facts.node.path = "/x/kvm".into();
    assert!(check(&facts).detail.contains("/x/kvm") && mend(&facts).contains("unset SMVM_KVM"));
    assert!(!mend(&failing(libc::ENOENT)).contains("SMVM_KVM"));
}
