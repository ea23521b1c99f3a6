//! The steps up to the session (spec/smss.md 1.3 steps 0–17).

pub mod command;
mod setup;

use alloc::vec::Vec;

use nt::NtStatus;

use crate::environment::Environment;
use crate::release::{Release, Stage, Step};
use crate::settings::Settings;
use crate::{initial, sm, subsystem};

pub use setup::become_critical;

/// What the steps share.
#[derive(Clone, Debug)]
pub struct Init {
    /// Whose steps these are.
    pub release: &'static Release,
    /// The environment of all children.
    pub environment: Environment,
    /// Where programs and DLLs are looked for besides `Path`; ends with `;`.
    pub library_path: Vec<u16>,
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
    /// Nothing is done yet.
    pub fn new(release: &'static Release) -> Self {
        let mut library_path = rt::own::system_root();
        library_path.extend_from_slice(nt::wide!(r"\system32;"));
        Self {
            release,
            environment: Environment::own(),
            library_path,
            settings: Settings::default(),
            debug_flags: rt::own::debug_flags(),
            mini_nt: false,
            initial_command: Vec::new(),
        }
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
                rt::trace(event, b'E', [0; 2], "");
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
            Step::Registry => setup::registry(self),
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
            Step::VolumesSafe
            | Step::DosDevices
            | Step::Sessions
            | Step::Renames
            | Step::KnownDlls
            | Step::PagingFiles
            | Step::InitializeRegistry
            | Step::Variables
            | Step::BootDir
            | Step::SignalVolumesSafe => Ok(()),
        }
    }
}
