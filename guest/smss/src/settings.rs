//! What the registry says, for the steps that come after the pass over it (spec/smss.md 1.3 step 3).

use alloc::vec::Vec;

use smgrammar::{List, Rename};

/// Everything that is remembered.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Descriptors protect base objects: bit 0 of `ProtectionMode`.
    pub protected: bool,
    /// `AllowProtectedRenames`.
    pub allow_protected_renames: bool,
    /// Lines of `BootExecute`.
    pub boot_execute: List,
    /// Lines of `SetupExecute`.
    pub setup_execute: List,
    /// `PendingFileRenameOperations`, and behind them those of `…2`.
    pub renames: Vec<Rename>,
    /// Names in `ExcludeFromKnownDlls`.
    pub excluded_dlls: List,
    /// Lines of `PagingFiles`.
    pub paging_files: List,
    /// `DOS Devices`: names and targets.
    pub dos_devices: List,
    /// `DllDirectory` of `KnownDlls`, expanded.
    pub dll_directory: Option<Vec<u16>>,
    /// `KnownDlls`: names and files.
    pub known_dlls: List,
    /// Subsystems that are neither required nor optional, and `Kmode`: names and command lines.
    pub subsystems: List,
    /// Subsystems that `Required` names, in its order, and `Debug` with its empty line.
    pub required: List,
    /// Subsystems that `Optional` names: started when somebody asks.
    pub deferred: List,
    /// `PosixSingleInstance` is there, whatever it says (spec/smss.md 2.7).
    pub posix_single_instance: bool,
    /// Lines of `Execute`.
    pub execute: List,
}
