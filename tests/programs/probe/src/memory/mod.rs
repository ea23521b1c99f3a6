//! The memory manager as programs see it.

pub mod call;
mod cost;
mod hostile;
mod private;
mod process;
mod sections;
mod threads;

pub use cost::costs;
pub use hostile::hostile;
pub use private::{guard, private, touch_guard};
pub use process::{processes, spawn};
pub use sections::sections;
pub use threads::many_threads;

use nt::NtStatus;

use crate::checks::verdict;

const PAGE: u64 = 4096;

/// A check that needs no more words than its name.
fn check(name: &str, passed: bool) {
    verdict(name, passed, "not so");
}

/// A call must end with a status.
fn fails<T>(name: &str, result: Result<T, NtStatus>, expected: NtStatus) {
    match result {
        Err(status) => is(name, status, expected),
        Ok(_) => verdict(name, false, "it worked"),
    }
}

fn is(name: &str, status: NtStatus, expected: NtStatus) {
    verdict(name, status == expected, status.name().unwrap_or("another status"));
}
