//! The side that is not ground: child after child until the calls have been made.

use nt::NtStatus;
use nt::security::{DIRECTORY_ALL_ACCESS, privilege};
use nt::win32k::PATH;
use rt::objects::{self, Name, OPEN_IF};
use rt::session;

use crate::account;
use crate::arena::THREADS;
use crate::balance::Balance;
use crate::report::{self, line};
use crate::watch::{End, Mould};

/// Calls of each thread of a child.
const EACH: u64 = 600;
/// Children until the system is as large as it gets.
const WARM_UP: u64 = 8;

/// What came of a run.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Calls made.
    pub calls: u64,
    /// Children that made them.
    pub children: u64,
    /// Whether all is well.
    pub good: bool,
}

/// A session with win32k, which the children are in, and a place for window stations.
fn put_up_session() -> Result<(), NtStatus> {
    let directory = |path| objects::create_directory(&Name::new(path).with(OPEN_IF), DIRECTORY_ALL_ACCESS);
    rt::adjust_privilege(privilege::LOAD_DRIVER, true)?;
    session::create()?;
    let path: [u16; PATH.len()] = core::array::from_fn(|at| PATH.as_bytes()[at].into());
    session::load_window_manager(&path)?;
    rt::adjust_privilege(privilege::LOAD_DRIVER, false)?;
    for path in [nt::wide!(r"\Windows"), nt::wide!(r"\Windows\WindowStations")] {
        directory(path)?.into_handle();
    }
    Ok(())
}

/// Has children make `calls` calls.
pub fn run(seed: u64, calls: u64) -> Outcome {
    let mut outcome = Outcome::default();
    if let Err(status) = put_up_session() {
        line(format_args!("no win32k: {:#x}", status.0));
        return outcome;
    }
    let mould = match account::put_up_places().and_then(|()| Mould::new()) {
        Ok(mould) => mould,
        Err(status) => {
            line(format_args!("no children can be made: {:#x}", status.0));
            return outcome;
        }
    };
    let mut first = None;
    while outcome.calls < calls {
        if outcome.children == WARM_UP {
            first = Balance::look();
        }
        let each = EACH.min((calls - outcome.calls).div_ceil(THREADS as u64));
        let own_seed = seed.wrapping_mul(1_000_003).wrapping_add(outcome.children);
        let process = match mould.start(own_seed, each, outcome.children % 2 == 1) {
            Ok(process) => process,
            Err(status) => {
                line(format_args!("child {} cannot be started: {:#x}", outcome.children, status.0));
                return outcome;
            }
        };
        let end = mould.watch(process);
        rt::close(process);
        // A child that ended before its first call counts, too, or there might be no end.
        outcome.calls += mould.record.calls().max(1);
        outcome.children += 1;
        if end == End::Immortal {
            line(format_args!("child {} with seed {own_seed} cannot be ended", outcome.children - 1));
            return outcome;
        }
    }
    outcome.good = true;
    if let (Some(first), Some(last)) = (first, Balance::look()) {
        line(format_args!("after {WARM_UP} children {first:?}"));
        line(format_args!("after {} children {last:?}", outcome.children));
        outcome.good = first.holds(last, outcome.children);
        if !outcome.good {
            mould.record.threads.iter().for_each(report::last_calls);
        }
    }
    outcome
}
