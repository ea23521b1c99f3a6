//! The steps up to the session (spec/smss.md 1.3 steps 0–17).

mod boot_dir;
pub mod command;
mod directories;
mod dos_devices;
mod known_dlls;
mod paging_files;
mod registry;
mod renames;
mod take;
mod values;
mod variables;

use alloc::sync::Arc;
use alloc::vec::Vec;

use nt::registry::initialize;
use nt::{NtStatus, events, wide};
use rt::handle::{self, Owned};

use crate::descriptors::Descriptors;
use crate::environment::Environment;
use crate::release::{Release, Stage, Step};
use crate::settings::Settings;
use crate::{initial, sm, subsystem};

use registry::Keys;
pub use values::{NT3 as NT3_VALUES, NT5 as NT5_VALUES, Row};

/// Base priority of the session manager (spec/smss.md 1.3 step 0).
const BASE_PRIORITY: u32 = 11;

/// What the steps share.
#[derive(Clone, Debug)]
pub struct Init {
    /// Whose steps these are.
    pub release: &'static Release,
    /// The environment of all children.
    pub environment: Environment,
    /// Where programs are looked for besides `Path`.
    pub system_folder: Vec<u16>,
    /// Where children look for DLLs (`DllPath`); ends with `;`.
    pub library_path: Vec<u16>,
    /// `Path` has been set once.
    path_seen: bool,
    /// What objects are protected by.
    pub descriptors: Descriptors,
    /// `\Device\VolumesSafeForWriteAccess`.
    volumes_safe: Option<Arc<Owned>>,
    /// Keys that are open, once the registry has been read.
    keys: Option<Arc<Keys>>,
    /// What the registry says.
    pub settings: Settings,
    /// `DebugFlags` of the session manager, which children inherit.
    pub debug_flags: u32,
    /// `Control\MiniNT` is there: no renames, no paging files.
    pub mini_nt: bool,
    /// The initial command's line, once it has been chosen.
    pub initial_command: Vec<u16>,
}

impl Init {
    /// Nothing is done yet but step 0: what the process is.
    ///
    /// # Errors
    /// None that there is a reason for.
    pub fn new(release: &'static Release) -> Result<Self, NtStatus> {
        if release.critical {
            // A system that does not let it be critical goes on without.
            let _ = rt::system::set_process_critical(true);
            let _ = rt::system::set_thread_critical(true);
        }
        let _ = rt::system::set_base_priority(BASE_PRIORITY);
        let _ = rt::system::set_hard_error_mode(1);
        let mut system_folder = rt::own::system_root();
        system_folder.extend_from_slice(wide!(r"\system32"));
        let mut library_path = system_folder.clone();
        library_path.push(b';'.into());
        Ok(Self {
            release,
            environment: Environment::own(),
            system_folder,
            library_path,
            path_seen: false,
            descriptors: Descriptors::new(true)?,
            volumes_safe: None,
            keys: None,
            settings: Settings::default(),
            debug_flags: rt::own::debug_flags(),
            mini_nt: false,
            initial_command: Vec::new(),
        })
    }

    /// Goes all steps of the release.
    ///
    /// # Errors
    /// That of the first step whose failure stops the system.
    pub fn run(&mut self) -> Result<(), NtStatus> {
        let stages: &'static [Stage] = self.release.stages;
        for stage in stages {
            if let Some(event) = stage.event {
                rt::trace(event, b'B', [0; 2], "");
            }
            let result = self.step(stage.step);
            if let Some(event) = stage.event {
                let status = result.err().unwrap_or(NtStatus::SUCCESS);
                rt::trace(event, b'E', [status.0.into(), 0], "");
            }
            if stage.fatal {
                result?;
            }
        }
        Ok(())
    }

    fn step(&mut self, step: Step) -> Result<(), NtStatus> {
        match step {
            Step::Port => sm::start(self),
            Step::VolumesSafe => {
                let event = directories::volumes_safe(&self.descriptors.primary)?;
                self.volumes_safe = Some(Arc::new(event));
                Ok(())
            }
            Step::Registry => registry::pass(self),
            Step::DosDevices => dos_devices::all(self),
            Step::Sessions => {
                directories::permanent(wide!(r"\Sessions"), &self.descriptors.primary).map(drop)
            }
            Step::BootExecute => {
                command::all(self, &self.settings.boot_execute);
                Ok(())
            }
            Step::SetupExecute => {
                command::all(self, &self.settings.setup_execute);
                Ok(())
            }
            Step::Kmode => subsystem::kmode(self),
            Step::Subsystems => subsystem::required(self),
            Step::InitialCommand => initial::choose(self),
            Step::Renames => {
                if !self.mini_nt {
                    renames::all(self);
                }
                Ok(())
            }
            Step::KnownDlls => known_dlls::all(self),
            Step::PagingFiles => {
                if !self.mini_nt {
                    paging_files::all(self);
                }
                Ok(())
            }
            Step::InitializeRegistry => rt::system::initialize_registry(initialize::SESSION_MANAGER),
            Step::Variables => variables::all(self),
            Step::BootDir => boot_dir::write(),
            Step::SignalVolumesSafe => match &self.volumes_safe {
                Some(event) => handle::set_event(event).ok(),
                None => Ok(()),
            },
        }
    }
}

/// Records what is passed over, and why.
fn skipped(name: &str, status: NtStatus) {
    rt::trace(events::SMSS_SKIPPED, b'I', [status.0.into(), 0], name);
}
