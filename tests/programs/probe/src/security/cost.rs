//! What checks cost: in instructions where the time stamp counter counts them.

use nt::security::{DIRECTORY_QUERY, EVENT_QUERY_STATE, GENERIC_ALL, TOKEN_QUERY};

use super::build::{Dacl, relative};
use super::call::{self, Named, PROCESS};
use super::outcome;
use crate::asm;
use crate::checks::display_number;

/// The least of several times.
fn cost<R>(name: &str, mut call: impl FnMut() -> R) {
    let mut least = u64::MAX;
    for _ in 0..4 {
        let before = asm::time_stamp();
        let _ = core::hint::black_box(call());
        least = least.min(asm::time_stamp() - before);
    }
    rt::display(name);
    rt::display(" ");
    display_number(least);
    rt::display("\n");
}

/// Prints what calls cost.
pub fn print() {
    let null = relative(None, None, Dacl::Null);
    let made = call::create_directory(Named::new(r"\Cost"), GENERIC_ALL);
    let open = call::create_event(Named::with(r"\Cost\Null", &null), GENERIC_ALL);
    let own = call::create_event(Named::new(r"\Cost\Own"), GENERIC_ALL);
    let look = |name| outcome(call::open_event(Named::new(name), EVENT_QUERY_STATE));
    cost("nothing", || ());
    cost("open an event that is not there", || look(r"\Cost\None"));
    cost("open and close an event with a null DACL", || look(r"\Cost\Null"));
    cost("open and close an event with the system's DACL", || look(r"\Cost\Own"));
    cost("open and close a directory of the kernel's", || {
        outcome(call::open_directory(Named::new(r"\Device"), DIRECTORY_QUERY))
    });
    cost("create and close a named event", || outcome(call::create_event(Named::new(r"\Cost\New"), 3)));
    let with = || outcome(call::create_event(Named::with(r"\Cost\New", &null), 3));
    cost("create and close a named event with a descriptor", with);
    cost("create and close an event without name", || outcome(call::create_event(Named::new(""), 3)));
    cost("open and close the process's token", || outcome(call::process_token(PROCESS, TOKEN_QUERY)));
    cost("enable a privilege", || rt::adjust_privilege(nt::security::privilege::SHUTDOWN, true));
    for handle in [made, open, own].into_iter().flatten() {
        rt::close(handle);
    }
}
