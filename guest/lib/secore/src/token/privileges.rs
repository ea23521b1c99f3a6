//! Sets of privileges, and checks of them.

use nt::NtStatus;
use nt::security::{
    ImpersonationLevel, Luid, LuidAndAttributes, PRIVILEGE_SET_ALL_NECESSARY,
    privilege_attributes as attribute,
};

use super::Token;

/// Bytes of a LUID_AND_ATTRIBUTES.
const ENTRY: usize = 12;
/// Bytes of a PRIVILEGE_SET before its entries.
const SET_HEADER: usize = 8;

/// Privileges and their states: a bit each, by number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Privileges {
    pub(super) held: u64,
    pub(super) enabled: u64,
    pub(super) by_default: u64,
}

impl Privileges {
    /// None.
    pub const NONE: Self = Self { held: 0, enabled: 0, by_default: 0 };

    /// Privileges that are enabled, now and by default, and some that are not. Numbers beyond 63 are none.
    pub const fn of(enabled: &[u32], disabled: &[u32]) -> Self {
        let enabled = bits(enabled);
        Self { held: enabled | bits(disabled), enabled, by_default: enabled }
    }

    /// Privileges as a list of LUIDs with attributes has them; those of no known number are left out.
    pub fn from_list(list: impl IntoIterator<Item = LuidAndAttributes>) -> Self {
        let mut all = Self::NONE;
        for entry in list {
            let Some(bit) = bit_of(entry.luid) else { continue };
            let has = |attribute| if entry.attributes & attribute != 0 { bit } else { 0 };
            all.held |= bit;
            all.enabled = all.enabled & !bit | has(attribute::ENABLED);
            all.by_default = all.by_default & !bit | has(attribute::ENABLED_BY_DEFAULT);
        }
        all
    }

    /// Whether a privilege is enabled.
    #[inline]
    pub const fn is_enabled(&self, number: u32) -> bool {
        number < 64 && self.enabled >> number & 1 != 0
    }

    /// Whether a privilege is there, be it disabled.
    pub const fn is_held(&self, number: u32) -> bool {
        number < 64 && self.held >> number & 1 != 0
    }

    /// How many there are.
    pub const fn count(&self) -> usize {
        self.held.count_ones() as usize
    }

    /// All of them with their attributes, by number.
    pub fn list(&self) -> impl Iterator<Item = LuidAndAttributes> + use<> {
        self.list_of(self.held)
    }

    pub(super) fn list_of(&self, which: u64) -> impl Iterator<Item = LuidAndAttributes> + use<> {
        let (all, mut left) = (*self, which);
        core::iter::from_fn(move || {
            let number = left.trailing_zeros();
            let bit = left & left.wrapping_neg();
            left ^= bit;
            let has = |set, attribute| if set & bit != 0 { attribute } else { 0 };
            let attributes =
                has(all.enabled, attribute::ENABLED) | has(all.by_default, attribute::ENABLED_BY_DEFAULT);
            (bit != 0).then_some(LuidAndAttributes { luid: Luid::new(number as u64), attributes })
        })
    }
}

/// A TOKEN_PRIVILEGES, read where it lies: a count and that many LUIDs with attributes.
#[derive(Clone, Debug)]
pub struct PrivilegeList<'a> {
    entries: &'a [[u8; ENTRY]],
}

impl<'a> PrivilegeList<'a> {
    /// The list that the bytes begin with.
    ///
    /// # Errors
    /// `INVALID_PARAMETER`: fewer bytes than it says.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, NtStatus> {
        let (count, rest) = bytes.split_first_chunk().ok_or(NtStatus::INVALID_PARAMETER)?;
        let count = u32::from_le_bytes(*count) as usize;
        let entries = rest.as_chunks().0.get(..count).ok_or(NtStatus::INVALID_PARAMETER)?;
        Ok(Self { entries })
    }

    /// Bytes of a list of so many, for its capture; nothing if that is more than there are privileges by far.
    pub const fn length(count: u32) -> Option<usize> {
        if count <= 1024 { Some(4 + ENTRY * count as usize) } else { None }
    }
}

impl Iterator for PrivilegeList<'_> {
    type Item = LuidAndAttributes;

    fn next(&mut self) -> Option<LuidAndAttributes> {
        let (entry, rest) = self.entries.split_first()?;
        self.entries = rest;
        Some(decode(entry))
    }
}

impl Token {
    /// Whether all privileges of a PRIVILEGE_SET are enabled, or one of them if it says so; those that are
    /// get marked as used (`NtPrivilegeCheck`).
    ///
    /// # Errors
    /// `BAD_IMPERSONATION_LEVEL`: the client stays anonymous; `INVALID_PARAMETER`: fewer bytes than it says.
    pub fn check_privilege_set(&self, set: &mut [u8]) -> Result<bool, NtStatus> {
        if !self.kind.reaches(ImpersonationLevel::Identification) {
            return Err(NtStatus::BAD_IMPERSONATION_LEVEL);
        }
        let (header, rest) = set.split_first_chunk_mut::<SET_HEADER>().ok_or(NtStatus::INVALID_PARAMETER)?;
        let [c0, c1, c2, c3, control @ ..] = *header;
        let count = u32::from_le_bytes([c0, c1, c2, c3]) as usize;
        let is_all = u32::from_le_bytes(control) & PRIVILEGE_SET_ALL_NECESSARY != 0;
        let entries = rest.as_chunks_mut().0.get_mut(..count).ok_or(NtStatus::INVALID_PARAMETER)?;
        let mut found = 0;
        for entry in entries {
            let wanted = decode(entry);
            if bit_of(wanted.luid).is_some_and(|bit| self.privileges.enabled & bit != 0) {
                found += 1;
                let attributes = wanted.attributes | attribute::USED_FOR_ACCESS;
                *entry = encode(LuidAndAttributes { attributes, ..wanted });
            }
        }
        Ok(if is_all { found == count } else { found != 0 })
    }
}

/// The bit of a privilege's LUID.
pub(super) fn bit_of(luid: Luid) -> Option<u64> {
    (luid.high == 0 && luid.low < 64).then(|| 1 << luid.low)
}

const fn bits(numbers: &[u32]) -> u64 {
    let (mut set, mut index) = (0, 0);
    while index < numbers.len() {
        if numbers[index] < 64 {
            set |= 1 << numbers[index];
        }
        index += 1;
    }
    set
}

fn decode(entry: &[u8; ENTRY]) -> LuidAndAttributes {
    let [l0, l1, l2, l3, h0, h1, h2, h3, attributes @ ..] = *entry;
    let (low, high) = (u32::from_le_bytes([l0, l1, l2, l3]), u32::from_le_bytes([h0, h1, h2, h3]));
    LuidAndAttributes { luid: Luid { low, high }, attributes: u32::from_le_bytes(attributes) }
}

pub(super) fn encode(entry: LuidAndAttributes) -> [u8; ENTRY] {
    let [l0, l1, l2, l3] = entry.luid.low.to_le_bytes();
    let [h0, h1, h2, h3] = entry.luid.high.to_le_bytes();
    let [a0, a1, a2, a3] = entry.attributes.to_le_bytes();
    [l0, l1, l2, l3, h0, h1, h2, h3, a0, a1, a2, a3]
}
