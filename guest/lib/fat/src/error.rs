//! What can go wrong.

use nt::NtStatus;

/// Why an operation failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The disk said so.
    Disk(NtStatus),
    /// There is no FAT volume, or none that can be made; what is wrong.
    NotFat(&'static str),
    /// The volume contradicts itself; where.
    Corrupt(&'static str),
    /// No file may have that name.
    NameInvalid,
    /// There is no such file.
    NotFound,
    /// A folder on the way is not there.
    PathNotFound,
    /// There is one already.
    Exists,
    /// No room on the volume, in its root folder, or in what a file may be (4 GiB - 1).
    Full,
    /// The folder has something in it.
    NotEmpty,
    /// It is a file.
    NotAFolder,
    /// It is a folder.
    IsAFolder,
    /// It is open, or may not be replaced.
    AccessDenied,
    /// It is the root folder, or cannot be written.
    CannotDelete,
    /// It goes when its last user does.
    DeletePending,
    /// A folder would be in itself.
    InItself,
    /// The disk cannot be written.
    WriteProtected,
    /// The node is not open.
    NotOpen,
    /// No memory.
    NoMemory,
}

impl From<Error> for NtStatus {
    fn from(error: Error) -> Self {
        match error {
            Error::Disk(status) => status,
            Error::NotFat(_) => Self::UNRECOGNIZED_VOLUME,
            Error::Corrupt(_) => Self::FILE_CORRUPT_ERROR,
            Error::NameInvalid => Self::OBJECT_NAME_INVALID,
            Error::NotFound => Self::OBJECT_NAME_NOT_FOUND,
            Error::PathNotFound => Self::OBJECT_PATH_NOT_FOUND,
            Error::Exists => Self::OBJECT_NAME_COLLISION,
            Error::Full => Self::DISK_FULL,
            Error::NotEmpty => Self::DIRECTORY_NOT_EMPTY,
            Error::NotAFolder => Self::NOT_A_DIRECTORY,
            Error::IsAFolder => Self::FILE_IS_A_DIRECTORY,
            Error::AccessDenied => Self::ACCESS_DENIED,
            Error::CannotDelete => Self::CANNOT_DELETE,
            Error::DeletePending => Self::DELETE_PENDING,
            Error::InItself | Error::NotOpen => Self::INVALID_PARAMETER,
            Error::WriteProtected => Self::MEDIA_WRITE_PROTECTED,
            Error::NoMemory => Self::INSUFFICIENT_RESOURCES,
        }
    }
}
