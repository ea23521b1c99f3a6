//! `NtAdjustPrivilegesToken`, in two steps: what would change, so that the caller can give room for the
//! previous state; then the change.

use nt::NtStatus;
use nt::security::{Luid, LuidAndAttributes, privilege_attributes as attribute};

use super::Token;
use super::privileges::{Privileges, bit_of, encode};

/// A change of privileges that is worked out, but not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrivilegeChange {
    before: Privileges,
    after: Privileges,
    is_partial: bool,
}

impl PrivilegeChange {
    /// `SUCCESS`, or `NOT_ALL_ASSIGNED`: some that were named are not in the token.
    pub fn status(&self) -> NtStatus {
        if self.is_partial { NtStatus::NOT_ALL_ASSIGNED } else { NtStatus::SUCCESS }
    }

    /// Those that change, as they were: handed back, they undo the change.
    pub fn previous(&self) -> impl Iterator<Item = LuidAndAttributes> + use<> {
        self.before.list_of(self.changed())
    }

    /// Bytes of the previous state.
    pub fn length(&self) -> usize {
        4 + 12 * self.changed().count_ones() as usize
    }

    /// Writes the previous state, a TOKEN_PRIVILEGES, and says how long it is.
    ///
    /// # Errors
    /// The length needed, when `to` is shorter: `BUFFER_TOO_SMALL` for the caller, and nothing changes.
    pub fn write_previous(&self, to: &mut [u8]) -> Result<usize, usize> {
        let length = self.length();
        let to = to.get_mut(..length).ok_or(length)?;
        let (count, entries) = to.split_first_chunk_mut().ok_or(length)?;
        *count = self.changed().count_ones().to_le_bytes();
        for (to, entry) in entries.as_chunks_mut().0.iter_mut().zip(self.previous()) {
            *to = encode(entry);
        }
        Ok(length)
    }

    fn changed(&self) -> u64 {
        (self.before.held ^ self.after.held) | (self.before.enabled ^ self.after.enabled)
    }
}

impl Token {
    /// What disabling all privileges would change.
    pub fn plan_to_disable_all(&self) -> PrivilegeChange {
        let before = self.privileges;
        PrivilegeChange { before, after: Privileges { enabled: 0, ..before }, is_partial: false }
    }

    /// What these attributes would change: `ENABLED` enables, `REMOVED` takes away for good, neither
    /// disables. What the token does not have is passed over.
    pub fn plan_privileges(&self, wanted: impl IntoIterator<Item = LuidAndAttributes>) -> PrivilegeChange {
        let before = self.privileges;
        let (mut after, mut is_partial) = (before, false);
        for entry in wanted {
            let Some(bit) = bit_of(entry.luid).filter(|bit| before.held & bit != 0) else {
                is_partial = true;
                continue;
            };
            if entry.attributes & attribute::REMOVED != 0 {
                after.held &= !bit;
                after.by_default &= !bit;
            }
            let enables = entry.attributes & attribute::ENABLED != 0 && after.held & bit != 0;
            after.enabled = if enables { after.enabled | bit } else { after.enabled & !bit };
        }
        PrivilegeChange { before, after, is_partial }
    }

    /// Makes a change that was worked out for this token as it is now.
    pub fn apply_privileges(&mut self, change: &PrivilegeChange, modified: Luid) {
        if change.before != change.after {
            (self.privileges, self.modified) = (change.after, modified);
        }
    }
}
