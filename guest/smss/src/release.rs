//! What differs between releases of NT, as data: the steps, their order, and which failures stop the system
//! (spec/smss.md 1.1–1.4, 1.5).

use nt::events;

use crate::init::{NT3_VALUES, NT5_VALUES, Row};

/// A step of the initialisation; spec/smss.md 1.3 has their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// 1: `\SmApiPort` and its threads.
    Port,
    /// 1: `\Device\VolumesSafeForWriteAccess`.
    VolumesSafe,
    /// 2, 3: the environment and the one pass over the registry.
    Registry,
    /// 4: links in `\??`.
    DosDevices,
    /// 5: `\Sessions`.
    Sessions,
    /// 6: programs that run before anything else.
    BootExecute,
    /// 7: files to rename and delete.
    Renames,
    /// 8: sections of DLLs.
    KnownDlls,
    /// 9: paging files.
    PagingFiles,
    /// 10: the other hives.
    InitializeRegistry,
    /// 11: variables of the processor.
    Variables,
    /// 12: the letter of the system partition.
    BootDir,
    /// 13: programs of the set-up.
    SetupExecute,
    /// 14: win32k.sys.
    Kmode,
    /// 15: required subsystems.
    Subsystems,
    /// 16: programs of `Execute`, and the choice of the initial command.
    InitialCommand,
    /// 17: volumes are safe to write to.
    SignalVolumesSafe,
}

/// A step in a release's list.
#[derive(Clone, Copy, Debug)]
pub struct Stage {
    /// What is done.
    pub step: Step,
    /// Its boot event.
    pub event: Option<u16>,
    /// Whether its failure stops the system; else it is passed over.
    pub fatal: bool,
}

/// A release's own ways.
#[derive(Clone, Copy, Debug)]
pub struct Release {
    /// What is done, in order.
    pub stages: &'static [Stage],
    /// The values of the one pass over the registry, in order.
    pub values: &'static [Row],
    /// The session manager and its main thread are critical: XP and later.
    pub critical: bool,
}

const fn must(step: Step, event: Option<u16>) -> Stage {
    Stage { step, event, fatal: true }
}

const fn may(step: Step, event: Option<u16>) -> Stage {
    Stage { step, event, fatal: false }
}

const PORT: Stage = must(Step::Port, None);
const VOLUMES_SAFE: Stage = must(Step::VolumesSafe, None);
const REGISTRY: Stage = must(Step::Registry, Some(events::SMSS_ENVIRONMENT));
const DOS_DEVICES: Stage = must(Step::DosDevices, Some(events::SMSS_DOS_DEVICES));
const SESSIONS: Stage = must(Step::Sessions, None);
const BOOT_EXECUTE: Stage = may(Step::BootExecute, Some(events::SMSS_BOOT_EXECUTE_LIST));
const RENAMES: Stage = may(Step::Renames, Some(events::SMSS_PROCESS_FILE_RENAMES));
const KNOWN_DLLS: Stage = must(Step::KnownDlls, Some(events::SMSS_INITIALIZE_KNOWN_DLLS));
const PAGING_FILES: Stage = may(Step::PagingFiles, Some(events::SMSS_PAGING_FILES));
const INITIALIZE_REGISTRY: Stage = may(Step::InitializeRegistry, Some(events::SMSS_INITIALIZE_REGISTRY));
const VARIABLES: Stage = must(Step::Variables, Some(events::SMSS_VARIABLES));
const BOOT_DIR: Stage = may(Step::BootDir, Some(events::SMSS_BOOT_DIR));
const SETUP_EXECUTE: Stage = may(Step::SetupExecute, Some(events::SMSS_SETUP_EXECUTE_LIST));
const KMODE: Stage = must(Step::Kmode, Some(events::SMSS_WIN32K));
const SUBSYSTEMS: Stage = must(Step::Subsystems, Some(events::SMSS_SUBSYSTEMS));
const INITIAL_COMMAND: Stage = must(Step::InitialCommand, None);
const SIGNAL_VOLUMES_SAFE: Stage = may(Step::SignalVolumesSafe, None);

/// NT 3.x has neither win32k.sys nor critical processes; no list of its steps is known (spec/smss.md 1.1).
const NT3: Release = Release {
    stages: &[
        PORT,
        REGISTRY,
        DOS_DEVICES,
        BOOT_EXECUTE,
        RENAMES,
        KNOWN_DLLS,
        PAGING_FILES,
        INITIALIZE_REGISTRY,
        VARIABLES,
        BOOT_DIR,
        SETUP_EXECUTE,
        SUBSYSTEMS,
        INITIAL_COMMAND,
    ],
    values: NT3_VALUES,
    critical: false,
};

/// NT 4 has win32k.sys, and neither sessions nor critical processes (spec/smss.md 1.2).
const NT4: Release = Release {
    stages: &[
        PORT,
        REGISTRY,
        DOS_DEVICES,
        BOOT_EXECUTE,
        RENAMES,
        KNOWN_DLLS,
        PAGING_FILES,
        INITIALIZE_REGISTRY,
        VARIABLES,
        BOOT_DIR,
        SETUP_EXECUTE,
        KMODE,
        SUBSYSTEMS,
        INITIAL_COMMAND,
    ],
    values: NT5_VALUES,
    critical: false,
};

/// 2000, XP, 2003 (spec/smss.md 1.3).
const NT5: Release = Release {
    stages: &[
        PORT,
        VOLUMES_SAFE,
        REGISTRY,
        DOS_DEVICES,
        SESSIONS,
        BOOT_EXECUTE,
        RENAMES,
        KNOWN_DLLS,
        PAGING_FILES,
        INITIALIZE_REGISTRY,
        VARIABLES,
        BOOT_DIR,
        SETUP_EXECUTE,
        KMODE,
        SUBSYSTEMS,
        INITIAL_COMMAND,
        SIGNAL_VOLUMES_SAFE,
    ],
    values: NT5_VALUES,
    critical: true,
};

/// Vista, 7: the known DLLs come behind the set-up's programs (spec/smss.md 1.4).
const NT6: Release = Release {
    stages: &[
        PORT,
        VOLUMES_SAFE,
        REGISTRY,
        DOS_DEVICES,
        SESSIONS,
        BOOT_EXECUTE,
        RENAMES,
        PAGING_FILES,
        INITIALIZE_REGISTRY,
        VARIABLES,
        BOOT_DIR,
        SETUP_EXECUTE,
        KNOWN_DLLS,
        KMODE,
        SUBSYSTEMS,
        INITIAL_COMMAND,
        SIGNAL_VOLUMES_SAFE,
    ],
    values: NT5_VALUES,
    critical: true,
};

impl Release {
    /// The ways of a major version; unknown ones go those of the 2000/XP/2003 family.
    pub fn of(major: u32) -> &'static Self {
        match major {
            3 => &NT3,
            4 => &NT4,
            6 => &NT6,
            _ => &NT5,
        }
    }
}
