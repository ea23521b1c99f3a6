//! What can go wrong, and the status that NT's callers see.

use core::fmt;

use nt::NtStatus;

/// A failure of the object manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ObError {
    /// An empty component (`\\`, a trailing `\`), or a name longer than a UNICODE_STRING.
    NameInvalid,
    /// The last component does not exist, or links lead nowhere or in a circle.
    NameNotFound,
    /// A component before the last does not exist.
    PathNotFound,
    /// No leading `\` without a root directory, or one with it.
    PathSyntaxBad,
    /// An object of that name exists.
    NameCollision,
    /// An object of another type, or one that is no directory before the last component.
    TypeMismatch,
    /// What a link leads to and the rest of the name are too long together.
    NameTooLong,
    /// Not a handle, or a root directory that is none.
    InvalidHandle,
    /// Attributes that contradict each other, or an object that has a name already.
    InvalidParameter,
    /// The handle does not grant the access, or another process holds the object exclusively.
    AccessDenied,
    /// The handle is protected from closing.
    HandleNotClosable,
    /// No memory, or no room in a handle table.
    InsufficientResources,
}

impl ObError {
    /// The status of a system service that fails with this.
    pub const fn status(self) -> NtStatus {
        match self {
            Self::NameInvalid => NtStatus::OBJECT_NAME_INVALID,
            Self::NameNotFound => NtStatus::OBJECT_NAME_NOT_FOUND,
            Self::PathNotFound => NtStatus::OBJECT_PATH_NOT_FOUND,
            Self::PathSyntaxBad => NtStatus::OBJECT_PATH_SYNTAX_BAD,
            Self::NameCollision => NtStatus::OBJECT_NAME_COLLISION,
            Self::TypeMismatch => NtStatus::OBJECT_TYPE_MISMATCH,
            Self::NameTooLong => NtStatus::NAME_TOO_LONG,
            Self::InvalidHandle => NtStatus::INVALID_HANDLE,
            Self::InvalidParameter => NtStatus::INVALID_PARAMETER,
            Self::AccessDenied => NtStatus::ACCESS_DENIED,
            Self::HandleNotClosable => NtStatus::HANDLE_NOT_CLOSABLE,
            Self::InsufficientResources => NtStatus::INSUFFICIENT_RESOURCES,
        }
    }
}

impl From<ObError> for NtStatus {
    fn from(error: ObError) -> Self {
        error.status()
    }
}

impl fmt::Display for ObError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.status(), f)
    }
}

impl core::error::Error for ObError {}
