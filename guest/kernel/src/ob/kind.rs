//! What is fixed for each type of object: its name, what the generic access rights mean to it, and whether it has a
//! security descriptor without having a name.
//! Source: phnt's names of object types; Microsoft's documentation of access rights (`nt::security`).

use nt::security::{
    DIRECTORY_MAPPING, EVENT_MAPPING, FILE_MAPPING, GenericMapping, KEY_MAPPING, MUTANT_MAPPING,
    PORT_MAPPING, PROCESS_MAPPING, SECTION_MAPPING, SEMAPHORE_MAPPING, SYMBOLIC_LINK_MAPPING, THREAD_MAPPING,
    TIMER_MAPPING, TOKEN_MAPPING,
};
pub use nt::security::{GENERIC_ALL, MAXIMUM_ALLOWED};
use nt::win32k::access::{DESKTOP_MAPPING, WINDOW_STATION_MAPPING};

use super::body::Kind;

/// What a type is called and how its rights go together.
#[derive(Debug)]
pub struct TypeInfo {
    /// The type's name, as `NtQueryObject` and `\ObjectTypes` have it.
    pub name: &'static str,
    /// Generic rights in specific and standard ones.
    pub mapping: &'static GenericMapping,
    /// Whether an object without name has a descriptor too (SecurityRequired).
    pub is_always_secured: bool,
}

/// A type whose objects have a descriptor only if they have a name.
const fn info(name: &'static str, mapping: &'static GenericMapping) -> TypeInfo {
    TypeInfo { name, mapping, is_always_secured: false }
}

/// A type whose objects always have a descriptor.
const fn secured(name: &'static str, mapping: &'static GenericMapping) -> TypeInfo {
    TypeInfo { name, mapping, is_always_secured: true }
}

impl Kind {
    /// What is fixed for the type.
    pub const fn info(self) -> &'static TypeInfo {
        match self {
            Self::Directory => const { &info("Directory", &DIRECTORY_MAPPING) },
            Self::SymbolicLink => const { &info("SymbolicLink", &SYMBOLIC_LINK_MAPPING) },
            Self::Process => const { &secured("Process", &PROCESS_MAPPING) },
            Self::Thread => const { &secured("Thread", &THREAD_MAPPING) },
            Self::Device => const { &info("Device", &FILE_MAPPING) },
            Self::Driver => const { &info("Driver", &FILE_MAPPING) },
            Self::File => const { &info("File", &FILE_MAPPING) },
            Self::Port => const { &info("Port", &PORT_MAPPING) },
            Self::Section => const { &info("Section", &SECTION_MAPPING) },
            Self::Event => const { &info("Event", &EVENT_MAPPING) },
            Self::Semaphore => const { &info("Semaphore", &SEMAPHORE_MAPPING) },
            Self::Mutant => const { &info("Mutant", &MUTANT_MAPPING) },
            Self::Timer => const { &info("Timer", &TIMER_MAPPING) },
            Self::Key => const { &secured("Key", &KEY_MAPPING) },
            Self::Token => const { &secured("Token", &TOKEN_MAPPING) },
            Self::WindowStation => const { &secured("WindowStation", &WINDOW_STATION_MAPPING) },
            Self::Desktop => const { &secured("Desktop", &DESKTOP_MAPPING) },
        }
    }

    /// A desired access with its generic rights replaced by what they mean.
    #[inline]
    pub fn map_generic(self, access: u32) -> u32 {
        self.info().mapping.map(access)
    }
}
