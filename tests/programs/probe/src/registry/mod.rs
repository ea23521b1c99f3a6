//! The registry as programs find it.

mod below;
mod cost;
mod hostile;
mod keys;
mod links;
mod load;
mod notify;
mod read;
mod values;
mod ways;

use nt::NtStatus;
use nt::types::Handle;

pub use cost::print as cost;
pub use hostile::checks as hostile;
pub use load::checks as load;

use crate::checks::verdict;
use crate::reg::Result;

/// The session manager's key.
const SESSION_MANAGER: &str = r"\Registry\Machine\System\CurrentControlSet\Control\Session Manager";
/// No root: the name is absolute.
const ROOT: Handle = Handle::NULL;

/// Everything that a good program may do.
pub fn all() {
    read::checks();
    keys::checks();
    values::checks();
    links::checks();
    notify::checks();
}

/// What changes behind known names, and what is below a key. Apart from [`all`] for its many lines on the console.
pub fn ways() {
    // First of all: what looks for keys may settle what there is.
    ways::before_the_hives();
    ways::checks();
    below::checks();
}

/// Whether a call ended as it should.
fn ends(name: &str, status: NtStatus, expected: NtStatus) {
    verdict(name, status == expected, status.name().unwrap_or("another status"));
}

/// Whether a call worked, and what it gave.
fn works<T>(name: &str, result: Result<T>) -> Option<T> {
    let why = result.as_ref().err().map_or("", |status| status.name().unwrap_or("another status"));
    verdict(name, result.is_ok(), why);
    result.ok()
}

/// Whether a call failed as it should.
fn fails<T>(name: &str, result: Result<T>, expected: NtStatus) {
    ends(name, result.err().unwrap_or(NtStatus::SUCCESS), expected);
}
