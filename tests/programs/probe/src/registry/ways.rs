//! Absolute names that were gone before: what changes on their way counts the next time.

use nt::NtStatus;
use nt::registry::{SYMBOLIC_LINK_VALUE, key_class, options, value_type};
use nt::types::Handle;

use super::{ROOT, ends, fails, works};
use crate::checks::verdict;
use crate::reg::{self as calls, enumerate_key, is_text, make, query_key};

const PARENT: &str = r"\Registry\Machine\System\ProbeWays";
const DEEP: &str = r"\Registry\Machine\System\ProbeWays\Upper\Lower";
const BESIDE: &str = r"\Registry\Machine\System\ProbeWays\Upper\Other";
const THROUGH: &str = r"\Registry\Machine\System\ProbeWays\Link\Lower";

pub fn checks() {
    let Some(parent) = works("ways-key", make(ROOT, PARENT, 0)) else { return };
    let Some(upper) = works("ways-upper", make(parent, "Upper", 0)) else { return };
    let Some(lower) = works("ways-lower", make(upper, "Lower", 0)) else { return };
    twice(DEEP, true);
    // Gone, and there again: another key, in which nothing is.
    ends("ways-mark", calls::set_text(lower, "mark", value_type::SZ, "x"), NtStatus::SUCCESS);
    ends("ways-delete", calls::delete_key(lower), NtStatus::SUCCESS);
    rt::close(lower);
    twice(DEEP, false);
    works("ways-again", make(ROOT, DEEP, 0)).map(rt::close);
    if let Some(key) = works("ways-new", calls::open(ROOT, DEEP)) {
        ends("ways-new-empty", calls::delete_value(key, "mark"), NtStatus::OBJECT_NAME_NOT_FOUND);
        // Under another name, and back.
        ends("ways-rename", calls::rename(key, "Other"), NtStatus::SUCCESS);
        twice(DEEP, false);
        twice(BESIDE, true);
        ends("ways-rename-back", calls::rename(key, "Lower"), NtStatus::SUCCESS);
        twice(BESIDE, false);
        twice(DEEP, true);
        rt::close(key);
    }
    if let Some(link) = works("ways-link", make(parent, "Link", options::CREATE_LINK | options::VOLATILE)) {
        through(parent, link);
    }
    for name in [DEEP, r"\Registry\Machine\System\ProbeWays\Upper", PARENT] {
        if let Some(key) = works("ways-last", calls::open(ROOT, name)) {
            ends("ways-delete", calls::delete_key(key), NtStatus::SUCCESS);
            rt::close(key);
        }
    }
    rt::close(upper);
    rt::close(parent);
    twice(PARENT, false);
}

/// A name that goes through a link leads elsewhere as soon as the link does.
fn through(parent: Handle, link: Handle) {
    let Some(second) = works("ways-second", make(parent, "Second", 0)) else { return };
    let lower = works("ways-second-lower", make(second, "Lower", 0));
    for (target, full) in [
        (r"\Registry\Machine\System\ProbeWays\Upper", r"\REGISTRY\MACHINE\SYSTEM\ProbeWays\Upper\Lower"),
        (r"\Registry\Machine\System\ProbeWays\Second", r"\REGISTRY\MACHINE\SYSTEM\ProbeWays\Second\Lower"),
    ] {
        let set = calls::set_text(link, SYMBOLIC_LINK_VALUE, value_type::LINK, target);
        ends("ways-link-set", set, NtStatus::SUCCESS);
        for _ in 0..2 {
            let Some(key) = works("ways-through", calls::open(ROOT, THROUGH)) else { continue };
            let mut buffer = [0; 256];
            let (_, len) = query_key(key, key_class::NAME, &mut buffer);
            verdict("ways-through-name", is_text(&buffer[4..len as usize], full), "another name");
            rt::close(key);
        }
    }
    for key in [lower, Some(second), Some(link)].into_iter().flatten() {
        ends("ways-delete", calls::delete_key(key), NtStatus::SUCCESS);
        rt::close(key);
    }
    twice(THROUGH, false);
}

/// Looks for an absolute name two times: the second time its way is known.
fn twice(name: &str, there: bool) {
    for _ in 0..2 {
        match there {
            true => drop(works("ways-there", calls::open(ROOT, name)).map(rt::close)),
            false => fails("ways-gone", calls::open(ROOT, name), NtStatus::OBJECT_NAME_NOT_FOUND),
        }
    }
}

/// Before the hives are there: the key that the kernel keeps for SOFTWARE is not to be seen, neither by its name nor
/// in a list, and who looks does not keep the hive from coming.
pub fn before_the_hives() {
    let software = r"\Registry\Machine\Software";
    fails("software-early", calls::open(ROOT, software), NtStatus::OBJECT_NAME_NOT_FOUND);
    let below = r"\Registry\Machine\Software\Microsoft";
    fails("software-below-early", calls::open(ROOT, below), NtStatus::OBJECT_NAME_NOT_FOUND);
    let Some(machine) = works("machine", calls::open(ROOT, r"\Registry\Machine")) else { return };
    let mut buffer = [0; 256];
    let mut count = 0;
    while let (NtStatus::SUCCESS, len) = enumerate_key(machine, count, key_class::BASIC, &mut buffer) {
        // KEY_BASIC_INFORMATION: the name is behind 16 bytes.
        let name = &buffer[16..len as usize];
        verdict(
            "machine-list",
            !is_text(name, "SOFTWARE") && !is_text(name, "Software"),
            "SOFTWARE is listed",
        );
        count += 1;
    }
    let (status, _) = query_key(machine, key_class::FULL, &mut buffer);
    // KEY_FULL_INFORMATION: the number of subkeys is at 20.
    verdict(
        "machine-count",
        status == NtStatus::SUCCESS && calls::u32_at(&buffer, 20) == count,
        "another number of keys",
    );
    rt::close(machine);
}
