//! Why a command did not do what it was told.

use alloc::format;
use alloc::string::String;

use nt::NtStatus;

/// A failure: what could not be done, and why.
#[derive(Debug)]
pub struct Failure {
    /// In words.
    pub text: String,
    /// The command's exit code.
    pub code: u32,
}

impl Failure {
    /// Words of our own.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: 1 }
    }

    /// How the command is to be used.
    pub fn usage(usage: &str) -> Self {
        Self::new(format!("usage: {usage}"))
    }
}

/// What a command comes to.
pub type Done = Result<(), Failure>;

/// Says what a status is about.
pub trait About<T> {
    /// With the thing that could not be opened, read, …
    ///
    /// # Errors
    /// The status, in words.
    fn about(self, what: &str) -> Result<T, Failure>;
}

impl<T> About<T> for Result<T, NtStatus> {
    fn about(self, what: &str) -> Result<T, Failure> {
        self.map_err(|status| Failure { text: format!("{what}: {}", words(status)), code: status.0 })
    }
}

/// A status in words.
pub fn words(status: NtStatus) -> String {
    let words = match status {
        NtStatus::OBJECT_NAME_NOT_FOUND | NtStatus::NO_SUCH_FILE => "not found",
        NtStatus::OBJECT_PATH_NOT_FOUND => "there is no such folder",
        NtStatus::OBJECT_NAME_COLLISION => "there is one already",
        NtStatus::OBJECT_NAME_INVALID | NtStatus::OBJECT_PATH_SYNTAX_BAD => "not a name",
        NtStatus::ACCESS_DENIED => "access denied",
        NtStatus::SHARING_VIOLATION => "in use",
        NtStatus::MEDIA_WRITE_PROTECTED => "write-protected",
        NtStatus::NOT_A_DIRECTORY => "not a folder",
        NtStatus::FILE_IS_A_DIRECTORY => "a folder",
        NtStatus::DIRECTORY_NOT_EMPTY => "not empty",
        NtStatus::DISK_FULL => "the disk is full",
        NtStatus::INVALID_CID => "there is no such process",
        NtStatus::OBJECT_TYPE_MISMATCH => "an object of another type",
        NtStatus::NO_MEMORY | NtStatus::INSUFFICIENT_RESOURCES => "out of memory",
        NtStatus::INVALID_DEVICE_REQUEST => "it cannot do that",
        NtStatus::DEVICE_PAPER_EMPTY => "out of paper",
        NtStatus::DEVICE_OFF_LINE => "off line",
        NtStatus::DEVICE_POWERED_OFF => "switched off",
        NtStatus::DEVICE_NOT_CONNECTED => "not connected",
        _ => return format!("status {:08X}", status.0),
    };
    words.into()
}
