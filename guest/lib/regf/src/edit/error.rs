//! Why an edit was refused.

use core::fmt;

use crate::error::HiveError;

/// An edit that was not made. The hive is as it was before, unless it is damaged; then a part may have been made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EditError {
    /// The hive is damaged where the edit would have to change it.
    Damaged(HiveError),
    /// The hive cannot grow: its memory is used up, or it would become larger than 2 GiB.
    Full,
    /// A name that is empty, too long ([`crate::MAX_KEY_NAME`], [`crate::MAX_VALUE_NAME`]) or has a `\` in it.
    Name,
    /// A class, a security descriptor or data that is longer than the format can say.
    TooLarge,
    /// Keys would be nested deeper than [`crate::MAX_DEPTH`].
    TooDeep,
    /// There is a key of that name already.
    Exists,
    /// The key still has subkeys.
    HasSubkeys,
    /// The key is the root, may not be deleted, or stands for a predefined handle.
    Protected,
}

impl From<HiveError> for EditError {
    fn from(error: HiveError) -> Self {
        Self::Damaged(error)
    }
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Damaged(error) => return error.fmt(f),
            Self::Full => "the hive cannot grow any more",
            Self::Name => "not a possible name",
            Self::TooLarge => "too large for a hive",
            Self::TooDeep => "keys would be nested too deep",
            Self::Exists => "there is a key of that name",
            Self::HasSubkeys => "the key has subkeys",
            Self::Protected => "the key is protected",
        })
    }
}

impl core::error::Error for EditError {}
