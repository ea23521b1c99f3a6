//! NTSTATUS values: the result of every system service.
//! Source: Microsoft's published list [MS-ERREF] 2.3.

use core::fmt;

/// An NTSTATUS. The top two bits are the severity: success, informational, warning, error.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct NtStatus(pub u32);

macro_rules! statuses {
    ($($(#[$doc:meta])* $name:ident = $value:literal;)*) => {
        impl NtStatus {
            $($(#[$doc])* pub const $name: Self = Self($value);)*

            /// The symbolic name without `STATUS_`, when it is in the table.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some(stringify!($name)),)*
                    _ => None,
                }
            }
        }
    };
}

statuses! {
    /// The operation succeeded; also the index of the first object of a wait.
    SUCCESS = 0x0000_0000;
    /// A wait ended because its time was up.
    TIMEOUT = 0x0000_0102;
    /// The operation goes on; its result comes later.
    PENDING = 0x0000_0103;
    /// An object of that name was there already, and was opened.
    OBJECT_NAME_EXISTS = 0x4000_0000;
    /// Nobody else was ready to run.
    NO_YIELD_PERFORMED = 0x4000_0024;
    /// The data did not fit and was cut.
    BUFFER_OVERFLOW = 0x8000_0005;
    /// A breakpoint was reached.
    BREAKPOINT = 0x8000_0003;
    /// A trace trap: one instruction was executed.
    SINGLE_STEP = 0x8000_0004;
    /// The operation failed for no better-known reason.
    UNSUCCESSFUL = 0xC000_0001;
    /// It is not implemented.
    NOT_IMPLEMENTED = 0xC000_0002;
    /// An information class is unknown.
    INVALID_INFO_CLASS = 0xC000_0003;
    /// A structure has the wrong length.
    INFO_LENGTH_MISMATCH = 0xC000_0004;
    /// Memory was used in a way its protection forbids, or that is not there.
    ACCESS_VIOLATION = 0xC000_0005;
    /// A page could not be read in.
    IN_PAGE_ERROR = 0xC000_0006;
    /// The handle is not valid.
    INVALID_HANDLE = 0xC000_0008;
    /// A parameter is not valid.
    INVALID_PARAMETER = 0xC000_000D;
    /// The file does not exist.
    NO_SUCH_FILE = 0xC000_000F;
    /// Not enough memory.
    NO_MEMORY = 0xC000_0017;
    /// The address range is in use.
    CONFLICTING_ADDRESSES = 0xC000_0018;
    /// The system service number is unknown.
    INVALID_SYSTEM_SERVICE = 0xC000_001C;
    /// An instruction is not a valid one.
    ILLEGAL_INSTRUCTION = 0xC000_001D;
    /// Access was denied.
    ACCESS_DENIED = 0xC000_0022;
    /// The buffer is too small for the fixed part.
    BUFFER_TOO_SMALL = 0xC000_0023;
    /// The handle is for an object of another type.
    OBJECT_TYPE_MISMATCH = 0xC000_0024;
    /// The object name is malformed.
    OBJECT_NAME_INVALID = 0xC000_0033;
    /// The object name does not exist.
    OBJECT_NAME_NOT_FOUND = 0xC000_0034;
    /// A part of the path before the last does not exist.
    OBJECT_PATH_NOT_FOUND = 0xC000_003A;
    /// The thread is ending.
    THREAD_IS_TERMINATING = 0xC000_004B;
    /// The caller lacks a privilege.
    PRIVILEGE_NOT_HELD = 0xC000_0061;
    /// The file is not a valid image.
    INVALID_IMAGE_FORMAT = 0xC000_007B;
    /// An array index was out of bounds.
    ARRAY_BOUNDS_EXCEEDED = 0xC000_008C;
    /// A floating-point operation is invalid.
    FLOAT_INVALID_OPERATION = 0xC000_0090;
    /// Integer division by zero.
    INTEGER_DIVIDE_BY_ZERO = 0xC000_0094;
    /// An integer overflowed.
    INTEGER_OVERFLOW = 0xC000_0095;
    /// An instruction is reserved for the kernel.
    PRIVILEGED_INSTRUCTION = 0xC000_0096;
    /// Not enough system resources.
    INSUFFICIENT_RESOURCES = 0xC000_009A;
    /// The stack has no room left.
    STACK_OVERFLOW = 0xC000_00FD;
    /// The commitment limit has been reached.
    COMMITMENT_LIMIT = 0xC000_012D;
    /// A critical system process has ended.
    SYSTEM_PROCESS_TERMINATED = 0xC000_021A;
    /// Data is not aligned as it must be.
    DATATYPE_MISALIGNMENT = 0x8000_0002;
}

impl NtStatus {
    /// Whether the status is a success or informational one (`NT_SUCCESS`).
    pub const fn is_success(self) -> bool {
        self.0 < 0x8000_0000
    }

    /// `Ok` for success and informational statuses, the status itself otherwise.
    ///
    /// # Errors
    /// The status, when its severity is warning or error.
    pub const fn ok(self) -> Result<(), NtStatus> {
        if self.is_success() { Ok(()) } else { Err(self) }
    }
}

impl fmt::Debug for NtStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "STATUS_{name}"),
            None => write!(f, "NTSTATUS 0x{:08X}", self.0),
        }
    }
}

impl fmt::Display for NtStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:08X}", self.0)?;
        match self.name() {
            Some(name) => write!(f, " STATUS_{name}"),
            None => Ok(()),
        }
    }
}
