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
            // Ob: handles and names
            0x00 NtClose(handle: Handle) "drops a handle";
            0x01 NtDuplicateObject(source_process: Handle, source: Handle, target_process: Handle,
                target: UserPtr<Handle>, access: u32, attributes: u32, options: u32)
                "copies a handle, also between processes";
            0x02 NtQueryObject(handle: Handle, class: u32, information: UserPtr<u8>, length: u32,
                returned: UserPtr<u32>) "tells of an object: counts, name, type, handle flags";
            0x03 NtSetInformationObject(handle: Handle, class: u32, information: UserPtr<u8>, length: u32)
                "sets the flags of a handle";
            0x04 NtMakeTemporaryObject(handle: Handle) "lets the name go with the last handle";
            0x05 NtMakePermanentObject(handle: Handle) "keeps the name without a handle";
            0x06 NtCreateDirectoryObject(directory: UserPtr<Handle>, access: u32,
                attributes: UserPtr<ObjectAttributes>) "makes an object directory";
            0x07 NtOpenDirectoryObject(directory: UserPtr<Handle>, access: u32,
                attributes: UserPtr<ObjectAttributes>) "opens an object directory";
            0x08 NtQueryDirectoryObject(directory: Handle, buffer: UserPtr<u8>, length: u32,
                single: Boolean, restart: Boolean, context: UserPtr<u32>, returned: UserPtr<u32>)
                "lists an object directory";
            0x09 NtCreateSymbolicLinkObject(link: UserPtr<Handle>, access: u32,
                attributes: UserPtr<ObjectAttributes>, target: UserPtr<UnicodeString>)
                "makes a symbolic link";
            0x0A NtOpenSymbolicLinkObject(link: UserPtr<Handle>, access: u32,
                attributes: UserPtr<ObjectAttributes>) "opens a symbolic link itself";
            0x0B NtQuerySymbolicLinkObject(link: Handle, target: UserPtr<UnicodeString>,
                returned: UserPtr<u32>) "tells where a link leads";
            0x0C NtQuerySecurityObject(handle: Handle, information: u32, descriptor: UserPtr<u8>,
                length: u32, needed: UserPtr<u32>) "reads an object's security descriptor";
            0x0D NtSetSecurityObject(handle: Handle, information: u32, descriptor: UserPtr<u8>)
                "changes an object's security descriptor";
            // Ke: waits, dispatcher objects, exceptions, time
            0x0E NtWaitForSingleObject(handle: Handle, alertable: Boolean, timeout: UserPtr<i64>)
                "waits until an object is signalled";
            0x0F NtWaitForMultipleObjects(count: u32, handles: UserPtr<Handle>, wait_type: u32,
                alertable: Boolean, timeout: UserPtr<i64>) "waits for all (0) or any (1) of up to 64 objects";
            0x10 NtSignalAndWaitForSingleObject(signal: Handle, wait: Handle, alertable: Boolean,
                timeout: UserPtr<i64>) "signals one object and waits for another";
            0x11 NtDelayExecution(alertable: Boolean, interval: UserPtr<i64>)
                "waits for a relative (negative) or absolute time in 100 ns";
            0x12 NtYieldExecution() "lets another ready thread run";
            0x13 NtCreateEvent(event: UserPtr<Handle>, access: u32, attributes: UserPtr<ObjectAttributes>,
                event_type: u32, state: Boolean) "makes an event: 0 notification, 1 synchronization";
            0x14 NtOpenEvent(event: UserPtr<Handle>, access: u32, attributes: UserPtr<ObjectAttributes>)
                "opens an event";
            0x15 NtSetEvent(event: Handle, previous: UserPtr<i32>) "signals an event";
            0x16 NtResetEvent(event: Handle, previous: UserPtr<i32>)
                "takes an event's signal away and tells what it was";
            0x17 NtClearEvent(event: Handle) "takes an event's signal away";
            0x18 NtPulseEvent(event: Handle, previous: UserPtr<i32>)
                "releases who waits and takes the signal away again";
            0x19 NtQueryEvent(event: Handle, class: u32, information: UserPtr<u8>, length: u32,
                returned: UserPtr<u32>) "tells type and state of an event";
            0x1A NtCreateSemaphore(semaphore: UserPtr<Handle>, access: u32,
                attributes: UserPtr<ObjectAttributes>, initial: i32, maximum: i32) "makes a semaphore";
            0x1B NtOpenSemaphore(semaphore: UserPtr<Handle>, access: u32,
                attributes: UserPtr<ObjectAttributes>) "opens a semaphore";
            0x1C NtReleaseSemaphore(semaphore: Handle, count: i32, previous: UserPtr<i32>)
                "adds to a semaphore's count";
            0x1D NtQuerySemaphore(semaphore: Handle, class: u32, information: UserPtr<u8>, length: u32,
                returned: UserPtr<u32>) "tells count and limit of a semaphore";
            0x1E NtCreateMutant(mutant: UserPtr<Handle>, access: u32,
                attributes: UserPtr<ObjectAttributes>, owned: Boolean)
                "makes a mutant (a mutex that can be abandoned)";
            0x1F NtOpenMutant(mutant: UserPtr<Handle>, access: u32, attributes: UserPtr<ObjectAttributes>)
                "opens a mutant";
            0x20 NtReleaseMutant(mutant: Handle, previous: UserPtr<i32>) "gives a mutant up";
            0x21 NtQueryMutant(mutant: Handle, class: u32, information: UserPtr<u8>, length: u32,
                returned: UserPtr<u32>) "tells count, owner and abandonment of a mutant";
            0x22 NtCreateTimer(timer: UserPtr<Handle>, access: u32, attributes: UserPtr<ObjectAttributes>,
                timer_type: u32) "makes a timer: 0 notification, 1 synchronization";
            0x23 NtOpenTimer(timer: UserPtr<Handle>, access: u32, attributes: UserPtr<ObjectAttributes>)
                "opens a timer";
            0x24 NtSetTimer(timer: Handle, due: UserPtr<i64>, routine: u64, context: u64, resume: Boolean,
                period: i32, previous: UserPtr<u8>) "starts a timer; the period is in milliseconds";
            0x25 NtCancelTimer(timer: Handle, state: UserPtr<u8>) "stops a timer";
            0x26 NtQueryTimer(timer: Handle, class: u32, information: UserPtr<u8>, length: u32,
                returned: UserPtr<u32>) "tells time left and state of a timer";
            0x27 NtQueryPerformanceCounter(counter: UserPtr<i64>, frequency: UserPtr<i64>)
                "reads the time stamp counter and its frequency in Hz";
            0x28 NtQuerySystemTime(time: UserPtr<i64>) "the time in 100 ns since 1601, UTC";
            0x29 NtContinue(context: UserPtr<Context>, test_alert: Boolean)
                "goes on with the registers of a context";
            0x2A NtRaiseException(record: UserPtr<ExceptionRecord>, context: UserPtr<Context>,
                first_chance: Boolean) "raises an exception for the caller";
            0x2B NtQueueApcThread(thread: Handle, routine: u64, argument1: u64, argument2: u64,
                argument3: u64) "queues a user APC";
            0x2C NtTestAlert() "delivers user APCs and an alert that are pending";
            0x2D NtAlertThread(thread: Handle) "ends a thread's alertable wait";
            0x2E NtAlertResumeThread(thread: Handle, previous: UserPtr<u32>) "alerts a thread and resumes it";
            // Ps: processes and threads
            0x2F NtCreateProcess(process: UserPtr<Handle>, access: u32,
                attributes: UserPtr<ObjectAttributes>, parent: Handle, inherit: Boolean, section: Handle,
                debug_port: Handle, exception_port: Handle)
                "makes a process without a thread out of an image section";
            0x30 NtOpenProcess(process: UserPtr<Handle>, access: u32,
                attributes: UserPtr<ObjectAttributes>, client_id: UserPtr<ClientId>)
                "opens a process by id or name";
            0x31 NtTerminateProcess(process: Handle, status: NtStatus)
                "ends a process (0: the other threads of the caller's own, then -1: itself)";
            0x32 NtSuspendProcess(process: Handle) "suspends all threads of a process";
            0x33 NtResumeProcess(process: Handle) "resumes all threads of a process";
            0x34 NtQueryInformationProcess(process: Handle, class: u32, information: UserPtr<u8>,
                length: u32, returned: UserPtr<u32>) "tells of a process";
            0x35 NtSetInformationProcess(process: Handle, class: u32, information: UserPtr<u8>,
                length: u32) "changes a process";
            0x36 NtCreateThread(thread: UserPtr<Handle>, access: u32,
                attributes: UserPtr<ObjectAttributes>, process: Handle, client_id: UserPtr<ClientId>,
                context: UserPtr<Context>, initial_teb: UserPtr<InitialTeb>, suspended: Boolean)
                "makes a thread that starts with the given context";
            0x37 NtOpenThread(thread: UserPtr<Handle>, access: u32, attributes: UserPtr<ObjectAttributes>,
                client_id: UserPtr<ClientId>) "opens a thread by id";
            0x38 NtTerminateThread(thread: Handle, status: NtStatus) "ends a thread (0 or -2: the caller)";
            0x39 NtSuspendThread(thread: Handle, previous: UserPtr<u32>) "suspends a thread";
            0x3A NtResumeThread(thread: Handle, previous: UserPtr<u32>) "takes one suspension back";
            0x3B NtQueryInformationThread(thread: Handle, class: u32, information: UserPtr<u8>,
                length: u32, returned: UserPtr<u32>) "tells of a thread";
            0x3C NtSetInformationThread(thread: Handle, class: u32, information: UserPtr<u8>, length: u32)
                "changes a thread";
            0x3D NtGetContextThread(thread: Handle, context: UserPtr<Context>) "reads a thread's registers";
            0x3E NtSetContextThread(thread: Handle, context: UserPtr<Context>) "sets a thread's registers";
            0x3F NtImpersonateThread(server: Handle, client: Handle,
                quality: UserPtr<SecurityQualityOfService>) "lets a thread act as another one";
            0x40 NtRegisterThreadTerminatePort(port: Handle)
                "asks for a CLIENT_DIED message at the thread's end";
            // Mm: memory, sections, paging files
            0x41 NtAllocateVirtualMemory(process: Handle, base: UserPtr<u64>, zero_bits: u64,
                size: UserPtr<u64>, allocation_type: u32, protect: u32) "reserves or commits memory";
            0x42 NtFreeVirtualMemory(process: Handle, base: UserPtr<u64>, size: UserPtr<u64>,
                free_type: u32) "decommits or releases memory";
            0x43 NtProtectVirtualMemory(process: Handle, base: UserPtr<u64>, size: UserPtr<u64>,
                protect: u32, previous: UserPtr<u32>) "changes the protection of pages";
            0x44 NtQueryVirtualMemory(process: Handle, address: u64, class: u32, information: UserPtr<u8>,
                length: u64, returned: UserPtr<u64>) "tells what addresses are";
            0x45 NtReadVirtualMemory(process: Handle, address: u64, buffer: UserPtr<u8>, length: u64,
                returned: UserPtr<u64>) "reads another process's memory";
            0x46 NtWriteVirtualMemory(process: Handle, address: u64, buffer: UserPtr<u8>, length: u64,
                returned: UserPtr<u64>) "writes another process's memory";
            0x47 NtLockVirtualMemory(process: Handle, base: UserPtr<u64>, size: UserPtr<u64>, kind: u32)
                "keeps pages in memory";
            0x48 NtUnlockVirtualMemory(process: Handle, base: UserPtr<u64>, size: UserPtr<u64>, kind: u32)
                "lets pages go out again";
            0x49 NtFlushInstructionCache(process: Handle, base: u64, length: u64)
                "makes written code visible to the processor";
            0x4A NtCreateSection(section: UserPtr<Handle>, access: u32,
                attributes: UserPtr<ObjectAttributes>, maximum_size: UserPtr<i64>, protect: u32,
                allocation: u32, file: Handle) "makes a section of a file, an image or the paging file";
            0x4B NtOpenSection(section: UserPtr<Handle>, access: u32,
                attributes: UserPtr<ObjectAttributes>) "opens a section";
            0x4C NtQuerySection(section: Handle, class: u32, information: UserPtr<u8>, length: u64,
                returned: UserPtr<u64>) "tells of a section or its image";
            0x4D NtExtendSection(section: Handle, size: UserPtr<i64>) "makes a section larger";
            0x4E NtMapViewOfSection(section: Handle, process: Handle, base: UserPtr<u64>, zero_bits: u64,
                commit: u64, offset: UserPtr<i64>, size: UserPtr<u64>, inherit: u32, allocation_type: u32,
                protect: u32) "maps a view of a section";
            0x4F NtUnmapViewOfSection(process: Handle, base: u64) "unmaps a view";
            0x50 NtCreatePagingFile(name: UserPtr<UnicodeString>, minimum: UserPtr<i64>,
                maximum: UserPtr<i64>, priority: u32) "makes a paging file";
            // Cm: the registry
            0x51 NtCreateKey(key: UserPtr<Handle>, access: u32, attributes: UserPtr<ObjectAttributes>,
                title_index: u32, class: UserPtr<UnicodeString>, options: u32, disposition: UserPtr<u32>)
                "makes or opens a key";
            0x52 NtOpenKey(key: UserPtr<Handle>, access: u32, attributes: UserPtr<ObjectAttributes>)
                "opens a key";
            0x53 NtDeleteKey(key: Handle) "deletes a key without subkeys";
            0x54 NtEnumerateKey(key: Handle, index: u32, class: u32, information: UserPtr<u8>, length: u32,
                returned: UserPtr<u32>) "tells of a subkey by number";
            0x55 NtEnumerateValueKey(key: Handle, index: u32, class: u32, information: UserPtr<u8>,
                length: u32, returned: UserPtr<u32>) "tells of a value by number";
            0x56 NtQueryKey(key: Handle, class: u32, information: UserPtr<u8>, length: u32,
                returned: UserPtr<u32>) "tells of a key";
            0x57 NtQueryValueKey(key: Handle, name: UserPtr<UnicodeString>, class: u32,
                information: UserPtr<u8>, length: u32, returned: UserPtr<u32>) "reads a value";
            0x58 NtQueryMultipleValueKey(key: Handle, entries: UserPtr<u8>, count: u32,
                buffer: UserPtr<u8>, length: UserPtr<u32>, needed: UserPtr<u32>) "reads several values";
            0x59 NtSetValueKey(key: Handle, name: UserPtr<UnicodeString>, title_index: u32,
                value_type: u32, data: UserPtr<u8>, length: u32) "sets a value";
            0x5A NtDeleteValueKey(key: Handle, name: UserPtr<UnicodeString>) "deletes a value";
            0x5B NtSetInformationKey(key: Handle, class: u32, information: UserPtr<u8>, length: u32)
                "sets a key's last write time";
            0x5C NtFlushKey(key: Handle) "writes a key's hive to its file";
            0x5D NtNotifyChangeKey(key: Handle, event: Handle, routine: u64, context: u64,
                io_status: UserPtr<IoStatusBlock>, filter: u32, subtree: Boolean, buffer: UserPtr<u8>,
                length: u32, asynchronous: Boolean) "tells when a key changes";
            0x5E NtInitializeRegistry(condition: u32) "0 loads the other hives; more: the boot is accepted";
            0x5F NtLoadKey(key: UserPtr<ObjectAttributes>, file: UserPtr<ObjectAttributes>) "loads a hive";
            0x60 NtUnloadKey(key: UserPtr<ObjectAttributes>) "unloads a hive";
            0x61 NtSaveKey(key: Handle, file: Handle) "saves a key as a hive";
            0x62 NtRenameKey(key: Handle, name: UserPtr<UnicodeString>) "renames a key";
            // Lpc: ports
            0x63 NtCreatePort(port: UserPtr<Handle>, attributes: UserPtr<ObjectAttributes>,
                max_connection_info: u32, max_message: u32, max_pool: u32) "makes a port for connections";
            0x64 NtCreateWaitablePort(port: UserPtr<Handle>, attributes: UserPtr<ObjectAttributes>,
                max_connection_info: u32, max_message: u32, max_pool: u32)
                "makes a port that can be waited for";
            0x65 NtListenPort(port: Handle, request: UserPtr<PortMessage>) "waits for a connection request";
            0x66 NtConnectPort(port: UserPtr<Handle>, name: UserPtr<UnicodeString>,
                quality: UserPtr<SecurityQualityOfService>, client_view: UserPtr<PortView>,
                server_view: UserPtr<RemotePortView>, max_message: UserPtr<u32>, information: UserPtr<u8>,
                length: UserPtr<u32>) "connects to a port";
            0x67 NtSecureConnectPort(port: UserPtr<Handle>, name: UserPtr<UnicodeString>,
                quality: UserPtr<SecurityQualityOfService>, client_view: UserPtr<PortView>,
                server_sid: UserPtr<u8>, server_view: UserPtr<RemotePortView>, max_message: UserPtr<u32>,
                information: UserPtr<u8>, length: UserPtr<u32>)
                "connects to a port if its server is who it should be";
            0x68 NtAcceptConnectPort(port: UserPtr<Handle>, context: u64, request: UserPtr<PortMessage>,
                accept: Boolean, server_view: UserPtr<PortView>, client_view: UserPtr<RemotePortView>)
                "accepts or refuses a connection";
            0x69 NtCompleteConnectPort(port: Handle) "lets the client of an accepted connection go on";
            0x6A NtRequestPort(port: Handle, message: UserPtr<PortMessage>) "sends a datagram";
            0x6B NtRequestWaitReplyPort(port: Handle, request: UserPtr<PortMessage>,
                reply: UserPtr<PortMessage>) "sends a request and waits for the reply";
            0x6C NtReplyPort(port: Handle, reply: UserPtr<PortMessage>) "replies to a request";
            0x6D NtReplyWaitReplyPort(port: Handle, reply: UserPtr<PortMessage>)
                "replies and waits for the reply to that";
            0x6E NtReplyWaitReceivePort(port: Handle, context: UserPtr<u64>, reply: UserPtr<PortMessage>,
                message: UserPtr<PortMessage>) "replies, if there is a reply, and waits for the next message";
            0x6F NtReplyWaitReceivePortEx(port: Handle, context: UserPtr<u64>, reply: UserPtr<PortMessage>,
                message: UserPtr<PortMessage>, timeout: UserPtr<i64>) "the same, with a time-out";
            0x70 NtImpersonateClientOfPort(port: Handle, message: UserPtr<PortMessage>)
                "lets the caller act as the sender of a request";
            0x71 NtReadRequestData(port: Handle, message: UserPtr<PortMessage>, index: u32,
                buffer: UserPtr<u8>, length: u64, returned: UserPtr<u64>)
                "reads memory that a request offers";
            0x72 NtWriteRequestData(port: Handle, message: UserPtr<PortMessage>, index: u32,
                buffer: UserPtr<u8>, length: u64, returned: UserPtr<u64>)
                "writes memory that a request offers";
            0x73 NtQueryInformationPort(port: Handle, class: u32, information: UserPtr<u8>, length: u32,
                returned: UserPtr<u32>) "tells of a port";
            // Io: files, devices, drivers
            0x74 NtCreateFile(file: UserPtr<Handle>, access: u32, attributes: UserPtr<ObjectAttributes>,
                io_status: UserPtr<IoStatusBlock>, allocation: UserPtr<i64>, file_attributes: u32,
                share: u32, disposition: u32, options: u32, extended: UserPtr<u8>, extended_length: u32)
                "makes or opens a file or device";
            0x75 NtOpenFile(file: UserPtr<Handle>, access: u32, attributes: UserPtr<ObjectAttributes>,
                io_status: UserPtr<IoStatusBlock>, share: u32, options: u32) "opens a file or device";
            0x76 NtReadFile(file: Handle, event: Handle, routine: u64, context: u64,
                io_status: UserPtr<IoStatusBlock>, buffer: UserPtr<u8>, length: u32, offset: UserPtr<i64>,
                key: UserPtr<u32>) "reads";
            0x77 NtWriteFile(file: Handle, event: Handle, routine: u64, context: u64,
                io_status: UserPtr<IoStatusBlock>, buffer: UserPtr<u8>, length: u32, offset: UserPtr<i64>,
                key: UserPtr<u32>) "writes";
            0x78 NtQueryInformationFile(file: Handle, io_status: UserPtr<IoStatusBlock>,
                information: UserPtr<u8>, length: u32, class: u32) "tells of a file";
            0x79 NtSetInformationFile(file: Handle, io_status: UserPtr<IoStatusBlock>,
                information: UserPtr<u8>, length: u32, class: u32) "changes, renames or deletes a file";
            0x7A NtQueryVolumeInformationFile(file: Handle, io_status: UserPtr<IoStatusBlock>,
                information: UserPtr<u8>, length: u32, class: u32) "tells of a file's volume";
            0x7B NtQueryDirectoryFile(file: Handle, event: Handle, routine: u64, context: u64,
                io_status: UserPtr<IoStatusBlock>, information: UserPtr<u8>, length: u32, class: u32,
                single: Boolean, pattern: UserPtr<UnicodeString>, restart: Boolean) "lists a folder";
            0x7C NtQueryAttributesFile(attributes: UserPtr<ObjectAttributes>, information: UserPtr<u8>)
                "tells times and attributes of a file by name";
            0x7D NtQueryFullAttributesFile(attributes: UserPtr<ObjectAttributes>, information: UserPtr<u8>)
                "the same, with sizes";
            0x7E NtDeleteFile(attributes: UserPtr<ObjectAttributes>) "deletes a file by name";
            0x7F NtFlushBuffersFile(file: Handle, io_status: UserPtr<IoStatusBlock>)
                "writes what is buffered";
            0x80 NtDeviceIoControlFile(file: Handle, event: Handle, routine: u64, context: u64,
                io_status: UserPtr<IoStatusBlock>, code: u32, input: UserPtr<u8>, input_length: u32,
                output: UserPtr<u8>, output_length: u32) "sends a device a control code";
            0x81 NtFsControlFile(file: Handle, event: Handle, routine: u64, context: u64,
                io_status: UserPtr<IoStatusBlock>, code: u32, input: UserPtr<u8>, input_length: u32,
                output: UserPtr<u8>, output_length: u32) "sends a file system a control code";
            0x82 NtCancelIoFile(file: Handle, io_status: UserPtr<IoStatusBlock>)
                "gives pending requests of the caller up";
            0x83 NtLoadDriver(service: UserPtr<UnicodeString>) "loads a driver by its key";
            0x84 NtUnloadDriver(service: UserPtr<UnicodeString>) "unloads a driver";
            // Se: tokens and access
            0x85 NtOpenProcessToken(process: Handle, access: u32, token: UserPtr<Handle>)
                "opens a process's token";
            0x86 NtOpenThreadToken(thread: Handle, access: u32, as_self: Boolean, token: UserPtr<Handle>)
                "opens the token a thread impersonates with";
            0x87 NtDuplicateToken(token: Handle, access: u32, attributes: UserPtr<ObjectAttributes>,
                effective_only: Boolean, token_type: u32, new_token: UserPtr<Handle>) "copies a token";
            0x88 NtQueryInformationToken(token: Handle, class: u32, information: UserPtr<u8>, length: u32,
                returned: UserPtr<u32>) "tells of a token";
            0x89 NtSetInformationToken(token: Handle, class: u32, information: UserPtr<u8>, length: u32)
                "changes a token";
            0x8A NtAdjustPrivilegesToken(token: Handle, disable_all: Boolean, new_state: UserPtr<u8>,
                length: u32, previous: UserPtr<u8>, returned: UserPtr<u32>) "enables and disables privileges";
            0x8B NtAdjustGroupsToken(token: Handle, reset: Boolean, new_state: UserPtr<u8>, length: u32,
                previous: UserPtr<u8>, returned: UserPtr<u32>) "enables and disables groups";
            0x8C NtCreateToken(token: UserPtr<Handle>, access: u32, attributes: UserPtr<ObjectAttributes>,
                token_type: u32, authentication_id: UserPtr<u64>, expiration: UserPtr<i64>,
                user: UserPtr<u8>, groups: UserPtr<u8>, privileges: UserPtr<u8>, owner: UserPtr<u8>,
                primary_group: UserPtr<u8>, default_dacl: UserPtr<u8>, source: UserPtr<u8>) "makes a token";
            0x8D NtAccessCheck(descriptor: UserPtr<u8>, token: Handle, access: u32, mapping: UserPtr<u8>,
                privileges: UserPtr<u8>, privileges_length: UserPtr<u32>, granted: UserPtr<u32>,
                status: UserPtr<u32>) "checks access against a security descriptor";
            0x8E NtPrivilegeCheck(token: Handle, privileges: UserPtr<u8>, result: UserPtr<u8>)
                "tells whether privileges are enabled";
            0x8F NtAllocateLocallyUniqueId(luid: UserPtr<u64>) "a number that nobody gets again";
            // Ex, Po, Kd: the system
            0x90 NtQuerySystemInformation(class: u32, information: UserPtr<u8>, length: u32,
                returned: UserPtr<u32>) "tells of the system: processes, processor, flags";
            0x91 NtSetSystemInformation(class: u32, information: UserPtr<u8>, length: u32)
                "changes the system: loads win32k, makes sessions";
            0x92 NtRaiseHardError(status: NtStatus, count: u32, string_mask: u32, parameters: UserPtr<u64>,
                options: u32, response: UserPtr<u32>) "reports a hard error";
            0x93 NtSetDefaultHardErrorPort(port: Handle) "who shows hard errors";
            0x94 NtQueryDefaultLocale(user: Boolean, locale: UserPtr<u32>) "the locale's number";
            0x95 NtSetDefaultLocale(user: Boolean, locale: u32) "sets the locale";
            0x96 NtSetSystemTime(time: UserPtr<i64>, previous: UserPtr<i64>) "sets the clock";
            0x97 NtDisplayString(string: UserPtr<UnicodeString>) "writes text to the boot screen";
            0x98 NtTraceEvent(trace: Handle, flags: u32, size: u32, fields: UserPtr<TraceFields>)
                "records a boot event";
            0x99 NtShutdownSystem(action: u32) "0 halts, 1 reboots, 2 powers off";
            0x9A NtFlushVirtualMemory(process: Handle, base: UserPtr<u64>, size: UserPtr<u64>,
                io_status: UserPtr<IoStatusBlock>) "writes what was changed in a view to its file";
        }
    };
}

/// The types that the table names, for whoever calls [`for_each_service!`](crate::for_each_service).
pub mod args {
    pub use crate::NtStatus;
    pub use crate::lpc::{PortMessage, PortView, RemotePortView, SecurityQualityOfService};
    pub use crate::types::{
        Boolean, ClientId, Context, ExceptionRecord, Handle, InitialTeb, IoStatusBlock, ObjectAttributes,
        TraceFields, UnicodeString, UserPtr,
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

/// The name of a service number, when there is such a service, of the kernel's or win32k's.
pub fn name(number: u32) -> Option<&'static str> {
    SERVICES.get(number as usize).map(|service| service.name).or_else(|| crate::win32k::name(number))
}

/// What a pointer argument points to, by the name of its type in [`Service::args`]; nothing for other types.
pub fn pointee(kind: &str) -> Option<&str> {
    // How many blanks there are is the compiler's business.
    Some(kind.strip_prefix("UserPtr")?.trim().strip_prefix('<')?.strip_suffix('>')?.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointees_are_found() {
        let (name, kind) = SERVICES[6].args[0];
        assert_eq!((name, pointee(kind)), ("directory", Some("Handle")));
        assert_eq!(pointee("Handle"), None);
        let kinds = SERVICES.iter().flat_map(|service| service.args).map(|&(_, kind)| kind);
        assert!(kinds.filter(|kind| kind.contains("Ptr")).all(|kind| pointee(kind).is_some()));
    }

    #[test]
    fn numbers_are_positions() {
        for (position, service) in SERVICES.iter().enumerate() {
            assert_eq!(service.number as usize, position, "{}", service.name);
        }
        assert_eq!(name(0), Some("NtClose"));
        assert_eq!(name(SERVICES.len() as u32), None);
    }
}
