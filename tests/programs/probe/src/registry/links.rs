//! Symbolic links between keys.

use nt::NtStatus;
use nt::registry::{SYMBOLIC_LINK_VALUE, key_class, options, value_type};
use nt::types::Handle;

use super::{ROOT, ends, fails, works};
use crate::checks::verdict;
use crate::reg::{self as calls, CASE_INSENSITIVE, OPENLINK, is_text, make, query_key};

const PARENT: &str = r"\Registry\Machine\System\ProbeLinks";
const LINK: u32 = options::CREATE_LINK | options::VOLATILE;

pub fn checks() {
    let Some(parent) = works("links-key", make(ROOT, PARENT, 0)) else { return };
    let Some(target) = works("link-target", make(parent, r"Target", 0)) else { return };
    works("link-below", make(target, "Below", 0)).map(rt::close);
    let link = works("link", make(parent, "Link", LINK));
    let stable = works("link-stable", make(parent, "Stable", options::CREATE_LINK));
    fails("link-exists", calls::create(parent, "Target", "", LINK), NtStatus::OBJECT_NAME_COLLISION);
    fails("link-empty", calls::open(parent, "Link"), NtStatus::OBJECT_NAME_NOT_FOUND);
    for link in [link, stable].into_iter().flatten() {
        ends(
            "link-other-value",
            calls::set_text(link, "x", value_type::LINK, PARENT),
            NtStatus::ACCESS_DENIED,
        );
        let status = calls::set_text(link, SYMBOLIC_LINK_VALUE, value_type::SZ, PARENT);
        ends("link-other-type", status, NtStatus::ACCESS_DENIED);
        leads(link, r"\Registry\Machine\System\ProbeLinks\Target");
    }
    for name in ["Link", "Stable", r"Link\", "Target"] {
        names(parent, name, r"\REGISTRY\MACHINE\SYSTEM\ProbeLinks\Target");
    }
    for name in [r"Link\Below", r"Stable\below"] {
        names(parent, name, r"\REGISTRY\MACHINE\SYSTEM\ProbeLinks\Target\Below");
    }
    // The link itself is opened by an attribute, or by an option of NtCreateKey.
    let itself = calls::open_with(parent, "Link", nt::registry::access::ALL, CASE_INSENSITIVE | OPENLINK);
    let by_option = calls::create(parent, "Link", "", options::OPEN_LINK).map(|(key, _)| key);
    for link in [itself, by_option] {
        if let Some(key) = works("link-itself", link) {
            is_named(key, r"\REGISTRY\MACHINE\SYSTEM\ProbeLinks\Link");
        }
    }
    if let (Some(link), Some(stable)) = (link, stable) {
        changes(parent, link, stable);
        for link in [link, stable] {
            ends("link-delete", calls::delete_key(link), NtStatus::SUCCESS);
            rt::close(link);
        }
    }
    fails("link-gone", calls::open(parent, "Link"), NtStatus::OBJECT_NAME_NOT_FOUND);
    let below = calls::open(target, "Below");
    for key in [below.ok(), Some(target), Some(parent)].into_iter().flatten() {
        ends("links-delete", calls::delete_key(key), NtStatus::SUCCESS);
        rt::close(key);
    }
}

/// A link that was followed is followed anew when it changes, or what it leads to.
fn changes(parent: Handle, link: Handle, stable: Handle) {
    leads(link, r"\REGISTRY\MACHINE\system\PROBELINKS");
    names(parent, r"Link\Target\Below", r"\REGISTRY\MACHINE\SYSTEM\ProbeLinks\Target\Below");
    for target in [
        r"\Registry\Machine\none",
        r"\Device\Null",
        "x",
        r"\RegistryX",
        r"\Registry\Machine\System\ProbeLinks\Link",
    ] {
        leads(link, target);
        fails("link-nowhere", calls::open(parent, "Link"), NtStatus::OBJECT_NAME_NOT_FOUND);
    }
    // In a circle, and through one another.
    leads(link, r"\Registry\Machine\System\ProbeLinks\Stable");
    leads(stable, r"\Registry\Machine\System\ProbeLinks\Link");
    fails("link-circle", calls::open(parent, r"Link\x"), NtStatus::OBJECT_NAME_NOT_FOUND);
    leads(stable, r"\Registry\Machine\System\CurrentControlSet\Control\");
    for _ in 0..2 {
        names(
            parent,
            r"Link\Session Manager",
            r"\REGISTRY\MACHINE\SYSTEM\ControlSet001\Control\Session Manager",
        );
    }
    let Some(short) = works("link-short", make(parent, "Short", 0)) else { return };
    leads(link, r"\Registry\Machine\System\ProbeLinks\Short");
    names(parent, "Link", r"\REGISTRY\MACHINE\SYSTEM\ProbeLinks\Short");
    ends("link-target-deleted", calls::delete_key(short), NtStatus::SUCCESS);
    rt::close(short);
    fails("link-to-deleted", calls::open(parent, "Link"), NtStatus::OBJECT_NAME_NOT_FOUND);
    ends("link-value-deleted", calls::delete_value(link, SYMBOLIC_LINK_VALUE), NtStatus::SUCCESS);
    fails("link-empty-again", calls::open(parent, "Link"), NtStatus::OBJECT_NAME_NOT_FOUND);
}

fn leads(link: Handle, target: &str) {
    ends("link-set", calls::set_text(link, SYMBOLIC_LINK_VALUE, value_type::LINK, target), NtStatus::SUCCESS);
}

/// Opens a key, and looks what it is called.
fn names(parent: Handle, name: &str, full: &str) {
    if let Some(key) = works("link-open", calls::open(parent, name)) {
        is_named(key, full);
    }
}

fn is_named(key: Handle, full: &str) {
    let mut buffer = [0; 256];
    let (_, len) = query_key(key, key_class::NAME, &mut buffer);
    verdict("link-name", is_text(&buffer[4..len as usize], full), "another name");
    rt::close(key);
}
