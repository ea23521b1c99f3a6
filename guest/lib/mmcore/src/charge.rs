//! Commit charge: memory is promised only while there is memory or paging file to keep the promise.

use nt::NtStatus;

/// The system's account, in pages.
#[derive(Debug, Default)]
pub struct Ledger {
    limit: u64,
    committed: u64,
    peak: u64,
}

impl Ledger {
    /// Nothing promised yet; at most `limit` pages can be: memory that may be used, later paging files.
    pub const fn new(limit: u64) -> Self {
        Self { limit, committed: 0, peak: 0 }
    }

    /// Pages that can be promised.
    pub const fn limit(&self) -> u64 {
        self.limit
    }

    /// Pages that are promised.
    pub const fn committed(&self) -> u64 {
        self.committed
    }

    /// Most pages that ever were promised.
    pub const fn peak(&self) -> u64 {
        self.peak
    }

    /// Promises pages.
    ///
    /// # Errors
    /// COMMITMENT_LIMIT; nothing is promised then.
    pub fn charge(&mut self, pages: u64) -> Result<(), NtStatus> {
        match self.committed.checked_add(pages) {
            Some(committed) if committed <= self.limit => {
                self.committed = committed;
                self.peak = self.peak.max(committed);
                Ok(())
            }
            _ => Err(NtStatus::COMMITMENT_LIMIT),
        }
    }

    /// Takes back a promise.
    pub fn give_back(&mut self, pages: u64) {
        debug_assert!(pages <= self.committed, "more given back than was charged");
        self.committed = self.committed.saturating_sub(pages);
    }

    /// There is more: a paging file was created or has grown.
    pub fn raise_limit(&mut self, pages: u64) {
        self.limit = self.limit.saturating_add(pages);
    }
}

/// A process's account, in pages.
#[derive(Debug, Default)]
pub struct Account {
    charged: u64,
    peak: u64,
    quota: Option<u64>,
}

impl Account {
    /// An account without a limit of its own.
    pub const fn new() -> Self {
        Self { charged: 0, peak: 0, quota: None }
    }

    /// Pages promised to this process.
    pub const fn charged(&self) -> u64 {
        self.charged
    }

    /// Most pages that ever were promised to it.
    pub const fn peak(&self) -> u64 {
        self.peak
    }

    /// Its own limit, if it has one.
    pub const fn quota(&self) -> Option<u64> {
        self.quota
    }

    /// Sets or lifts its own limit; what is charged already stays.
    pub const fn set_quota(&mut self, quota: Option<u64>) {
        self.quota = quota;
    }

    /// Promises pages to the process, from the system's account.
    ///
    /// # Errors
    /// PAGEFILE_QUOTA_EXCEEDED, COMMITMENT_LIMIT; nothing is promised then.
    pub fn charge(&mut self, ledger: &mut Ledger, pages: u64) -> Result<(), NtStatus> {
        let charged = self.charged.saturating_add(pages);
        if self.quota.is_some_and(|quota| pages > 0 && charged > quota) {
            return Err(NtStatus::PAGEFILE_QUOTA_EXCEEDED);
        }
        ledger.charge(pages)?;
        self.charged = charged;
        self.peak = self.peak.max(charged);
        Ok(())
    }

    /// Takes back a promise.
    pub fn give_back(&mut self, ledger: &mut Ledger, pages: u64) {
        debug_assert!(pages <= self.charged, "more given back than was charged");
        self.charged = self.charged.saturating_sub(pages);
        ledger.give_back(pages);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_exact_and_grows() {
        let mut ledger = Ledger::new(10);
        let mut account = Account::new();
        assert_eq!(account.charge(&mut ledger, 10), Ok(()));
        assert_eq!(account.charge(&mut ledger, 1), Err(NtStatus::COMMITMENT_LIMIT));
        assert_eq!(account.charge(&mut ledger, u64::MAX), Err(NtStatus::COMMITMENT_LIMIT));
        assert_eq!(account.charge(&mut ledger, 0), Ok(()));
        ledger.raise_limit(5);
        assert_eq!(account.charge(&mut ledger, 5), Ok(()));
        account.give_back(&mut ledger, 15);
        assert_eq!((ledger.committed(), ledger.peak(), ledger.limit()), (0, 15, 15));
        assert_eq!((account.charged(), account.peak()), (0, 15));
    }

    #[test]
    fn a_quota_stops_one_process_only() {
        let mut ledger = Ledger::new(10);
        let (mut poor, mut rich) = (Account::new(), Account::new());
        poor.set_quota(Some(2));
        assert_eq!(poor.charge(&mut ledger, 3), Err(NtStatus::PAGEFILE_QUOTA_EXCEEDED));
        assert_eq!(poor.charge(&mut ledger, 2), Ok(()));
        assert_eq!(rich.charge(&mut ledger, 8), Ok(()));
        assert_eq!(ledger.committed(), 10);
    }
}
