//! Semaphores.

use nt::NtStatus;

use super::calls::{self, Kind};
use super::{expect, same};

/// Counts and limits.
pub fn semaphores() {
    let (made, semaphore) = calls::semaphore("", 1, 3);
    expect("semaphore", made, NtStatus::SUCCESS);
    expect("semaphore-one", calls::poll(semaphore), NtStatus::SUCCESS);
    expect("semaphore-none", calls::poll(semaphore), NtStatus::TIMEOUT);
    same("semaphore-release", calls::release(semaphore, 2), (NtStatus::SUCCESS, 0));
    expect("semaphore-limit", calls::release(semaphore, 2).0, NtStatus::SEMAPHORE_LIMIT_EXCEEDED);
    let mut buffer = [0; 8];
    same("semaphore-query", calls::query(Kind::Semaphore, semaphore, 0, &mut buffer), (NtStatus::SUCCESS, 8));
    same("semaphore-unchanged", buffer, [2, 0, 0, 0, 3, 0, 0, 0]);
    expect("semaphore-overflow", calls::release(semaphore, i32::MAX).0, NtStatus::SEMAPHORE_LIMIT_EXCEEDED);
    for count in [0, -1, i32::MIN] {
        expect("semaphore-count", calls::release(semaphore, count).0, NtStatus::INVALID_PARAMETER);
    }
    for (initial, maximum) in [(0, 0), (-1, 1), (2, 1), (0, -1)] {
        expect("semaphore-bad", calls::semaphore("", initial, maximum).0, NtStatus::INVALID_PARAMETER);
    }
    let (_, named) = calls::semaphore(r"\TestSemaphore", 0, 1);
    let (opened, other) = calls::open(Kind::Semaphore, r"\TestSemaphore", calls::ALL);
    expect("semaphore-opened", opened, NtStatus::SUCCESS);
    calls::release(other, 1);
    expect("semaphore-shared", calls::poll(named), NtStatus::SUCCESS);
    let (_, weak) = calls::open(Kind::Semaphore, r"\TestSemaphore", 0x10_0001);
    expect("semaphore-access", calls::release(weak, 1).0, NtStatus::ACCESS_DENIED);
    for handle in [semaphore, named, other, weak] {
        rt::close(handle);
    }
}
