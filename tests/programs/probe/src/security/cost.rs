//! What checks cost: in instructions where the time stamp counter counts them.

use nt::security::{DIRECTORY_QUERY, EVENT_QUERY_STATE, GENERIC_ALL, TOKEN_QUERY};

use super::build::{Dacl, relative};
use super::call::{self, Named, PROCESS};
use super::outcome;
use crate::costs::measure;

/// Prints what calls cost.
pub fn print() {
    let null = relative(None, None, Dacl::Null);
    let made = call::create_directory(Named::new(r"\Cost"), GENERIC_ALL);
    let open = call::create_event(Named::with(r"\Cost\Null", &null), GENERIC_ALL);
    let own = call::create_event(Named::new(r"\Cost\Own"), GENERIC_ALL);
    let look = |name| outcome(call::open_event(Named::new(name), EVENT_QUERY_STATE));
    measure("nothing", || ());
    measure("open an event that is not there", || {
        let _ = look(r"\Cost\None");
    });
    measure("open and close an event with a null DACL", || {
        let _ = look(r"\Cost\Null");
    });
    measure("open and close an event with the system's DACL", || {
        let _ = look(r"\Cost\Own");
    });
    measure("open and close a directory of the kernel's", || {
        let _ = outcome(call::open_directory(Named::new(r"\Device"), DIRECTORY_QUERY));
    });
    measure("create and close a named event", || {
        let _ = outcome(call::create_event(Named::new(r"\Cost\New"), 3));
    });
    measure("create and close a named event with a descriptor", || {
        let _ = outcome(call::create_event(Named::with(r"\Cost\New", &null), 3));
    });
    measure("create and close an event without name", || {
        let _ = outcome(call::create_event(Named::new(""), 3));
    });
    measure("open and close the process's token", || {
        let _ = outcome(call::process_token(PROCESS, TOKEN_QUERY));
    });
    measure("enable a privilege", || {
        let _ = rt::adjust_privilege(nt::security::privilege::SHUTDOWN, true);
    });
    for handle in [made, open, own].into_iter().flatten() {
        rt::close(handle);
    }
}
