//! LUIDs and privileges.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// LUID: a number that is not given twice between two boots.
#[repr(C)]
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, FromBytes, IntoBytes, Immutable, KnownLayout,
)]
pub struct Luid {
    /// Lower half.
    pub low: u32,
    /// Upper half. Windows calls it signed.
    pub high: u32,
}

impl Luid {
    /// Logon session of the system.
    pub const SYSTEM: Self = Self::new(0x3E7);
    /// Logon session of nobody.
    pub const ANONYMOUS_LOGON: Self = Self::new(0x3E6);
    /// Logon session of LocalService.
    pub const LOCAL_SERVICE: Self = Self::new(0x3E5);
    /// Logon session of NetworkService.
    pub const NETWORK_SERVICE: Self = Self::new(0x3E4);
    /// The first that `NtAllocateLocallyUniqueId` gives; those below are given to logon sessions and privileges.
    pub const FIRST: Self = Self::new(1001);

    /// The LUID of a number.
    pub const fn new(number: u64) -> Self {
        Self { low: number as u32, high: (number >> 32) as u32 }
    }

    /// The number.
    pub const fn number(self) -> u64 {
        self.low as u64 | (self.high as u64) << 32
    }
}

/// LUID_AND_ATTRIBUTES.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct LuidAndAttributes {
    /// The privilege.
    pub luid: Luid,
    /// Of [`privilege_attributes`].
    pub attributes: u32,
}

/// PRIVILEGE_SET: its header; [`LuidAndAttributes`] values follow.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct PrivilegeSetHeader {
    /// How many.
    pub count: u32,
    /// [`PRIVILEGE_SET_ALL_NECESSARY`] or 0.
    pub control: u32,
}

/// All privileges of the set are needed, not one of them.
pub const PRIVILEGE_SET_ALL_NECESSARY: u32 = 1;

/// Attributes of privileges.
pub mod privilege_attributes {
    /// Enabled unless it is disabled.
    pub const ENABLED_BY_DEFAULT: u32 = 1;
    /// Enabled.
    pub const ENABLED: u32 = 2;
    /// Asks that it be taken from the token for good.
    pub const REMOVED: u32 = 4;
    /// It was what gave access.
    pub const USED_FOR_ACCESS: u32 = 0x8000_0000;
}

macro_rules! privileges {
    ($($(#[$doc:meta])* $constant:ident = $number:literal $name:literal;)*) => {
        /// Numbers of the privileges: the lower half of their LUIDs, the upper is 0.
        pub mod privilege {
            $($(#[$doc])* pub const $constant: u32 = $number;)*
            /// The lowest.
            pub const MIN: u32 = CREATE_TOKEN;
            /// The highest.
            pub const MAX: u32 = CREATE_SYMBOLIC_LINK;
        }

        /// The name that programs know a privilege by.
        pub const fn privilege_name(number: u32) -> Option<&'static str> {
            match number {
                $($number => Some($name),)*
                _ => None,
            }
        }
    };
}

privileges! {
    /// Make tokens.
    CREATE_TOKEN = 2 "SeCreateTokenPrivilege";
    /// Give a process its token.
    ASSIGN_PRIMARY_TOKEN = 3 "SeAssignPrimaryTokenPrivilege";
    /// Lock pages in memory.
    LOCK_MEMORY = 4 "SeLockMemoryPrivilege";
    /// Raise quotas.
    INCREASE_QUOTA = 5 "SeIncreaseQuotaPrivilege";
    /// Make accounts of machines.
    MACHINE_ACCOUNT = 6 "SeMachineAccountPrivilege";
    /// Act as part of the system.
    TCB = 7 "SeTcbPrivilege";
    /// Audit: ACCESS_SYSTEM_SECURITY to everything.
    SECURITY = 8 "SeSecurityPrivilege";
    /// WRITE_OWNER to everything.
    TAKE_OWNERSHIP = 9 "SeTakeOwnershipPrivilege";
    /// Load drivers.
    LOAD_DRIVER = 10 "SeLoadDriverPrivilege";
    /// Profile the system.
    SYSTEM_PROFILE = 11 "SeSystemProfilePrivilege";
    /// Set the clock.
    SYSTEMTIME = 12 "SeSystemtimePrivilege";
    /// Profile a process.
    PROFILE_SINGLE_PROCESS = 13 "SeProfileSingleProcessPrivilege";
    /// Raise priorities.
    INCREASE_BASE_PRIORITY = 14 "SeIncreaseBasePriorityPrivilege";
    /// Make paging files.
    CREATE_PAGEFILE = 15 "SeCreatePagefilePrivilege";
    /// Make permanent objects.
    CREATE_PERMANENT = 16 "SeCreatePermanentPrivilege";
    /// Read everything.
    BACKUP = 17 "SeBackupPrivilege";
    /// Write everything, make anybody an owner.
    RESTORE = 18 "SeRestorePrivilege";
    /// Shut down.
    SHUTDOWN = 19 "SeShutdownPrivilege";
    /// Debug everything.
    DEBUG = 20 "SeDebugPrivilege";
    /// Write the audit log.
    AUDIT = 21 "SeAuditPrivilege";
    /// Change firmware variables.
    SYSTEM_ENVIRONMENT = 22 "SeSystemEnvironmentPrivilege";
    /// Go through directories without the right to.
    CHANGE_NOTIFY = 23 "SeChangeNotifyPrivilege";
    /// Shut down from another machine.
    REMOTE_SHUTDOWN = 24 "SeRemoteShutdownPrivilege";
    /// Undock.
    UNDOCK = 25 "SeUndockPrivilege";
    /// Synchronise a directory service.
    SYNC_AGENT = 26 "SeSyncAgentPrivilege";
    /// Allow delegation.
    ENABLE_DELEGATION = 27 "SeEnableDelegationPrivilege";
    /// Maintain volumes.
    MANAGE_VOLUME = 28 "SeManageVolumePrivilege";
    /// Act as a client.
    IMPERSONATE = 29 "SeImpersonatePrivilege";
    /// Make global objects from another session.
    CREATE_GLOBAL = 30 "SeCreateGlobalPrivilege";
    /// Use the credential manager as a trusted caller.
    TRUSTED_CREDMAN_ACCESS = 31 "SeTrustedCredManAccessPrivilege";
    /// Change integrity labels.
    RELABEL = 32 "SeRelabelPrivilege";
    /// Raise working sets.
    INCREASE_WORKING_SET = 33 "SeIncreaseWorkingSetPrivilege";
    /// Set the time zone.
    TIME_ZONE = 34 "SeTimeZonePrivilege";
    /// Make symbolic links.
    CREATE_SYMBOLIC_LINK = 35 "SeCreateSymbolicLinkPrivilege";
}

const _: () = {
    assert!(size_of::<Luid>() == 8 && align_of::<Luid>() == 4);
    assert!(size_of::<LuidAndAttributes>() == 12 && size_of::<PrivilegeSetHeader>() == 8);
    assert!(privilege::MAX < 64, "a set of privileges is a u64");
};
