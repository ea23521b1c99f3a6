//! What each type of object makes of the specific rights, and its generic mapping.
//! Ports have theirs in [`crate::lpc`] besides.

use super::access::*;
use crate::lpc::{PORT_ALL_ACCESS, PORT_CONNECT};

/// Directory: list it.
pub const DIRECTORY_QUERY: u32 = 0x1;
/// Directory: look a name up in it.
pub const DIRECTORY_TRAVERSE: u32 = 0x2;
/// Directory: name an object in it.
pub const DIRECTORY_CREATE_OBJECT: u32 = 0x4;
/// Directory: name a directory in it.
pub const DIRECTORY_CREATE_SUBDIRECTORY: u32 = 0x8;
/// Directory: everything.
pub const DIRECTORY_ALL_ACCESS: u32 = STANDARD_RIGHTS_REQUIRED | 0xF;

/// Symbolic link: read the target.
pub const SYMBOLIC_LINK_QUERY: u32 = 0x1;
/// Symbolic link: everything.
pub const SYMBOLIC_LINK_ALL_ACCESS: u32 = STANDARD_RIGHTS_REQUIRED | 0x1;

/// Event: read the state.
pub const EVENT_QUERY_STATE: u32 = 0x1;
/// Event: set, reset, pulse.
pub const EVENT_MODIFY_STATE: u32 = 0x2;
/// Event: everything.
pub const EVENT_ALL_ACCESS: u32 = STANDARD_RIGHTS_ALL | 0x3;

/// Semaphore: read the state.
pub const SEMAPHORE_QUERY_STATE: u32 = 0x1;
/// Semaphore: release.
pub const SEMAPHORE_MODIFY_STATE: u32 = 0x2;
/// Semaphore: everything.
pub const SEMAPHORE_ALL_ACCESS: u32 = STANDARD_RIGHTS_ALL | 0x3;

/// Mutant: read the state. Releasing needs no right, but ownership.
pub const MUTANT_QUERY_STATE: u32 = 0x1;
/// Mutant: everything.
pub const MUTANT_ALL_ACCESS: u32 = STANDARD_RIGHTS_ALL | 0x1;

/// Timer: read the state.
pub const TIMER_QUERY_STATE: u32 = 0x1;
/// Timer: set and cancel.
pub const TIMER_MODIFY_STATE: u32 = 0x2;
/// Timer: everything.
pub const TIMER_ALL_ACCESS: u32 = STANDARD_RIGHTS_ALL | 0x3;

/// Process: end it.
pub const PROCESS_TERMINATE: u32 = 0x1;
/// Process: make threads in it.
pub const PROCESS_CREATE_THREAD: u32 = 0x2;
/// Process: change its session.
pub const PROCESS_SET_SESSIONID: u32 = 0x4;
/// Process: allocate, free, protect, map, unmap.
pub const PROCESS_VM_OPERATION: u32 = 0x8;
/// Process: read its memory.
pub const PROCESS_VM_READ: u32 = 0x10;
/// Process: write its memory.
pub const PROCESS_VM_WRITE: u32 = 0x20;
/// Process: duplicate its handles.
pub const PROCESS_DUP_HANDLE: u32 = 0x40;
/// Process: be the parent of new processes.
pub const PROCESS_CREATE_PROCESS: u32 = 0x80;
/// Process: set quotas.
pub const PROCESS_SET_QUOTA: u32 = 0x100;
/// Process: set information.
pub const PROCESS_SET_INFORMATION: u32 = 0x200;
/// Process: query information.
pub const PROCESS_QUERY_INFORMATION: u32 = 0x400;
/// Process: suspend and resume.
pub const PROCESS_SUSPEND_RESUME: u32 = 0x800;
/// Process: be debugged and assigned (the port of older systems).
pub const PROCESS_SET_PORT: u32 = 0x800;
/// Process: everything, before Windows Vista.
pub const PROCESS_ALL_ACCESS: u32 = STANDARD_RIGHTS_ALL | 0xFFF;

/// Thread: end it.
pub const THREAD_TERMINATE: u32 = 0x1;
/// Thread: suspend and resume.
pub const THREAD_SUSPEND_RESUME: u32 = 0x2;
/// Thread: alert it.
pub const THREAD_ALERT: u32 = 0x4;
/// Thread: read its registers.
pub const THREAD_GET_CONTEXT: u32 = 0x8;
/// Thread: write its registers.
pub const THREAD_SET_CONTEXT: u32 = 0x10;
/// Thread: set information.
pub const THREAD_SET_INFORMATION: u32 = 0x20;
/// Thread: query information.
pub const THREAD_QUERY_INFORMATION: u32 = 0x40;
/// Thread: give it a token.
pub const THREAD_SET_THREAD_TOKEN: u32 = 0x80;
/// Thread: act as it.
pub const THREAD_IMPERSONATE: u32 = 0x100;
/// Thread: let it act as another.
pub const THREAD_DIRECT_IMPERSONATION: u32 = 0x200;
/// Thread: everything, before Windows Vista.
pub const THREAD_ALL_ACCESS: u32 = STANDARD_RIGHTS_ALL | 0x3FF;

/// Section: query information.
pub const SECTION_QUERY: u32 = 0x1;
/// Section: map it writable.
pub const SECTION_MAP_WRITE: u32 = 0x2;
/// Section: map it readable.
pub const SECTION_MAP_READ: u32 = 0x4;
/// Section: map it executable.
pub const SECTION_MAP_EXECUTE: u32 = 0x8;
/// Section: extend it.
pub const SECTION_EXTEND_SIZE: u32 = 0x10;
/// Section: everything.
pub const SECTION_ALL_ACCESS: u32 = STANDARD_RIGHTS_REQUIRED | 0x1F;

/// Key: read values.
pub const KEY_QUERY_VALUE: u32 = 0x1;
/// Key: write values.
pub const KEY_SET_VALUE: u32 = 0x2;
/// Key: make subkeys.
pub const KEY_CREATE_SUB_KEY: u32 = 0x4;
/// Key: list subkeys.
pub const KEY_ENUMERATE_SUB_KEYS: u32 = 0x8;
/// Key: be told of changes.
pub const KEY_NOTIFY: u32 = 0x10;
/// Key: make symbolic links.
pub const KEY_CREATE_LINK: u32 = 0x20;
/// Key: the 64-bit view. Asked for, never granted.
pub const KEY_WOW64_64KEY: u32 = 0x100;
/// Key: the 32-bit view. Asked for, never granted.
pub const KEY_WOW64_32KEY: u32 = 0x200;
/// Key: what reading needs.
pub const KEY_READ: u32 = STANDARD_RIGHTS_READ | KEY_QUERY_VALUE | KEY_ENUMERATE_SUB_KEYS | KEY_NOTIFY;
/// Key: what writing needs.
pub const KEY_WRITE: u32 = STANDARD_RIGHTS_WRITE | KEY_SET_VALUE | KEY_CREATE_SUB_KEY;
/// Key: everything.
pub const KEY_ALL_ACCESS: u32 = STANDARD_RIGHTS_REQUIRED | 0x3F;

/// Token: make it a process's.
pub const TOKEN_ASSIGN_PRIMARY: u32 = 0x1;
/// Token: duplicate it.
pub const TOKEN_DUPLICATE: u32 = 0x2;
/// Token: let a thread have it.
pub const TOKEN_IMPERSONATE: u32 = 0x4;
/// Token: query everything but the source.
pub const TOKEN_QUERY: u32 = 0x8;
/// Token: query the source.
pub const TOKEN_QUERY_SOURCE: u32 = 0x10;
/// Token: enable and disable privileges.
pub const TOKEN_ADJUST_PRIVILEGES: u32 = 0x20;
/// Token: enable and disable groups.
pub const TOKEN_ADJUST_GROUPS: u32 = 0x40;
/// Token: set owner, primary group, default DACL.
pub const TOKEN_ADJUST_DEFAULT: u32 = 0x80;
/// Token: set the session.
pub const TOKEN_ADJUST_SESSIONID: u32 = 0x100;
/// Token: everything.
pub const TOKEN_ALL_ACCESS: u32 = STANDARD_RIGHTS_REQUIRED | 0x1FF;

/// File, device: read.
pub const FILE_READ_DATA: u32 = 0x1;
/// Directory of files: list.
pub const FILE_LIST_DIRECTORY: u32 = 0x1;
/// File, device: write.
pub const FILE_WRITE_DATA: u32 = 0x2;
/// Directory of files: make a file.
pub const FILE_ADD_FILE: u32 = 0x2;
/// File: append.
pub const FILE_APPEND_DATA: u32 = 0x4;
/// Directory of files: make a directory.
pub const FILE_ADD_SUBDIRECTORY: u32 = 0x4;
/// File: read extended attributes.
pub const FILE_READ_EA: u32 = 0x8;
/// File: write extended attributes.
pub const FILE_WRITE_EA: u32 = 0x10;
/// File: execute.
pub const FILE_EXECUTE: u32 = 0x20;
/// Directory of files: go through it.
pub const FILE_TRAVERSE: u32 = 0x20;
/// Directory of files: delete what is in it.
pub const FILE_DELETE_CHILD: u32 = 0x40;
/// File: read attributes.
pub const FILE_READ_ATTRIBUTES: u32 = 0x80;
/// File: write attributes.
pub const FILE_WRITE_ATTRIBUTES: u32 = 0x100;
/// File, device: everything.
pub const FILE_ALL_ACCESS: u32 = STANDARD_RIGHTS_ALL | 0x1FF;
/// File: what reading needs.
pub const FILE_GENERIC_READ: u32 =
    STANDARD_RIGHTS_READ | FILE_READ_DATA | FILE_READ_ATTRIBUTES | FILE_READ_EA | SYNCHRONIZE;
/// File: what writing needs.
pub const FILE_GENERIC_WRITE: u32 = STANDARD_RIGHTS_WRITE
    | FILE_WRITE_DATA
    | FILE_WRITE_ATTRIBUTES
    | FILE_WRITE_EA
    | FILE_APPEND_DATA
    | SYNCHRONIZE;
/// File: what executing needs.
pub const FILE_GENERIC_EXECUTE: u32 =
    STANDARD_RIGHTS_EXECUTE | FILE_READ_ATTRIBUTES | FILE_EXECUTE | SYNCHRONIZE;

const fn mapping(read: u32, write: u32, execute: u32, all: u32) -> GenericMapping {
    GenericMapping {
        read: STANDARD_RIGHTS_READ | read,
        write: STANDARD_RIGHTS_WRITE | write,
        execute: STANDARD_RIGHTS_EXECUTE | execute,
        all,
    }
}

/// Mapping of directories.
pub const DIRECTORY_MAPPING: GenericMapping = mapping(
    DIRECTORY_QUERY | DIRECTORY_TRAVERSE,
    DIRECTORY_CREATE_OBJECT | DIRECTORY_CREATE_SUBDIRECTORY,
    DIRECTORY_QUERY | DIRECTORY_TRAVERSE,
    DIRECTORY_ALL_ACCESS,
);
/// Mapping of symbolic links.
pub const SYMBOLIC_LINK_MAPPING: GenericMapping =
    mapping(SYMBOLIC_LINK_QUERY, 0, SYMBOLIC_LINK_QUERY, SYMBOLIC_LINK_ALL_ACCESS);
/// Mapping of events.
pub const EVENT_MAPPING: GenericMapping =
    mapping(EVENT_QUERY_STATE, EVENT_MODIFY_STATE, SYNCHRONIZE, EVENT_ALL_ACCESS);
/// Mapping of semaphores.
pub const SEMAPHORE_MAPPING: GenericMapping =
    mapping(SEMAPHORE_QUERY_STATE, SEMAPHORE_MODIFY_STATE, SYNCHRONIZE, SEMAPHORE_ALL_ACCESS);
/// Mapping of mutants.
pub const MUTANT_MAPPING: GenericMapping = mapping(MUTANT_QUERY_STATE, 0, SYNCHRONIZE, MUTANT_ALL_ACCESS);
/// Mapping of timers.
pub const TIMER_MAPPING: GenericMapping =
    mapping(TIMER_QUERY_STATE, TIMER_MODIFY_STATE, SYNCHRONIZE, TIMER_ALL_ACCESS);
/// Mapping of processes.
pub const PROCESS_MAPPING: GenericMapping = mapping(
    PROCESS_VM_READ | PROCESS_QUERY_INFORMATION,
    PROCESS_CREATE_PROCESS
        | PROCESS_CREATE_THREAD
        | PROCESS_VM_OPERATION
        | PROCESS_VM_WRITE
        | PROCESS_DUP_HANDLE
        | PROCESS_SET_QUOTA
        | PROCESS_SET_INFORMATION
        | PROCESS_SUSPEND_RESUME,
    SYNCHRONIZE | PROCESS_TERMINATE,
    PROCESS_ALL_ACCESS,
);
/// Mapping of threads.
pub const THREAD_MAPPING: GenericMapping = mapping(
    THREAD_GET_CONTEXT | THREAD_QUERY_INFORMATION,
    THREAD_TERMINATE | THREAD_SUSPEND_RESUME | THREAD_ALERT | THREAD_SET_INFORMATION | THREAD_SET_CONTEXT,
    SYNCHRONIZE,
    THREAD_ALL_ACCESS,
);
/// Mapping of sections.
pub const SECTION_MAPPING: GenericMapping =
    mapping(SECTION_QUERY | SECTION_MAP_READ, SECTION_MAP_WRITE, SECTION_MAP_EXECUTE, SECTION_ALL_ACCESS);
/// Mapping of keys. Executing is reading.
pub const KEY_MAPPING: GenericMapping = mapping(KEY_READ, KEY_WRITE, KEY_READ, KEY_ALL_ACCESS);
/// Mapping of LPC ports.
pub const PORT_MAPPING: GenericMapping = GenericMapping {
    read: READ_CONTROL | PORT_CONNECT,
    write: DELETE | PORT_CONNECT,
    execute: 0,
    all: PORT_ALL_ACCESS,
};
/// Mapping of tokens.
pub const TOKEN_MAPPING: GenericMapping = mapping(
    TOKEN_QUERY,
    TOKEN_ADJUST_PRIVILEGES | TOKEN_ADJUST_GROUPS | TOKEN_ADJUST_DEFAULT,
    0,
    TOKEN_ALL_ACCESS,
);
/// Mapping of files; devices and drivers have the same.
pub const FILE_MAPPING: GenericMapping = GenericMapping {
    read: FILE_GENERIC_READ,
    write: FILE_GENERIC_WRITE,
    execute: FILE_GENERIC_EXECUTE,
    all: FILE_ALL_ACCESS,
};
/// Mapping of devices.
pub const DEVICE_MAPPING: GenericMapping = FILE_MAPPING;

const _: () = {
    assert!(DIRECTORY_ALL_ACCESS == 0xF_000F && SECTION_ALL_ACCESS == 0xF_001F);
    assert!(EVENT_ALL_ACCESS == 0x1F_0003 && MUTANT_ALL_ACCESS == 0x1F_0001);
    assert!(PROCESS_ALL_ACCESS == 0x1F_0FFF && THREAD_ALL_ACCESS == 0x1F_03FF);
    assert!(KEY_READ == 0x2_0019 && KEY_WRITE == 0x2_0006 && KEY_ALL_ACCESS == 0xF_003F);
    assert!(FILE_GENERIC_READ == 0x12_0089 && FILE_GENERIC_WRITE == 0x12_0116);
    assert!(FILE_GENERIC_EXECUTE == 0x12_00A0 && FILE_ALL_ACCESS == 0x1F_01FF);
    assert!(TOKEN_ALL_ACCESS == 0xF_01FF);
};
