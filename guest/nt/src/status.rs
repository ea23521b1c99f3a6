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
    /// There are more entries than fitted.
    MORE_ENTRIES = 0x0000_0105;
    /// A guard page was hit by the stack that it guards, which has grown.
    PAGE_FAULT_GUARD_PAGE = 0x0000_0113;
    /// An object of that name was there already, and was opened.
    OBJECT_NAME_EXISTS = 0x4000_0000;
    /// An image was mapped, but not where it asked to be.
    IMAGE_NOT_AT_BASE = 0x4000_0003;
    /// Nobody else was ready to run.
    NO_YIELD_PERFORMED = 0x4000_0024;
    /// A guard page was touched; it is an ordinary page from now on.
    GUARD_PAGE_VIOLATION = 0x8000_0001;
    /// The data did not fit and was cut.
    BUFFER_OVERFLOW = 0x8000_0005;
    /// A breakpoint was reached.
    BREAKPOINT = 0x8000_0003;
    /// A trace trap: one instruction was executed.
    SINGLE_STEP = 0x8000_0004;
    /// There are no more entries.
    NO_MORE_ENTRIES = 0x8000_001A;
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
    /// The address is not in a view of a section.
    NOT_MAPPED_VIEW = 0xC000_0019;
    /// The range reaches beyond the allocation it begins in.
    UNABLE_TO_FREE_VM = 0xC000_001A;
    /// The range is a view: it must be unmapped, not freed.
    UNABLE_TO_DELETE_SECTION = 0xC000_001B;
    /// The system service number is unknown.
    INVALID_SYSTEM_SERVICE = 0xC000_001C;
    /// An instruction is not a valid one.
    ILLEGAL_INSTRUCTION = 0xC000_001D;
    /// A view does not lie inside its section.
    INVALID_VIEW_SIZE = 0xC000_001F;
    /// An image section was asked for without an image file.
    INVALID_FILE_FOR_SECTION = 0xC000_0020;
    /// The range is a view of a file, which is committed as it is.
    ALREADY_COMMITTED = 0xC000_0021;
    /// Access was denied.
    ACCESS_DENIED = 0xC000_0022;
    /// The buffer is too small for the fixed part.
    BUFFER_TOO_SMALL = 0xC000_0023;
    /// The handle is for an object of another type.
    OBJECT_TYPE_MISMATCH = 0xC000_0024;
    /// A page of the range is not committed.
    NOT_COMMITTED = 0xC000_002D;
    /// A message is longer than the port allows.
    PORT_MESSAGE_TOO_LONG = 0xC000_002F;
    /// Parameters contradict each other.
    INVALID_PARAMETER_MIX = 0xC000_0030;
    /// The object name is malformed.
    OBJECT_NAME_INVALID = 0xC000_0033;
    /// The object name does not exist.
    OBJECT_NAME_NOT_FOUND = 0xC000_0034;
    /// An object of that name exists.
    OBJECT_NAME_COLLISION = 0xC000_0035;
    /// The other side of the port is gone.
    PORT_DISCONNECTED = 0xC000_0037;
    /// A part of the path before the last does not exist.
    OBJECT_PATH_NOT_FOUND = 0xC000_003A;
    /// The name does not begin as it must: with a backslash, or without one relative to a directory.
    OBJECT_PATH_SYNTAX_BAD = 0xC000_003B;
    /// A section is larger than what it is made of.
    SECTION_TOO_BIG = 0xC000_0040;
    /// The server did not want the connection.
    PORT_CONNECTION_REFUSED = 0xC000_0041;
    /// The port is of the wrong kind for the operation.
    INVALID_PORT_HANDLE = 0xC000_0042;
    /// A page protection is none, or not one for this kind of memory.
    INVALID_PAGE_PROTECTION = 0xC000_0045;
    /// The thread is ending.
    THREAD_IS_TERMINATING = 0xC000_004B;
    /// A view asks for more than its section allows.
    SECTION_PROTECTION = 0xC000_004E;
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
    /// There are as many paging files as there can be.
    TOO_MANY_PAGING_FILES = 0xC000_0097;
    /// Not enough system resources.
    INSUFFICIENT_RESOURCES = 0xC000_009A;
    /// A whole allocation is to be freed, but the address is not its first.
    FREE_VM_NOT_AT_BASE = 0xC000_009F;
    /// Nothing is allocated at the address.
    MEMORY_NOT_ALLOCATED = 0xC000_00A0;
    /// The request is not supported.
    NOT_SUPPORTED = 0xC000_00BB;
    /// The first parameter is not valid.
    INVALID_PARAMETER_1 = 0xC000_00EF;
    /// The second parameter is not valid.
    INVALID_PARAMETER_2 = 0xC000_00F0;
    /// The third parameter is not valid.
    INVALID_PARAMETER_3 = 0xC000_00F1;
    /// The fourth parameter is not valid.
    INVALID_PARAMETER_4 = 0xC000_00F2;
    /// The fifth parameter is not valid.
    INVALID_PARAMETER_5 = 0xC000_00F3;
    /// The sixth parameter is not valid.
    INVALID_PARAMETER_6 = 0xC000_00F4;
    /// The seventh parameter is not valid.
    INVALID_PARAMETER_7 = 0xC000_00F5;
    /// The eighth parameter is not valid.
    INVALID_PARAMETER_8 = 0xC000_00F6;
    /// The ninth parameter is not valid.
    INVALID_PARAMETER_9 = 0xC000_00F7;
    /// The tenth parameter is not valid.
    INVALID_PARAMETER_10 = 0xC000_00F8;
    /// The stack has no room left.
    STACK_OVERFLOW = 0xC000_00FD;
    /// A name is too long.
    NAME_TOO_LONG = 0xC000_0106;
    /// There is nobody to impersonate.
    CANNOT_IMPERSONATE = 0xC000_010D;
    /// A section of an empty file cannot be made.
    MAPPED_FILE_SIZE_ZERO = 0xC000_011E;
    /// The process has committed as much as it may.
    PAGEFILE_QUOTA_EXCEEDED = 0xC000_012C;
    /// The commitment limit has been reached.
    COMMITMENT_LIMIT = 0xC000_012D;
    /// A critical system process has ended.
    SYSTEM_PROCESS_TERMINATED = 0xC000_021A;
    /// Data is not aligned as it must be.
    DATATYPE_MISALIGNMENT = 0x8000_0002;
    /// Nobody waits for that reply.
    REPLY_MESSAGE_MISMATCH = 0xC000_021F;
    /// A view's address or offset is not a multiple of 64 KiB.
    MAPPED_ALIGNMENT = 0xC000_0220;
    /// The handle is protected from closing.
    HANDLE_NOT_CLOSABLE = 0xC000_0235;
    /// The server runs as somebody else than the client asked for.
    SERVER_SID_MISMATCH = 0xC000_02A0;
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
