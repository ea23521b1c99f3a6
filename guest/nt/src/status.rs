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
    /// A mutant was got whose owner had ended without giving it up.
    ABANDONED_WAIT_0 = 0x0000_0080;
    /// A wait ended because a user APC was delivered.
    USER_APC = 0x0000_00C0;
    /// A wait ended because the thread was alerted.
    ALERTED = 0x0000_0101;
    /// A wait ended because its time was up.
    TIMEOUT = 0x0000_0102;
    /// The operation goes on; its result comes later.
    PENDING = 0x0000_0103;
    /// The name leads to another one, which is to be parsed again.
    REPARSE = 0x0000_0104;
    /// There are more entries than fitted.
    MORE_ENTRIES = 0x0000_0105;
    /// Not all privileges named are held.
    NOT_ALL_ASSIGNED = 0x0000_0106;
    /// Not everything was translated.
    SOME_NOT_MAPPED = 0x0000_0107;
    /// The file was opened while another opener gives way.
    OPLOCK_BREAK_IN_PROGRESS = 0x0000_0108;
    /// The handle that asked for notices was closed.
    NOTIFY_CLEANUP = 0x0000_010B;
    /// There were more changes than fitted; list again.
    NOTIFY_ENUM_DIR = 0x0000_010C;
    /// A guard page was hit by the stack that it guards, which has grown.
    PAGE_FAULT_GUARD_PAGE = 0x0000_0113;
    /// A debugger or exception port has handled the exception.
    DBG_EXCEPTION_HANDLED = 0x0001_0001;
    /// A debugger or exception port lets the thread go on.
    DBG_CONTINUE = 0x0001_0002;
    /// An object of that name was there already, and was opened.
    OBJECT_NAME_EXISTS = 0x4000_0000;
    /// The thread was suspended already.
    THREAD_WAS_SUSPENDED = 0x4000_0001;
    /// An image was mapped, but not where it asked to be.
    IMAGE_NOT_AT_BASE = 0x4000_0003;
    /// The content of a segment is unknown.
    SEGMENT_NOTIFICATION = 0x4000_0005;
    /// Some of the pages were locked already.
    WAS_LOCKED = 0x4000_0019;
    /// Nobody else was ready to run.
    NO_YIELD_PERFORMED = 0x4000_0024;
    /// A timer was set, but does not wake the machine from sleep.
    TIMER_RESUME_IGNORED = 0x4000_0025;
    /// A debugger, or csrss at the end of a session, has ended the process.
    DBG_TERMINATE_PROCESS = 0x4001_0004;
    /// A guard page was touched; it is an ordinary page from now on.
    GUARD_PAGE_VIOLATION = 0x8000_0001;
    /// Data is not aligned as it must be.
    DATATYPE_MISALIGNMENT = 0x8000_0002;
    /// A breakpoint was reached.
    BREAKPOINT = 0x8000_0003;
    /// A trace trap: one instruction was executed.
    SINGLE_STEP = 0x8000_0004;
    /// The data did not fit and was cut.
    BUFFER_OVERFLOW = 0x8000_0005;
    /// There are no more files.
    NO_MORE_FILES = 0x8000_0006;
    /// The debugger is to be woken.
    WAKE_SYSTEM_DEBUGGER = 0x8000_0007;
    /// Handles to objects were closed by force.
    HANDLES_CLOSED = 0x8000_000A;
    /// Only a part was copied.
    PARTIAL_COPY = 0x8000_000D;
    /// The printer is out of paper.
    DEVICE_PAPER_EMPTY = 0x8000_000E;
    /// The printer is switched off.
    DEVICE_POWERED_OFF = 0x8000_000F;
    /// The printer is off line.
    DEVICE_OFF_LINE = 0x8000_0010;
    /// The device is busy.
    DEVICE_BUSY = 0x8000_0011;
    /// There are no more extended attributes.
    NO_MORE_EAS = 0x8000_0012;
    /// There are no more entries.
    NO_MORE_ENTRIES = 0x8000_001A;
    /// A long jump was executed.
    LONGJUMP = 0x8000_0026;
    /// Frames are to be joined at the target of the unwinding.
    UNWIND_CONSOLIDATE = 0x8000_0029;
    /// Neither a debugger nor an exception port has handled the exception.
    DBG_EXCEPTION_NOT_HANDLED = 0x8001_0001;
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
    /// The process's paging-file quota is used up.
    PAGEFILE_QUOTA = 0xC000_0007;
    /// The handle is not valid.
    INVALID_HANDLE = 0xC000_0008;
    /// A thread cannot have that stack.
    BAD_INITIAL_STACK = 0xC000_0009;
    /// A thread cannot start there.
    BAD_INITIAL_PC = 0xC000_000A;
    /// There is no process or thread of that id.
    INVALID_CID = 0xC000_000B;
    /// A parameter is not valid.
    INVALID_PARAMETER = 0xC000_000D;
    /// There is no such device.
    NO_SUCH_DEVICE = 0xC000_000E;
    /// The file does not exist.
    NO_SUCH_FILE = 0xC000_000F;
    /// The device does not know the request.
    INVALID_DEVICE_REQUEST = 0xC000_0010;
    /// The end of the file was reached.
    END_OF_FILE = 0xC000_0011;
    /// There is no medium in the drive.
    NO_MEDIA_IN_DEVICE = 0xC000_0013;
    /// The medium has an unknown format.
    UNRECOGNIZED_MEDIA = 0xC000_0014;
    /// The request is not done with yet.
    MORE_PROCESSING_REQUIRED = 0xC000_0016;
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
    /// Locks were taken in the wrong order.
    INVALID_LOCK_SEQUENCE = 0xC000_001E;
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
    /// An exception that cannot be continued was to be.
    NONCONTINUABLE_EXCEPTION = 0xC000_0025;
    /// An exception handler returned nonsense.
    INVALID_DISPOSITION = 0xC000_0026;
    /// Frames are being unwound.
    UNWIND = 0xC000_0027;
    /// A stack frame lies outside the stack.
    BAD_STACK = 0xC000_0028;
    /// The frame to unwind to is not on the stack.
    INVALID_UNWIND_TARGET = 0xC000_0029;
    /// The pages to be unlocked are not locked.
    NOT_LOCKED = 0xC000_002A;
    /// A page of the range is not committed.
    NOT_COMMITTED = 0xC000_002D;
    /// The port does not do what is asked of it.
    INVALID_PORT_ATTRIBUTES = 0xC000_002E;
    /// A message is longer than the port allows.
    PORT_MESSAGE_TOO_LONG = 0xC000_002F;
    /// Parameters contradict each other.
    INVALID_PARAMETER_MIX = 0xC000_0030;
    /// The file system's structures are damaged.
    DISK_CORRUPT_ERROR = 0xC000_0032;
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
    /// The data could not be read.
    DATA_ERROR = 0xC000_003E;
    /// The data's checksum is wrong.
    CRC_ERROR = 0xC000_003F;
    /// A section is larger than what it is made of.
    SECTION_TOO_BIG = 0xC000_0040;
    /// The server did not want the connection.
    PORT_CONNECTION_REFUSED = 0xC000_0041;
    /// The port is of the wrong kind for the operation.
    INVALID_PORT_HANDLE = 0xC000_0042;
    /// Somebody has the file open in a way that excludes this.
    SHARING_VIOLATION = 0xC000_0043;
    /// A page protection is none, or not one for this kind of memory.
    INVALID_PAGE_PROTECTION = 0xC000_0045;
    /// The caller does not own the mutant.
    MUTANT_NOT_OWNED = 0xC000_0046;
    /// The count would go beyond the semaphore's limit.
    SEMAPHORE_LIMIT_EXCEEDED = 0xC000_0047;
    /// The process has such a port already.
    PORT_ALREADY_SET = 0xC000_0048;
    /// The section is not an image.
    SECTION_NOT_IMAGE = 0xC000_0049;
    /// The thread is suspended too often.
    SUSPEND_COUNT_EXCEEDED = 0xC000_004A;
    /// The thread is ending.
    THREAD_IS_TERMINATING = 0xC000_004B;
    /// Least and most size of a working set make no sense together.
    BAD_WORKING_SET_LIMIT = 0xC000_004C;
    /// A view asks for more than its section allows.
    SECTION_PROTECTION = 0xC000_004E;
    /// The file system has no extended attributes.
    EAS_NOT_SUPPORTED = 0xC000_004F;
    /// Another lock is in the way.
    FILE_LOCK_CONFLICT = 0xC000_0054;
    /// The lock cannot be had.
    LOCK_NOT_GRANTED = 0xC000_0055;
    /// The file is about to be deleted.
    DELETE_PENDING = 0xC000_0056;
    /// The structure's revision is unknown.
    UNKNOWN_REVISION = 0xC000_0058;
    /// Two revisions do not agree.
    REVISION_MISMATCH = 0xC000_0059;
    /// The caller may not make that SID the owner.
    INVALID_OWNER = 0xC000_005A;
    /// The SID may not be the primary group of an object.
    INVALID_PRIMARY_GROUP = 0xC000_005B;
    /// The thread does not impersonate.
    NO_IMPERSONATION_TOKEN = 0xC000_005C;
    /// A mandatory group cannot be disabled.
    CANT_DISABLE_MANDATORY = 0xC000_005D;
    /// There is no such logon session.
    NO_SUCH_LOGON_SESSION = 0xC000_005F;
    /// There is no such privilege.
    NO_SUCH_PRIVILEGE = 0xC000_0060;
    /// The caller lacks a privilege.
    PRIVILEGE_NOT_HELD = 0xC000_0061;
    /// A SID has no sub-authority of that number.
    INVALID_SUB_AUTHORITY = 0xC000_0076;
    /// The access control list is damaged.
    INVALID_ACL = 0xC000_0077;
    /// The security identifier is damaged.
    INVALID_SID = 0xC000_0078;
    /// The security descriptor is damaged.
    INVALID_SECURITY_DESCR = 0xC000_0079;
    /// The image does not export that.
    PROCEDURE_NOT_FOUND = 0xC000_007A;
    /// The file is not a valid image.
    INVALID_IMAGE_FORMAT = 0xC000_007B;
    /// The thread has no token.
    NO_TOKEN = 0xC000_007C;
    /// The inherited access control list cannot be built.
    BAD_INHERITANCE_ACL = 0xC000_007D;
    /// The range was not locked.
    RANGE_NOT_LOCKED = 0xC000_007E;
    /// The volume is full.
    DISK_FULL = 0xC000_007F;
    /// The section cannot be made larger.
    SECTION_NOT_EXTENDED = 0xC000_0087;
    /// The address is in a view of an image, not of data.
    NOT_MAPPED_DATA = 0xC000_0088;
    /// The image has no such resource.
    RESOURCE_DATA_NOT_FOUND = 0xC000_0089;
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
    /// The file has no content, or its volume was changed.
    FILE_INVALID = 0xC000_0098;
    /// There is no room left in the structure.
    ALLOTTED_SPACE_EXCEEDED = 0xC000_0099;
    /// Not enough system resources.
    INSUFFICIENT_RESOURCES = 0xC000_009A;
    /// The device is not connected.
    DEVICE_NOT_CONNECTED = 0xC000_009D;
    /// A whole allocation is to be freed, but the address is not its first.
    FREE_VM_NOT_AT_BASE = 0xC000_009F;
    /// Nothing is allocated at the address.
    MEMORY_NOT_ALLOCATED = 0xC000_00A0;
    /// The working set cannot hold it.
    WORKING_SET_QUOTA = 0xC000_00A1;
    /// The medium is read-only.
    MEDIA_WRITE_PROTECTED = 0xC000_00A2;
    /// The attributes of a group contradict each other.
    INVALID_GROUP_ATTRIBUTES = 0xC000_00A4;
    /// The impersonation level does not do.
    BAD_IMPERSONATION_LEVEL = 0xC000_00A5;
    /// Nobody opens the token of a client who stays anonymous.
    CANT_OPEN_ANONYMOUS = 0xC000_00A6;
    /// The token's type does not do.
    BAD_TOKEN_TYPE = 0xC000_00A8;
    /// The function does not apply.
    ILLEGAL_FUNCTION = 0xC000_00AF;
    /// The device did not answer in time.
    IO_TIMEOUT = 0xC000_00B5;
    /// The file is a folder.
    FILE_IS_A_DIRECTORY = 0xC000_00BA;
    /// The request is not supported.
    NOT_SUPPORTED = 0xC000_00BB;
    /// There are more names than there is room for.
    TOO_MANY_NAMES = 0xC000_00CD;
    /// Not now.
    REQUEST_NOT_ACCEPTED = 0xC000_00D0;
    /// Both names must be on one volume.
    NOT_SAME_DEVICE = 0xC000_00D4;
    /// The object has no security descriptor.
    NO_SECURITY_ON_OBJECT = 0xC000_00D7;
    /// Something that cannot be was met.
    INTERNAL_ERROR = 0xC000_00E5;
    /// A mask has generic rights where there must be none.
    GENERIC_NOT_MAPPED = 0xC000_00E6;
    /// A security descriptor is not in the form that is needed.
    BAD_DESCRIPTOR_FORMAT = 0xC000_00E7;
    /// The device failed in an unexpected way.
    UNEXPECTED_IO_ERROR = 0xC000_00E9;
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
    /// A function's unwind data is malformed.
    BAD_FUNCTION_TABLE = 0xC000_00FF;
    /// The environment has no such variable.
    VARIABLE_NOT_FOUND = 0xC000_0100;
    /// The folder is not empty.
    DIRECTORY_NOT_EMPTY = 0xC000_0101;
    /// The file system's structures contradict themselves.
    FILE_CORRUPT_ERROR = 0xC000_0102;
    /// The file is no folder.
    NOT_A_DIRECTORY = 0xC000_0103;
    /// A name is too long.
    NAME_TOO_LONG = 0xC000_0106;
    /// The image is in the kernel already.
    IMAGE_ALREADY_LOADED = 0xC000_010E;
    /// The process is ending.
    PROCESS_IS_TERMINATING = 0xC000_010A;
    /// There is nobody to impersonate.
    CANNOT_IMPERSONATE = 0xC000_010D;
    /// A section of an empty file cannot be made.
    MAPPED_FILE_SIZE_ZERO = 0xC000_011E;
    /// The request was given up.
    CANCELLED = 0xC000_0120;
    /// The file or key cannot be deleted.
    CANNOT_DELETE = 0xC000_0121;
    /// The file has been deleted.
    FILE_DELETED = 0xC000_0123;
    /// The file has been closed.
    FILE_CLOSED = 0xC000_0128;
    /// The token is another process's already.
    TOKEN_ALREADY_IN_USE = 0xC000_012B;
    /// The process has committed as much as it may.
    PAGEFILE_QUOTA_EXCEEDED = 0xC000_012C;
    /// The commitment limit has been reached.
    COMMITMENT_LIMIT = 0xC000_012D;
    /// The file does not begin as an image does.
    INVALID_IMAGE_NOT_MZ = 0xC000_012F;
    /// A DLL that the image needs was not found.
    DLL_NOT_FOUND = 0xC000_0135;
    /// A DLL lacks an ordinal that the image needs.
    ORDINAL_NOT_FOUND = 0xC000_0138;
    /// A DLL lacks a function that the image needs.
    ENTRYPOINT_NOT_FOUND = 0xC000_0139;
    /// The program was interrupted.
    CONTROL_C_EXIT = 0xC000_013A;
    /// Nothing that could be asked for lies at the address.
    INVALID_ADDRESS = 0xC000_0141;
    /// A DLL could not be initialised.
    DLL_INIT_FAILED = 0xC000_0142;
    /// An exception that nobody handled.
    UNHANDLED_EXCEPTION = 0xC000_0144;
    /// The program could not be initialised.
    APP_INIT_FAILURE = 0xC000_0145;
    /// A paging file could not be made.
    PAGEFILE_CREATE_FAILED = 0xC000_0146;
    /// The other end of the pipe is gone.
    PIPE_BROKEN = 0xC000_014B;
    /// The hive is damaged.
    REGISTRY_CORRUPT = 0xC000_014C;
    /// A hive could not be read or written.
    REGISTRY_IO_FAILED = 0xC000_014D;
    /// There is no file system that is known.
    UNRECOGNIZED_VOLUME = 0xC000_014F;
    /// The file is no hive.
    NOT_REGISTRY_FILE = 0xC000_015C;
    /// The key has been deleted.
    KEY_DELETED = 0xC000_017C;
    /// The hive's log has no room.
    NO_LOG_SPACE = 0xC000_017D;
    /// Too many security identifiers.
    TOO_MANY_SIDS = 0xC000_017E;
    /// The key has subkeys that a link cannot have.
    KEY_HAS_CHILDREN = 0xC000_0180;
    /// A key below a volatile one must be volatile.
    CHILD_MUST_BE_VOLATILE = 0xC000_0181;
    /// The device is not in a state for that.
    INVALID_DEVICE_STATE = 0xC000_0184;
    /// The device failed.
    IO_DEVICE_ERROR = 0xC000_0185;
    /// The log is full.
    LOG_FILE_FULL = 0xC000_0188;
    /// A critical section could not be had in the time allowed.
    POSSIBLE_DEADLOCK = 0xC000_0194;
    /// A critical system process has ended.
    SYSTEM_PROCESS_TERMINATED = 0xC000_021A;
    /// Nobody waits for that reply.
    REPLY_MESSAGE_MISMATCH = 0xC000_021F;
    /// A view's address or offset is not a multiple of 64 KiB.
    MAPPED_ALIGNMENT = 0xC000_0220;
    /// The image's checksum is wrong.
    IMAGE_CHECKSUM_MISMATCH = 0xC000_0221;
    /// It was not found.
    NOT_FOUND = 0xC000_0225;
    /// The handle is protected from closing.
    HANDLE_NOT_CLOSABLE = 0xC000_0235;
    /// The file has a section, and cannot become smaller.
    USER_MAPPED_FILE = 0xC000_0243;
    /// A reply could not be delivered.
    LPC_REPLY_LOST = 0xC000_0253;
    /// A driver needs an ordinal that does not exist.
    DRIVER_ORDINAL_NOT_FOUND = 0xC000_0262;
    /// A driver needs a function that does not exist.
    DRIVER_ENTRYPOINT_NOT_FOUND = 0xC000_0263;
    /// The lock is not the calling thread's.
    RESOURCE_NOT_OWNED = 0xC000_0264;
    /// A driver could not be loaded.
    DRIVER_UNABLE_TO_LOAD = 0xC000_026C;
    /// The server runs as somebody else than the client asked for.
    SERVER_SID_MISMATCH = 0xC000_02A0;
    /// A group that counts for denials only cannot be enabled.
    CANT_ENABLE_DENY_ONLY = 0xC000_02B3;
    /// The system is shutting down.
    SHUTDOWN_IN_PROGRESS = 0xC000_02FE;
}

impl NtStatus {
    /// Whether it is an error: severity 3.
    pub const fn is_error(self) -> bool {
        self.0 >> 30 == 3
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    /// Values that stood next to their right place in the table once.
    #[test]
    fn neighbours_are_not_mixed_up() {
        let published = [
            (NtStatus::NO_MORE_EAS, 0x8000_0012),
            (NtStatus::INVALID_PORT_ATTRIBUTES, 0xC000_002E),
            (NtStatus::UNKNOWN_REVISION, 0xC000_0058),
            (NtStatus::REVISION_MISMATCH, 0xC000_0059),
            (NtStatus::INVALID_OWNER, 0xC000_005A),
            (NtStatus::INVALID_PRIMARY_GROUP, 0xC000_005B),
        ];
        for (status, value) in published {
            assert_eq!(status.0, value, "{status:?}");
        }
    }
}
