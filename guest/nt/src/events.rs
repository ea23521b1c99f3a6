//! Boot events: their ids in the trace ring, their names in every output, and what their arguments
//! mean. Session manager steps carry the names of Windows' own provider
//! Microsoft-Windows-Subsys-SMSS where it has one.

/// How an argument is to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgKind {
    /// A decimal number.
    Dec,
    /// A hexadecimal number.
    Hex,
    /// An NTSTATUS.
    Status,
}

/// One numeric argument of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arg {
    /// Its name in JSON.
    pub name: &'static str,
    /// How to show it.
    pub kind: ArgKind,
}

/// The description of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Id in the trace ring.
    pub id: u16,
    /// Name in every output.
    pub name: &'static str,
    /// Name of the text argument, if the event carries text.
    pub text: Option<&'static str>,
    /// The numeric arguments, at most two.
    pub args: &'static [Arg],
}

const fn first(texts: &[Option<&'static str>]) -> Option<&'static str> {
    texts[0]
}

macro_rules! events {
    ($($(#[$doc:meta])* $ident:ident = $id:literal $name:literal
        $(text $text:literal)? $(args [$($arg:literal: $kind:ident),+])?;)*) => {
        $($(#[$doc])* pub const $ident: u16 = $id;)*

        /// Every event, in order of id.
        pub static EVENTS: &[Event] = &[
            $(Event {
                id: $id,
                name: $name,
                text: first(&[$(Some($text),)? None]),
                args: &[$($(Arg { name: $arg, kind: ArgKind::$kind }),+)?],
            },)*
        ];
    };
}

events! {
    /// First instruction of the kernel's PVH entry.
    KE_ENTRY = 0x001 "Ke.Entry";
    /// Phase 0: processor, memory, traps, with interrupts off.
    KE_PHASE0 = 0x002 "Ke.Phase0";
    /// Descriptor tables, control registers, system-call set-up.
    KE_PROCESSOR = 0x003 "Ke.Processor";
    /// PFN database and pool.
    MM_INIT = 0x004 "Mm.Init" args ["pages": Dec, "free": Dec];
    /// Phase 1: timer, drivers, first process.
    KE_PHASE1 = 0x005 "Ke.Phase1";
    /// Local APIC and its timer.
    KE_CLOCK = 0x006 "Ke.Clock" args ["tsc_khz": Dec, "apic_khz": Dec];
    /// The kernel goes idle for the first time.
    KE_IDLE = 0x007 "Ke.Idle";
    /// A process was created.
    PS_PROCESS_CREATE = 0x010 "Ps.ProcessCreate" text "image" args ["id": Dec];
    /// A process ended.
    PS_PROCESS_EXIT = 0x011 "Ps.ProcessExit" text "image" args ["id": Dec, "status": Status];
    /// A thread was created.
    PS_THREAD_CREATE = 0x012 "Ps.ThreadCreate" args ["id": Dec];
    /// A thread ended.
    PS_THREAD_EXIT = 0x013 "Ps.ThreadExit" args ["id": Dec, "status": Status];
    /// An exception in user mode that nobody handled.
    PS_EXCEPTION = 0x014 "Ps.UnhandledException" args ["status": Status, "address": Hex];
    /// The system stops.
    EX_BUGCHECK = 0x020 "Ex.Bugcheck" args ["code": Hex, "p1": Hex];
    /// The system is being shut down.
    PO_SHUTDOWN = 0x021 "Po.Shutdown" args ["action": Dec];
    /// Nothing: recorded in a row to measure what an event costs.
    KD_CALIBRATE = 0x022 "Kd.Calibrate" args ["n": Dec];
    /// Text that a program has for the debugger, in pieces.
    KD_DEBUG_PRINT = 0x023 "Kd.DebugPrint" text "text";
    /// The session manager's own start.
    SMSS_START = 0x100 "Smss.Start";
    /// A program is started.
    SMSS_EXECUTE_IMAGE = 0x101 "Smss.ExecuteImage" text "image";
    /// `NtInitializeRegistry` and what follows from it.
    SMSS_INITIALIZE_REGISTRY = 0x102 "Smss.InitializeRegistry";
    /// The lines of `SetupExecute`.
    SMSS_SETUP_EXECUTE_LIST = 0x103 "Smss.SetupExecuteList";
    /// The lines of `BootExecute`.
    SMSS_BOOT_EXECUTE_LIST = 0x104 "Smss.BootExecuteList";
    /// Pending renames and deletes.
    SMSS_PROCESS_FILE_RENAMES = 0x105 "Smss.ProcessFileRenames";
    /// One rename or delete.
    SMSS_FILE_RENAME = 0x106 "Smss.FileRename" text "file" args ["status": Status];
    /// A subsystem is started.
    SMSS_LOAD_SUBSYSTEM = 0x107 "Smss.LoadSubsystem" text "name";
    /// The sections of `\KnownDlls`.
    SMSS_INITIALIZE_KNOWN_DLLS = 0x108 "Smss.InitializeKnownDlls";
    /// The environment variables.
    SMSS_ENVIRONMENT = 0x110 "Smss.Environment";
    /// All DOS device mappings.
    SMSS_DOS_DEVICES = 0x111 "Smss.DosDevices";
    /// One DOS device mapping.
    SMSS_DOS_DEVICE = 0x112 "Smss.DosDevice" text "name" args ["status": Status];
    /// All paging files.
    SMSS_PAGING_FILES = 0x113 "Smss.PagingFiles";
    /// One paging file.
    SMSS_PAGING_FILE = 0x114 "Smss.PagingFile" text "name" args ["min": Dec, "max": Dec];
    /// win32k.sys is loaded into the kernel.
    SMSS_WIN32K = 0x115 "Smss.Win32k" args ["status": Status];
    /// The boot is done: the initial command runs.
    SMSS_SESSION_READY = 0x116 "Smss.SessionReady";
    /// One of the processes that the session manager waits for has ended.
    SMSS_WAIT_SATISFIED = 0x117 "Smss.WaitSatisfied" args ["handle": Dec, "status": Status];
    /// Something that the session manager passes over because it fails.
    SMSS_SKIPPED = 0x118 "Smss.Skipped" text "name" args ["status": Status];
    /// A section of `\KnownDlls`.
    SMSS_KNOWN_DLL = 0x119 "Smss.KnownDll" text "name";
    /// Variables of the processor are written to the registry.
    SMSS_VARIABLES = 0x11A "Smss.Variables";
    /// The letter of the system partition is looked for.
    SMSS_BOOT_DIR = 0x11B "Smss.BootDir";
    /// Required subsystems.
    SMSS_SUBSYSTEMS = 0x11C "Smss.Subsystems";
    /// The logon process, until a user can be logged on.
    WINLOGON_INIT = 0x120 "Winlogon.Init";
    /// The user's shell is started.
    WINLOGON_SHELL = 0x121 "Winlogon.Shell" text "image" args ["status": Status];
    /// The logon process has ended the user's processes and shuts the system down.
    WINLOGON_SHUTDOWN = 0x122 "Winlogon.Shutdown" args ["action": Dec, "ended": Dec];
}

/// Ids from here on are system calls: this plus the service number.
pub const SYSTEM_CALL_BASE: u16 = 0x8000;

/// The description of an event id, when it is in the table.
pub fn by_id(id: u16) -> Option<&'static Event> {
    EVENTS.binary_search_by_key(&id, |event| event.id).ok().map(|index| &EVENTS[index])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_sorted_and_every_event_is_found() {
        assert!(EVENTS.is_sorted_by(|a, b| a.id < b.id));
        for event in EVENTS {
            assert_eq!(by_id(event.id), Some(event));
            assert!(event.args.len() <= 2, "{}", event.name);
            assert!(event.id < SYSTEM_CALL_BASE);
        }
        assert_eq!(by_id(0xFFF), None);
    }
}
