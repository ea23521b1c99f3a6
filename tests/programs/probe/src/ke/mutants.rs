//! Mutants.

use core::sync::atomic::{AtomicU64, Ordering};

use nt::NtStatus;
use nt::types::Handle;

use super::calls::{self, Kind, NOTIFICATION};
use super::{end, expect, forget, leave, left_are, same, start};
use crate::reg::u32_at;

static MUTANT: AtomicU64 = AtomicU64::new(0);

fn shared() -> Handle {
    Handle(MUTANT.load(Ordering::Relaxed))
}

/// Takes the mutant and ends without giving it up.
extern "win64" fn take_and_end(_: u64) -> ! {
    leave(calls::wait(shared(), None).0.into());
    rt::exit_thread()
}

/// Looks at it, and tries to give it up.
extern "win64" fn meddle(_: u64) -> ! {
    leave(calls::poll(shared()).0.into());
    leave(calls::give_up(shared()).0.0.into());
    rt::exit_thread()
}

/// Ownership, recursion, abandonment.
pub fn mutants() {
    let (made, mutant) = calls::mutant("", true);
    MUTANT.store(mutant.0, Ordering::Relaxed);
    expect("mutant", made, NtStatus::SUCCESS);
    expect("mutant-again", calls::poll(mutant), NtStatus::SUCCESS);
    let mut buffer = [0xFF; 16];
    same("mutant-query", calls::query(Kind::Mutant, mutant, 0, &mut buffer[..8]), (NtStatus::SUCCESS, 8));
    same("mutant-owned-twice", u32_at(&buffer, 0) as i32, -1);
    same("mutant-mine", (buffer[4], buffer[5]), (1, 0));
    same("mutant-owner", calls::query(Kind::Mutant, mutant, 1, &mut buffer), (NtStatus::SUCCESS, 16));
    same("mutant-owner-process", u32_at(&buffer, 0) > 4, true);
    forget();
    end("mutant-meddler", start(meddle, 0));
    left_are("mutant-not-for-others", &[NtStatus::TIMEOUT.0.into(), NtStatus::MUTANT_NOT_OWNED.0.into()]);
    same("mutant-release", calls::give_up(mutant), (NtStatus::SUCCESS, -1));
    same("mutant-release-last", calls::give_up(mutant), (NtStatus::SUCCESS, 0));
    expect("mutant-release-more", calls::give_up(mutant).0, NtStatus::MUTANT_NOT_OWNED);
    abandonment(mutant);
    rt::close(mutant);
    let (_, named) = calls::mutant(r"\TestMutant", false);
    let (opened, other) = calls::open(Kind::Mutant, r"\TestMutant", calls::MUTANT_ALL);
    expect("mutant-opened", opened, NtStatus::SUCCESS);
    calls::poll(other);
    same("mutant-shared", calls::give_up(named), (NtStatus::SUCCESS, 0));
    rt::close(named);
    rt::close(other);
    // Owned mutants whose last handle is closed do not pile up, and do not come back.
    for _ in 0..100 {
        rt::close(calls::mutant("", true).1);
    }
}

fn abandonment(mutant: Handle) {
    forget();
    end("mutant-taker", start(take_and_end, 0));
    left_are("mutant-taken", &[0]);
    let mut buffer = [0xFF; 8];
    calls::query(Kind::Mutant, mutant, 0, &mut buffer);
    same("mutant-abandoned", (u32_at(&buffer, 0), buffer[5]), (1, 1));
    let event = calls::event(NOTIFICATION, false);
    let second = NtStatus(NtStatus::ABANDONED_WAIT_0.0 + 1);
    expect("mutant-abandoned-any", calls::wait_any(&[event, mutant], Some(0)), second);
    expect("mutant-abandoned-once", calls::poll(mutant), NtStatus::SUCCESS);
    calls::give_up(mutant);
    calls::give_up(mutant);
    end("mutant-taker", start(take_and_end, 0));
    expect("mutant-abandoned-single", calls::poll(mutant), NtStatus::ABANDONED_WAIT_0);
    calls::give_up(mutant);
    end("mutant-taker", start(take_and_end, 0));
    calls::set(event);
    let all = calls::wait_all(&[event, mutant], Some(0));
    expect("mutant-abandoned-all", all, NtStatus::ABANDONED_WAIT_0);
    calls::give_up(mutant);
    // Whoever waits already gets it, too.
    calls::poll(mutant);
    let waiter = start(take_and_end, 0);
    calls::give_up(mutant);
    end("mutant-handed-over", waiter);
    expect("mutant-abandoned-again", calls::poll(mutant), NtStatus::ABANDONED_WAIT_0);
    calls::give_up(mutant);
    rt::close(event);
}
