//! `NtQueryInformationToken`: what a token is, as structures with pointers into the caller's buffer.

use nt::NtStatus;
use nt::security::{
    TOKEN_ADJUST_DEFAULT, TOKEN_ADJUST_SESSIONID, TOKEN_IMPERSONATION, TOKEN_PRIMARY, TOKEN_QUERY,
    TOKEN_QUERY_SOURCE, group_attributes as attribute, token_class as class,
};

use super::privileges::encode;
use super::{Group, Token, TokenKind};

/// Bytes of a SID_AND_ATTRIBUTES, and of a TOKEN_GROUPS before the first.
const SID_ENTRY: usize = 16;
const GROUPS_HEADER: usize = 8;
/// Least bytes that NT sets aside for default DACL and primary group.
const DYNAMIC: usize = 500;

/// Why a query has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryError {
    /// The class is unknown, or not one of such tokens.
    Class,
    /// So many bytes are needed.
    TooSmall(usize),
}

impl QueryError {
    /// The status.
    pub fn status(self) -> NtStatus {
        match self {
            Self::Class => NtStatus::INVALID_INFO_CLASS,
            Self::TooSmall(_) => NtStatus::BUFFER_TOO_SMALL,
        }
    }

    /// The length to report.
    pub fn needed(self) -> usize {
        if let Self::TooSmall(needed) = self { needed } else { 0 }
    }
}

/// The access that a handle must grant for a class to be queried.
pub const fn access_to_query_token(class: u32) -> u32 {
    if class == class::SOURCE { TOKEN_QUERY_SOURCE } else { TOKEN_QUERY }
}

/// The access that a handle must grant for a class to be set.
pub const fn access_to_set_token(class: u32) -> u32 {
    if class == class::SESSION_ID {
        TOKEN_ADJUST_SESSIONID | TOKEN_ADJUST_DEFAULT
    } else {
        TOKEN_ADJUST_DEFAULT
    }
}

impl Token {
    /// How long the answer of a class is; at the moment, for those that depend on what the token has.
    ///
    /// # Errors
    /// [`QueryError::Class`].
    pub fn query_length(&self, class: u32) -> Result<usize, QueryError> {
        Ok(match class {
            class::USER => SID_ENTRY + self.user().as_bytes().len(),
            class::GROUPS => groups_length(self.groups().iter()),
            class::PRIVILEGES => 4 + 12 * self.privileges.count(),
            class::OWNER => 8 + self.owner.as_bytes().len(),
            class::PRIMARY_GROUP => 8 + self.primary_group.as_bytes().len(),
            class::DEFAULT_DACL => 8 + self.dacl_bytes().len(),
            class::SOURCE => 16,
            class::TYPE | class::SESSION_ID => 4,
            class::IMPERSONATION_LEVEL if self.kind != TokenKind::Primary => 4,
            class::STATISTICS => 0x38,
            class::RESTRICTED_SIDS => groups_length(self.restricted.iter()),
            _ => return Err(QueryError::Class),
        })
    }

    /// Writes the answer of a class into `to`, which the caller sees at `base`, and says how long it is.
    ///
    /// # Errors
    /// [`QueryError`].
    pub fn query(&self, class: u32, base: u64, to: &mut [u8]) -> Result<usize, QueryError> {
        let length = self.query_length(class)?;
        let to = to.get_mut(..length).ok_or(QueryError::TooSmall(length))?;
        match class {
            class::USER => {
                let sid = self.user().as_bytes();
                put(to, 0, &sid_entry(base.wrapping_add(SID_ENTRY as u64), self.user_attributes()));
                put(to, SID_ENTRY, sid);
            }
            class::GROUPS => write_groups(self.groups().iter(), base, to),
            class::PRIVILEGES => {
                put(to, 0, &(self.privileges.count() as u32).to_le_bytes());
                for (index, entry) in self.privileges.list().enumerate() {
                    put(to, 4 + 12 * index, &encode(entry));
                }
            }
            class::OWNER => pointed(to, base, self.owner.as_bytes()),
            class::PRIMARY_GROUP => pointed(to, base, self.primary_group.as_bytes()),
            class::DEFAULT_DACL => pointed(to, base, self.dacl_bytes()),
            class::SOURCE => {
                put(to, 0, &self.source.name);
                put(to, 8, &self.source.id.number().to_le_bytes());
            }
            class::TYPE => put(to, 0, &self.type_number().to_le_bytes()),
            class::SESSION_ID => put(to, 0, &self.session.to_le_bytes()),
            class::IMPERSONATION_LEVEL => put(to, 0, &self.level_number().to_le_bytes()),
            class::STATISTICS => self.write_statistics(to),
            _ => write_groups(self.restricted.iter(), base, to),
        }
        Ok(length)
    }

    fn write_statistics(&self, to: &mut [u8]) {
        let used = self.dacl_bytes().len() + self.primary_group.as_bytes().len();
        let charged = used.max(DYNAMIC);
        let quads = [self.ids.id.number(), self.ids.authentication.number(), self.expiration.cast_unsigned()];
        put(to, 0, quads.map(u64::to_le_bytes).as_flattened());
        let numbers = [
            self.type_number(),
            self.level_number(),
            charged as u32,
            (charged - used) as u32,
            self.groups().len() as u32,
            self.privileges.count() as u32,
        ];
        put(to, 0x18, numbers.map(u32::to_le_bytes).as_flattened());
        put(to, 0x30, &self.modified.number().to_le_bytes());
    }

    fn dacl_bytes(&self) -> &[u8] {
        self.default_dacl.as_ref().map_or(&[], |dacl| dacl.as_bytes())
    }

    fn user_attributes(&self) -> u32 {
        self.sids.first().map_or(0, |user| user.attributes & !attribute::ENABLED)
    }

    fn type_number(&self) -> u32 {
        if self.kind == TokenKind::Primary { TOKEN_PRIMARY } else { TOKEN_IMPERSONATION }
    }

    fn level_number(&self) -> u32 {
        if let TokenKind::Impersonation(level) = self.kind { level as u32 } else { 0 }
    }
}

/// Bytes of a TOKEN_GROUPS with its SIDs.
pub(super) fn groups_length<'a>(groups: impl Iterator<Item = &'a Group>) -> usize {
    GROUPS_HEADER + groups.map(|group| SID_ENTRY + group.sid.as_bytes().len()).sum::<usize>()
}

/// Writes a TOKEN_GROUPS for the address `base`; `to` is as long as it is.
pub(super) fn write_groups<'a>(groups: impl Iterator<Item = &'a Group> + Clone, base: u64, to: &mut [u8]) {
    let count = groups.clone().count();
    put(to, 0, &(count as u64).to_le_bytes());
    let mut at = GROUPS_HEADER + SID_ENTRY * count;
    for (index, group) in groups.enumerate() {
        let sid = group.sid.as_bytes();
        let entry = sid_entry(base.wrapping_add(at as u64), group.attributes);
        put(to, GROUPS_HEADER + SID_ENTRY * index, &entry);
        put(to, at, sid);
        at += sid.len();
    }
}

fn sid_entry(address: u64, attributes: u32) -> [u8; SID_ENTRY] {
    let mut entry = [0; SID_ENTRY];
    put(&mut entry, 0, &address.to_le_bytes());
    put(&mut entry, 8, &attributes.to_le_bytes());
    entry
}

/// A pointer to what follows it; null if that is nothing.
fn pointed(to: &mut [u8], base: u64, content: &[u8]) {
    let address = if content.is_empty() { 0 } else { base.wrapping_add(8) };
    put(to, 0, &address.to_le_bytes());
    put(to, 8, content);
}

fn put(to: &mut [u8], at: usize, from: &[u8]) {
    if let Some(to) = to.get_mut(at..).and_then(|to| to.get_mut(..from.len())) {
        to.copy_from_slice(from);
    }
}
