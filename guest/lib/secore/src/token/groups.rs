//! `NtAdjustGroupsToken`, in two steps as for privileges.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::security::{Luid, group_attributes as attribute};

use super::query::{groups_length, write_groups};
use super::{Group, Token};

/// A change of groups that is worked out, but not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupChange {
    /// Those that change, as they were, and what they become.
    changes: Vec<(Group, u32)>,
    is_partial: bool,
}

impl GroupChange {
    /// `SUCCESS`, or `NOT_ALL_ASSIGNED`: some that were named are not in the token.
    pub fn status(&self) -> NtStatus {
        if self.is_partial { NtStatus::NOT_ALL_ASSIGNED } else { NtStatus::SUCCESS }
    }

    /// Those that change, as they were: handed back, they undo the change.
    pub fn previous(&self) -> impl Iterator<Item = &Group> + Clone {
        self.changes.iter().map(|(group, _)| group)
    }

    /// Bytes of the previous state.
    pub fn length(&self) -> usize {
        groups_length(self.previous())
    }

    /// Writes the previous state, a TOKEN_GROUPS for the address `base`, and says how long it is.
    ///
    /// # Errors
    /// The length needed, when `to` is shorter: `BUFFER_TOO_SMALL` for the caller, and nothing changes.
    pub fn write_previous(&self, base: u64, to: &mut [u8]) -> Result<usize, usize> {
        let length = self.length();
        write_groups(self.previous(), base, to.get_mut(..length).ok_or(length)?);
        Ok(length)
    }

    fn note(&mut self, group: &Group, attributes: u32) {
        if group.attributes != attributes {
            self.changes.push((*group, attributes));
        }
    }
}

impl Token {
    /// What it would change to set all groups to their defaults.
    pub fn plan_default_groups(&self) -> GroupChange {
        let mut change = GroupChange { changes: Vec::new(), is_partial: false };
        for group in self.groups().iter().filter(|group| !is_fixed(group)) {
            let is_enabled = group.attributes & attribute::ENABLED_BY_DEFAULT != 0;
            change.note(group, with_state(group.attributes, is_enabled));
        }
        change
    }

    /// What these attributes would change: `ENABLED` enables, without it the group is disabled. What the token
    /// does not have is passed over.
    ///
    /// # Errors
    /// `CANT_DISABLE_MANDATORY`; `CANT_ENABLE_DENY_ONLY`.
    pub fn plan_groups(&self, wanted: &[Group]) -> Result<GroupChange, NtStatus> {
        let mut change = GroupChange { changes: Vec::new(), is_partial: false };
        let is_known = |wanted: &Group| self.groups().iter().any(|group| group.sid == wanted.sid);
        change.is_partial = !wanted.iter().all(is_known);
        for group in self.groups() {
            let Some(wanted) = wanted.iter().rfind(|wanted| wanted.sid == group.sid) else { continue };
            let enables = wanted.attributes & attribute::ENABLED != 0;
            if !enables && group.attributes & attribute::MANDATORY != 0 {
                return Err(NtStatus::CANT_DISABLE_MANDATORY);
            }
            if enables && group.attributes & attribute::USE_FOR_DENY_ONLY != 0 {
                return Err(NtStatus::CANT_ENABLE_DENY_ONLY);
            }
            change.note(group, with_state(group.attributes, enables));
        }
        Ok(change)
    }

    /// Makes a change that was worked out for this token as it is now.
    pub fn apply_groups(&mut self, change: &GroupChange, modified: Luid) {
        for (before, attributes) in &change.changes {
            if let Some(group) = self.sids.to_mut().iter_mut().skip(1).find(|group| *group == before) {
                group.attributes = *attributes;
                self.modified = modified;
            }
        }
    }
}

fn is_fixed(group: &Group) -> bool {
    group.attributes & (attribute::MANDATORY | attribute::USE_FOR_DENY_ONLY) != 0
}

fn with_state(attributes: u32, is_enabled: bool) -> u32 {
    if is_enabled { attributes | attribute::ENABLED } else { attributes & !attribute::ENABLED }
}
