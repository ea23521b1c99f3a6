//! The one table of system services: number, name, typed arguments. The user-mode stubs, the
//! kernel's dispatch, the names in traces and the documentation are all made from it.
//!
//! Numbers are ours: Windows changes its own with every build, and only ntdll and the kernel have
//! to agree. Numbers from 0x1000 on belong to win32k.

/// Calls `$callback!` with the whole table, as
/// `$callback! { number Name(argument: Type, …) "what it does"; … }`.
#[macro_export]
macro_rules! for_each_service {
    ($callback:path) => {
        $callback! {
            0x00 NtClose(handle: Handle) "drops a handle";
            0x01 NtCreateThread(thread: UserPtr<Handle>, access: u32, attributes: UserPtr<u8>,
                process: Handle, client_id: UserPtr<ClientId>, context: UserPtr<Context>,
                initial_teb: UserPtr<InitialTeb>, suspended: Boolean)
                "makes a thread that starts with the given context";
            0x02 NtDelayExecution(alertable: Boolean, interval: UserPtr<i64>)
                "waits for a relative (negative) or absolute time in 100 ns";
            0x03 NtDisplayString(string: UserPtr<UnicodeString>) "writes text to the boot screen";
            0x04 NtQueryPerformanceCounter(counter: UserPtr<i64>, frequency: UserPtr<i64>)
                "reads the time stamp counter and its frequency in Hz";
            0x05 NtShutdownSystem(action: u32) "0 halts, 1 reboots, 2 powers off";
            0x06 NtTerminateProcess(process: Handle, status: NtStatus)
                "ends a process (0 or -1: the caller's own)";
            0x07 NtTerminateThread(thread: Handle, status: NtStatus)
                "ends a thread (0 or -2: the caller)";
            0x08 NtTraceEvent(trace: Handle, flags: u32, size: u32, fields: UserPtr<TraceFields>)
                "records a boot event";
            0x09 NtWaitForSingleObject(handle: Handle, alertable: Boolean, timeout: UserPtr<i64>)
                "waits until an object is signalled";
            0x0A NtYieldExecution() "lets another ready thread run";
        }
    };
}

/// Name of a service and of its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// Service number.
    pub number: u32,
    /// Its name.
    pub name: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// Names and types of its arguments.
    pub args: &'static [(&'static str, &'static str)],
}

macro_rules! describe {
    ($($number:literal $name:ident($($arg:ident: $type:ty),*) $summary:literal;)*) => {
        /// Every service, in order of number.
        pub static SERVICES: &[Service] = &[$(Service {
            number: $number,
            name: stringify!($name),
            summary: $summary,
            args: &[$((stringify!($arg), stringify!($type))),*],
        }),*];
    };
}
crate::for_each_service!(describe);

/// The name of a service number, when there is such a service.
pub fn name(number: u32) -> Option<&'static str> {
    SERVICES.get(number as usize).map(|service| service.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_positions() {
        for (position, service) in SERVICES.iter().enumerate() {
            assert_eq!(service.number as usize, position, "{}", service.name);
        }
        assert_eq!(name(0), Some("NtClose"));
        assert_eq!(name(SERVICES.len() as u32), None);
    }
}
