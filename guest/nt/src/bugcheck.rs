//! Bugcheck (STOP) codes. Source: Microsoft's published "Bug Check Code Reference".

macro_rules! bugchecks {
    ($($(#[$doc:meta])* $name:ident = $value:literal;)*) => {
        $($(#[$doc])* pub const $name: u32 = $value;)*

        /// The symbolic name of a bugcheck code, when it is in the table.
        pub const fn name(code: u32) -> Option<&'static str> {
            match code {
                $($value => Some(stringify!($name)),)*
                _ => None,
            }
        }
    };
}

bugchecks! {
    /// Pageable memory was touched where no fault can be taken, or an address is bad.
    /// Parameters: address, level, 0 read / 1 write / 8 execute, instruction.
    IRQL_NOT_LESS_OR_EQUAL = 0x0A;
    /// The kernel raised an exception that nobody handles.
    /// Parameters: status, instruction, exception parameters 0 and 1.
    KMODE_EXCEPTION_NOT_HANDLED = 0x1E;
    /// The kernel's memory manager found its own data inconsistent.
    MEMORY_MANAGEMENT = 0x1A;
    /// Phase 0 failed.
    PHASE0_INITIALIZATION_FAILED = 0x31;
    /// Phase 1 failed. Parameter 1: status.
    PHASE1_INITIALIZATION_FAILED = 0x32;
    /// An error-severity hard error with nobody to show it.
    FATAL_UNHANDLED_HARD_ERROR = 0x4C;
    /// Memory that is not there was touched. Parameters: address, access, instruction, kind.
    PAGE_FAULT_IN_NONPAGED_AREA = 0x50;
    /// Session manager start: parameters could not be allocated.
    SESSION1_INITIALIZATION_FAILED = 0x6D;
    /// Session manager start: environment or image name. Parameter 1: status.
    SESSION2_INITIALIZATION_FAILED = 0x6E;
    /// Session manager start: the process could not be created. Parameter 1: status.
    SESSION3_INITIALIZATION_FAILED = 0x6F;
    /// Session manager start: the process could not be resumed. Parameter 1: status.
    SESSION4_INITIALIZATION_FAILED = 0x70;
    /// The session manager ended within five seconds. Parameter 1: status.
    SESSION5_INITIALIZATION_FAILED = 0x71;
    /// The hive SYSTEM is unusable. Parameter 4: status.
    BAD_SYSTEM_CONFIG_INFO = 0x74;
    /// A page of the kernel's could not be read from the paging file. Parameters: status, status of the disk, number of the
    /// paging file, offset in it.
    KERNEL_STACK_INPAGE_ERROR = 0x77;
    /// The same of the kernel's data. Parameters: address of the entry, status, the entry, address.
    KERNEL_DATA_INPAGE_ERROR = 0x7A;
    /// The volume with the system cannot be read. Parameter 2: status.
    INACCESSIBLE_BOOT_DEVICE = 0x7B;
    /// A processor exception in the kernel. Parameter 1: vector (8 is a double fault).
    UNEXPECTED_KERNEL_MODE_TRAP = 0x7F;
    /// The machine reported a hardware error.
    MACHINE_CHECK_EXCEPTION = 0x9C;
    /// A driver misused the pool.
    BAD_POOL_CALLER = 0xC2;
    /// The boot archive or a system file in it is unusable. Parameter 1: status.
    UNMOUNTABLE_BOOT_VOLUME = 0xED;
    /// A critical process died. Parameter 1: process.
    CRITICAL_PROCESS_DIED = 0xEF;
    /// A critical object was terminated. Parameters: 3 process or 6 thread, object, name, message.
    CRITICAL_OBJECT_TERMINATION = 0xF4;
    /// A non-maskable interrupt arrived.
    NMI_HARDWARE_FAILURE = 0x80;
    /// The user asked for the crash.
    MANUALLY_INITIATED_CRASH = 0xE2;
    /// The kernel's own code panicked; the text says where.
    KERNEL_SECURITY_CHECK_FAILURE = 0x139;
    /// A critical system process ended. Parameters: text, status.
    STATUS_SYSTEM_PROCESS_TERMINATED = 0xC000_021A;
    /// Another hive is unusable. Parameter 1: status. (The code is an NTSTATUS.)
    CANNOT_LOAD_REGISTRY_FILE = 0xC000_0218;
}
