//! The values that the session manager reads, as data: the order of the table is the order of effects (spec/smss.md
//! 1.3 step 3).

use nt::wide;

/// The key that a value is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The session manager's own.
    Own,
    /// A subkey of it.
    Below(&'static [u16]),
}

/// What is taken when a value is not there.
#[derive(Clone, Copy, Debug)]
pub enum Default {
    /// Nothing: the value is skipped.
    Skip,
    /// A REG_DWORD.
    Number(u32),
    /// Strings, as of a REG_MULTI_SZ.
    Strings(&'static [&'static [u16]]),
}

/// What a value is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// How base objects are protected.
    ProtectionMode,
    /// Whether renames of protected files are allowed.
    AllowProtectedRenames,
    /// An object directory, made at once.
    ObjectDirectory,
    /// A line of BootExecute.
    BootExecute,
    /// A line of SetupExecute.
    SetupExecute,
    /// Pairs of files.
    Renames,
    /// A name that is not to be a known DLL.
    ExcludedDll,
    /// A line of PagingFiles.
    PagingFile,
    /// A link in `\??`.
    DosDevice,
    /// A known DLL, or where they are.
    KnownDll,
    /// A variable of the default environment, set at once.
    Environment,
    /// A subsystem's command line.
    Subsystem,
    /// Names of subsystems to start.
    Required,
    /// Names of subsystems to start later.
    Optional,
    /// A line of Execute.
    Execute,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Where the value is.
    pub place: Place,
    /// Its name; none: every value of the key.
    pub name: Option<&'static [u16]>,
    /// What it is when it is not there.
    pub default: Default,
    /// What it is for.
    pub usage: Use,
}

const fn named(place: Place, name: &'static [u16], default: Default, usage: Use) -> Row {
    Row { place, name: Some(name), default, usage }
}

const fn every(place: Place, usage: Use) -> Row {
    Row { place, name: None, default: Default::Skip, usage }
}

const SUBSYSTEMS: Place = Place::Below(wide!("SubSystems"));
const PROTECTION_MODE: Row =
    named(Place::Own, wide!("ProtectionMode"), Default::Number(1), Use::ProtectionMode);
const SETUP_EXECUTE: Row = named(Place::Own, wide!("SetupExecute"), Default::Skip, Use::SetupExecute);
const RENAMES: Row = named(Place::Own, wide!("PendingFileRenameOperations"), Default::Skip, Use::Renames);
const RENAMES_2: Row = named(Place::Own, wide!("PendingFileRenameOperations2"), Default::Skip, Use::Renames);
const PAGING_FILES: Row = named(
    Place::Below(wide!("Memory Management")),
    wide!("PagingFiles"),
    Default::Strings(&[wide!(r"?:\pagefile.sys")]),
    Use::PagingFile,
);
const DOS_DEVICES: Row = every(Place::Below(wide!("DOS Devices")), Use::DosDevice);
const KNOWN_DLLS: Row = every(Place::Below(wide!("KnownDlls")), Use::KnownDll);
const ENVIRONMENT: Row = every(Place::Below(wide!("Environment")), Use::Environment);
const EXECUTE: Row = named(Place::Own, wide!("Execute"), Default::Skip, Use::Execute);
const ALL_SUBSYSTEMS: Row = every(SUBSYSTEMS, Use::Subsystem);
const REQUIRED: Row = named(
    SUBSYSTEMS,
    wide!("Required"),
    Default::Strings(&[wide!("Debug"), wide!("Windows")]),
    Use::Required,
);
const OPTIONAL: Row = named(SUBSYSTEMS, wide!("Optional"), Default::Skip, Use::Optional);

/// NT 3.x: `\DosDevices` is an object directory like the others (spec/smss.md 1.1).
pub static NT3: &[Row] = &[
    named(
        Place::Own,
        wide!("ObjectDirectories"),
        Default::Strings(&[wide!(r"\DosDevices"), wide!(r"\Windows"), wide!(r"\RPC Control")]),
        Use::ObjectDirectory,
    ),
    named(
        Place::Own,
        wide!("BootExecute"),
        Default::Strings(&[wide!("autocheck autochk *")]),
        Use::BootExecute,
    ),
    SETUP_EXECUTE,
    RENAMES,
    PAGING_FILES,
    DOS_DEVICES,
    KNOWN_DLLS,
    ENVIRONMENT,
    ALL_SUBSYSTEMS,
    REQUIRED,
    OPTIONAL,
    EXECUTE,
];

/// 2000, XP, 2003, and what is taken for those around them.
pub static NT5: &[Row] = &[
    PROTECTION_MODE,
    named(Place::Own, wide!("AllowProtectedRenames"), Default::Number(0), Use::AllowProtectedRenames),
    named(
        Place::Own,
        wide!("ObjectDirectories"),
        Default::Strings(&[wide!(r"\Windows"), wide!(r"\RPC Control")]),
        Use::ObjectDirectory,
    ),
    named(
        Place::Own,
        wide!("BootExecute"),
        Default::Strings(&[wide!("autocheck AutoChk.exe *")]),
        Use::BootExecute,
    ),
    SETUP_EXECUTE,
    RENAMES,
    RENAMES_2,
    named(Place::Own, wide!("ExcludeFromKnownDlls"), Default::Skip, Use::ExcludedDll),
    PAGING_FILES,
    DOS_DEVICES,
    KNOWN_DLLS,
    ENVIRONMENT,
    ALL_SUBSYSTEMS,
    REQUIRED,
    OPTIONAL,
    EXECUTE,
];

impl Use {
    /// One-shot values: deleted as soon as they have been read.
    pub const fn is_deleted(self) -> bool {
        matches!(self, Self::AllowProtectedRenames | Self::Renames)
    }

    /// Values that are handed over whole, where other lists come string by string.
    pub const fn is_whole(self) -> bool {
        matches!(self, Self::Renames | Self::Required | Self::Optional)
    }
}
