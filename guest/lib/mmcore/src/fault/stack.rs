//! Guard pages, and the stacks that grow by them.

use nt::NtStatus;

use super::Resolve;
use crate::PAGE;
use crate::charge::Ledger;
use crate::section::SectionRef;
use crate::space::Space;
use crate::vad::{Commit, Kind};

/// The stack of a thread, as its TEB says (an allegation: only the process's own pages depend on it).
#[derive(Clone, Copy, Debug)]
pub struct Stack {
    /// First address above it (StackBase).
    pub base: u64,
    /// Lowest reserved address (DeallocationStack).
    pub lowest: u64,
}

/// What hitting a guard page leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardHit {
    /// An exception, STATUS_GUARD_PAGE_VIOLATION.
    Page,
    /// The stack is larger now; the access goes on.
    StackGrown {
        /// The new StackLimit of the TEB.
        limit: u64,
        /// The new guard page: an entry it may have had must go.
        guard: u64,
    },
    /// An exception, STATUS_STACK_OVERFLOW: there is this page and no further one.
    StackOverflow {
        /// The new StackLimit of the TEB.
        limit: u64,
    },
}

impl GuardHit {
    /// The status of the exception; PAGE_FAULT_GUARD_PAGE, a success, when there is none.
    pub const fn status(self) -> NtStatus {
        match self {
            Self::Page => NtStatus::GUARD_PAGE_VIOLATION,
            Self::StackGrown { .. } => NtStatus::PAGE_FAULT_GUARD_PAGE,
            Self::StackOverflow { .. } => NtStatus::STACK_OVERFLOW,
        }
    }
}

impl<S: SectionRef> Space<S> {
    /// Takes the guard from the page, and grows the stack if it is the guard of one. The lowest page of a
    /// stack is never committed.
    pub(super) fn guard_hit(
        &mut self,
        ledger: &mut Ledger,
        address: u64,
        commit: Commit,
        stack: Option<Stack>,
    ) -> Resolve {
        let limit = address & !(PAGE - 1);
        let stack = stack.filter(|stack| (stack.lowest..stack.base).contains(&address));
        let Ok((vad, account)) = self.within(limit, limit + PAGE) else {
            return Resolve::Violation(NtStatus::ACCESS_VIOLATION);
        };
        let page = vad.page(limit);
        let Some(protection) = commit.protection() else {
            return Resolve::Violation(NtStatus::ACCESS_VIOLATION);
        };
        let stack = stack.filter(|_| matches!(vad.kind, Kind::Private));
        let next = stack.and_then(|stack| page.checked_sub(1).filter(|_| limit - PAGE > stack.lowest));
        let unguarded = commit.with(protection.without_guard());
        let grown = Resolve::GuardHit(GuardHit::StackGrown { limit, guard: limit - PAGE });
        // What nearly always happens: reserved pages below, committed ones above.
        if let Some(next) = next
            && vad.pages.get(next) == Commit::Reserved
            && vad.pages.get(page + 1) == unguarded
            && account.charge(ledger, 1).is_ok()
        {
            if vad.pages.slide_down(page) {
                return grown;
            }
            account.give_back(ledger, 1);
        }
        if vad.pages.reserve().is_err() {
            return Resolve::Violation(NtStatus::NO_MEMORY);
        }
        vad.pages.set(page..page + 1, unguarded);
        if stack.is_none() {
            return Resolve::GuardHit(GuardHit::Page);
        }
        let overflow = Resolve::GuardHit(GuardHit::StackOverflow { limit });
        let Some(next) = next else { return overflow };
        let fresh = u64::from(!vad.pages.get(next).is_charged());
        if vad.pages.reserve().is_err() || account.charge(ledger, fresh).is_err() {
            return overflow;
        }
        vad.pages.set(next..page, Commit::Own(protection.with_guard()));
        grown
    }
}
